"""An exporter that is a command: run once per step, told by its environment what to do."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import orjson
import urllib3

from mcs.contract.errors import UsageError
from mcs.harness.conformance.steps import NotSupported, Step, StepFailed, StepKind
from mcs.harness.errors import CouldNotTell

EXIT_NOT_SUPPORTED = 64
"""By which a command says that it does not do this step."""
STEP_TIMEOUT_S = 600

CANNOT_RUN = (
    "the exporter's command cannot be run: `{command}` ended with exit code {code} at step {step}. "
    "{output}"
)
ENDED = "ended with exit code {code}"
TOO_LONG = (
    "the exporter's command took longer than {timeout_s:g} s for step {step} of scenario "
    "{scenario}. Give it more time with --step-timeout."
)
NO_STEP = "{name} is not set. This command is run by `mcs conform`; see docs/conformance.md."
UNKNOWN_STEP = "MCS_STEP: got {given!r}, expected one of: {steps}."

ENVIRONMENT: Mapping[str, str] = {
    "MCS_STEP": "what to do, see the steps below",
    "MCS_SCENARIO": "the scenario under way",
    "MCS_URL": "the service",
    "MCS_DATA_SPACE": "the data space id, last segment of each path",
    "MCS_API_KEY": "the API key",
    "MCS_PRIVATE_KEY_FILE": "the private key, PEM",
    "MCS_DIALECT": "the API family: feeds, or with --dialect catalog-ingestion that one",
    "MCS_CLIENT_ID": "for tokens of the ingestion API: the client, its token service is at MCS_URL",
    "MCS_CLIENT_SECRET": "the client's secret",
    "MCS_CREDENTIALS": "the same as one JSON file, as `mcs dataspace create` writes it",
    "MCS_NOW": "the time now, ISO 8601 in UTC: with --virtual-clock sign by it",
    "MCS_CLOCK": 'with --virtual-clock: GET it for the time ({"now"}), and to wait n seconds PUT '
    '{"advance_s": n} to it instead of sleeping; else empty',
    "MCS_FEEDS": "the feeds to send, separated by commas; leave out those you do not have",
    "MCS_ITEMS": "for the step correct: the refused items, as JSON [{feed, identity}]",
    "MCS_WORK": "a folder of this scenario, kept over its steps; empty at the first",
    "MCS_CATALOG": "a file in which the exporter may list what its catalog has, a line "
    '{"feed", "identity"} per item; without it three clauses are not observed',
}
"""What a command is told, in words."""

_CANNOT_RUN = (126, 127)
_SHOWN_OUTPUT = 500
_SHOWN_LINES = 5
_READ_OUTPUT = 16 * 1024


@dataclass(frozen=True, slots=True)
class CommandExporter:
    """Runs a shell line per step. output of each step is kept as <step number>-<step>.log.

    Raises NotSupported where the command exits with EXIT_NOT_SUPPORTED, StepFailed for any other
    exit code but 0, and CouldNotTell if it cannot be run or does not end.
    """

    command: str
    virtual: bool = False
    timeout_s: float = STEP_TIMEOUT_S

    def __call__(self, step: Step) -> None:
        """Does one step."""
        log = self._log(step)
        with log.open("wb") as output:
            code = self._run(step, output)
        if code == EXIT_NOT_SUPPORTED:
            raise NotSupported
        if code in _CANNOT_RUN:
            told = {"command": self.command, "code": code, "step": step.kind}
            raise CouldNotTell(CANNOT_RUN.format(**told, output=_last_printed(log)))
        if code:
            raise StepFailed(ENDED.format(code=code), _last_printed(log))

    def _run(self, step: Step, output: IO[bytes]) -> int:
        process = subprocess.Popen(  # noqa: S602 - a shell line is what the user gives
            self.command,
            shell=True,
            env={**os.environ, **environment(step, virtual=self.virtual)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            return process.wait(self.timeout_s)
        except subprocess.TimeoutExpired:
            told = {"step": step.kind, "scenario": step.scenario}
            raise CouldNotTell(TOO_LONG.format(timeout_s=self.timeout_s, **told)) from None
        finally:
            # What the shell began must not go on sending into the next scenario.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _log(self, step: Step) -> Path:
        logs = step.work / "logs"
        logs.mkdir(exist_ok=True)
        return logs / f"{len(list(logs.iterdir())) + 1:02}-{step.kind}.log"


def environment(step: Step, *, virtual: bool) -> dict[str, str]:
    """The variables that say what a step is."""
    key_file, credentials = _credentials(step)
    return {
        "MCS_STEP": step.kind,
        "MCS_SCENARIO": step.scenario,
        "MCS_URL": step.url,
        "MCS_DATA_SPACE": step.data_space,
        "MCS_API_KEY": step.api_key,
        "MCS_PRIVATE_KEY_FILE": str(key_file),
        "MCS_DIALECT": step.dialect,
        "MCS_CLIENT_ID": step.client_id,
        "MCS_CLIENT_SECRET": step.client_secret,
        "MCS_CREDENTIALS": str(credentials),
        "MCS_NOW": step.clock.now().isoformat(),
        "MCS_CLOCK": f"{step.url}/control/clock" if virtual else "",
        "MCS_FEEDS": ",".join(step.feeds),
        "MCS_ITEMS": orjson.dumps(step.items).decode(),
        "MCS_WORK": str(step.work),
        "MCS_CATALOG": str(step.catalog),
    }


def step_of(environ: Mapping[str, str]) -> Step:
    """The step that these variables say. Raises UsageError."""
    for name in ENVIRONMENT:
        if name not in environ:
            raise UsageError(NO_STEP.format(name=name))
    kind = environ["MCS_STEP"]
    if kind not in list(StepKind):
        raise UsageError(UNKNOWN_STEP.format(given=kind, steps=", ".join(StepKind)))
    return Step(
        kind=StepKind(kind),
        scenario=environ["MCS_SCENARIO"],
        url=environ["MCS_URL"],
        data_space=environ["MCS_DATA_SPACE"],
        api_key=environ["MCS_API_KEY"],
        private_key=Path(environ["MCS_PRIVATE_KEY_FILE"]).read_text("utf-8"),
        client_id=environ["MCS_CLIENT_ID"],
        client_secret=environ["MCS_CLIENT_SECRET"],
        feeds=environ["MCS_FEEDS"].split(","),
        work=Path(environ["MCS_WORK"]),
        clock=ToldClock(datetime.fromisoformat(environ["MCS_NOW"]), environ["MCS_CLOCK"]),
        items=orjson.loads(environ["MCS_ITEMS"]),
    )


def _last_printed(log: Path) -> str:
    """The last lines of an output, which may be long, on one line."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _READ_OUTPUT))
        printed = file.read().decode("utf-8", "replace")
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    text = " / ".join(lines[-_SHOWN_LINES:])
    return text if len(text) <= _SHOWN_OUTPUT else f"…{text[-_SHOWN_OUTPUT:]}"


class ToldClock:
    """The time that a command was told, going on from there. url: of the service's clock, which
    waiting moves on; "" to wait in real time."""

    def __init__(self, moment: datetime, url: str) -> None:
        self._url = url
        self._ahead = moment - datetime.now(UTC)

    def now(self) -> datetime:
        """The present moment."""
        return datetime.now(UTC) + self._ahead

    def wait(self, seconds: float) -> None:
        """Lets time pass. Raises CouldNotTell if the service's clock cannot be turned."""
        if not self._url:
            time.sleep(seconds)
            return
        try:
            answer = urllib3.request("PUT", self._url, json={"advance_s": seconds}, retries=False)
        except urllib3.exceptions.HTTPError as error:
            raise CouldNotTell(f"no answer from {self._url}: {error}.") from None
        if answer.status != 200:
            raise CouldNotTell(f"PUT {self._url} answered {answer.status}.")
        self._ahead += timedelta(seconds=seconds)


def _credentials(step: Step) -> tuple[Path, Path]:
    key_file, credentials = step.work / "private-key.pem", step.work / "credentials.json"
    document: dict[str, Any] = {
        "name": step.scenario,
        "url": step.url,
        "data_space_id": step.data_space,
        "api_key": step.api_key,
        "private_key": step.private_key,
        "client_id": step.client_id,
        "client_secret": step.client_secret,
    }
    for path, content in (
        (key_file, step.private_key.encode()),
        (credentials, orjson.dumps(document)),
    ):
        if not path.exists():
            path.touch(mode=0o600)
        path.write_bytes(content)
    return key_file, credentials
