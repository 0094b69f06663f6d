"""A sent side: a feed table dumped as CSV with a header.

Fields may be quoted by doubling, as most tools write them, or with backslashes, as MySQL does.
"""

import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from mcs.contract.canonical import Item
from mcs.contract.errors import UsageError
from mcs.contract.feeds import Feed
from mcs.harness.errors import CouldNotTell
from mcs.harness.findings import Finding, Findings
from mcs.harness.source_file import GZIP_ERRORS, SourceFile, position
from mcs.harness.sources.feed_names import feed_named_by
from mcs.harness.sources.feed_rows import COLUMNS, sent_line, unnamed_row, whole_item
from mcs.harness.sources.item_lines import latest_lines
from mcs.harness.sources.reading import Reading

NO_HEADER = (
    "{place}: its first line is no header of a feed table: it has no column {missing}. Expected "
    "columns: {expected}."
)
NO_FEED = (
    "{place}: which feed is it of? Its name does not tell. Name it with --feed, or call the file "
    "after its table, such as cde_products_feed.csv."
)
BROKEN_HEADER = "its header cannot be read as CSV ({reason}). Expected columns: {expected}."
BROKEN_ROW = "a row that cannot be read ({reason})"
DAMAGED = "its gzip stream is damaged ({reason})"
_SNIFFED_BYTES = 1 << 16
_NULLS = frozenset({"\\N", "NULL"})


class CsvDump:
    """A sent side: one feed's table. The locator of a row is the byte that it begins at."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self._file = SourceFile(path)
        self._reading = reading
        self._findings = Findings()
        self.name = self._file.name
        feed = feed_named_by(path.name) or reading.named_feed
        if feed is None:
            raise UsageError(NO_FEED.format(place=self.name))
        self.feed = feed
        self._dialect = _dialect(self._file.beginning(_SNIFFED_BYTES))

    def close(self) -> None:
        """Lets go of a temporary copy."""
        self._file.close()

    def findings(self) -> tuple[Finding, ...]:
        """Rows that could not be read, or do not name their item."""
        return self._findings.listed()

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes a line per row. Raises CouldNotTell where a row cannot be read."""
        self._findings.clear()
        with latest_lines(path) as lines:
            for line, byte, row in self._rows() if self.feed in feeds else ():
                try:
                    told = sent_line(self.feed, row, str(byte))
                except ValueError as error:
                    self._broken(line, byte, str(error))
                    continue
                if not told["identity"]:
                    self._findings.note(self.name, unnamed_row(self.feed), line, byte)
                # A category that moved has two rows; the reconciliation chooses between them.
                lines.add(told, 0)

    def items(self, feed: Feed, locators: Sequence[str]) -> dict[str, Item]:
        """The whole items that the rows at these places hold."""
        names, found = self._header(), {}
        for locator in locators:
            with self._file.at(int(locator)) as file, _rows_of(file, self._dialect) as rows:
                item = whole_item(feed, _named(names, next(rows)[2]))
            if item:
                found[locator] = item
        return found

    def _rows(self) -> Iterator[tuple[int, int, dict[str, Any]]]:
        names = self._header()
        with self._file.plain() as file, _rows_of(file, self._dialect) as rows:
            next(rows)
            while True:
                try:
                    line, byte, values = next(rows)
                except StopIteration:
                    return
                except _BrokenRow as error:
                    self._broken(error.line, error.byte, error.reason)
                    continue
                except GZIP_ERRORS as error:
                    what = DAMAGED.format(reason=error)
                    finding = Finding(self.name, what, byte=position(file))
                    self._reading.unreadable(self._findings, finding)
                    return
                if len(values) == len(names):
                    yield line, byte, _named(names, values)
                elif values:
                    self._broken(line, byte, f"{len(values)} fields instead of {len(names)}")

    def _header(self) -> list[str]:
        with self._file.plain() as file, _rows_of(file, self._dialect) as rows:
            try:
                names = [name.strip().lower() for name in next(rows, (0, 0, []))[2]]
            except _BrokenRow as error:
                # Without its header nothing of a dump can be read, not even leniently.
                what = BROKEN_HEADER.format(reason=error.reason, expected=", ".join(COLUMNS))
                told = str(Finding(self.name, what, error.line, error.byte))
                raise CouldNotTell(told) from None
        missing = [name for name in COLUMNS if name not in names and name != "id"]
        if missing:
            told = NO_HEADER.format(
                place=self.name, missing=", ".join(missing), expected=", ".join(COLUMNS)
            )
            raise CouldNotTell(told)
        return names

    def _broken(self, line: int, byte: int, reason: str) -> None:
        finding = Finding(self.name, BROKEN_ROW.format(reason=reason), line, byte)
        self._reading.unreadable(self._findings, finding)


def _named(names: Sequence[str], values: Sequence[str]) -> dict[str, Any]:
    return {
        name: None if value in _NULLS else value for name, value in zip(names, values, strict=False)
    }


def _dialect(start: bytes) -> dict[str, Any]:
    header = start.partition(b"\n")[0]
    delimiter = max(b",;\t", key=lambda one: header.count(bytes([one])))
    # In JSON every name is quoted: how the first one is written tells how all quotes are.
    with_backslashes = start.find(b'"{\\"') >= 0
    escape: dict[str, Any] = {"escapechar": "\\", "doublequote": False} if with_backslashes else {}
    return {"delimiter": chr(delimiter), "strict": True, **escape}


class _BrokenRow(Exception):
    def __init__(self, line: int, byte: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.byte = byte
        self.reason = reason


@contextmanager
def _rows_of(
    file: IO[bytes], dialect: dict[str, Any]
) -> Iterator[Iterator[tuple[int, int, list[str]]]]:
    """The rows of a CSV text, with line and byte; a row that is none raises _BrokenRow."""
    limit = csv.field_size_limit(sys.maxsize)
    try:
        yield _Rows(file, dialect)
    finally:
        csv.field_size_limit(limit)


class _Rows(Iterator[tuple[int, int, list[str]]]):
    def __init__(self, file: IO[bytes], dialect: dict[str, Any]) -> None:
        self._file = file
        self._line, self._byte = 0, 0
        self._reader = csv.reader(self._lines(), **dialect)

    def __next__(self) -> tuple[int, int, list[str]]:
        line, byte = self._line + 1, self._byte
        try:
            return line, byte, next(self._reader)
        except (csv.Error, UnicodeDecodeError) as error:
            raise _BrokenRow(line, byte, str(error)) from None

    def _lines(self) -> Iterator[str]:
        for line in self._file:
            self._line += 1
            self._byte += len(line)
            yield line.decode("utf-8", errors="replace")
