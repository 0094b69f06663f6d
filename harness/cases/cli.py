"""The commands of `mcs case` that make and use a case file; they only ask, call and print.

Exit codes: 0 done, or the symptom came back; 1 it did not; 2 wrong usage, or anything that keeps
the command from telling; 130 interrupted.
"""

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from mcs.harness.asking import (
    Asked,
    asking_a_shop,
    data_space_option,
    json_option,
    print_json,
    service_without_shop,
    tell,
    token_option,
)
from mcs.harness.cases import archive
from mcs.harness.cases.capture import Wish
from mcs.harness.cases.capture import capture as capture_case
from mcs.harness.cases.casefile import CaseFile, opened_case
from mcs.harness.cases.document import Case
from mcs.harness.cases.importing import import_files as import_case
from mcs.harness.cases.minimising import MOST_REPLAYS, Minimum, minimum, write_minimum
from mcs.harness.cases.minimising import minimise as minimise_case
from mcs.harness.cases.options import (
    EXIT_INTERRUPTED,
    EXIT_NOT_SO,
    case_argument,
    errors,
    log_files,
    logs_option,
    output_option,
    progress,
    redact_key_option,
    redact_option,
    redactor_of,
    speed_given,
    symptom_given,
    to_option,
)
from mcs.harness.cases.pytest_file import Content, pytest_file
from mcs.harness.cases.redaction import redacted
from mcs.harness.cases.replaying import replay as replay_case
from mcs.harness.cases.replaying import stage
from mcs.harness.cases.service import CaseService
from mcs.harness.cases.shop_secrets import secrets_of
from mcs.harness.cases.telling import (
    case_document,
    case_lines,
    import_document,
    import_lines,
    minimum_document,
    minimum_lines,
    verdict_document,
    verdict_lines,
)
from mcs.harness.places import CONVERTED, has_other_items, shop_at_hand
from mcs.harness.reports.formats import write_file
from mcs.harness.sides import SentSide
from mcs.harness.sources.exporter_database import opened as opened_database
from mcs.harness.sources.opening import open_sent


@click.command()
@output_option("case.zip", "The case file.")
@click.option("--title", default="", help="What is the matter, in a few words.")
@click.option("--seed", type=int, help="The seed of the generated catalog, if it is one.")
@click.option(
    "--sent",
    metavar="PLACE",
    multiple=True,
    help="What was sent, instead of the shop's feed tables; as `mcs diff --sent` takes it.",
)
@logs_option
@click.option("--no-logs", is_flag=True, help="Leave the logs out.")
@redact_option
@redact_key_option
@asking_a_shop
def capture(
    output: Path,
    title: str,
    seed: int | None,
    sent: tuple[str, ...],
    logs: tuple[Path, ...],
    no_logs: bool,
    redact: str | None,
    redact_key: str | None,
    asked: Asked,
) -> None:
    """Freeze a data space, what its exporter says it sent, and its logs into one case file.

    Keys and tokens never enter it. Exits with 0, or with 2 if something could not be read.
    """
    redactor = redactor_of(redact, redact_key)
    with errors(), ExitStack() as stack:
        shop = shop_at_hand(asked.commerce, asked.var)
        place = (asked.commerce, asked.var, asked.data_space, asked.url)
        space, service_url = service_without_shop(*place)
        side: SentSide | None = None
        if sent:
            side = stack.enter_context(open_sent(sent, data_space_id=space))
        elif shop is not None and has_other_items(shop):
            tell(CONVERTED.format(commerce=shop))
        elif shop is not None:
            side = stack.enter_context(opened_database(shop))
        service = stack.enter_context(CaseService(service_url, asked.token))
        wish = Wish(
            title=title,
            seed=seed,
            logs=() if no_logs else tuple(log_files(logs or (asked.var / "log",))),
            secrets=secrets_of(shop, asked.var),
            token=asked.token,
        )
        folder = stack.enter_context(archive.written(output))
        with progress(quiet=asked.as_json) as watch:
            frozen = capture_case(service, space, side, wish, folder, watch)
        if redactor is not None:
            frozen = redacted(folder, frozen, redactor)
    _tell_case(output, frozen, as_json=asked.as_json)


@click.command()
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
    wanted, pace = symptom_given(symptom), speed_given(speed)
    with errors(), opened_case(case) as opened, stage(to, token) as on:
        with progress(quiet=as_json) as watch:
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
            on.service.run_real()
            click.echo(f"The service keeps running at {on.service.url}; Ctrl-C ends it.", err=True)
            _wait_for_interrupt()
    if not verdict.reproduced:
        raise click.exceptions.Exit(EXIT_NOT_SO)


@click.command()
@case_argument
@click.option(
    "--while",
    "symptom",
    help="What has to stay, such as 'discrepancy missing products'. [default: the case's symptom]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The smaller case. [default: CASE.min.zip]",
)
@click.option(
    "--replays",
    type=click.IntRange(min=1),
    default=MOST_REPLAYS,
    show_default=True,
    help="Stop after so many.",
)
@to_option
@token_option
@json_option
def minimise(
    case: Path,
    symptom: str | None,
    output: Path | None,
    replays: int,
    to: str | None,
    token: str | None,
    as_json: bool,
) -> None:
    """Take requests, then items, then fields out of CASE while the symptom stays.

    Ctrl-C ends it and keeps the best so far. Exits with 0, with 1 if not even the whole case shows
    the symptom, with 2 on an error.
    """
    wanted, target = symptom_given(symptom), output or case.with_suffix(".min.zip")
    with errors(), opened_case(case) as opened:
        found = minimum(opened, wanted or opened.case.symptom, replays)
        interrupted = False
        with stage(to, token) as on, _shrinking(quiet=as_json) as watch:
            try:
                minimise_case(found, opened.case, on, watch)
            except KeyboardInterrupt:
                interrupted = True
        smaller = write_minimum(found, opened, target) if found.shows else None
    if as_json:
        print_json(minimum_document(found, target, interrupted=interrupted))
    else:
        click.echo("\n".join(minimum_lines(found, target, smaller, interrupted=interrupted)))
    if interrupted:
        raise click.exceptions.Exit(EXIT_INTERRUPTED)
    if not found.shows:
        raise click.exceptions.Exit(EXIT_NOT_SO)


@click.command(name="to-test")
@case_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The test. [default: test_CASE.py]",
)
def to_test(case: Path, output: Path | None) -> None:
    """Write CASE as a pytest file, which needs nothing but the plugin of this package.

    Exits with 0, or with 2 if the case is too large or shows nothing.
    """
    name = re.sub(r"\W+", "_", case.name.removesuffix(".zip")).strip("_")
    target = output or case.with_name(f"test_{name}.py")
    with errors(), opened_case(case) as opened:
        text = pytest_file(_content(opened)).encode()
        write_file(target, lambda file: file.writelines([text]))
    click.echo(f"{target}: fails while the symptom is there. Run it with: pytest {target}")


@click.command(name="import")
@click.argument("files", nargs=-1, required=True)
@output_option("case.zip", "The case file.")
@click.option("--title", default="", help="What is the matter, in a few words.")
@click.option("--symptom", help="What to look for. [default: what the files complain of most]")
@redact_option
@redact_key_option
@data_space_option
@json_option
def import_files(
    files: tuple[str, ...],
    output: Path,
    title: str,
    symptom: str | None,
    redact: str | None,
    redact_key: str | None,
    data_space: str | None,
    as_json: bool,
) -> None:
    """Make a case out of FILES: saas-export.log and its like (plain, gzip, rotated; a folder or a
    pattern of them), CSV or SQL dumps of feed tables, HAR, NDJSON.

    What could not be read is counted and shown. Exits with 0, or with 2 if nothing could be read.
    """
    wanted, redactor = symptom_given(symptom), redactor_of(redact, redact_key)
    with errors(), archive.written(output) as folder, progress(quiet=as_json) as watch:
        done = import_case(
            files, folder, title=title, symptom=wanted, data_space_id=data_space, watch=watch
        )
        if redactor is not None:
            done = replace(done, case=redacted(folder, done.case, redactor))
    if as_json:
        print_json(import_document(output, done))
    else:
        click.echo("\n".join(import_lines(output, done)))


def _tell_case(path: Path, case: Case, *, as_json: bool) -> None:
    if as_json:
        print_json(case_document(path, case))
    else:
        click.echo("\n".join(case_lines(path, case)))


def _content(opened: CaseFile) -> Content:
    told = (line.get("explanation") for line in opened.lines(archive.DISCREPANCIES))
    return Content(
        name=str(opened.path),
        case=opened.case,
        requests=list(opened.requests()),
        rows=list(opened.lines(archive.SENT)),
        causes=[str(explanation) for explanation in told if explanation],
        symptom=opened.case.symptom,
    )


@contextmanager
def _shrinking(*, quiet: bool) -> Iterator[Callable[[str, Minimum], None]]:
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield lambda *_: None
        return
    with console.status("replaying the whole case …") as status:

        def watch(phase: str, found: Minimum) -> None:
            size = found.size()
            status.update(
                f"{phase}: best so far {size.requests:,} requests, {size.items:,} items, "
                f"{size.fields:,} fields; {size.replays} replays. Ctrl-C keeps it."
            )

        yield watch


def _wait_for_interrupt() -> None:
    try:
        signal.pause()
    except KeyboardInterrupt:
        return
