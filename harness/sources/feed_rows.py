"""Rows of feed tables as sent lines, wherever the rows come from. Pure.

Source of the columns: contract/wire.md, "Feed-table columns".
"""

from collections.abc import Mapping
from typing import Any

import orjson

from mcs.contract.canonical import Item, content_hash, identity, key_of_values
from mcs.contract.errors import MissingIdentity
from mcs.contract.feeds import FEEDS, Feed

COLUMNS = (
    "id",
    "feed_id",
    "feed_data",
    "feed_hash",
    "is_deleted",
    "modified_at",
    "status",
    "errors",
    "metadata",
)
DUMPED_COLUMNS = (*COLUMNS[:1], "source_entity_id", *COLUMNS[1:])
"""All columns, in the order of a dump that does not name them."""

_TABLES = {feed.table: feed for feed in FEEDS.values()}
# Before 103.3.0 the tables had the names of the indexers (contract/feeds.md, "Feeds").
_OLDER_TABLES = {feed.indexer: feed for feed in FEEDS.values()}
_FALSE = frozenset({"", "0", "f", "false", "n", "no"})


def feed_of_table(table: str) -> Feed | None:
    """The feed whose rows a table holds, by any name it had; a prefix does not matter.

    >>> feed_of_table("public.m2_cde_products_feed").name
    'products'
    """
    name = table.rpartition(".")[2].strip('"`').lower()
    for tables in (_TABLES, _OLDER_TABLES):
        for known, feed in tables.items():
            if name == known or name.endswith(f"_{known}"):
                return feed
    return None


def sent_line(feed: Feed, row: Mapping[str, Any], locator: str) -> dict[str, Any]:
    """The sent line of a row. Values may be those of a database driver or the texts of a dump.

    Raises ValueError if the status is no number.
    """
    names = _identity(feed, row["feed_data"])
    modified_at = row["modified_at"]
    return {
        "feed": feed.name,
        "locator": locator,
        # A shop may hash other fields into feed_id than those that name the item on the wire.
        "key": key_of_values(names.values()) if names else str(row["feed_id"]).lower(),
        "identity": names,
        "hash": row["feed_hash"],
        "deleted": _is_true(row["is_deleted"]),
        "modified_at": None if modified_at is None else str(modified_at),
        "status": None if row["status"] is None else int(row["status"]),
        "errors": row["errors"] or "",
        "request_id": _request_id(row["metadata"]),
    }


def unnamed_row(feed: Feed) -> str:
    """What is said of a row whose item has no identity."""
    return f"{feed.name}: a row whose feed_data does not name its item; its feed_id does"


def whole_item(feed: Feed, row: Mapping[str, Any]) -> Item | None:
    """The item in `feed_data`, unless only its delete payload is kept.

    A row holds the whole item if that has the content hash that the row notes.
    """
    item = parsed(row["feed_data"])
    try:
        return item if item and content_hash(feed, item) == row["feed_hash"] else None
    except TypeError:
        return None


def parsed(feed_data: Any) -> Item:
    """The JSON object in `feed_data`: text, bytes, or parsed by the driver; empty for all else."""
    try:
        item = orjson.loads(feed_data) if isinstance(feed_data, str | bytes) else feed_data
    except orjson.JSONDecodeError:
        return {}
    return item if isinstance(item, dict) else {}


def _identity(feed: Feed, feed_data: Any) -> dict[str, str]:
    try:
        return identity(feed, parsed(feed_data))
    except MissingIdentity:
        return {}


def _is_true(value: Any) -> bool:
    return value.strip().lower() not in _FALSE if isinstance(value, str) else bool(value)


def _request_id(metadata: Any) -> str | None:
    try:
        request_ids = orjson.loads(metadata) if isinstance(metadata, str | bytes) else metadata
    except orjson.JSONDecodeError:
        return None
    return str(request_ids[-1]) if isinstance(request_ids, list) and request_ids else None
