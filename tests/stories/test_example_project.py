"""The sample project of a user: its tests name the bug, and pass once it is mended."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.shop import COMMAND_S, ROOT, Finished

EXAMPLE = ROOT / "examples" / "exporter-tests"
NO_CACHES = shutil.ignore_patterns(".*", "__pycache__", "*.bak")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the sample project, far from ours."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "project", ignore=NO_CACHES))


def test_the_failing_test_names_item_and_field_as_the_readme_shows(project: Path) -> None:
    [shown] = re.findall(r"```text\n(.*?)```", (project / "README.md").read_text("utf-8"), re.S)

    tested = _tested(project)

    assert "1 failed, 3 passed" in tested.stdout, tested.stdout + tested.stderr
    assert "sku=LAMP-01, customerGroupCode=0, websiteCode=eu" in shown
    assert "/regular: sent 31.5, received 34.0" in shown
    assert _without_ids(shown) in _without_ids(tested.stdout)


def test_mended_as_the_readme_says_all_tests_pass(project: Path) -> None:
    [mend] = re.findall(r"^sed .*$", (project / "README.md").read_text("utf-8"), re.M)
    subprocess.run(["sh", "-c", mend], cwd=project, check=True)

    tested = _tested(project)

    assert "4 passed" in tested.stdout, tested.stdout + tested.stderr


def _tested(project: Path) -> Finished:
    """Runs its tests as a user does who has nothing installed but us and pytest."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "mcs.pytest_plugin", "-p", "no:cacheprovider"],
        cwd=project,
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        timeout=COMMAND_S,
        check=False,
    )


def _without_ids(text: str) -> str:
    lines = (line.rstrip() for line in text.splitlines())
    return re.sub(r"request [0-9a-f-]+", "request …", "\n".join(lines))
