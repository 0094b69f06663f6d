"""What one log line says, its JSON over many lines included. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from json import JSONDecoder
from typing import Any

import orjson

from mcs.harness.logs.blocks import HEAD
from mcs.harness.logs.entries import Entry, FailedItem, Failure, Note, Payload, ProgressLine, Unread

NO_MOMENT = "its time is none"
OTHER_ENCODING = "not UTF-8, read as Windows-1252"
END_MISSING = "the end of its line is missing"

_END = b" [] []\n"
_CODE = re.compile(r"CDE\d\d-\d\d\b")
# Behind the JSON stand the logger's context and extra data, as a rule both empty.
_EXTRA = rb"(?: (?:\[[^\n]{0,999}?\]|\{[^\n]{0,999}?\})){0,2}"
_LINE_END = re.compile(_EXTRA + rb"[ \t\r]*(?:\n(?:[ \t\r]*\n)*|\Z)")
_CUT_LINE_END = re.compile(rb"[ \[\]{}]*\Z")
_CONTEXT = re.compile(rb' (?=\{")')
_CONTEXTS_TRIED = 5
_SEVERE = frozenset({"WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"})


def _unread(_: str) -> None:
    return None


# Only the end of a value is asked of it; Python refuses to turn very long numbers into values.
_DECODER = JSONDecoder(parse_int=_unread, parse_float=_unread, parse_constant=_unread)


@dataclass(frozen=True, slots=True)
class Head:
    """The beginning of a log line, and where in the file it stands."""

    at: datetime
    level: str
    line: int
    byte: int


def meaning(data: bytes, line: int, byte: int) -> tuple[Entry, int] | None:
    """The entry that begins the data, and how many bytes it takes; None if its end is not there.

    data: begins with a head. line, byte: its place, which the entry carries.
    """
    match = HEAD.match(data)
    if match is None:
        return None
    head = _head(match, line, byte)
    if head is None:
        return Unread(line, byte, len(data), NO_MOMENT), len(data)
    start = match.end()
    if data[start : start + 1] == b"{":
        return _quick(head, data, start) or _with_json(head, data, start)
    return _with_text(head, data, start)


def _head(match: re.Match[bytes], line: int, byte: int) -> Head | None:
    try:
        at = datetime.fromisoformat(match[1].decode())
    except ValueError:
        return None
    return Head(at if at.tzinfo else at.replace(tzinfo=UTC), match[2].decode(), line, byte)


def _quick(head: Head, data: bytes, start: int) -> tuple[Entry, int] | None:
    if not data.endswith(_END):
        return None
    try:
        said = orjson.loads(memoryview(data)[start : -len(_END)])
    except orjson.JSONDecodeError:
        return None
    return _entry(head, "", said, len(data), ""), len(data)


def _with_json(head: Head, data: bytes, start: int) -> tuple[Entry, int] | None:
    value_end = _json_end(data, start)
    if value_end is None:
        return None
    end, remark = _line_end(data, value_end)
    said, encoding = _loaded(data[start:value_end])
    remark = "; ".join(filter(None, (remark, encoding)))
    return _entry(head, "", said, end, remark), end


def _with_text(head: Head, data: bytes, start: int) -> tuple[Entry, int] | None:
    first_line = data.find(b"\n", start) + 1 or len(data)
    for place, _ in zip(_CONTEXT.finditer(data, start), range(_CONTEXTS_TRIED), strict=False):
        if place.start() >= first_line:
            break
        context_end = _json_end(data, place.end())
        if context_end is not None:
            end, remark = _line_end(data, context_end)
            text, text_encoding = _decoded(data[start : place.start()])
            said, encoding = _loaded(data[place.end() : context_end])
            remark = "; ".join(filter(None, (remark, text_encoding or encoding)))
            return _entry(head, text, said, end, remark), end
    text, remark = _decoded(data[start:])
    if head.level in _SEVERE and _CODE.match(text) and _CONTEXT.search(data, start):
        # A failure whose context breaks off: it must not pass as a mere text.
        return None
    return _entry(head, text.rstrip(), None, len(data), remark), len(data)


def _line_end(data: bytes, value_end: int) -> tuple[int, str]:
    """Where the line ends whose JSON ends there, and what is to be said of it."""
    if match := _LINE_END.match(data, value_end):
        return match.end(), ""
    if match := _CUT_LINE_END.match(data, value_end):
        return match.end(), END_MISSING
    return value_end, END_MISSING


def _json_end(data: bytes, start: int) -> int | None:
    """Where the JSON value that begins there ends; None if it does not."""
    try:
        # One character per byte, so that the place in the text is that in the bytes.
        _, end = _DECODER.raw_decode(data[start:].decode("latin-1"))
    except (ValueError, RecursionError):
        return None
    return start + end


def _loaded(text: bytes) -> tuple[Any, str]:
    """The value of a whole JSON text; None if it has none. The remark tells of its encoding."""
    try:
        return orjson.loads(text), ""
    except orjson.JSONDecodeError:
        readable, remark = _decoded(text)
    try:
        return orjson.loads(readable), remark
    except orjson.JSONDecodeError:
        return None, remark


def _decoded(text: bytes) -> tuple[str, str]:
    try:
        return text.decode(), ""
    except UnicodeDecodeError:
        return text.decode("cp1252", errors="replace"), OTHER_ENCODING


def _entry(head: Head, text: str, said: Any, length: int, remark: str) -> Entry:
    if not isinstance(said, dict):
        return _note(head, text, {}, length, remark)
    if not text and isinstance(said.get("feed"), str):
        if isinstance(said.get("data"), list):
            place = (head.at, head.level, head.line, head.byte, length)
            return Payload(said["feed"], said["data"], *place, remark=remark)
        if "operation" in said and "status" in said:
            return _progress(head, said, length, remark)
    if head.level in _SEVERE:
        return _failure(head, text, said, length, remark)
    return _note(head, text, said, length, remark)


def _note(head: Head, text: str, said: Mapping[str, Any], length: int, remark: str) -> Note:
    place = (head.at, head.level, head.line, head.byte, length)
    return Note(text, *place, context=said, remark=remark)


def _progress(head: Head, said: Mapping[str, Any], length: int, remark: str) -> ProgressLine:
    return ProgressLine(
        feed=said["feed"],
        operation=str(said["operation"]),
        status=str(said["status"]),
        elapsed=str(said.get("elapsed", "")),
        pid=str(said.get("pid", "")),
        caller=str(said.get("caller", "")),
        at=head.at,
        level=head.level,
        line=head.line,
        byte=head.byte,
        length=length,
        remark=remark,
    )


def _failure(head: Head, text: str, said: Mapping[str, Any], length: int, remark: str) -> Failure:
    code = _CODE.match(text)
    return Failure(
        code=code[0] if code else "",
        message=text[code.end() :].strip() if code else text,
        feed=_text(said.get("feed")),
        request_id=_request_id(said.get("metadata")),
        data_space_id=_text(said.get("environment_id")),
        status_code=_number(said.get("status_code")),
        reason=_text(said.get("reason")) or "",
        failed_items=_failed_items(said.get("failedItems")),
        items=_items(said.get("payload")),
        at=head.at,
        level=head.level,
        line=head.line,
        byte=head.byte,
        length=length,
        context=said,
        remark=remark,
    )


def _request_id(metadata: Any) -> str | None:
    ids = metadata if isinstance(metadata, list) else [metadata]
    return str(ids[-1]) if ids and isinstance(ids[-1], str) and ids[-1] else None


def _failed_items(found: Any) -> dict[int, FailedItem]:
    # PHP writes an array whose keys run from 0 as a list.
    pairs = found.items() if isinstance(found, dict) else enumerate(found or [])
    return {int(index): _failed_item(item) for index, item in pairs if str(index).isdecimal()}


def _failed_item(item: Any) -> FailedItem:
    if not isinstance(item, dict):
        return FailedItem(str(item))
    return FailedItem(
        message=str(item.get("message", "")),
        status=_number(item.get("status")),
        field=_text(item.get("field")),
        code=_text(item.get("code")),
    )


def _items(payload: Any) -> list[Any] | None:
    if isinstance(payload, str):
        try:
            payload = orjson.loads(payload)
        except orjson.JSONDecodeError:
            return None
    if isinstance(payload, dict):
        payload = payload.get("data")
    return payload if isinstance(payload, list) else None


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: Any) -> int | None:
    if isinstance(value, str) and value.lstrip("-").isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
