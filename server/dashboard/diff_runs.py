"""Runs `mcs diff` as a program of its own and keeps what it reports; nothing of it is known here
but its command line, its exit codes and its JSON document.

Each data space has a folder below var/diffs with a folder per run, for the program's own files:
report.json, report.csv and report.html. How a run stands is in the database, where all processes of
a server see it. The process that runs one holds a lock in its folder, which the system lets go of
when that process ends, however it ends.
"""

import logging
import os
import secrets
import shutil
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from threading import RLock, Thread
from typing import Any

import orjson
from filelock import FileLock, Timeout
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mcs.contract.errors import ContractError
from mcs.server.store.comparisons import INTERRUPTED, DiffRun, DiffState, KeptRuns
from mcs.whole_files import replacing

log = logging.getLogger(__name__)

RUNS_KEPT = 10
DOCUMENTS_KEPT = 2
LARGEST_DOCUMENT_BYTES = 100_000_000
LONGEST_ERROR = 4_000
END_WAIT_S = 5
LOOK_EVERY_S = 0.5
"""How often the process that runs a comparison looks whether another one was asked to stop it."""
FORMATS = ("json", "csv", "html")

ALREADY_RUNNING = "A comparison of this data space is running. Wait for its end, or stop it."
NO_RUN = 'There is no comparison "{number}" of this data space, or it is kept no longer.'
NO_REPORT = "Comparison {number} has no report: {why}"
TOO_LARGE = (
    "The report of comparison {number} is too large to be shown here. Download it as JSON, CSV or "
    "HTML."
)
STOPPED = "It was stopped."
CLEARED_AWAY = "it is kept no longer."
SAID_NOTHING = "It ended with exit code {code} and said nothing."


_BY_EXIT_CODE = {0: DiffState.IN_SYNC, 1: DiffState.DISCREPANCIES}


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared. sent: options of `mcs diff` that name the sent side; sent_name: for people.
    url: of the service. token: of its control API."""

    sent: Sequence[str]
    sent_name: str
    url: str
    token: str | None


def command(folder: Path, data_space: str, sides: Sides) -> list[str]:
    """The program and its arguments: documented ones only."""
    reports = [
        part
        for name in FORMATS
        if name != "json"
        for part in ("--report", f"{name}:{folder / f'report.{name}'}")
    ]
    return [
        *(sys.executable, "-m", "mcs", "diff"),
        *sides.sent,
        *("--url", sides.url, "--data-space", data_space),
        *("--format", "json", "--output", str(folder / "report.json")),
        *reports,
    ]


class DiffRuns:
    """The comparisons of one server, one at a time for each data space.

    var: shared by the processes of the server. kept: what became of each.
    """

    def __init__(self, var: Path, kept: KeptRuns) -> None:
        self._home = var.absolute() / "diffs"
        self._kept = kept
        self._running: dict[tuple[str, int], subprocess.Popen[bytes]] = {}
        self._threads: list[Thread] = []
        self._documents: OrderedDict[Path, dict[str, Any]] = OrderedDict()
        self._lock = RLock()

    def start(self, data_space: str, sides: Callable[[Path], Sides]) -> DiffRun:
        """Begins a comparison. sides: what is compared, given the run's folder for files.

        Raises ContractError 409 while another one runs, in whichever process.
        """
        if any(run.state is DiffState.RUNNING for run in self.runs(data_space)):
            raise ContractError(409, "diff_running", "Conflict", ALREADY_RUNNING)
        number, life = self._claimed(data_space)
        folder = self._folder(data_space, number)
        try:
            compared = sides(folder)
            run = self._begun(data_space, number, compared)
            process = self._spawned(data_space, number, compared)
        except BaseException:
            life.release()
            shutil.rmtree(folder, ignore_errors=True)
            raise
        with self._lock:
            self._running[data_space, number] = process
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            watching = (data_space, number, process, life)
            thread = Thread(target=self._watch, args=watching, daemon=True)
            self._threads.append(thread)
            thread.start()
        return run

    def stop(self, data_space: str) -> None:
        """Ends the comparison that runs, if one does, in whichever process."""
        self._kept.ask_to_stop(self._name(), data_space)
        self._terminate(lambda its, _: its == data_space)

    def close(self) -> None:
        """Ends all comparisons of this process."""
        self._terminate(lambda *_: True)
        for thread in self._threads:
            thread.join(END_WAIT_S)

    def runs(self, data_space: str) -> list[DiffRun]:
        """The comparisons that are kept, newest first."""
        kept = self._kept.all(self._name(), data_space)
        return [self._as_it_stands(data_space, run) for run in kept]

    def run(self, data_space: str, number: int) -> DiffRun:
        """One comparison. Raises ContractError 404."""
        found = self._kept.find(self._name(), data_space, number)
        if found is None:
            raise ContractError(404, "unknown_diff", "Not Found", NO_RUN.format(number=number))
        return self._as_it_stands(data_space, found)

    def newest_report(self, data_space: str) -> DiffRun | None:
        """The newest comparison that came to a verdict."""
        return next((run for run in self.runs(data_space) if run.has_report), None)

    def report(self, data_space: str, number: int, format_: str = "json") -> Path:
        """The file of a report. Raises ContractError 404."""
        run, path = self.run(data_space, number), self._folder(data_space, number)
        path /= f"report.{format_}"
        if not run.has_report or not path.is_file():
            raise _no_report(number, run.error or run.state)
        return path

    def document(self, data_space: str, number: int) -> dict[str, Any]:
        """The report as `mcs diff --json` documents it. Raises ContractError 404 or 413."""
        path = self.report(data_space, number)
        with self._lock:
            known = self._documents.pop(path, None)
            if known is None:
                known = _read(path, number)
            self._documents[path] = known
            while len(self._documents) > DOCUMENTS_KEPT:
                self._documents.popitem(last=False)
        return known

    def _claimed(self, data_space: str) -> tuple[int, FileLock]:
        """The number of a new comparison, with its folder made, and the lock in there held."""
        home = self._home / data_space
        home.mkdir(parents=True, exist_ok=True)
        while True:
            known = [run.number for run in self._kept.all(self._name(), data_space)]
            made = [int(path.name) for path in home.iterdir() if path.name.isdigit()]
            number = max([*known, *made], default=0) + 1
            try:
                (home / str(number)).mkdir()
            except FileExistsError:
                # Another process was faster.
                continue
            life = self._life(data_space, number)
            life.acquire()
            return number, life

    def _begun(self, data_space: str, number: int, compared: Sides) -> DiffRun:
        run = self._kept.begin(
            self._name(),
            data_space,
            number,
            compared.sent_name,
            lambda other: self._is_alive(data_space, other),
        )
        if run is None:
            raise ContractError(409, "diff_running", "Conflict", ALREADY_RUNNING)
        return run

    def _spawned(self, data_space: str, number: int, compared: Sides) -> "subprocess.Popen[bytes]":
        try:
            return _spawned(self._folder(data_space, number), data_space, compared)
        except BaseException:
            self._kept.forget(self._name(), data_space, [number])
            raise

    def _terminate(self, chosen: Callable[[str, int], bool]) -> None:
        with self._lock:
            for key, process in self._running.items():
                if chosen(*key):
                    process.terminate()

    def _watch(
        self, data_space: str, number: int, process: "subprocess.Popen[bytes]", life: FileLock
    ) -> None:
        try:
            code = self._waited(data_space, number, process)
            state = _BY_EXIT_CODE.get(code, DiffState.FAILED)
            folder = self._folder(data_space, number)
            error = "" if state is not DiffState.FAILED else _error(folder, code)
            self._kept.end(self._name(), data_space, number, state, error)
            self._clear_away(data_space)
        except (DBAPIError, PoolTimeout) as problem:
            # It is told as broken off then, as soon as the lock is free.
            log.warning("what became of comparison %s is not kept: %s", number, problem)
        finally:
            with self._lock:
                del self._running[data_space, number]
            life.release()

    def _waited(self, data_space: str, number: int, process: "subprocess.Popen[bytes]") -> int:
        while True:
            try:
                return process.wait(LOOK_EVERY_S)
            except subprocess.TimeoutExpired:
                # While the database is away nobody can ask for the end.
                with suppress(DBAPIError, PoolTimeout):
                    if self._kept.is_to_stop(self._name(), data_space, number):
                        process.terminate()

    def _clear_away(self, data_space: str) -> None:
        old = [run.number for run in self._kept.all(self._name(), data_space)[RUNS_KEPT:]]
        self._kept.forget(self._name(), data_space, old)
        for number in old:
            with self._lock:
                self._documents.pop(self._folder(data_space, number) / "report.json", None)
            shutil.rmtree(self._folder(data_space, number), ignore_errors=True)

    def _as_it_stands(self, data_space: str, run: DiffRun) -> DiffRun:
        """A comparison as it was read; one whose process is gone as broken off."""
        if run.state is not DiffState.RUNNING or self._is_alive(data_space, run.number):
            return run
        # The lock goes after the end is noted: that may have been since it was read.
        again = self._kept.find(self._name(), data_space, run.number) or run
        if again.state is not DiffState.RUNNING:
            return again
        return replace(again, state=DiffState.FAILED, error=INTERRUPTED)

    def _is_alive(self, data_space: str, number: int) -> bool:
        """True if the process that runs a comparison is there."""
        with self._lock:
            if (data_space, number) in self._running:
                return True
        life = self._life(data_space, number)
        try:
            life.acquire()
        except Timeout:
            return True
        except OSError:
            # Its folder is gone.
            return False
        life.release()
        return False

    def _life(self, data_space: str, number: int) -> FileLock:
        # Acquired in the thread of a request, and released in the one that watches.
        path = self._folder(data_space, number) / "life.lock"
        return FileLock(path, timeout=0, thread_local=False)

    def _folder(self, data_space: str, number: int) -> Path:
        return self._home / data_space / str(number)

    def _name(self) -> str:
        """What names this folder of reports, wherever it is mounted; the same for all processes.

        Servers elsewhere may use the same database, and have reports of their own.
        """
        path = self._home / "name"
        if not path.exists():
            self._home.mkdir(parents=True, exist_ok=True)
            with FileLock(self._home / "name.lock"):
                # Another process may have been faster.
                if not path.exists():
                    with replacing(path) as draft:
                        draft.write_text(secrets.token_hex(16), "ascii")
        return path.read_text("ascii")


def _no_report(number: int, why: str) -> ContractError:
    message = NO_REPORT.format(number=number, why=why)
    return ContractError(404, "no_report", "Not Found", message)


def _read(path: Path, number: int) -> dict[str, Any]:
    try:
        if path.stat().st_size > LARGEST_DOCUMENT_BYTES:
            message = TOO_LARGE.format(number=number)
            raise ContractError(413, "report_too_large", "Too large", message)
        document: dict[str, Any] = orjson.loads(path.read_bytes())
    except FileNotFoundError:
        # Another process has cleared it away meanwhile.
        raise _no_report(number, CLEARED_AWAY) from None
    return document


def _spawned(folder: Path, data_space: str, sides: Sides) -> "subprocess.Popen[bytes]":
    environ = dict(os.environ)
    if sides.token:
        # Not as an option: those are seen by everybody on the machine.
        environ["MCS_CONTROL_TOKEN"] = sides.token
    with (folder / "stderr").open("wb") as stderr:
        return subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
            command(folder, data_space, sides),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=stderr,
            cwd=folder,
            env=environ,
            start_new_session=True,
        )


def _error(folder: Path, code: int) -> str:
    if code < 0:
        return STOPPED
    said = (folder / "stderr").read_text("utf-8", "replace").strip()
    return said[-LONGEST_ERROR:] or SAID_NOTHING.format(code=code)
