"""The tutorials' commands, run as they stand there, one after the other."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs_commands import blocks
from tests.stories.shop import COMMAND_S, ROOT

TUTORIALS = ROOT / "docs" / "tutorials"
# The installation; and what tests of their own run, and takes long.
NOT_RUN = re.compile(
    r"^(make |\. \.venv/|mcs (demo|simulate|conform|loadtest|case run|case replay) ).*$", re.M
)
SERVE = re.compile(r"^mcs serve &$", re.M)
WAIT = """\
mcs serve > server.log 2>&1 &
trap "kill $!" EXIT
until [ -f "$MCS_READY_FILE" ]; do sleep 0.1; done"""

needs_tools = pytest.mark.skipif(
    not all(map(shutil.which, ("curl", "jq", "openssl"))),
    reason="the commands use curl, jq and openssl",
)


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
    script = "\n".join(["set -eu", *blocks(TUTORIALS / page)])
    script = SERVE.sub(lambda _: WAIT, NOT_RUN.sub("", script))

    done = _run(script, tmp_path)

    assert done.returncode == 0, done.stdout + done.stderr
    assert [text for text in told if text not in " ".join(done.stdout.split())] == []


def _run(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a script in a folder that is like a clone of this project."""
    (folder / "bin").mkdir()
    (folder / "bin" / "magento").symlink_to(ROOT / "bin" / "magento")
    (folder / "docs").symlink_to(ROOT / "docs")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MCS_")}
    return subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env={
            **inherited,
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "MCS_PORT": str(_free_port()),
            "MCS_READY_FILE": str(folder / "ready.json"),
            "COLUMNS": "200",
        },
        capture_output=True,
        text=True,
        timeout=COMMAND_S,
        check=False,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
