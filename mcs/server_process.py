"""`mcs serve` as a process of its own, for whoever wants to meet the service over HTTP only.

It knows the command line and the ready file, nothing of the server's insides.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_TIMEOUT_S = 60
POLL_S = 0.05


class NotStarted(Exception):
    """The server ended, or did not answer in time; what it said is on stderr."""


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A running server. It leads a process group of its own."""

    process: "subprocess.Popen[bytes]"
    url: str

    def kill(self) -> None:
        """kill -9 of the server and its workers."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(timeout=START_TIMEOUT_S)


@contextmanager
def server_process(var: Path, port: int = 0, *, quiet: bool = False) -> Iterator[ServerProcess]:
    """Serves on a port (0: a free one) until the block ends; begins when requests are answered.

    quiet: what the server says on stderr is not shown. Raises NotStarted.
    """
    var.mkdir(parents=True, exist_ok=True)
    ready_file = var / "ready.json"
    ready_file.unlink(missing_ok=True)
    options = ["--var", str(var), "--port", str(port), "--ready-file", str(ready_file)]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
        [sys.executable, "-m", "mcs", "serve", *options],
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL if quiet else None,
    )
    try:
        yield ServerProcess(process, _url_when_ready(process, ready_file))
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=START_TIMEOUT_S)


def _url_when_ready(process: "subprocess.Popen[bytes]", ready_file: Path) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not ready_file.exists():
        if process.poll() is not None:
            raise NotStarted(f"the server ended with exit code {process.returncode}")
        if time.monotonic() > deadline:
            raise NotStarted(f"the server did not answer within {START_TIMEOUT_S} s")
        time.sleep(POLL_S)
    url: str = json.loads(ready_file.read_text("utf-8"))["url"]
    return url
