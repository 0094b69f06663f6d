"""Runs `mcs diff` as a program of its own and keeps what it reports; nothing of it is known here
but its command line, its exit codes and its JSON document.

Each data space has a folder below var/diffs with a folder per run: run.json says how it went,
report.json, report.csv and report.html are the program's own files.
"""

import os
import shutil
import subprocess
import sys
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from threading import RLock, Thread
from typing import Any

import orjson

from mcs.contract.errors import ContractError

RUNS_KEPT = 10
DOCUMENTS_KEPT = 2
LARGEST_DOCUMENT_BYTES = 100_000_000
LONGEST_ERROR = 4_000
END_WAIT_S = 5
FORMATS = ("json", "csv", "html")

ALREADY_RUNNING = "A comparison of this data space is running. Wait for its end, or stop it."
SEVERAL_PROCESSES = (
    "This service has several processes, and a comparison belongs to one. Run `mcs diff` "
    "yourself, or serve with --workers 1."
)
NO_RUN = 'There is no comparison "{number}" of this data space, or it is kept no longer.'
NO_REPORT = "Comparison {number} has no report: {why}"
TOO_LARGE = (
    "The report of comparison {number} is too large to be shown here. Download it as JSON, CSV or "
    "HTML."
)
INTERRUPTED = "The server ended while it ran."
STOPPED = "It was stopped."
SAID_NOTHING = "It ended with exit code {code} and said nothing."


class DiffState(StrEnum):
    """How a comparison stands. IN_SYNC to FAILED: it has ended."""

    RUNNING = "running"
    IN_SYNC = "in sync"
    DISCREPANCIES = "discrepancies"
    FAILED = "could not tell"


_BY_EXIT_CODE = {0: DiffState.IN_SYNC, 1: DiffState.DISCREPANCIES}


@dataclass(frozen=True, slots=True)
class DiffRun:
    """One comparison. sent: what the sent side was read from. error: why it could not tell."""

    number: int
    state: DiffState
    sent: str
    started_at: str
    finished_at: str | None = None
    error: str = ""

    @property
    def has_report(self) -> bool:
        """True if it came to a verdict."""
        return self.state in _BY_EXIT_CODE.values()

    @property
    def took_s(self) -> float | None:
        """How long it ran; None while it does."""
        if self.finished_at is None:
            return None
        ended = datetime.fromisoformat(self.finished_at)
        return (ended - datetime.fromisoformat(self.started_at)).total_seconds()


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
    """The comparisons of one server, one at a time for each data space."""

    def __init__(self, var: Path, now: Callable[[], datetime], *, alone: bool = True) -> None:
        self._alone = alone
        self._home = var.absolute() / "diffs"
        self._now = now
        self._running: dict[str, tuple[int, subprocess.Popen[bytes]]] = {}
        self._threads: list[Thread] = []
        self._documents: OrderedDict[Path, dict[str, Any]] = OrderedDict()
        self._lock = RLock()

    def start(self, data_space: str, sides: Callable[[Path], Sides]) -> DiffRun:
        """Begins a comparison. sides: what is compared, given the run's folder for files.

        Raises ContractError 409 while another one runs, or if the server has other processes.
        """
        if not self._alone:
            raise ContractError(409, "several_workers", "Conflict", SEVERAL_PROCESSES)
        with self._lock:
            if data_space in self._running:
                raise ContractError(409, "diff_running", "Conflict", ALREADY_RUNNING)
            number = max((run.number for run in self.runs(data_space)), default=0) + 1
            folder = self._folder(data_space, number)
            folder.mkdir(parents=True, exist_ok=True)
            try:
                compared = sides(folder)
                run = DiffRun(number, DiffState.RUNNING, compared.sent_name, self._time())
                _write(folder, run)
                process = _spawned(folder, data_space, compared)
            except BaseException:
                shutil.rmtree(folder, ignore_errors=True)
                raise
            self._running[data_space] = (number, process)
            self._threads = [thread for thread in self._threads if thread.is_alive()]
            thread = Thread(target=self._watch, args=(data_space, run, process), daemon=True)
            self._threads.append(thread)
            thread.start()
        return run

    def stop(self, data_space: str) -> None:
        """Ends the comparison that runs, if one does."""
        running = self._running.get(data_space)
        if running is not None:
            running[1].terminate()

    def close(self) -> None:
        """Ends all comparisons."""
        for data_space in list(self._running):
            self.stop(data_space)
        for thread in self._threads:
            thread.join(END_WAIT_S)

    def runs(self, data_space: str) -> list[DiffRun]:
        """The comparisons that are kept, newest first."""
        folders = (self._home / data_space).glob("*/run.json")
        runs = [self._read(data_space, int(path.parent.name)) for path in folders]
        return sorted((run for run in runs if run), key=lambda run: -run.number)

    def run(self, data_space: str, number: int) -> DiffRun:
        """One comparison. Raises ContractError 404."""
        found = self._read(data_space, number)
        if found is None:
            raise ContractError(404, "unknown_diff", "Not Found", NO_RUN.format(number=number))
        return found

    def newest_report(self, data_space: str) -> DiffRun | None:
        """The newest comparison that came to a verdict."""
        return next((run for run in self.runs(data_space) if run.has_report), None)

    def report(self, data_space: str, number: int, format_: str = "json") -> Path:
        """The file of a report. Raises ContractError 404."""
        run, path = self.run(data_space, number), self._folder(data_space, number)
        path /= f"report.{format_}"
        if not run.has_report or not path.is_file():
            why = run.error or run.state
            message = NO_REPORT.format(number=number, why=why)
            raise ContractError(404, "no_report", "Not Found", message)
        return path

    def document(self, data_space: str, number: int) -> dict[str, Any]:
        """The report as `mcs diff --json` documents it. Raises ContractError 404 or 413."""
        with self._lock:
            # Within the lock, so that no older comparison is cleared away meanwhile.
            path = self.report(data_space, number)
            known = self._documents.pop(path, None)
            if known is None:
                if path.stat().st_size > LARGEST_DOCUMENT_BYTES:
                    message = TOO_LARGE.format(number=number)
                    raise ContractError(413, "report_too_large", "Too large", message)
                known = orjson.loads(path.read_bytes())
            self._documents[path] = known
            while len(self._documents) > DOCUMENTS_KEPT:
                self._documents.popitem(last=False)
        return known

    def _watch(self, data_space: str, run: DiffRun, process: "subprocess.Popen[bytes]") -> None:
        code = process.wait()
        folder = self._folder(data_space, run.number)
        state = _BY_EXIT_CODE.get(code, DiffState.FAILED)
        error = "" if state is not DiffState.FAILED else _error(folder, code)
        ended = replace(run, state=state, finished_at=self._time(), error=error)
        with self._lock:
            for old in self.runs(data_space)[RUNS_KEPT:]:
                self._documents.pop(self._folder(data_space, old.number) / "report.json", None)
                shutil.rmtree(self._folder(data_space, old.number), ignore_errors=True)
            _write(folder, ended)
            del self._running[data_space]

    def _read(self, data_space: str, number: int) -> DiffRun | None:
        try:
            # Within the lock, so that file and process are of one moment.
            with self._lock:
                said = orjson.loads((self._folder(data_space, number) / "run.json").read_bytes())
                running = self._running.get(data_space)
        except (OSError, orjson.JSONDecodeError):
            return None
        run = DiffRun(**{**said, "state": DiffState(said["state"])})
        if run.state is DiffState.RUNNING and (running is None or running[0] != number):
            return replace(run, state=DiffState.FAILED, error=INTERRUPTED)
        return run

    def _folder(self, data_space: str, number: int) -> Path:
        return self._home / data_space / str(number)

    def _time(self) -> str:
        return self._now().isoformat()


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


def _write(folder: Path, run: DiffRun) -> None:
    draft = folder / ".run.json"
    draft.write_bytes(orjson.dumps(asdict(run)))
    draft.replace(folder / "run.json")


def _error(folder: Path, code: int) -> str:
    if code < 0:
        return STOPPED
    said = (folder / "stderr").read_text("utf-8", "replace").strip()
    return said[-LONGEST_ERROR:] or SAID_NOTHING.format(code=code)
