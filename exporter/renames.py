"""What items were called before, in feeds whose items may come to be called otherwise.

The ingestion API names a category by its path and a price book by its website, which an edit can
change: what an item was called then has to be deleted, unless another is called so now. Assumed:
Adobe's connector is not known to do so; without it the old category would stay for ever.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import Connection

from mcs.contract.canonical import Item, identity_key
from mcs.contract.conversions import CONVERSIONS, FORMERLY, CannotName, Payload, all_names
from mcs.contract.feeds import Feed
from mcs.contract.status import ExportStatus
from mcs.exporter import feed_table
from mcs.exporter.feed_table import FeedRow

RENAMED = frozenset({"categories", "scopesCustomerGroup", "scopesWebsite"})


def former_names(
    connection: Connection, feed: Feed, items: Sequence[Item]
) -> dict[str, list[Payload]]:
    """What the living among these items are no longer called, by feed id."""
    if feed.name not in RENAMED:
        return {}
    now = {identity_key(feed, item): item for item in items}
    rows = feed_table.rows_of_items(connection, feed, list(now))
    found = {
        feed_id: _without(names_of(feed, row.feed_data), _own_names(feed, now[feed_id]))
        for feed_id, row in rows.items()
        if not now[feed_id]["deleted"] and not row.is_deleted
    }
    return {feed_id: names for feed_id, names in found.items() if names}


def names_in_use(
    connection: Connection, feed: Feed, items: Sequence[Item], names: Iterable[Payload]
) -> frozenset[bytes]:
    """Those of the names that a living item has, among these items or those sent before."""
    wanted = {frozen(name) for name in names}
    if feed.name not in RENAMED or not wanted:
        return frozenset()
    living = [item for item in items if not item["deleted"]]
    own = {identity_key(feed, item) for item in items}
    sent = (
        row.feed_data
        for feed_id, row in feed_table.living_rows(connection, feed)
        if feed_id not in own
    )
    used = {frozen(name) for one in (*living, *sent) for name in _own_names(feed, one)}
    return frozenset(wanted & used)


def owing(connection: Connection, feed: Feed, rows: Sequence[FeedRow]) -> list[FeedRow]:
    """The rows to be remembered, those that were not taken with what is still to be deleted."""
    if feed.name not in RENAMED:
        return list(rows)
    undone = [row for row in rows if row.status != ExportStatus.SUBMITTED and not row.is_deleted]
    known = feed_table.rows_of_items(connection, feed, [row.feed_id for row in undone])
    owed = {
        row.feed_id: _without(
            names_of(feed, known[row.feed_id].feed_data), _own_names(feed, row.feed_data)
        )
        for row in undone
        if row.feed_id in known and not known[row.feed_id].is_deleted
    }
    return [
        replace(row, feed_data={**row.feed_data, FORMERLY: owed[row.feed_id]})
        if owed.get(row.feed_id)
        else row
        for row in rows
    ]


def names_of(feed: Feed, item: Item) -> list[Payload]:
    """What an item is called, and what it was and is to be no longer; none that nobody knows."""
    return list(_nameable(all_names(CONVERSIONS[feed.name], item)))


def frozen(name: Payload) -> bytes:
    """A name as a value that can be looked up."""
    return orjson.dumps(name, option=orjson.OPT_SORT_KEYS)


def _own_names(feed: Feed, item: Item) -> list[Payload]:
    return list(_nameable(CONVERSIONS[feed.name].names(item)))


def _nameable(names: Iterator[Payload]) -> Iterator[Payload]:
    try:
        yield from names
    except CannotName:
        # It was sent to another API, which names it otherwise.
        return


def _without(names: Sequence[Payload], others: Sequence[Payload]) -> list[Any]:
    return [name for name in names if name not in others]
