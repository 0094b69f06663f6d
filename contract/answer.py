"""The body of an answer, written by the service and read by the exporter.

Source: contract/wire.md, "Responses": the counts, the two shapes of `invalidFeedItems`, and how
genuine exporters read them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import orjson

from mcs.contract.status import ExportStatus, stored_status

RETRYABLE_CODES = frozenset({"items_limit_exceeded"})
"""Codes of refused items that the exporter sends again by itself."""


class ErrorShape(StrEnum):
    """How an entry of `invalidFeedItems` names the item: by path, or by index and code."""

    FIELD = "field"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class ItemError:
    """Why the service refused one item. pointer: JSON pointer within the item, "" for all of it."""

    index: int
    pointer: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the exporter keeps of an answer for one item. error: "" if there is none to show."""

    status: ExportStatus
    error: str


def answer_body(
    received: int,
    errors: Sequence[ItemError],
    shape: ErrorShape,
    shapes: Mapping[int, ErrorShape] | None = None,
) -> bytes:
    """The JSON body: how many items came, and the refused ones in the wanted shape.

    shapes: of items, by index, whose entries have another one.
    """
    entries = [_entry(error, (shapes or {}).get(error.index, shape)) for error in errors]
    return orjson.dumps({"feedItemReceivedCount": received, "invalidFeedItems": entries})


def read_answer(http_status: int, body: bytes, item_count: int) -> list[Outcome]:
    """What becomes of each item of a batch, in its order, as a genuine exporter decides it.

    A body that cannot be read leaves the HTTP status to decide. One entry of neither shape makes
    all of them void. The first error of an item counts.

    >>> refused = b'{"invalidFeedItems": [{"field": "/1/sku", "message": "no"}]}'
    >>> [int(outcome.status) for outcome in read_answer(200, refused, 2)]
    [200, 1]
    >>> [int(outcome.status) for outcome in read_answer(400, refused, 2)]
    [400, 1]
    >>> [int(outcome.status) for outcome in read_answer(503, b"", 2)]
    [2, 2]
    """
    failed = _failed_items(body, item_count)
    rest = stored_status(http_status)
    # Items that a partial failure does not name carry the batch's status and no error text.
    error = "" if failed or rest == ExportStatus.SUBMITTED else reason_phrase(http_status)
    others = Outcome(rest, error)
    return [failed.get(index, others) for index in range(item_count)]


def reason_phrase(http_status: int) -> str:
    """The standard phrase of a status, the text that users of Commerce see as the error."""
    try:
        return HTTPStatus(http_status).phrase
    except ValueError:
        return f"HTTP {http_status}"


def _entry(error: ItemError, shape: ErrorShape) -> dict[str, Any]:
    if shape is ErrorShape.CODE:
        return {"itemIndex": error.index, "code": error.code, "message": error.message}
    # Readers want an index and a further part; where the whole item is at fault, that is the code.
    return {"field": f"/{error.index}{error.pointer or '/' + error.code}", "message": error.message}


def _failed_items(body: bytes, item_count: int) -> dict[int, Outcome]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    entries = answer.get("invalidFeedItems") if isinstance(answer, dict) else None
    failed: dict[int, Outcome] = {}
    for entry in entries if isinstance(entries, list) else []:
        named = _named_item(entry)
        if named is None:
            return {}
        index, outcome = named
        if 0 <= index < item_count:
            failed.setdefault(index, outcome)
    return failed


def _named_item(entry: Any) -> tuple[int, Outcome] | None:
    if not isinstance(entry, dict) or not isinstance(entry.get("message"), str):
        return None
    if isinstance(entry.get("field"), str):
        parts = entry["field"].split("/")
        if len(parts) < 3 or not parts[1].isdecimal():
            return None
        return int(parts[1]), _outcome(parts[2], entry["message"])
    index, code = entry.get("itemIndex"), entry.get("code")
    if not isinstance(index, int) or isinstance(index, bool) or not isinstance(code, str):
        return None
    return index, _outcome(code, entry["message"])


def _outcome(code: str, message: str) -> Outcome:
    retryable = code in RETRYABLE_CODES
    return Outcome(ExportStatus.RETRYABLE if retryable else ExportStatus.FAILED_ITEM, message)
