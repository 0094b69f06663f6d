"""Messages name the exporter's command as the one who reads them can call it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
INSTALLED = Path(sys.executable).with_name("magento")


@pytest.mark.parametrize(
    ("program", "told"),
    [(INSTALLED, "Set it: magento config:set"), ("bin/magento", "Set it: bin/magento config:set")],
    ids=["installed", "clone"],
)
def test_advice_names_the_command_as_it_was_called(
    tmp_path: Path, program: Path | str, told: str
) -> None:
    said = _said_by([program, "config:show", "no/such/path"], ROOT, tmp_path)

    assert told in said


@pytest.mark.parametrize(
    ("folder", "told"), [("clone", "bin/magento config:set"), ("elsewhere", "\nmagento config:set")]
)
def test_the_service_names_the_command_that_its_folder_has(
    tmp_path: Path, folder: str, told: str
) -> None:
    where = ROOT if folder == "clone" else tmp_path

    said = _said_by([sys.executable, "-m", "mcs", "dataspace", "create", "shop"], where, tmp_path)

    assert told in said


def _said_by(command: list[Path | str], folder: Path, var: Path) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "MCS_VAR": str(var)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr
