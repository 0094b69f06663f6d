"""The commands of `mcs case` that make and use a case file; they only ask, call and print.

Exit codes: 0 done, or the symptom came back; 1 it did not; 2 wrong usage, or anything that keeps
the command from telling; 130 interrupted.
"""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from mcs.contract.errors import UsageError
from mcs.harness.asking import (
    commerce_option,
    data_space_option,
    json_option,
    print_json,
    token_option,
    url_option,
    var_option,
)
from mcs.harness.cases import archive
from mcs.harness.cases.capture import Wish
from mcs.harness.cases.capture import capture as capture_case
from mcs.harness.cases.casefile import opened_case
from mcs.harness.cases.document import Case
from mcs.harness.cases.replaying import replay as replay_case
from mcs.harness.cases.replaying import stage
from mcs.harness.cases.service import CaseService
from mcs.harness.cases.shop_secrets import secrets_of
from mcs.harness.cases.symptom import Symptom, symptom_of
from mcs.harness.cases.telling import case_document, case_lines, verdict_document, verdict_lines
from mcs.harness.errors import CouldNotTell
from mcs.harness.places import service_of_shop, shop_at_hand
from mcs.harness.sides import SentSide
from mcs.harness.sources.exporter_database import opened as opened_database
from mcs.harness.sources.opening import open_sent

EXIT_NOT_SO = 1
EXIT_ERROR = 2
NO_SPEED = '--speed: got "{given}", expected a number above 0 such as 10, or max.'
LOG_PATTERNS = ("*.log", "*.log.*")

case_argument = click.argument("case", type=click.Path(dir_okay=False, path_type=Path))
to_option = click.option(
    "--to", metavar="URL", help="A service that runs. [default: one of its own, on a free port]"
)


@contextmanager
def errors() -> Iterator[None]:
    """Ends the command with exit code 2 for whatever keeps it from telling."""
    try:
        yield
    except CouldNotTell as error:
        raise _Failed(str(error)) from None
    except KeyboardInterrupt:
        raise click.exceptions.Exit(130) from None


class _Failed(click.ClickException):
    exit_code = EXIT_ERROR


@click.command(short_help="Freeze a data space, feed tables and logs into a case file.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default="case.zip",
    show_default=True,
    help="The case file.",
)
@click.option("--title", default="", help="What is the matter, in a few words.")
@click.option("--seed", type=int, help="The seed of the generated catalog, if it is one.")
@click.option(
    "--sent",
    metavar="PLACE",
    multiple=True,
    help="What was sent, instead of the shop's feed tables; as `mcs diff --sent` takes it.",
)
@click.option(
    "--log",
    "logs",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="A log file or a folder of them. [default: VAR/log]",
)
@click.option("--no-logs", is_flag=True, help="Leave the logs out.")
@commerce_option
@url_option
@data_space_option
@token_option
@json_option
@var_option
def capture(
    output: Path,
    title: str,
    seed: int | None,
    sent: tuple[str, ...],
    logs: tuple[Path, ...],
    no_logs: bool,
    commerce: str | None,
    url: str | None,
    data_space: str | None,
    token: str | None,
    as_json: bool,
    var: Path,
) -> None:
    """Freeze a data space, what its exporter says it sent, and its logs into one case file.

    Keys and tokens never enter it. Exits with 0, or with 2 if something could not be read.
    """
    with errors(), ExitStack() as stack:
        shop = shop_at_hand(commerce, var)
        space, service_url = (
            (data_space, url) if data_space and url else service_of_shop(shop, var, data_space, url)
        )
        side: SentSide | None = None
        if sent:
            side = stack.enter_context(open_sent(sent, data_space_id=space))
        elif shop is not None:
            side = stack.enter_context(opened_database(shop))
        service = stack.enter_context(CaseService(service_url, token))
        wish = Wish(
            title=title,
            seed=seed,
            logs=() if no_logs else tuple(_log_files(logs or (var / "log",))),
            secrets=secrets_of(shop, var),
            token=token,
        )
        folder = stack.enter_context(archive.written(output))
        with _progress(quiet=as_json) as watch:
            frozen = capture_case(service, space, side, wish, folder, watch)
    _tell_case(output, frozen, as_json=as_json)


@click.command(short_help="Play a case again, and tell whether its symptom comes back.")
@case_argument
@to_option
@click.option(
    "--speed",
    default="max",
    show_default=True,
    help="1 takes as long as it did, 10 a tenth of it, max does not wait.",
)
@click.option("--symptom", help="Look for this instead of the case's own symptom.")
@click.option("--keep", is_flag=True, help="Leave the service running until Ctrl-C, to look at it.")
@token_option
@json_option
def replay(
    case: Path,
    to: str | None,
    speed: str,
    symptom: str | None,
    keep: bool,
    token: str | None,
    as_json: bool,
) -> None:
    """Restore CASE on a fresh data space, replay its requests byte for byte, do to them again what
    faults did, and look for the symptom.

    Exits with 0 if it came back, 1 if not, 2 on an error.
    """
    wanted, pace = _symptom(symptom), _speed(speed)
    with errors(), opened_case(case) as opened, stage(to, token) as on:
        with _progress(quiet=as_json) as watch:
            count = sum(1 for _ in opened.case.numbers())
            done = iter(range(1, count + 1))
            verdict = replay_case(
                opened, on, pace, wanted, lambda _: watch("requests", next(done), count)
            )
        if as_json:
            print_json(verdict_document(opened.case, verdict))
        else:
            click.echo("\n".join(verdict_lines(opened.case, verdict)))
        if keep and to is None:
            click.echo(f"The service keeps running at {on.service.url}; Ctrl-C ends it.", err=True)
            _wait_for_interrupt()
    if not verdict.reproduced:
        raise click.exceptions.Exit(EXIT_NOT_SO)


import_files = minimise = to_test = capture


def _tell_case(path: Path, case: Case, *, as_json: bool) -> None:
    if as_json:
        print_json(case_document(path, case))
    else:
        click.echo("\n".join(case_lines(path, case)))


def _symptom(text: str | None) -> Symptom | None:
    return None if text is None else symptom_of(text)


def _speed(given: str) -> float | None:
    if given == "max":
        return None
    try:
        speed = float(given)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise UsageError(NO_SPEED.format(given=given))
    return speed


def _log_files(places: Sequence[Path]) -> Iterator[Path]:
    for place in places:
        if place.is_file():
            yield place
        elif place.is_dir():
            found = {path for pattern in LOG_PATTERNS for path in place.glob(pattern)}
            yield from sorted(path for path in found if path.is_file())


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda *_: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        tasks: dict[str, TaskID] = {}

        def watch(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name, total=total)
            progress.update(tasks[name], completed=done, total=total)

        yield watch


def _wait_for_interrupt() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        return
