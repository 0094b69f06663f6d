"""The sent side: an exporter's feed tables, read by their documented names and columns.

Rows go to an NDJSON file for the reconciliation; items are read only for the few that differ.
Source: contract/wire.md, "Feed-table columns".
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Connection, Row, TableClause, column, inspect, select, table

from mcs.contract.canonical import Item
from mcs.contract.feeds import Feed
from mcs.harness.database import exporter_database
from mcs.harness.errors import CouldNotTell
from mcs.harness.findings import Finding, Findings
from mcs.harness.sources.feed_rows import COLUMNS, sent_line, unnamed_row, whole_item

ROWS_AT_ONCE = 5_000
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
                    line = sent_line(feed, dict(zip(COLUMNS, row, strict=True)), str(row[0]))
                    if not line["identity"]:
                        self.found.note(f"{self.name}, table {feed.table}", unnamed_row(feed))
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
        items = ((str(row["id"]), whole_item(feed, row)) for row in map(_values, found))
        return {row_id: item for row_id, item in items if item}


@contextmanager
def opened(place: str | Path) -> Iterator[ExporterDatabase]:
    """The feed tables of a SQLite file or SQLAlchemy URL. Raises CouldNotTell."""
    with exporter_database(place) as connection:
        shown = connection.engine.url.render_as_string(hide_password=True)
        yield ExporterDatabase(shown if "://" in str(place) else str(place), connection)


def _rows(connection: Connection, feed: Feed) -> Iterator[Row[Any]]:
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
    for part in streaming.execute(select(_feed_table(feed))).partitions():
        yield from part


def _feed_table(feed: Feed) -> TableClause:
    return table(feed.table, *(column(name) for name in COLUMNS))


def _values(row: Any) -> dict[str, Any]:
    return dict(row._mapping)
