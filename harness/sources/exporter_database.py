"""The sent side: an exporter's feed tables, read by their documented names and columns.

Rows go to an NDJSON file for the reconciliation; items are read only for the few that differ.
Source: contract/wire.md, "Feed-table columns".
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import (
    ColumnClause,
    ColumnElement,
    Connection,
    Row,
    TableClause,
    Text,
    cast,
    column,
    false,
    func,
    inspect,
    or_,
    select,
    table,
)

from mcs.contract.canonical import Item
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.digests import EMPTY, Bucket, Digests, SentRow, sent_buckets
from mcs.contract.feeds import Feed
from mcs.harness.database import exporter_database
from mcs.harness.errors import CouldNotTell
from mcs.harness.findings import Finding, Findings
from mcs.harness.sources.feed_rows import COLUMNS, parsed, sent_line, unnamed_row, whole_item

ROWS_AT_ONCE = 5_000
BUCKETS_AT_ONCE = 256
_DIGESTS = table(
    "cde_feed_digests",
    *(column(name) for name in ("feed", "bucket", "alive", "total", "unsettled")),
)
_TOUCHED = table("cde_feed_digests_touched", column("feed"), column("bucket"))
# What every writer of JSON writes as it is; PHP escapes slashes and all beyond ASCII.
_PLAIN = re.compile(r"[A-Za-z0-9 ._+-]+")
NO_FEED_TABLE = (
    "table {table} of the exporter's database is no feed table: it has no column {missing}. "
    "Expected columns: {expected}. Check that --commerce names an exporter's database."
)


@dataclass(frozen=True, slots=True)
class ExporterDatabase:
    """A sent side: the feed tables of an open database. The locator of a row is its id."""

    name: str
    connection: Connection
    found: Findings = field(default_factory=Findings)

    def findings(self) -> tuple[Finding, ...]:
        """Rows that do not name their item."""
        return self.found.listed()

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes a line per row of the feeds' tables; a feed without table has no rows.

        Memory: some thousand rows. Raises CouldNotTell if a table has other columns.
        """
        self.found.clear()
        with path.open("wb") as file:
            for feed in feeds:
                for row in _rows(self.connection, feed):
                    line = self._line(feed, row)
                    file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def digests(self, feeds: Sequence[Feed]) -> dict[str, Digests]:
        """What the exporter keeps, and what was written since; nothing if it keeps none."""
        if not inspect(self.connection).has_table(_DIGESTS.name):
            return {}
        return {feed.name: _digests(self.connection, feed) for feed in feeds}

    def write_sent_buckets(self, buckets: Mapping[str, Sequence[str]], path: Path) -> None:
        """Adds a line per row whose feed id is in one of the buckets."""
        with path.open("ab") as file:
            for name, chosen in buckets.items():
                for some in _batched(chosen):
                    for row in _rows(self.connection, ALL_FEEDS[name], _within(some)):
                        line = self._line(ALL_FEEDS[name], row)
                        file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def sent_lines(
        self, feeds: Sequence[Feed], name: str | None, keys: Sequence[str]
    ) -> list[dict[str, Any]]:
        """The lines of rows whose `feed_data` holds this name as a value, or with these keys.

        The database filters the rows; a feed table has no index that knows a name.
        """
        return [
            self._line(feed, row)
            for feed in feeds
            for row in _rows(self.connection, feed, _holds(name, keys))
        ]

    def _line(self, feed: Feed, row: Row[Any]) -> dict[str, Any]:
        line = sent_line(feed, dict(zip(COLUMNS, row, strict=True)), str(row[0]))
        if not line["identity"]:
            self.found.note(f"{self.name}, table {feed.table}", unnamed_row(feed))
        return line

    def items(self, feed: Feed, locators: Sequence[str]) -> dict[str, Item]:
        """The whole items among these rows' `feed_data`.

        An exporter keeps the delete payload by default; a row holds the whole item if its content
        hash is the row's hash.
        """
        feed_table = _feed_table(feed)
        wanted = select(feed_table.c.id, feed_table.c.feed_data, feed_table.c.feed_hash)
        ids = [int(locator) for locator in locators]
        found = self.connection.execute(wanted.where(feed_table.c.id.in_(ids)))
        items = ((str(row["id"]), whole_item(feed, row)) for row in map(_values, found))
        return {row_id: item for row_id, item in items if item}


@contextmanager
def opened(place: str | Path) -> Iterator[ExporterDatabase]:
    """The feed tables of a SQLite file or SQLAlchemy URL. Raises CouldNotTell."""
    with exporter_database(place) as connection:
        shown = connection.engine.url.render_as_string(hide_password=True)
        yield ExporterDatabase(shown if "://" in str(place) else str(place), connection)


def _rows(
    connection: Connection, feed: Feed, only: ColumnElement[bool] | None = None
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
    wanted = select(_feed_table(feed))
    for part in streaming.execute(wanted if only is None else wanted.where(only)).partitions():
        yield from part


def _within(buckets: Sequence[str]) -> ColumnElement[bool]:
    feed_id: ColumnClause[Any] = column("feed_id")
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
        now = sent_buckets(feed, map(_sent_row, _rows(connection, feed, _within(some))))
        found |= dict.fromkeys(some, EMPTY) | now
    return found


def _batched(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (
        names[start : start + BUCKETS_AT_ONCE] for start in range(0, len(names), BUCKETS_AT_ONCE)
    )


def _sent_row(row: Row[Any]) -> SentRow:
    return SentRow(
        row.feed_id, parsed(row.feed_data), row.feed_hash, bool(row.is_deleted), row.status
    )


def _feed_table(feed: Feed) -> TableClause:
    return table(feed.table, *(column(name) for name in COLUMNS))


def _holds(name: str | None, keys: Sequence[str]) -> ColumnElement[bool]:
    text = cast(column("feed_data"), Text)
    found: list[ColumnElement[bool]] = [
        func.lower(column("feed_id")).in_([key.lower() for key in keys])
    ]
    found += [text.contains(part, autoescape=True) for part in _written_forms(name)]
    return or_(*found)


def _written_forms(name: str | None) -> list[str]:
    """How a name may stand in a JSON text; a part of it if writers escape it in several ways."""
    if not name:
        return []
    if not _PLAIN.fullmatch(name):
        return [max(_PLAIN.findall(name), key=len, default="")]
    if not name.isdecimal():
        return [f'"{name}"']
    return [f'"{name}"', *(f":{gap}{name}{end}" for gap in ("", " ") for end in ",}")]


def _values(row: Any) -> dict[str, Any]:
    return dict(row._mapping)
