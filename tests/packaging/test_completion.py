"""Shells complete our commands."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from mcs.cli import cli

COMMANDS = Path(sys.executable).parent


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_is_set_up_for_both_commands(shell: str) -> None:
    script = CliRunner().invoke(cli, ["completion", shell]).stdout

    assert f"_MCS_COMPLETE={shell}_complete" in script
    assert f"_MAGENTO_COMPLETE={shell}_complete" in script


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("typed", "completed"), [("mcs dataspace cr", "create"), ("magento saas:r", "saas:resync")]
)
def test_bash_completes_a_command(typed: str, completed: str) -> None:
    words = typed.split()
    function = f"_{words[0]}_completion"
    script = f"""
        eval "$(mcs completion bash)" || exit 1
        COMP_WORDS=({typed}) COMP_CWORD={len(words) - 1}
        compopt() {{ :; }}
        {function} {words[0]}
        echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", script],
        env={**os.environ, "PATH": f"{COMMANDS}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout.strip() == completed
