"""The commands `mcs diff` and `mcs send`; they only ask, call and print.

Exit codes: 0 in sync, or all accepted; 1 not so; 2 wrong usage; 3 could not tell.
What a command does is imported when it does it, so that usage and options are told at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from mcs.contract.dialects import any_feed_by_cli_name
from mcs.contract.feeds import feed_by_cli_name
from mcs.harness.asking import (
    commerce_option,
    data_space_option,
    exit_code,
    json_option,
    print_json,
    sent_option,
    tell,
    token_option,
    url_option,
    var_option,
)
from mcs.harness.comparing_cli import comparing
from mcs.harness.credentials import only_credentials, read_credentials
from mcs.harness.errors import CouldNotTell
from mcs.harness.files import read_items
from mcs.harness.findings import findings_of
from mcs.harness.options import Options
from mcs.harness.places import Places, opened_sides
from mcs.harness.reports.options import report_options
from mcs.harness.reports.parts import identity_text
from mcs.harness.reports.reporting import EXIT_NOT_SO, Reporting

if TYPE_CHECKING:
    from mcs.harness.send import BatchResult

NOTHING_TO_COMPARE = (
    "nothing to compare: neither side has an item of these feeds. Check the data space, the window "
    "of time, and that the exporter ran; or take that for in sync with --allow-empty."
)
NOT_WHOLE = (
    "what could be read passes, but not all could be read: {lost}. Mend it, or take what there is "
    "with --lenient."
)
SENT = "accepted {accepted} of {items} items, refused {refused}; requests: {requests}."
UNCONFIRMED = (
    "{unconfirmed} more share a batch that was answered 400 for other items' faults: an exporter "
    "notes them as not exported. `mcs diff` tells whether the service recorded them."
)


@click.command()
@commerce_option
@sent_option
@click.option(
    "--received",
    metavar="PLACE",
    help="What was received, instead: URL, the service's database (db:…), or a file of "
    "`mcs export-received`.",
)
@url_option
@data_space_option
@click.option("--mixed", is_flag=True, help="Take files of several data spaces as one.")
@click.option("--lenient", is_flag=True, help="Count what cannot be read instead of giving up.")
@click.option("--allow-empty", is_flag=True, help="Exit with 0 where neither side has an item.")
@click.option("--feed", "feed_names", multiple=True, help="Compare this feed only; repeatable.")
@report_options
@comparing
@token_option
@var_option
def diff(
    commerce: str | None,
    sent: tuple[str, ...],
    received: str | None,
    url: str | None,
    data_space: str | None,
    mixed: bool,
    lenient: bool,
    allow_empty: bool,
    feed_names: Sequence[str],
    reporting: Reporting,
    comparing: Mapping[str, Any],
    token: str | None,
    var: Path,
) -> None:
    """Compare what the exporter sent with what the service received.

    Exits with 0 if they agree, 1 if not, 2 on wrong usage, 3 if a side could not be read, there is
    nothing to compare, or a report could not be written, 130 if interrupted.
    """
    from mcs.harness.diff import diff as diff_sides

    feeds = tuple(dict.fromkeys(map(any_feed_by_cli_name, feed_names))) or None
    options = (data_space, token, feeds, mixed, lenient)
    places = Places(var, commerce, sent, received, url, *options, tell=tell)
    with reporting.exit_code():
        with opened_sides(places) as sides:
            result = diff_sides(*sides, Options(feeds, **comparing))
            findings = findings_of(*sides)
        if result.nothing_to_compare and not allow_empty:
            raise CouldNotTell(NOTHING_TO_COMPARE)
        lost = [] if lenient else [str(finding) for finding in findings if finding.lost]
        result = replace(result, findings=tuple(map(str, findings)))
        if lost and reporting.passes(result):
            raise CouldNotTell(NOT_WHOLE.format(lost="; ".join(lost)))
        reporting.publish(result)


@click.command()
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
@json_option
@var_option
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
    from mcs.harness.send import send as send_items

    feed = feed_by_cli_name(feed_name)
    sender = read_credentials(credentials) if credentials else only_credentials(var)
    # A fault in the last line is told before the first batch is sent.
    items = list(read_items(file, getattr(file, "name", "<stdin>")))
    on_batch = None if as_json else _print_refused
    with exit_code():
        results = send_items(items, feed, sender, url, batch_size, not plain, on_batch)
    totals = _totals(results)
    if as_json:
        print_json({"feed": feed.name, **totals, "errors": list(_errors(results))})
    else:
        click.echo(SENT.format(**totals))
        if totals["unconfirmed"]:
            click.echo(UNCONFIRMED.format(**totals))
    if totals["accepted"] < totals["items"]:
        raise click.exceptions.Exit(EXIT_NOT_SO)


def _print_refused(result: "BatchResult") -> None:
    for index, identity, outcome in result.refused:
        name = f" {identity_text(identity)}" if identity else ""
        click.echo(f"item {index}{name}: {outcome.error}")


def _totals(results: "Sequence[BatchResult]") -> dict[str, int]:
    return {
        "items": sum(len(result.outcomes) for result in results),
        "requests": len(results),
        "accepted": sum(result.accepted for result in results),
        "refused": sum(len(result.refused) for result in results),
        "unconfirmed": sum(result.unconfirmed for result in results),
    }


def _errors(results: "Sequence[BatchResult]") -> Iterator[dict[str, Any]]:
    for result in results:
        for index, identity, outcome in result.refused:
            yield {
                "index": index,
                "identity": identity,
                "status": int(outcome.status),
                "message": outcome.error,
                "request_id": result.request_id,
            }
