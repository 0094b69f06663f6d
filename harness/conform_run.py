"""Runs the conformance suite as the command line asks: which exporter, which service, how long."""

import shutil
import signal
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from threading import Event

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from mcs.contract.errors import UsageError
from mcs.harness.conformance.clause import Clause
from mcs.harness.conformance.command import CommandExporter
from mcs.harness.conformance.judging import Jury
from mcs.harness.conformance.listening import LISTENING, Until, break_as, heard, wait_until
from mcs.harness.conformance.running import Bench, Terms, observations
from mcs.harness.conformance.scenarios import Scenario
from mcs.harness.conformance.service import LiveService
from mcs.harness.conformance.steps import Exporter, NotSupported, Step, StepFailed
from mcs.harness.conformance.suites import CATALOG_SUITE, FEEDS_SUITE, Suite
from mcs.harness.errors import CouldNotTell
from mcs.server_process import NotStarted, server_process

ONE_EXPORTER = (
    "which exporter? Give --exporter 'COMMAND', --callable MODULE:NAME, or --listen to run it by "
    "hand; one of them."
)
NO_CALLABLE = (
    '--callable: "{given}" names nothing that can be called ({reason}). Expected MODULE:NAME.'
)
RAISED = (
    "the exporter raised at step {step} of scenario {scenario}: {error}. What fails because of the "
    "service is to be remembered and sent again; what cannot be done is NotSupported."
)
NOT_EMPTY = "--work: {work} is not empty. Name a new folder."
NO_SERVICE = "{reason}. Start one with `mcs serve`, and give its URL with --url."
INVITATION = """\
listening for {seconds:g} s, or until Ctrl-C. Point the exporter at:
  url          {url}
  data space   {data_space}
{credentials}
{faults} faults are in force."""
KEYS = """\
  API key      {api_key}
  private key  {key_file}"""
CLIENT = """\
  token URL    {url}/ims/token/v3
  client ID    {client_id}
  secret       {client_secret}"""
BY_HAND = "run by hand"
ANYTHING = ("initial", "edit")
"""Scenarios for clauses that all traffic shows."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is asked for. command, python, listen: one of them. url: None for a service of its own.

    seconds, requests: when to stop listening. virtual: the exporter waits on the service's clock.
    work: the folder to keep; None for none. quiet: nothing is shown meanwhile on stdout. suite:
    what the exporter is held to.
    """

    command: str | None = None
    python: str | None = None
    listen: bool = False
    seconds: float = 60.0
    requests: int | None = None
    virtual: bool = False
    parallel: int = 1
    step_timeout: float = 600.0
    url: str | None = None
    token: str | None = None
    work: Path | None = None
    quiet: bool = False
    suite: Suite = FEEDS_SUITE

    @property
    def name(self) -> str:
        """The exporter, as reports name it."""
        return self.command or self.python or BY_HAND


def hear(run: Run, jury: Jury, led: Sequence[Scenario]) -> None:
    """Has the exporter do the scenarios, or those that the jury needs, and the jury hear of it.

    Raises UsageError, and CouldNotTell if the service or the command fails.
    """
    if sum(map(bool, (run.command, run.python, run.listen))) != 1:
        raise UsageError(ONE_EXPORTER)
    exporter = None if run.listen else _exporter(run)
    with _folder(run.work) as home, _service(run, home) as service:
        if exporter is None:
            _listen(run, jury, led, home, service)
        else:
            _lead(run, jury, led or _needed(run, jury.clauses), home, service, exporter)


def _lead(
    run: Run,
    jury: Jury,
    led: Sequence[Scenario],
    home: Path,
    service: LiveService,
    exporter: Exporter,
) -> None:
    bench = Bench(service, Terms(home, virtual=run.virtual, parallel=run.parallel))
    try:
        with _progress(led, quiet=run.quiet) as watch:
            for seen in observations(exporter, led, bench, watch):
                jury.hear(seen)
    finally:
        if run.virtual:
            service.run_real()


def _listen(
    run: Run, jury: Jury, led: Sequence[Scenario], home: Path, service: LiveService
) -> None:
    space = service.new_data_space(LISTENING)
    key_file = home / "private-key.pem"
    key_file.touch(mode=0o600)
    key_file.write_text(space.private_key, "utf-8")
    faults = break_as(service, space, led)
    credentials = CLIENT if run.suite is CATALOG_SUITE else KEYS
    told = {"url": service.url, "key_file": key_file, **asdict(space)}
    invitation = INVITATION.format(
        seconds=run.seconds,
        url=service.url,
        data_space=space.id,
        credentials=credentials.format(**told),
        faults=faults or "no",
    )
    with _broken_off() as stop:
        click.echo(invitation, err=run.quiet)
        wait_until(service, space, Until(run.seconds, run.requests), stop)
    jury.hear(heard(service, space, led, parallel=run.parallel))


@contextmanager
def _broken_off() -> Iterator[Event]:
    """What Ctrl-C and SIGTERM set, instead of breaking into whatever is under way."""
    stop = Event()
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(one, lambda *_: stop.set()) for one in signals]
    try:
        yield stop
    finally:
        for one, handler in zip(signals, before, strict=True):
            signal.signal(one, handler)


def _exporter(run: Run) -> Exporter:
    if run.command is not None:
        return CommandExporter(run.command, run.virtual, run.step_timeout)
    module, _, name = (run.python or "").partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(NO_CALLABLE.format(given=run.python, reason=error)) from None
    return _guarded(found() if isinstance(found, type) else found)


def _guarded(exporter: Exporter) -> Exporter:
    """The exporter; what goes wrong within it is no verdict on it."""

    def guarded(step: Step) -> None:
        try:
            exporter(step)
        except (NotSupported, StepFailed, UsageError, CouldNotTell):
            raise
        except Exception as error:
            told = f"{type(error).__name__}: {error}"
            raise CouldNotTell(
                RAISED.format(step=step.kind, scenario=step.scenario, error=told)
            ) from error

    return guarded


def _needed(run: Run, clauses: Sequence[Clause]) -> list[Scenario]:
    names = {name for clause in clauses for name in clause.scenarios} or ANYTHING
    return [scenario for name, scenario in run.suite.scenarios.items() if name in names]


@contextmanager
def _folder(work: Path | None) -> Iterator[Path]:
    if work is not None:
        if work.exists() and any(work.iterdir()):
            raise UsageError(NOT_EMPTY.format(work=work))
        work.mkdir(parents=True, exist_ok=True)
        yield work.absolute()
        return
    home = Path(tempfile.mkdtemp(prefix="mcs-conform-"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _service(run: Run, home: Path) -> Iterator[LiveService]:
    if run.url is not None:
        with LiveService(run.url, run.token) as service:
            yield service
        return
    try:
        with (
            server_process(home / "service", quiet=True, tied=True) as server,
            LiveService(server.url, run.token) as service,
        ):
            yield service
    except NotStarted as error:
        raise CouldNotTell(NO_SERVICE.format(reason=error)) from None


@contextmanager
def _progress(
    scenarios: Sequence[Scenario], *, quiet: bool
) -> Iterator[Callable[[Scenario], None]]:
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda _: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f} %"))
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(scenarios))
        yield lambda one: progress.update(task, advance=1, description=one.title)
