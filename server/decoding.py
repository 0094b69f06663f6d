"""From the bytes of a request to the batch in it; says exactly where that fails."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from flask import Request
from isal import isal_zlib
from werkzeug.exceptions import ClientDisconnected

from mcs.contract.errors import ContractError
from mcs.contract.validation import nested_too_deep
from mcs.server.config import ServerConfig
from mcs.server.patience import BrokenBody, ClientTooSlow

GZIP = frozenset({"gzip", "x-gzip"})
GZIP_MAGIC = b"\x1f\x8b"
UNTOLD_GZIP = (
    "The body is no JSON: it begins as gzip does, and no header says so. Send "
    "Content-Encoding: gzip with it, or a JSON array in UTF-8."
)
READ_BYTES = 1024 * 1024
GZIP_WINDOW = 31
"""What isal wants to be told in order to read gzip's header and trailer, as zlib does."""
MOST_MEMBERS = 100
"""Gzip files one after another in a body; each further one copies what is left of it."""
UNSUSPICIOUS_BYTES = 8 * 1024 * 1024
MOST_VALUES = 4_000_000
"""Commas and opening brackets in a larger text: each may stand for an object of 64 bytes."""


def raw_body(request: Request, config: ServerConfig) -> bytes:
    """The body as it came. Raises ContractError 415 or 413."""
    if request.mimetype != "application/json":
        came = f'"{request.mimetype}"' if request.mimetype else "none"
        raise _unsupported("Content-Type", came, "application/json")
    encoding = _content_encoding(request)
    if encoding and encoding not in GZIP:
        raise _unsupported("Content-Encoding", f'"{encoding}"', "gzip, or leave it out")
    return limited_body(request, config.max_body_bytes)


def limited_body(request: Request, limit: int) -> bytes:
    """The body as it came, never more than `limit` bytes in memory.

    Raises ContractError 413 if it is larger, 408 if it does not come in time, 400 if it breaks off.
    """
    if (request.content_length or 0) > limit:
        raise _too_large("as it comes", limit, "MCS_MAX_BODY_BYTES")
    parts: list[bytes] = []
    room = limit
    while part := _read(request, min(READ_BYTES, room + 1), limit - room):
        room -= len(part)
        if room < 0:
            raise _too_large("as it comes", limit, "MCS_MAX_BODY_BYTES")
        parts.append(part)
    # A WSGI server may end the stream where the client does.
    if limit - room < (request.content_length or 0):
        raise _broken_off(request, limit - room)
    return b"".join(parts)


def _read(request: Request, size: int, came: int) -> bytes:
    try:
        return request.stream.read(size)
    except ClientTooSlow as error:
        raise ContractError(408, "request_timeout", "Request Timeout", str(error)) from None
    except ClientDisconnected:
        raise _broken_off(request, came) from None
    except BrokenBody as error:
        raise _bad_request("body_broken_off", f"The body is broken: {error}. Send it again.") from (
            None
        )


def _broken_off(request: Request, came: int) -> ContractError:
    return _bad_request(
        "body_broken_off",
        f"The body ended after {came:,} bytes, expected {request.content_length:,}. Send it again.",
    )


@dataclass(frozen=True, slots=True)
class Body:
    """What a request carries. text: JSON. packed: as it came, if that was one gzip member."""

    text: bytes
    packed: bytes | None = None


def decoded_body(request: Request, body: bytes, config: ServerConfig) -> Body:
    """The JSON text in a body. Raises ContractError 400 or 413."""
    encoding = _content_encoding(request)
    return inflated(body, config.max_decoded_bytes) if encoding else Body(body)


def inflated(packed: bytes, limit: int) -> Body:
    """The content of a gzip body, never more than `limit` bytes in memory.

    Raises ContractError 400 if it is no complete gzip, 413 if it holds more.
    """
    body = packed
    parts: list[bytes] = []
    room = limit
    for _ in range(MOST_MEMBERS):
        member = isal_zlib.decompressobj(GZIP_WINDOW)
        try:
            part = member.decompress(body, room + 1)
        except isal_zlib.error as error:  # type: ignore[misc]  # its stub says too little
            raise _invalid_gzip(str(error)) from None
        if len(part) > room:
            raise _too_large("once unpacked", limit, "MCS_MAX_DECODED_BYTES")
        if not member.eof:
            raise _invalid_gzip("it ends too early")
        parts.append(part)
        room -= len(part)
        body = member.unused_data
        if not body:
            _clear_vector_registers()
            return Body(b"".join(parts), packed if len(parts) == 1 else None)
    raise _invalid_gzip(f"it is more than {MOST_MEMBERS} gzip files one after another")


def _clear_vector_registers() -> None:
    # isal leaves the upper halves of the vector registers in use, and code that knows none of them
    # is slow until they are cleared, as orjson does: measured, reading a batch into typed records
    # took 1.55 ms instead of 0.83.
    orjson.loads(b"[1]")


def parsed_items(text: bytes) -> list[object] | None:
    """The items of a batch that was taken before; None if the text is no batch."""
    try:
        items = parsed_batch(text)
    except ContractError:
        return None
    return None if nested_too_deep(items) else items


def parsed_batch(text: bytes, *, may_be_empty: bool = False) -> list[object]:
    """The items of a batch. Raises ContractError 400, or 413 if it would take all memory."""
    _refuse_bomb(text)
    try:
        batch = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise _invalid_json(text, error) from None
    if not isinstance(batch, list):
        kind = "an object" if isinstance(batch, dict) else f"the single value {text[:60].decode()}"
        raise _bad_request(
            "not_an_array",
            f"The body is {kind}, expected an array of feed items. Put [ ] around it.",
        )
    if not batch and not may_be_empty:
        raise _bad_request(
            "empty_batch", "The array is empty, expected one feed item or more. Send no request."
        )
    return batch


def refuse_too_many(items: Sequence[object], limit: int) -> None:
    """Raises ContractError 413 if a batch has more items than a request may have."""
    if len(items) > limit:
        raise ContractError(
            413,
            "too_many_items",
            "Request Entity Too Large",
            f"The batch has {len(items):,} items, and a request may have {limit:,}. Send smaller "
            "batches, or raise MCS_MAX_ITEMS.",
        )


def _refuse_bomb(text: bytes) -> None:
    if len(text) > UNSUSPICIOUS_BYTES and sum(map(text.count, (b",", b"{", b"["))) > MOST_VALUES:
        raise ContractError(
            413,
            "too_many_values",
            "Request Entity Too Large",
            f"The body holds more than {MOST_VALUES:,} JSON values. Send smaller batches.",
        )


def _content_encoding(request: Request) -> str:
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    return "" if encoding == "identity" else encoding


def _invalid_json(text: bytes, error: orjson.JSONDecodeError) -> ContractError:
    if text.startswith(GZIP_MAGIC):
        return _bad_request("invalid_json", UNTOLD_GZIP)
    try:
        text.decode()
    except UnicodeDecodeError as undecodable:
        before = text[: undecodable.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode()) + 1
        wrong = f"the byte 0x{text[undecodable.start]:02x} is not UTF-8"
        return _invalid_json_at(line, column, wrong)
    return _invalid_json_at(error.lineno, error.colno, error.msg)


def _invalid_json_at(line: int, column: int, wrong: str) -> ContractError:
    return _bad_request(
        "invalid_json",
        f"The body is no JSON: line {line}, column {column}: {wrong}. Send a JSON array in UTF-8.",
    )


def _invalid_gzip(wrong: str) -> ContractError:
    return _bad_request(
        "invalid_gzip",
        f"Content-Encoding says gzip, but the body is none: {wrong}. "
        "Compress all of it at once, or leave the header out.",
    )


def _bad_request(code: str, detail: str) -> ContractError:
    return ContractError(400, code, "Bad Request", detail)


def _unsupported(header: str, came: str, expected: str) -> ContractError:
    return ContractError(
        415,
        "unsupported_" + header.lower().replace("-", "_"),
        "Unsupported Media Type",
        f"{header}: got {came}. Send {expected}.",
    )


def _too_large(how: str, limit: int, variable: str) -> ContractError:
    return ContractError(
        413,
        "body_too_large",
        "Request Entity Too Large",
        f"The body is larger than {limit:,} bytes {how}. Send smaller batches, or raise "
        f"{variable}.",
    )
