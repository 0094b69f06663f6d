"""The commands `mcs diff` and `mcs send`; they only ask, call and print.

Exit codes: 0 in sync, or all accepted; 1 not so; 2 wrong usage; 3 could not tell.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import click
import orjson

from mcs.contract.errors import UsageError
from mcs.contract.feeds import feed_by_cli_name
from mcs.harness.connector import connected_service
from mcs.harness.credentials import credentials_files, only_credentials, read_credentials
from mcs.harness.database import exporter_database
from mcs.harness.diff import Options
from mcs.harness.diff import diff as diff_sides
from mcs.harness.errors import CouldNotTell
from mcs.harness.files import read_items
from mcs.harness.reports.options import report_options
from mcs.harness.reports.parts import identity_text
from mcs.harness.reports.reporting import EXIT_NOT_SO, NoVerdict, Reporting
from mcs.harness.send import BatchResult
from mcs.harness.send import send as send_items
from mcs.harness.sources.exporter_database import opened
from mcs.harness.sources.service import Service

DEFAULT_URL = "http://127.0.0.1:8080"
COMMERCE_DATABASE = "commerce.sqlite"

NO_DATA_SPACE = (
    "which data space? {commerce} has no services_connector/services_id/environment_id, and "
    "{folder} holds {found} credentials files instead of one. Name it with --data-space ID; "
    "`mcs dataspace list` shows them."
)
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
@click.option("--url", help=f"The service. [default: as the shop is configured, or {DEFAULT_URL}]")
@click.option("--data-space", metavar="ID", help="[default: as the shop is configured]")
@click.option("--feed", "feed_names", multiple=True, help="Compare this feed only; repeatable.")
@report_options
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
    url: str | None,
    data_space: str | None,
    feed_names: Sequence[str],
    reporting: Reporting,
    ignore: Sequence[str],
    token: str | None,
    var: Path,
) -> None:
    """Compare what the exporter sent with what the service received.

    Exits with 0 if they agree, 1 if not, 2 on wrong usage, 3 if a side could not be read or a
    report not be written, 130 if interrupted.
    """
    feeds = tuple(dict.fromkeys(map(feed_by_cli_name, feed_names))) or None
    _check_pointers(ignore)
    commerce = commerce or str(var / COMMERCE_DATABASE)
    with reporting.exit_code():
        data_space, url = _service(commerce, var, data_space, url)
        options = Options(feeds, tuple(ignore))
        with opened(commerce) as sent, Service(url, data_space, token) as received:
            result = diff_sides(sent, received, options)
        reporting.publish(result)


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
    with _exit_code():
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


@contextmanager
def _exit_code() -> Iterator[None]:
    try:
        yield
    except CouldNotTell as error:
        raise NoVerdict(str(error)) from None


def _check_pointers(pointers: Sequence[str]) -> None:
    for pointer in pointers:
        if not pointer.startswith("/"):
            raise UsageError(
                f'--ignore "{pointer}" is no JSON pointer. Begin it with a slash, such as '
                "/images/*/label."
            )


def _service(commerce: str, var: Path, data_space: str | None, url: str | None) -> tuple[str, str]:
    """The data space and URL to ask: as given, as the shop has them, as the credentials say."""
    with exporter_database(commerce) as connection:
        shop_data_space, shop_url = connected_service(connection)
    url = url or shop_url
    data_space = data_space or shop_data_space
    if data_space:
        return data_space, url or DEFAULT_URL
    found = credentials_files(var)
    if len(found) != 1:
        folder = var / "credentials"
        raise UsageError(
            NO_DATA_SPACE.format(commerce=commerce, folder=folder, found=len(found) or "no")
        )
    credentials = read_credentials(found[0])
    return credentials.data_space_id, url or credentials.url


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
