"""A folder that is like a clone of this project, where the documentation's commands are run."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.shop import COMMAND_S, ROOT, Finished

SERVE = re.compile(r"^mcs serve\b.*$", re.M)
START = """\
mcs serve > server.log 2>&1 &
trap "kill $!" EXIT
until [ -f "$MCS_READY_FILE" ]; do sleep 0.1; done"""
"""Starts the service and waits until it answers, which a reader does by looking."""

needs_tools = pytest.mark.skipif(
    not all(map(shutil.which, ("curl", "jq", "openssl"))),
    reason="the commands use curl, jq and openssl",
)


def run_in_clone(script: str, folder: Path) -> Finished:
    """Runs a script in a folder that becomes like a clone; its service is on a port of its own."""
    (folder / "bin").mkdir()
    (folder / "bin" / "magento").symlink_to(ROOT / "bin" / "magento")
    (folder / "docs").symlink_to(ROOT / "docs")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("MCS_")}
    return subprocess.run(
        ["sh", "-c", SERVE.sub(lambda _: START, script)],
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
