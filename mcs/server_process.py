"""`mcs serve` as a process of its own, for whoever wants to meet the service over HTTP only.

It knows the command line and the ready file, nothing of the server's insides. Run as a program it
keeps a server no longer than its own standard input lasts.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

START_TIMEOUT_S = 60
POLL_S = 0.05
SAID_AT_MOST = 2_000


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
def server_process(
    var: Path,
    port: int = 0,
    *,
    quiet: bool = False,
    tied: bool = False,
    env: Mapping[str, str] | None = None,
    options: Sequence[str] = (),
) -> Iterator[ServerProcess]:
    """Serves on a port (0: a free one) until the block ends; begins when requests are answered.

    quiet: what the server says goes to server.log in var. tied: the server also ends with this
    process, however that ends. env: its environment; None for that of this process. options:
    further ones of `mcs serve`. Raises NotStarted.
    """
    var.mkdir(parents=True, exist_ok=True)
    ready_file, log = var / "ready.json", var / "server.log"
    for old in (ready_file, log):
        old.unlink(missing_ok=True)
    given = ["--var", str(var), "--port", str(port), "--ready-file", str(ready_file), *options]
    program = [__name__] if tied else ["mcs", "serve"]
    with log.open("wb") if quiet else nullcontext() as said:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            [sys.executable, "-m", *program, *given],
            start_new_session=True,
            stdin=subprocess.PIPE if tied else None,
            stdout=subprocess.DEVNULL,
            stderr=said,
            env=env,
        )
    try:
        yield ServerProcess(process, _url_when_ready(process, ready_file, log))
    finally:
        if process.stdin:
            process.stdin.close()
        elif process.poll() is None:
            process.terminate()
        process.wait(timeout=START_TIMEOUT_S)


def main() -> int:
    """Runs `mcs serve` with this program's options until standard input or the server ends."""
    server = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
        [sys.executable, "-m", "mcs", "serve", *sys.argv[1:]], stdin=subprocess.DEVNULL
    )
    Thread(target=_terminate_after_input, args=(server,), daemon=True).start()
    return server.wait()


def _terminate_after_input(server: "subprocess.Popen[bytes]") -> None:
    # Not by way of sys.stdin: a thread that waits in there keeps Python from ending.
    while os.read(0, 1):
        pass
    server.terminate()


def _url_when_ready(process: "subprocess.Popen[bytes]", ready_file: Path, log: Path) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    while not ready_file.exists():
        if process.poll() is not None:
            said = log.read_text("utf-8", "replace").strip() if log.exists() else ""
            ended = f"the server ended with exit code {process.returncode}"
            raise NotStarted(f"{ended}: {said[-SAID_AT_MOST:]}" if said else ended)
        if time.monotonic() > deadline:
            raise NotStarted(f"the server did not answer within {START_TIMEOUT_S} s")
        time.sleep(POLL_S)
    url: str = json.loads(ready_file.read_text("utf-8"))["url"]
    return url


if __name__ == "__main__":
    sys.exit(main())
