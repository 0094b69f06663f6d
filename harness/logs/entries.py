"""What stands in a log, as values. Pure.

Every entry has `at` (aware), `level` and its place: `line` (from 1), `byte` (from 0) and `length`
of its first piece; `further` are the other pieces of an entry that was interrupted by others, and
`remark` says what had to be mended to read it ("" if nothing).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    """A run of bytes in a file: its first line, its first byte, how many bytes."""

    line: int
    byte: int
    length: int


@dataclass(frozen=True, slots=True)
class Payload:
    """One batch as it was posted; an item may be any JSON value, a delete among them."""

    feed: str
    items: list[Any]
    at: datetime
    level: str
    line: int
    byte: int
    length: int
    further: tuple[Span, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class FailedItem:
    """What a failure says of one item. status: the export status to be stored, if it says so."""

    message: str
    status: int | None = None
    field: str | None = None
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A request, or a source, that failed.

    code: such as CDE02-09, "" if the line has none. status_code: the export status of the batch.
    failed_items: by index within the batch. items: the batch, if the line repeats it. context: all
    that the line says.
    """

    code: str
    message: str
    feed: str | None
    request_id: str | None
    data_space_id: str | None
    status_code: int | None
    reason: str
    failed_items: Mapping[int, FailedItem]
    items: list[Any] | None
    at: datetime
    level: str
    line: int
    byte: int
    length: int
    context: Mapping[str, Any] = field(default_factory=dict)
    further: tuple[Span, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class ProgressLine:
    """How far a sync is. elapsed: as written; pid: such as 'main(1)::child(2)'."""

    feed: str
    operation: str
    status: str
    elapsed: str
    pid: str
    caller: str
    at: datetime
    level: str
    line: int
    byte: int
    length: int
    further: tuple[Span, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Any other line of a log, such as a profiler's. context: its JSON, {} if it has none."""

    text: str
    at: datetime
    level: str
    line: int
    byte: int
    length: int
    context: Mapping[str, Any] = field(default_factory=dict)
    further: tuple[Span, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Unread:
    """Bytes that are no entry. at_end: they reach the end of the file, as a line under way does."""

    line: int
    byte: int
    length: int
    why: str
    at_end: bool = False


Entry = Payload | Failure | ProgressLine | Note | Unread


def spans(entry: Entry) -> tuple[Span, ...]:
    """All the pieces of a file that an entry was read from."""
    further = () if isinstance(entry, Unread) else entry.further
    return (Span(entry.line, entry.byte, entry.length), *further)
