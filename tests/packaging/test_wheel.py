"""What `pip install` brings is whole, and works where no clone is."""

import json
import subprocess
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.packaging.wheel import ROOMS, ROOT, built_wheel, installed_wheel, run


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built once."""
    return built_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def commands(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands that the wheel brings into an environment of its own."""
    return installed_wheel(wheel, tmp_path_factory.mktemp("installed"))


def test_the_wheel_has_every_file_of_the_rooms_and_no_other(wheel: Path) -> None:
    held = {name for name in ZipFile(wheel).namelist() if ".dist-info/" not in name}

    assert held == _files_of_the_rooms()


def test_the_demo_runs_outside_the_repository(commands: Path, tmp_path: Path) -> None:
    told = run([str(commands / "mcs"), "demo", "--products", "20", "--json"], tmp_path)

    counts = json.loads(told)["feeds"].values()
    assert len(counts) == 9
    assert all(feed["sent"] == feed["received"] > 0 for feed in counts)


def test_the_installed_package_is_the_one_that_runs(commands: Path, tmp_path: Path) -> None:
    where = run(
        [str(commands / "python"), "-c", "import mcs.server; print(mcs.server.__file__)"], tmp_path
    )

    assert Path(where.strip()).is_relative_to(commands.parent)


def test_what_commands_read_from_files_is_installed(commands: Path, tmp_path: Path) -> None:
    scenarios = run([str(commands / "mcs"), "faults", "scenarios"], tmp_path)
    magento = run([str(commands / "magento"), "--help"], tmp_path)

    assert "black-friday" in scenarios
    assert "saas:resync" in magento


def _files_of_the_rooms() -> set[str]:
    """The files below mcs/ that git keeps, by the names they have in a wheel."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "mcs", *ROOMS],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    present = [name for name in listed if (ROOT / name).is_file()]
    return {name if name.startswith("mcs/") else f"mcs/{name}" for name in present}
