"""Records out of a file: NDJSON line by line, a JSON array, or Parquet; with the place of each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import duckdb
import orjson

from mcs.contract.errors import UsageError
from mcs.harness.errors import CouldNotTell
from mcs.harness.files import no_json, read_items
from mcs.harness.findings import Finding, Findings
from mcs.harness.source_file import GZIP_ERRORS, SourceFile
from mcs.harness.sources.reading import Reading

NO_JSON = "a line that is no JSON ({reason})"
NO_RECORD = "a line that is no JSON object"
DAMAGED = "its gzip stream is damaged ({reason})"
NO_PARQUET = (
    "{place}: it cannot be read as Parquet ({reason}). Write it again with `mcs export-received`."
)
ROWS_AT_ONCE = 2_000
JSON_COLUMNS = ("identity", "errors", "item")


@dataclass(frozen=True, slots=True)
class Record:
    """A JSON object and where it stands. place: finds it again; line: None where there is none."""

    value: dict[str, Any]
    place: int
    line: int | None

    @property
    def byte(self) -> int | None:
        """Where it begins, in a file of lines."""
        return None if self.line is None else self.place


class Records(Protocol):
    """A file of records."""

    @property
    def name(self) -> str:
        """How messages call it."""

    def read(self, findings: Findings) -> Iterator[Record]:
        """All records, in order. Raises CouldNotTell where one cannot be read."""

    def at(self, place: int) -> dict[str, Any]:
        """The record at a place that was told."""

    def close(self) -> None:
        """Lets go of what is open."""


def records(path: Path, reading: Reading) -> Records:
    """The records of a file; its first bytes tell what it is."""
    with path.open("rb") as file:
        if file.read(4) == b"PAR1":
            return ParquetRecords(path)
    return JsonRecords(path, reading)


class JsonRecords:
    """NDJSON, which is streamed, or a JSON document, which is held whole; plain or gzip."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self._file = SourceFile(path)
        self._reading = reading
        self._document: list[Any] | None = None
        self.name = self._file.name

    def close(self) -> None:
        """Lets go of a temporary copy."""
        self._file.close()

    def read(self, findings: Findings) -> Iterator[Record]:
        """All records. The place is a byte, or the index in a document."""
        if self._is_lines():
            yield from self._lines(findings)
            return
        for index, value in enumerate(self._whole()):
            if isinstance(value, dict):
                yield Record(value, index, None)
            else:
                self._reading.unreadable(findings, Finding(f"{self.name}, item {index}", NO_RECORD))

    def at(self, place: int) -> dict[str, Any]:
        """The record at a place that was told."""
        if self._document is not None:
            found: dict[str, Any] = self._document[place]
            return found
        with self._file.at(place) as file:
            value: dict[str, Any] = orjson.loads(file.readline())
        return value

    def _is_lines(self) -> bool:
        """True unless the first line begins a value that goes on, or is an array."""
        with self._file.plain() as file:
            try:
                first = next((line for line in file if line.strip()), b"{}")
                return not isinstance(orjson.loads(first), list)
            except orjson.JSONDecodeError:
                # A line of its own that is broken is followed by lines that begin as it did.
                following = next((line for line in file if line.strip()), b"")
                return first[:2] == following[:2] == b'{"'
            except GZIP_ERRORS:
                return True

    def _whole(self) -> list[Any]:
        if self._document is None:
            with self._file.plain() as file:
                try:
                    self._document = list(read_items(file, self.name))
                except UsageError as error:
                    raise CouldNotTell(str(error)) from None
        return self._document

    def _lines(self, findings: Findings) -> Iterator[Record]:
        byte = 0
        with self._file.plain() as file:
            try:
                for line, text in enumerate(file, start=1):
                    if value := self._parsed(text, line, byte, findings):
                        yield Record(value, byte, line)
                    byte += len(text)
            except GZIP_ERRORS as error:
                what = DAMAGED.format(reason=error)
                self._reading.unreadable(findings, Finding(self.name, what, byte=byte))

    def _parsed(
        self, text: bytes, line: int, byte: int, findings: Findings
    ) -> dict[str, Any] | None:
        try:
            value = orjson.loads(text) if text.strip() else None
        except orjson.JSONDecodeError as error:
            *_, reason = no_json(text, error)
            what = NO_JSON.format(reason=reason)
            self._reading.unreadable(findings, Finding(self.name, what, line, byte))
            return None
        if value is not None and not isinstance(value, dict):
            self._reading.unreadable(findings, Finding(self.name, NO_RECORD, line, byte))
            return None
        return value


class ParquetRecords:
    """A Parquet file, as `mcs export-received` writes it. The place of a record is its row."""

    def __init__(self, path: Path) -> None:
        self.name = str(path)
        self._engine = duckdb.connect(":memory:")
        self._rows = "read_parquet($path, file_row_number = true)"

    def close(self) -> None:
        """Closes the engine."""
        self._engine.close()

    def read(self, findings: Findings) -> Iterator[Record]:
        """All records, in order."""
        query = f"select * from {self._rows} order by file_row_number"  # noqa: S608 - our own
        with self._found(query) as rows:
            for row in rows:
                yield Record(row, row.pop("file_row_number"), None)

    def at(self, place: int) -> dict[str, Any]:
        """The record in a row."""
        query = f"select * from {self._rows} where file_row_number = $row"  # noqa: S608 - our own
        with self._found(query, row=place) as rows:
            return next(rows)

    @contextmanager
    def _found(self, query: str, **values: Any) -> Iterator[Iterator[dict[str, Any]]]:
        try:
            cursor = self._engine.cursor()
            cursor.execute(query, {"path": self.name, **values})
            yield _parsed_rows(cursor)
        except duckdb.Error as error:
            told = NO_PARQUET.format(place=self.name, reason=str(error).splitlines()[0])
            raise CouldNotTell(told) from None


def _parsed_rows(cursor: Any) -> Iterator[dict[str, Any]]:
    names = [column[0] for column in cursor.description]
    while rows := cursor.fetchmany(ROWS_AT_ONCE):
        for row in rows:
            value = dict(zip(names, row, strict=True))
            yield value | {name: _json(value.get(name)) for name in JSON_COLUMNS}


def _json(text: Any) -> Any:
    return orjson.loads(text) if isinstance(text, str) else text
