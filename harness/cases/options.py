"""What the commands of cases share: options, exit codes, progress."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn

from mcs.contract.errors import UsageError
from mcs.harness.cases.redaction import Redactor, kinds_of
from mcs.harness.cases.symptom import Symptom, symptom_of
from mcs.harness.errors import CouldNotTell

EXIT_NOT_SO = 1
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130
NO_SPEED = '--speed: got "{given}", expected a number above 0 such as 10, or max.'
LOG_PATTERNS = ("*.log", "*.log.*")


def output_option(default: str, text: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The option -o: the file to write."""
    return click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        default=default,
        show_default=True,
        help=text,
    )


case_argument = click.argument("case", type=click.Path(dir_okay=False, path_type=Path))
to_option = click.option(
    "--to", metavar="URL", help="A service that runs. [default: one of its own, on a free port]"
)
logs_option = click.option(
    "--log",
    "logs",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="A log file or a folder of them; repeatable. [default: VAR/log]",
)
redact_option = click.option(
    "--redact",
    metavar="KINDS",
    is_flag=False,
    flag_value="names,emails",
    help="Replace personal data, the same by the same: names, emails, prices. [if only --redact "
    "is given: names,emails]",
)
redact_key_option = click.option(
    "--redact-key",
    envvar="MCS_REDACT_KEY",
    show_envvar=True,
    help="What stand-ins are made with, so that several cases join. [default: a new one]",
)


@contextmanager
def errors() -> Iterator[None]:
    """Ends the command with exit code 2 for whatever keeps it from telling."""
    try:
        yield
    except (CouldNotTell, UsageError) as error:
        raise _Failed(str(error)) from None
    except KeyboardInterrupt:
        raise click.exceptions.Exit(EXIT_INTERRUPTED) from None


class _Failed(click.ClickException):
    exit_code = EXIT_ERROR


def redactor_of(kinds: str | None, key: str | None = None) -> Redactor | None:
    """What replaces personal data; None if nothing is to be replaced. Raises UsageError."""
    if kinds is None:
        return None
    chosen = kinds_of(kinds)
    return Redactor(chosen) if key is None else Redactor(chosen, key.encode())


def symptom_given(text: str | None) -> Symptom | None:
    """The symptom that was asked for. Raises UsageError."""
    return None if text is None else symptom_of(text)


def speed_given(given: str) -> float | None:
    """How fast to replay; None for without waiting. Raises UsageError."""
    if given == "max":
        return None
    try:
        speed = float(given)
    except ValueError:
        speed = 0.0
    if not 0 < speed < float("inf"):
        raise UsageError(NO_SPEED.format(given=given))
    return speed


def log_files(places: Sequence[Path]) -> Iterator[Path]:
    """The log files that these files and folders are."""
    for place in places:
        if place.is_file():
            yield place
        elif place.is_dir():
            found = {path for pattern in LOG_PATTERNS for path in place.glob(pattern)}
            yield from sorted(path for path in found if path.is_file())


@contextmanager
def progress(*, quiet: bool) -> Iterator[Callable[[str, int, int], None]]:
    """Shows bars on a terminal's stderr; yields what is told a name, how far it is, of how much."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda *_: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
    )
    with Progress(*columns, console=console, transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def watch(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = bars.add_task(name, total=total)
            bars.update(tasks[name], completed=done, total=total)

        yield watch
