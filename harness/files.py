"""Items out of a file: a JSON array, one item, or one item per line; plain or gzip."""

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedReader
from typing import IO, Any, cast

import orjson

from mcs.contract.errors import UsageError

GZIP_MAGIC = b"\x1f\x8b"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BROKEN_GZIP = (
    "{name}: its gzip stream cannot be read ({reason}). Compress it again, or send it plain."
)
NOT_JSON = (
    "{name}: line {line}, column {column}: {reason}. Expected a JSON array of items, one item, or "
    "one item per line."
)
NO_ITEM = (
    "{name}: line {line}, column 1: got {found}, expected an item, which is a JSON object. Send "
    "an array of items, one item, or one item per line."
)
EMPTY = "{name}: it is empty. Expected a JSON array of items, one item, or one item per line."


def read_items(file: IO[bytes], name: str) -> Iterator[Any]:
    """The items in an open file, as they are parsed; lines are streamed, an array is held whole.

    The elements of an array may be any JSON value, so that a service can be tried with them.
    name: what messages call the file. Raises UsageError with line and column.
    """
    try:
        yield from _items(_plain(file), name)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise UsageError(BROKEN_GZIP.format(name=name, reason=error)) from None


def no_json(text: bytes, error: orjson.JSONDecodeError) -> tuple[int, int, str]:
    """Line, column, and what is wrong there, of a text that is no JSON.

    >>> try:
    ...     orjson.loads(b'["\\xff"]')
    ... except orjson.JSONDecodeError as error:
    ...     no_json(b'["\\xff"]', error)
    (1, 3, 'the byte 0xff is not UTF-8')
    """
    try:
        text.decode()
    except UnicodeDecodeError as undecodable:
        before = text[: undecodable.start]
        column = len(before[before.rfind(b"\n") + 1 :].decode()) + 1
        wrong = f"the byte 0x{text[undecodable.start]:02x} is not UTF-8"
        return before.count(b"\n") + 1, column, wrong
    return error.lineno, error.colno, error.msg


def _plain(file: IO[bytes]) -> IO[bytes]:
    buffered = file if isinstance(file, BufferedReader) else BufferedReader(cast(Any, file))
    if buffered.peek(2)[:2] == GZIP_MAGIC:
        return cast(IO[bytes], gzip.GzipFile(fileobj=buffered))
    return buffered


def _items(file: IO[bytes], name: str) -> Iterator[Any]:
    first, line = _first_line(file)
    if first is None:
        raise UsageError(EMPTY.format(name=name))
    try:
        item = orjson.loads(first)
    except orjson.JSONDecodeError:
        # The value goes on over the next lines, or is broken: the whole text tells.
        yield from _as_items(_parsed(first + file.read(), line, name), line, name)
        return
    yield from _as_items(item, line, name)
    yield from _following(file, line, name, after_array=isinstance(item, list))


def _first_line(file: IO[bytes]) -> tuple[bytes | None, int]:
    """The first line that is not blank, and its number."""
    for line, text in enumerate(file, start=1):
        text = text.removeprefix(BYTE_ORDER_MARK) if line == 1 else text
        if text.strip():
            return text, line
    return None, 0


def _following(file: IO[bytes], line: int, name: str, *, after_array: bool) -> Iterator[Any]:
    for number, text in enumerate(file, start=line + 1):
        if not text.strip():
            continue
        if after_array:
            raise UsageError(
                NOT_JSON.format(name=name, line=number, column=1, reason="more after the array")
            )
        item = _parsed(text, number, name)
        if not isinstance(item, dict):
            raise UsageError(NO_ITEM.format(name=name, line=number, found=_kind(item)))
        yield item


def _parsed(text: bytes, line: int, name: str) -> Any:
    """The JSON value of a text that begins in the given line of the file."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        at, column, reason = no_json(text, error)
        raise UsageError(
            NOT_JSON.format(name=name, line=line + at - 1, column=column, reason=reason)
        ) from None


def _as_items(value: Any, line: int, name: str) -> list[Any]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return [value]
    raise UsageError(NO_ITEM.format(name=name, line=line, found=_kind(value)))


def _kind(value: Any) -> str:
    return orjson.dumps(value).decode()[:40]
