"""The commands of docs/testing-your-exporter.md, run as they stand there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.shop import COMMAND_S, ROOT

PAGE = ROOT / "docs" / "testing-your-exporter.md"
EXAMPLE = Path("examples", "exporter-tests", "price_exporter.py")
TOOLS = ("curl", "jq")

needs_tools = pytest.mark.skipif(
    not all(map(shutil.which, TOOLS)), reason=f"the commands use {' and '.join(TOOLS)}"
)


@needs_tools
def test_the_verdict_names_the_example_exporters_fault(tmp_path: Path) -> None:
    (tmp_path / EXAMPLE).parent.mkdir(parents=True)
    shutil.copy(ROOT / EXAMPLE, tmp_path / EXAMPLE)
    *before, asked_further = re.findall(r"```sh\n(.*?)```", PAGE.read_text("utf-8"), re.S)
    script = ["set -u", *before, "echo exit code $?", asked_further]

    told = _shell("\n".join(script), tmp_path)

    assert "exit code 1" in told.stdout, told.stdout + told.stderr
    assert "LAMP-01" in told.stdout
    assert "/regular" in told.stdout
    assert '"action":"lose"' in told.stdout.replace(" ", "")


def _shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        ["sh", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=COMMAND_S,
        check=False,
    )
