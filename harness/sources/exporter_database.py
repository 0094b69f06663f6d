"""The sent side: an exporter's feed tables, read by their documented names and columns.

Rows go to an NDJSON file for the reconciliation; items are read only for the few that differ.
Source: contract/wire.md, "Feed-table columns".
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    Row,
    TableClause,
    column,
    false,
    inspect,
    or_,
    select,
    table,
)

from mcs.contract.canonical import Item, content_hash, identity, key_of_values
from mcs.contract.digests import EMPTY, Bucket, Digests, SentRow, sent_buckets
from mcs.contract.errors import MissingIdentity
from mcs.contract.feeds import FEEDS, Feed
from mcs.harness.database import exporter_database
from mcs.harness.errors import CouldNotTell

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
ROWS_AT_ONCE = 5_000
BUCKETS_AT_ONCE = 256
_DIGESTS = table(
    "cde_feed_digests",
    *(column(name) for name in ("feed", "bucket", "alive", "total", "unsettled")),
)
_TOUCHED = table("cde_feed_digests_touched", column("feed"), column("bucket"))
NO_FEED_TABLE = (
    "table {table} of the exporter's database is no feed table: it has no column {missing}. "
    "Expected columns: {expected}. Check that --commerce names an exporter's database."
)


@dataclass(frozen=True, slots=True)
class ExporterDatabase:
    """A sent side: the feed tables of an open database. The locator of a row is its id."""

    name: str
    connection: Connection

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes a line per row of the feeds' tables; a feed without table has no rows.

        Memory: some thousand rows. Raises CouldNotTell if a table has other columns.
        """
        with path.open("wb") as file:
            for feed in feeds:
                for row in _rows(self.connection, feed):
                    line = orjson.dumps(_sent_line(feed, row), option=orjson.OPT_APPEND_NEWLINE)
                    file.write(line)

    def digests(self, feeds: Sequence[Feed]) -> dict[str, Digests]:
        """What the exporter keeps, and what was written since; nothing if it keeps none."""
        if not inspect(self.connection).has_table(_DIGESTS.name):
            return {}
        return {feed.name: _digests(self.connection, feed) for feed in feeds}

    def write_sent_buckets(self, buckets: Mapping[str, Sequence[str]], path: Path) -> None:
        """Writes a line per row whose feed id is in one of the buckets."""
        with path.open("wb") as file:
            for name, chosen in buckets.items():
                for some in _batched(chosen):
                    for row in _rows(self.connection, FEEDS[name], some):
                        line = _sent_line(FEEDS[name], row)
                        file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def items(self, feed: Feed, locators: Sequence[str]) -> dict[str, Item]:
        """The whole items among these rows' `feed_data`.

        An exporter keeps the delete payload by default; a row holds the whole item if its content
        hash is the row's hash.
        """
        feed_table = _feed_table(feed)
        wanted = select(feed_table.c.id, feed_table.c.feed_data, feed_table.c.feed_hash)
        ids = [int(locator) for locator in locators]
        found = self.connection.execute(wanted.where(feed_table.c.id.in_(ids)))
        items = ((str(row.id), _parsed(row.feed_data), row.feed_hash) for row in found)
        return {row: item for row, item, sent in items if item and content_hash(feed, item) == sent}


@contextmanager
def opened(place: str | Path) -> Iterator[ExporterDatabase]:
    """The feed tables of a SQLite file or SQLAlchemy URL. Raises CouldNotTell."""
    with exporter_database(place) as connection:
        yield ExporterDatabase(str(place), connection)


def _rows(
    connection: Connection, feed: Feed, buckets: Sequence[str] | None = None
) -> Iterator[Row[Any]]:
    inspector = inspect(connection)
    if not inspector.has_table(feed.table):
        return
    there = {column["name"] for column in inspector.get_columns(feed.table)}
    if missing := [name for name in COLUMNS if name not in there]:
        raise CouldNotTell(
            NO_FEED_TABLE.format(
                table=feed.table, missing=", ".join(missing), expected=", ".join(COLUMNS)
            )
        )
    streaming = connection.execution_options(yield_per=ROWS_AT_ONCE)
    feed_table = _feed_table(feed)
    wanted = select(feed_table)
    if buckets is not None:
        wanted = wanted.where(_within(feed_table.c.feed_id, buckets))
    for part in streaming.execute(wanted).partitions():
        yield from part


def _within(feed_id: ColumnClause[Any], buckets: Sequence[str]) -> ColumnElement[bool]:
    # "g" follows the last hex digit, so these are ranges of the index on feed ids.
    return or_(false(), *(feed_id.between(name, f"{name}g") for name in buckets))


def _digests(connection: Connection, feed: Feed) -> Digests:
    touched = list(
        connection.scalars(select(_TOUCHED.c.bucket).where(_TOUCHED.c.feed == feed.name))
    )
    kept = connection.execute(
        select(_DIGESTS.c.bucket, _DIGESTS.c.alive, _DIGESTS.c.total, _DIGESTS.c.unsettled).where(
            _DIGESTS.c.feed == feed.name
        )
    )
    found = {name: Bucket(alive, total, unsettled) for name, alive, total, unsettled in kept}
    for some in _batched(touched):
        now = sent_buckets(feed, map(_sent_row, _rows(connection, feed, some)))
        found |= dict.fromkeys(some, EMPTY) | now
    return found


def _batched(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (
        names[start : start + BUCKETS_AT_ONCE] for start in range(0, len(names), BUCKETS_AT_ONCE)
    )


def _sent_row(row: Row[Any]) -> SentRow:
    return SentRow(
        row.feed_id, _parsed(row.feed_data), row.feed_hash, bool(row.is_deleted), row.status
    )


def _feed_table(feed: Feed) -> TableClause:
    return table(feed.table, *(column(name) for name in COLUMNS))


def _sent_line(feed: Feed, row: Sequence[Any]) -> dict[str, Any]:
    row_id, feed_id, feed_data, feed_hash, is_deleted, modified_at, status, errors, metadata = row
    names = _identity(feed, feed_data)
    return {
        "feed": feed.name,
        "locator": str(row_id),
        # A shop may hash other fields into feed_id than those that name the item on the wire.
        "key": key_of_values(names.values()) if names else str(feed_id).lower(),
        "identity": names,
        "hash": feed_hash,
        "deleted": bool(is_deleted),
        "modified_at": None if modified_at is None else str(modified_at),
        "status": status,
        "errors": errors or "",
        "request_id": _request_id(metadata),
    }


def _identity(feed: Feed, feed_data: Any) -> dict[str, str]:
    try:
        return identity(feed, _parsed(feed_data))
    except MissingIdentity:
        return {}


def _parsed(feed_data: Any) -> Item:
    """The JSON object in `feed_data`: text, bytes, or parsed by the driver; empty for all else."""
    try:
        item = orjson.loads(feed_data) if isinstance(feed_data, str | bytes) else feed_data
    except orjson.JSONDecodeError:
        return {}
    return item if isinstance(item, dict) else {}


def _request_id(metadata: Any) -> str | None:
    try:
        request_ids = orjson.loads(metadata) if isinstance(metadata, str | bytes) else metadata
    except orjson.JSONDecodeError:
        return None
    return str(request_ids[-1]) if isinstance(request_ids, list) and request_ids else None
