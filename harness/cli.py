"""The commands `mcs diff` and `mcs send`; they only ask, call and print.

Exit codes: 0 in sync, or all accepted; 1 not so; 2 wrong usage; 3 could not tell.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import IO, Any

import click
import orjson
from rich.console import Console

from mcs.contract.errors import UsageError
from mcs.contract.feeds import feed_by_cli_name
from mcs.harness.credentials import only_credentials, read_credentials
from mcs.harness.diff import Options
from mcs.harness.diff import diff as diff_sides
from mcs.harness.errors import CouldNotTell
from mcs.harness.files import read_items
from mcs.harness.findings import Finding, findings_of
from mcs.harness.places import COMMERCE_DATABASE, DEFAULT_URL, Places, opened_sides
from mcs.harness.report import identity_text, render_text, to_document
from mcs.harness.send import BatchResult
from mcs.harness.send import send as send_items

EXIT_NOT_SO = 1
EXIT_COULD_NOT_TELL = 3

FINDINGS = "\nWhat could not be read, or not for sure ({count}):"
SENT = "accepted {accepted} of {items} items, refused {refused}; requests: {requests}."
UNCONFIRMED = (
    "{unconfirmed} more share a batch that was answered 400 for other items' faults: an exporter "
    "notes them as not exported. `mcs diff` tells whether the service recorded them."
)

_var = click.option(
    "--var",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="MCS_VAR",
    default="var",
    show_default=True,
    help="Folder of the shop's database and of the credentials.",
)
_json = click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead.")


@click.command(short_help="Compare what was sent with what was received.")
@click.option(
    "--commerce",
    metavar="PATH_OR_URL",
    envvar="MCS_COMMERCE",
    help="The exporter's database, a SQLite file or SQLAlchemy URL. "
    f"[default: VAR/{COMMERCE_DATABASE}]",
)
@click.option(
    "--sent",
    metavar="PLACE",
    multiple=True,
    help="What was sent, instead: saas-export.log (folder, pattern), CSV or SQL dump of a feed "
    "table, HAR, file of items, database; repeatable. Prefixes log: csv: sql: har: ndjson: "
    "parquet: db: say which.",
)
@click.option(
    "--received",
    metavar="PLACE",
    help="What was received, instead: URL, the service's database (db:…), or a file of "
    "`mcs export-received`.",
)
@click.option("--url", help=f"The service. [default: as the shop is configured, or {DEFAULT_URL}]")
@click.option("--data-space", metavar="ID", help="[default: as the shop is configured]")
@click.option("--mixed", is_flag=True, help="Take files of several data spaces as one.")
@click.option("--lenient", is_flag=True, help="Count what cannot be read instead of giving up.")
@click.option("--feed", "feed_names", multiple=True, help="Compare this feed only; repeatable.")
@_json
@click.option(
    "--ignore",
    metavar="POINTER",
    multiple=True,
    help="A field that does not count, such as /images/*/label; repeatable.",
)
@click.option(
    "--token",
    envvar="MCS_CONTROL_TOKEN",
    show_envvar=True,
    help="Opens the control API of a service on another machine.",
)
@_var
def diff(
    commerce: str | None,
    sent: tuple[str, ...],
    received: str | None,
    url: str | None,
    data_space: str | None,
    mixed: bool,
    lenient: bool,
    feed_names: Sequence[str],
    as_json: bool,
    ignore: Sequence[str],
    token: str | None,
    var: Path,
) -> None:
    """Compare what the exporter sent with what the service received.

    Exits with 0 if they agree, 1 if not, 2 on wrong usage, 3 if a side could not be read.
    """
    feeds = tuple(dict.fromkeys(map(feed_by_cli_name, feed_names))) or None
    _check_pointers(ignore)
    places = Places(var, commerce, sent, received, url, data_space, token, feeds, mixed, lenient)
    with exit_code(), opened_sides(places) as sides:
        result = diff_sides(*sides, Options(feeds, tuple(ignore)))
        result = replace(result, findings=findings_of(*sides))
    if as_json:
        findings = [asdict(finding) for finding in result.findings]
        _print_json({**to_document(result), "findings": findings})
    else:
        render_text(result, Console())
        _print_findings(result.findings)
    if not result.in_sync:
        raise click.exceptions.Exit(EXIT_NOT_SO)


@click.command(short_help="Post a file of items as a small client would.")
@click.argument("file", type=click.File("rb"))
@click.option("--feed", "feed_name", required=True, help="The feed the items belong to.")
@click.option(
    "--credentials",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Who sends. [default: the only file in VAR/credentials]",
)
@click.option("--url", help="The service. [default: that of the credentials]")
@click.option("--batch-size", type=click.IntRange(min=1), default=100, show_default=True)
@click.option("--plain", is_flag=True, help="Do not compress the requests.")
@_json
@_var
def send(
    file: IO[bytes],
    feed_name: str,
    credentials: Path | None,
    url: str | None,
    batch_size: int,
    plain: bool,
    as_json: bool,
    var: Path,
) -> None:
    """Send the items in FILE to the service, signed, as an exporter would; `-` is stdin.

    FILE is a JSON array, one item, or one item per line; plain or gzip. Exits with 0 if all were
    accepted, 1 if any was not, 2 on wrong usage, 3 if the service is away or turns the sender away.
    """
    feed = feed_by_cli_name(feed_name)
    sender = read_credentials(credentials) if credentials else only_credentials(var)
    # A fault in the last line is told before the first batch is sent.
    items = list(read_items(file, getattr(file, "name", "<stdin>")))
    on_batch = None if as_json else _print_refused
    with exit_code():
        results = send_items(items, feed, sender, url, batch_size, not plain, on_batch)
    totals = _totals(results)
    if as_json:
        _print_json({"feed": feed.name, **totals, "errors": list(_errors(results))})
    else:
        click.echo(SENT.format(**totals))
        if totals["unconfirmed"]:
            click.echo(UNCONFIRMED.format(**totals))
    if totals["accepted"] < totals["items"]:
        raise click.exceptions.Exit(EXIT_NOT_SO)


class _NoVerdict(click.ClickException):
    exit_code = EXIT_COULD_NOT_TELL


@contextmanager
def exit_code() -> Iterator[None]:
    """Exits with 3 if a side could not be read."""
    try:
        yield
    except CouldNotTell as error:
        raise _NoVerdict(str(error)) from None


def _check_pointers(pointers: Sequence[str]) -> None:
    for pointer in pointers:
        if not pointer.startswith("/"):
            raise UsageError(
                f'--ignore "{pointer}" is no JSON pointer. Begin it with a slash, such as '
                "/images/*/label."
            )


def _print_findings(findings: Sequence[Finding]) -> None:
    if findings:
        click.echo(FINDINGS.format(count=len(findings)))
    for finding in findings:
        click.echo(f"  {finding}")


def _print_refused(result: BatchResult) -> None:
    for index, identity, outcome in result.refused:
        name = f" {identity_text(identity)}" if identity else ""
        click.echo(f"item {index}{name}: {outcome.error}")


def _totals(results: Sequence[BatchResult]) -> dict[str, int]:
    return {
        "items": sum(len(result.outcomes) for result in results),
        "requests": len(results),
        "accepted": sum(result.accepted for result in results),
        "refused": sum(len(result.refused) for result in results),
        "unconfirmed": sum(result.unconfirmed for result in results),
    }


def _errors(results: Sequence[BatchResult]) -> Iterator[dict[str, Any]]:
    for result in results:
        for index, identity, outcome in result.refused:
            yield {
                "index": index,
                "identity": identity,
                "status": int(outcome.status),
                "message": outcome.error,
                "request_id": result.request_id,
            }


def _print_json(document: dict[str, Any]) -> None:
    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
