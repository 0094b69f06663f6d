"""The wheel, built from a source distribution of the tree as it stands, and a place to run it."""

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROOMS = sorted(link.name for link in (ROOT / "mcs").iterdir() if link.is_symlink())
BUILT_FROM = ("setup.cfg", "pyproject.toml", "README.md", "LICENSE", "mcs", *ROOMS)
COMMAND_S = 180


def built_wheel(folder: Path) -> Path:
    """The wheel, built below a folder; the tree itself is left as it is."""
    source = folder / "source"
    source.mkdir(parents=True)
    for name in BUILT_FROM:
        origin = ROOT / name
        if origin.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.egg-info")
            shutil.copytree(origin, source / name, symlinks=True, ignore=ignored)
        else:
            shutil.copy(origin, source / name)
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder / "dist")]
    run([*build, str(source)], folder)
    [wheel] = (folder / "dist").glob("*.whl")
    return wheel


def installed_wheel(wheel: Path, folder: Path) -> Path:
    """The folder of commands of a new environment that has the wheel, and nothing of this tree.

    What the wheel depends on is borrowed from the environment that runs the tests.
    """
    environment = folder / "environment"
    run([sys.executable, "-m", "venv", "--without-pip", str(environment)], folder)
    python = environment / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--quiet"]
    run([*pip, "install", "--no-deps", "--no-index", "--no-compile", str(wheel)], folder)
    [packages] = environment.glob("lib/python*/site-packages")
    # A path in a .pth file is searched, but the .pth files in there are not obeyed, so that the
    # editable installation of this tree stays out of sight.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return environment / "bin"


def run(command: list[str], folder: Path) -> str:
    """What a command says, run in a folder; a command that fails fails the test."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=COMMAND_S, check=False
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout
