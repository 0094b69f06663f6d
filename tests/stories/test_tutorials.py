"""The tutorials' commands, run as they stand there, one after the other."""

from pathlib import Path

import pytest

from tests.docs_commands import blocks
from tests.docs_runs import ROOT, reason
from tests.stories.clone import needs_tools, run_in_clone

TUTORIALS = Path("docs", "tutorials")


@needs_tools
@pytest.mark.parametrize(
    ("page", "told"),
    [
        (
            "contract-test.md",
            ['/name: sent "Floor lamp, green", received "Floor lamp"', "exit code 1", "0 refused."],
        ),
        (
            "load-test.md",
            ["In sync: the service holds exactly what the exporter sent.", "throttle"],
        ),
        ("support-case.md", ["token-expired", "missing (2)", "In sync"]),
    ],
    ids=["contract test", "load test", "support case"],
)
def test_a_tutorial_does_what_it_says(tmp_path: Path, page: str, told: list[str]) -> None:
    path = str(TUTORIALS / page)
    lines = [line for block in blocks(ROOT / path) for line in block.splitlines()]
    script = ["set -eu", *(line for line in lines if reason(path, line) is None)]

    done = run_in_clone("\n".join(script), tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert [text for text in told if text not in " ".join(done.stdout.split())] == []
