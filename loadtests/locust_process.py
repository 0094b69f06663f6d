"""Locust as a process of its own, since it changes Python's sockets for all that is in it."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from mcs.harness.errors import CouldNotTell
from mcs.loadtests.plan import Plan
from mcs.loadtests.plan_file import MEASURED, PROGRESS, write_plan

LOCUSTFILE = Path(__file__).with_name("locustfile.py")
PLAN_VARIABLE = "MCS_LOAD_PLAN"
LOG, HTML = "locust.log", "locust.html"
EXPORTER = "Exporter"
ENDS_WITHIN_S = 60
POLL_S = 0.2
SAID_AT_MOST = 3_000
NOT_INSTALLED = "load tests need Locust: pip install 'mock-commerce-services[load]'"
FAILED = "Locust ended with exit code {code} and measured nothing: {said}"
WAITING = (
    "Waiting up to {seconds:g} s for the master at {host}:{port} (mcs loadtest --expect-workers N)."
)
NO_MASTER = (
    "no master came at {host}:{port} within {seconds:g} s ({reason}). Start it with `mcs loadtest "
    "--expect-workers N`, name its place with --master-host and --master-port, or wait longer with "
    "--master-patience."
)
MASTER_PATIENCE_S = 60.0
CONNECT_TIMEOUT_S = 3
WEB = ("--web-host", "127.0.0.1")


def run_locust(
    plan: Plan,
    folder: Path,
    *,
    options: Sequence[str] = (),
    web: bool = False,
    on_progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Runs a load test to its end; what was measured is beside the plan in the folder.

    options: further ones for Locust, such as those that make it a master. web: with Locust's own
    pages, until it is interrupted. on_progress: told how many items were accepted so far. Raises
    CouldNotTell if Locust failed.
    """
    for old in (MEASURED, PROGRESS, HTML):
        (folder / old).unlink(missing_ok=True)
    path = write_plan(plan, folder)
    environ = {**os.environ, PLAN_VARIABLE: str(path)}
    log = folder / LOG
    with log.open("wb") as said:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and locustfile
            _command(plan, folder, options, web=web),
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=None if web else said,
            stderr=None if web else subprocess.STDOUT,
        )
        try:
            _watch(process, folder / PROGRESS, on_progress)
        except KeyboardInterrupt:
            # The terminal has sent it to Locust as well, which ends the run in good order.
            process.wait(timeout=ENDS_WITHIN_S)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=ENDS_WITHIN_S)
    if not (folder / MEASURED).exists():
        told = log.read_text("utf-8", "replace").strip()[-SAID_AT_MOST:]
        if "No module named locust" in told:
            raise CouldNotTell(NOT_INSTALLED)
        raise CouldNotTell(FAILED.format(code=process.returncode, said=told))


def run_worker(
    host: str,
    port: int,
    patience_s: float = MASTER_PATIENCE_S,
    tell: Callable[[str], None] = lambda _: None,
) -> int:
    """Is a worker for the master there, until that ends it; returns Locust's exit code.

    Waits for the master first, and says so. Raises CouldNotTell if none comes.
    """
    _await_master(host, port, patience_s, tell)
    place = ["--worker", "--master-host", host, "--master-port", str(port)]
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), *place]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - our own interpreter


def _await_master(host: str, port: int, patience_s: float, tell: Callable[[str], None]) -> None:
    """Waits until something listens there. Locust itself tries for minutes, and says no place."""
    until = time.monotonic() + patience_s
    told = False
    while True:
        try:
            socket.create_connection((host, port), timeout=CONNECT_TIMEOUT_S).close()
        except OSError as error:
            if not told:
                tell(WAITING.format(host=host, port=port, seconds=patience_s))
                told = True
            if time.monotonic() >= until:
                reason = error.strerror or error
                away = NO_MASTER.format(host=host, port=port, seconds=patience_s, reason=reason)
                raise CouldNotTell(away) from None
            time.sleep(POLL_S)
        else:
            return


def _command(plan: Plan, folder: Path, options: Sequence[str], *, web: bool) -> list[str]:
    command = [sys.executable, "-m", "locust", "-f", str(LOCUSTFILE), EXPORTER, *plan.misbehaving]
    command += ["--users", str(plan.users), "--spawn-rate", str(plan.users)]
    command += ["--host", plan.url, "--html", str(folder / HTML), *options]
    if plan.processes > 1 and not options:
        command += ["--processes", str(plan.processes)]
    return [*command, *WEB] if web else [*command, "--headless", "--only-summary"]


def _watch(
    process: "subprocess.Popen[bytes]", progress: Path, on_progress: Callable[[int], None]
) -> None:
    while process.poll() is None:
        time.sleep(POLL_S)
        if progress.exists():
            on_progress(json.loads(progress.read_text("utf-8"))["items"])
