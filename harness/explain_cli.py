"""`mcs explain`: why one item of the catalog is as it is, over all feeds."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from mcs.contract.dialects import ALL_FEEDS, any_feed_by_cli_name
from mcs.contract.errors import UsageError
from mcs.harness.asking import (
    COMMERCE_DATABASE,
    EXIT_NOT_SO,
    Asked,
    asking_a_shop,
    exit_code,
    print_json,
    sent_option,
    tell,
)
from mcs.harness.known import Wanted
from mcs.harness.places import NOBODY_SENT, Places, opened_received, opened_sides

if TYPE_CHECKING:
    from rich.console import Console

    from mcs.harness.timeline import Timeline

NAME_OR_KEY = (
    "Name what is to be explained: `mcs explain 24-MB01`, or an identity key with --key. "
    "One of them, not both."
)
NO_KEY = (
    '--key "{key}" is no identity key. Give the 40 hex digits that `mcs diff --json` shows as key, '
    "or a feed table as feed_id."
)
LEAST_WIDTH = 160
_KEY = re.compile("[0-9A-Fa-f]{40}")


@click.command()
@click.argument("name", required=False)
@click.option("--key", metavar="HEX", help="An identity key (40 hex digits) instead of a name.")
@click.option("--feed", "feed_names", multiple=True, help="Only this feed; repeatable.")
@click.option("--store-view", metavar="CODE", help="Only this store view, of feeds that have any.")
@click.option("--website", metavar="CODE", help="Only this website, of feeds that have any.")
@sent_option
@asking_a_shop
def explain(
    name: str | None,
    key: str | None,
    feed_names: Sequence[str],
    store_view: str | None,
    website: str | None,
    sent: tuple[str, ...],
    asked: Asked,
) -> None:
    """Tell all that is known of NAME: a SKU, an attribute code, a category's id.

    Every version that the service recorded with the request that brought it and what it changed,
    refusals, what the feed table says, and what is wrong, since when, why, and what to do. Where
    nothing says what was sent, it is what the service knows. Exits with 0 if all is in order, 1 if
    not or if nobody knows it, 2 on wrong usage, 3 if a side could not be read.
    """
    wanted = _wanted(name, key, feed_names, store_view, website)
    shop = (asked.var, asked.commerce, sent)
    places = Places(*shop, None, asked.url, asked.data_space, asked.token, tell=tell)
    with exit_code():
        found = _told(places, wanted)
    _print(found, as_json=asked.as_json)
    if not found.in_sync:
        raise click.exceptions.Exit(EXIT_NOT_SO)


def _told(places: Places, wanted: Wanted) -> "Timeline":
    # What a command does is imported when it does it, so that usage is told at once.
    from mcs.harness.timeline import timeline

    if places.has_sent:
        with opened_sides(places) as sides:
            return timeline(*sides, wanted)
    with opened_received(places) as received:
        tell(NOBODY_SENT.format(commerce=places.var / COMMERCE_DATABASE))
        return timeline(None, received, wanted)


def _print(found: "Timeline", *, as_json: bool) -> None:
    if as_json:
        from mcs.harness.timeline_document import timeline_document

        print_json(timeline_document(found))
    else:
        from mcs.harness.timeline_report import render_timeline

        render_timeline(found, _console())


def _wanted(
    name: str | None,
    key: str | None,
    feed_names: Sequence[str],
    store_view: str | None,
    website: str | None,
) -> Wanted:
    if (name is None) == (key is None):
        raise UsageError(NAME_OR_KEY)
    if key is not None and not _KEY.fullmatch(key):
        raise UsageError(NO_KEY.format(key=key))
    feeds = tuple(dict.fromkeys(map(any_feed_by_cli_name, feed_names))) or tuple(ALL_FEEDS.values())
    given = {"storeViewCode": store_view, "websiteCode": website}
    scopes = {field: value for field, value in given.items() if value is not None}
    return Wanted(feeds, name, key and key.lower(), scopes)


def _console() -> "Console":
    from rich.console import Console

    console = Console()
    # What goes into a file or a ticket is not to be broken where a terminal ends.
    return console if console.is_terminal else Console(width=max(console.width, LEAST_WIDTH))
