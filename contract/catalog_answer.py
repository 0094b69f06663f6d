"""The bodies that the ingestion API answers with, and how its clients read them.

Source: contract/ingestion-api.md. Clients refuse a body with any further field, so each is exact.
How an error names its field is assumed beyond the top level.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from mcs.contract.answer import ErrorShape, ItemError, Outcome, reason_phrase
from mcs.contract.status import ExportStatus

MISSING_TOKEN = ("ErrMissingOauthToken", 403, "403010", "Oauth token is missing")
INVALID_TOKEN = ("ErrInvalidOauthToken", 401, "401013", "Oauth token is not valid")
TOO_MANY_REQUESTS = "<html><head><title>429 Too Many Requests</title></head><body>{}</body></html>"
_MISSING_VALUE = ""


def catalog_answer(
    items: Sequence[Any],
    errors: Sequence[ItemError],
    shape: ErrorShape = ErrorShape.CODE,
    shapes: Mapping[int, ErrorShape] | None = None,
) -> bytes:
    """The body for a judged batch: all items accepted, or those refused that were.

    shape, shapes: this API has one shape.

    >>> catalog_answer([{}, {}], [])
    b'{"status":"ACCEPTED","acceptedCount":2}'
    """
    if not errors:
        return orjson.dumps({"status": "ACCEPTED", "acceptedCount": len(items)})
    refused = len({error.index for error in errors})
    count = "1 item" if refused == 1 else f"{refused} items"
    return failed(
        f"Items validation failed for {count}",
        [_entry(error, items[error.index]) for error in errors],
    )


def read_catalog_answer(http_status: int, body: bytes, item_count: int) -> list[Outcome]:
    """What becomes of each item of a call, in its order, as Adobe's connector decides it.

    Of a 400 those that it names failed, the others are sent again. The first error of an item
    counts.

    >>> refused = b'{"errors": [{"itemIndex": 1, "message": "no"}]}'
    >>> [int(outcome.status) for outcome in read_catalog_answer(400, refused, 2)]
    [2, 1]
    >>> [int(outcome.status) for outcome in read_catalog_answer(200, b"", 2)]
    [200, 200]
    """
    if http_status == 200:
        return [Outcome(ExportStatus.SUBMITTED, "")] * item_count
    named = _named(body) if http_status == 400 else {}
    rest = Outcome(ExportStatus.RETRYABLE, "" if named else reason_phrase(http_status))
    return [named.get(index, rest) for index in range(item_count)]


def _named(body: bytes) -> dict[int, Outcome]:
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    errors = said.get("errors") if isinstance(said, dict) else None
    named: dict[int, Outcome] = {}
    for error in errors if isinstance(errors, list) else ():
        if isinstance(error, dict) and isinstance(error.get("itemIndex"), int):
            outcome = Outcome(ExportStatus.FAILED_ITEM, str(error.get("message", "")))
            named.setdefault(error["itemIndex"], outcome)
    return named


def failed(message: str, entries: Sequence[Mapping[str, Any]] = ()) -> bytes:
    """The body of a request that is refused whole, with what is wrong with its items."""
    return orjson.dumps({"status": "FAILED", "message": message, "errors": list(entries)})


def refusal(title: str, status: int, error_code: str, message: str) -> bytes:
    """The body of a request that was not let in; the status stands in it as a text."""
    body = {"title": title, "status": str(status), "error_code": error_code, "message": message}
    return orjson.dumps(body)


def field_name(pointer: str) -> str:
    """How an error names a field.

    >>> field_name("/attributes/0/code"), field_name("/status"), field_name("")
    ('attributes[0].code', 'status', 'item')
    """
    steps = (step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])
    text = "".join(f"[{step}]" if step.isdecimal() else f".{step}" for step in steps)
    return re.sub(r"^\.", "", text) or "item"


def _entry(error: ItemError, item: Any) -> dict[str, Any]:
    return {
        "itemIndex": error.index,
        "code": field_name(error.pointer),
        "message": error.message,
        "value": _text_of(_at(item, error.pointer)),
    }


def _at(value: Any, pointer: str) -> Any:
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, list) and name.isdecimal() and int(name) < len(value):
            value = value[int(name)]
        elif isinstance(value, dict) and name in value:
            value = value[name]
        else:
            return _MISSING_VALUE
    return value


def _text_of(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()
