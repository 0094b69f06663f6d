"""A sent side: a SQL dump that holds feed tables, by mysqldump, sqlite3 .dump or pg_dump."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mcs.contract.canonical import Item
from mcs.contract.feeds import Feed
from mcs.harness.errors import CouldNotTell
from mcs.harness.findings import Finding, Findings
from mcs.harness.source_file import GZIP_ERRORS, SourceFile, position
from mcs.harness.sources.feed_names import feed_named_by
from mcs.harness.sources.feed_rows import (
    DUMPED_COLUMNS,
    feed_of_table,
    sent_line,
    unnamed_row,
    whole_item,
)
from mcs.harness.sources.item_lines import latest_lines
from mcs.harness.sources.reading import Reading
from mcs.harness.sources.sql_rows import Broken, Row, rows

NO_FEED_TABLE = (
    "{place}: it holds no row of a feed table, such as cde_products_feed. If its table has another "
    "name, name the feed with --feed."
)
DAMAGED = "its gzip stream is damaged ({reason})"
OTHER_COLUMNS = "a row of {count} values, expected those of a feed table"


class SqlDump:
    """A sent side: the feed tables in a dump. The locator of a row is the byte that it begins at.

    Items are found by reading the dump once more, for all that are asked for at once.
    """

    def __init__(self, path: Path, reading: Reading) -> None:
        self._file = SourceFile(path)
        self._reading = reading
        self._findings = Findings()
        self._own_feed = feed_named_by(path.name) or reading.named_feed
        self.name = self._file.name

    def close(self) -> None:
        """Nothing is held open."""
        self._file.close()

    def findings(self) -> tuple[Finding, ...]:
        """Rows that could not be read, or do not name their item."""
        return self._findings.listed()

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes a line per row. Raises CouldNotTell where a row cannot be read, or none is."""
        self._findings.clear()
        has_feed_table = False
        with latest_lines(path) as lines:
            for feed, row, values in self._rows():
                has_feed_table = True
                if feed not in feeds:
                    continue
                try:
                    told = sent_line(feed, values, str(row.byte))
                except (KeyError, ValueError) as error:
                    self._unreadable(f"a row without a usable {error}", row.line, row.byte)
                    continue
                if not told["identity"]:
                    self._findings.note(self.name, unnamed_row(feed), row.line, row.byte)
                lines.add(told, 0)
        if not has_feed_table and not self._reading.lenient:
            raise CouldNotTell(NO_FEED_TABLE.format(place=self.name))

    def items(self, feed: Feed, locators: Sequence[str]) -> dict[str, Item]:
        """The whole items that the rows at these places hold."""
        wanted = set(map(int, locators))
        last = max(wanted, default=-1)
        found: dict[str, Item] = {}
        for _, row, values in self._rows() if wanted else ():
            if row.byte in wanted and (item := whole_item(feed, values)):
                found[str(row.byte)] = item
            if row.byte >= last:
                break
        return found

    def _rows(self) -> Iterator[tuple[Feed, Row, Mapping[str, Any]]]:
        with self._file.plain() as text:
            try:
                for row in rows(text):
                    feed = feed_of_table(row.table) or self._own_feed
                    if isinstance(row, Broken):
                        if feed or not row.table:
                            self._unreadable(row.what, row.line, row.byte)
                    elif feed and (values := self._values(row)):
                        yield feed, row, values
            except GZIP_ERRORS as error:
                what = DAMAGED.format(reason=error)
                finding = Finding(self.name, what, byte=position(text))
                self._reading.unreadable(self._findings, finding)

    def _values(self, row: Row) -> Mapping[str, Any] | None:
        columns = row.columns or DUMPED_COLUMNS
        if len(columns) != len(row.values):
            self._unreadable(OTHER_COLUMNS.format(count=len(row.values)), row.line, row.byte)
            return None
        return dict(zip(columns, row.values, strict=True))

    def _unreadable(self, what: str, line: int, byte: int) -> None:
        self._reading.unreadable(self._findings, Finding(self.name, what, line, byte))
