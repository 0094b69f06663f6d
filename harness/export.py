"""Writes what a service received to a file that a diff can read later: NDJSON or Parquet.

A line is a received line (see `harness.sides`) with `data_space_id`, and with `item` if the content
is wanted; a refused item is a line without `hash`, but with `errors`.
"""

import gzip
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Protocol, cast

import duckdb
import orjson

from mcs.contract.errors import UsageError
from mcs.harness.errors import CouldNotTell
from mcs.whole_files import replacing

OTHER_SUFFIX = (
    '{path}: its name does not say how to write it. Call it ".ndjson", ".ndjson.gz" or ".parquet".'
)
NOT_WRITTEN = "{path}: it cannot be written ({reason}). Give a path in a folder that exists."
MEMORY_LIMIT = "1GB"
SMALLEST_BUFFER = 16 << 20
ROWS_PER_GROUP = 20_000
GZIP_LEVEL = 1

_COLUMNS = {
    "data_space_id": "VARCHAR",
    "feed": "VARCHAR",
    "key": "VARCHAR",
    "identity": "JSON",
    "hash": "VARCHAR",
    "deleted": "BOOLEAN",
    "modified_at": "VARCHAR",
    "received_at": "VARCHAR",
    "request_id": "VARCHAR",
    "index": "INTEGER",
    "versions": "INTEGER",
    "repeats": "INTEGER",
    "resends": "INTEGER",
    "errors": "JSON",
    "item": "JSON",
}
_TEXTS = ", ".join(
    f'"{name}"::varchar as "{name}"' if kind == "JSON" else f'"{name}"'
    for name, kind in _COLUMNS.items()
)
_TO_PARQUET = f"""
copy (select {_TEXTS} from read_json($lines, format = 'newline_delimited', columns = $columns,
    maximum_object_size = {{longest}}))
to $path (format parquet, compression zstd, row_group_size {ROWS_PER_GROUP})
"""  # noqa: S608 - made of our own constants


class Exportable(Protocol):
    """A received side that can be listed with its items."""

    def received_lines(
        self, feeds: Sequence[str] | None, *, with_items: bool = False
    ) -> Iterator[bytes]:
        """A line per identity, ended by a line feed."""

    def rejected_lines(self, feeds: Sequence[str] | None) -> Iterator[bytes]:
        """A line per refused item, in order of arrival."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What is exported. since, until: of `received_at`; since is within, until is not."""

    feeds: tuple[str, ...] | None = None
    with_items: bool = False
    since: datetime | None = None
    until: datetime | None = None


def export(
    side: Exportable, path: Path, selection: Selection, on_line: Callable[[], None]
) -> tuple[int, int]:
    """Writes the file, and returns how many items and refusals it holds.

    The file is there when it is whole. on_line: called for each line. Raises UsageError for a name
    that says no format or a folder that is away, CouldNotTell if the side cannot be read.
    """
    write = _writer(path)
    counts = {"received": 0, "rejected": 0}
    lines = {
        "received": side.received_lines(selection.feeds, with_items=selection.with_items),
        "rejected": side.rejected_lines(selection.feeds),
    }
    try:
        with replacing(path) as temporary, write(temporary) as file:
            for name, of_side in lines.items():
                for line in filter(selection_holds(selection), of_side):
                    file.write(line)
                    counts[name] += 1
                    on_line()
    except OSError as error:
        raise UsageError(NOT_WRITTEN.format(path=path, reason=error.strerror or error)) from None
    return counts["received"], counts["rejected"]


def selection_holds(selection: Selection) -> Callable[[bytes], bool]:
    """Tells whether a line is in the window of time."""
    since, until = selection.since, selection.until
    if since is None and until is None:
        return lambda _: True

    def holds(line: bytes) -> bool:
        at = datetime.fromisoformat(orjson.loads(line)["received_at"])
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return (since is None or at >= since) and (until is None or at < until)

    return holds


Writer = Callable[[Path], Any]


def _writer(path: Path) -> Writer:
    for suffix, writer in _WRITERS.items():
        if path.name.endswith(suffix):
            return writer
    raise UsageError(OTHER_SUFFIX.format(path=path))


@contextmanager
def _plain(path: Path) -> Iterator[IO[bytes]]:
    with path.open("wb") as file:
        yield file


@contextmanager
def _zipped(path: Path) -> Iterator[IO[bytes]]:
    with path.open("wb") as raw, gzip.GzipFile("", "wb", GZIP_LEVEL, raw, mtime=0) as file:
        yield cast(IO[bytes], file)


@contextmanager
def _parquet(path: Path) -> Iterator[IO[bytes]]:
    with TemporaryDirectory(prefix="mcs-export-") as folder:
        lines = Path(folder) / "lines.ndjson"
        with lines.open("wb") as file:
            yield file
        config: Any = {"memory_limit": MEMORY_LIMIT, "temp_directory": f"{folder}/spill"}
        with duckdb.connect(":memory:", config=config) as engine:
            values = {"lines": str(lines), "path": str(path), "columns": _COLUMNS}
            with lines.open("rb") as file:
                # The engine takes buffers of twice this size, so it is no more than is needed.
                longest = max(map(len, file), default=0) + SMALLEST_BUFFER
            try:
                engine.execute(_TO_PARQUET.format(longest=longest), values)
            except duckdb.Error as error:
                raise CouldNotTell(f"{path}: {error}") from None


_WRITERS = {".ndjson": _plain, ".ndjson.gz": _zipped, ".parquet": _parquet}
