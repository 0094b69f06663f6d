"""One request as a file to keep: an HTTP archive (HAR 1.2) of one entry. Pure.

Any tool that reads HAR reads it, `mcs diff --sent FILE.har` among them. What HAR has no place for
stands in `_mcs`: docs/dashboard.md, "A saved request".
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

import mcs
from mcs.contract.answer import ErrorShape, ItemError, reason_phrase
from mcs.contract.dialects import address, dialect_of
from mcs.server.decoding import parsed_items
from mcs.server.store.journal import Entry, Event, RefusedItem

HAR_VERSION = "1.2"
HTTP_VERSION = "HTTP/1.1"
JSON = "application/json"
UNKNOWN = -1
"""What HAR writes for a size or a time that nobody took."""


def saved_request(
    entry: Entry,
    data_space: str,
    headers: Mapping[str, str],
    body: bytes | None,
    refused: Sequence[RefusedItem],
    events: Sequence[Event],
    url: str,
) -> bytes:
    """The archive, as JSON. headers: secrets cut. url: of this server. refused, events: of it.

    The answer is put together from what the journal knows; a fault may have sent another body.
    """
    entries = [
        {
            "startedDateTime": datetime.fromisoformat(entry.received_at).isoformat(),
            "time": entry.duration_ms,
            "request": _request(entry, data_space, headers, body, url),
            "response": _response(entry, refused, body),
            "cache": {},
            "timings": {"send": 0, "wait": entry.duration_ms, "receive": 0},
            "_mcs": _beyond_har(entry, data_space, refused, events),
        }
    ]
    creator = {"name": "Mock Commerce Services", "version": mcs.__version__}
    archive = {"log": {"version": HAR_VERSION, "creator": creator, "entries": entries}}
    return orjson.dumps(archive, option=orjson.OPT_INDENT_2)


def _request(
    entry: Entry, data_space: str, headers: Mapping[str, str], body: bytes | None, url: str
) -> dict[str, Any]:
    request = {
        "method": entry.method,
        "url": url.rstrip("/") + address(entry.feed, entry.route, data_space),
        "httpVersion": HTTP_VERSION,
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in headers.items()],
        "queryString": [],
        "headersSize": UNKNOWN,
        "bodySize": entry.body_bytes,
    }
    if body is not None:
        request["postData"] = {"mimeType": JSON, **_text(body)}
    return request


def _text(body: bytes) -> dict[str, str]:
    try:
        return {"text": body.decode()}
    except UnicodeDecodeError:
        # HAR knows an encoding for answers only; readers take the same key with an underscore.
        return {"text": b64encode(body).decode(), "_encoding": "base64"}


def _response(entry: Entry, refused: Sequence[RefusedItem], body: bytes | None) -> dict[str, Any]:
    answered = entry.answered
    content = _answer(entry, refused, body).decode() if answered else ""
    return {
        "status": entry.status if answered else 0,
        "statusText": reason_phrase(entry.status) if answered else "",
        "httpVersion": HTTP_VERSION,
        "cookies": [],
        "headers": [{"name": "X-Request-Id", "value": entry.request_id}],
        "content": {"size": len(content.encode()), "mimeType": JSON, "text": content},
        "redirectURL": "",
        "headersSize": UNKNOWN,
        "bodySize": UNKNOWN,
    }


def _answer(entry: Entry, refused: Sequence[RefusedItem], body: bytes | None) -> bytes:
    if entry.message:
        said = {"status": entry.status, "code": entry.code, "message": entry.message}
        return orjson.dumps(said)
    errors = [
        ItemError(item.index, error["pointer"], error["code"], error["message"])
        for item in sorted(refused, key=lambda one: one.index)
        for error in orjson.loads(item.errors)
    ]
    items = (parsed_items(body) if body else None) or [None] * entry.items
    return dialect_of(entry.feed).answer(items, errors, ErrorShape.FIELD, None)


def _beyond_har(
    entry: Entry, data_space: str, refused: Sequence[RefusedItem], events: Sequence[Event]
) -> dict[str, Any]:
    return {
        "data_space": data_space,
        "number": entry.id,
        "request_id": entry.request_id,
        "feed": entry.feed,
        "items": entry.items,
        "accepted": entry.accepted,
        "rejected": entry.rejected,
        "answered": entry.answered,
        "signature": entry.signature,
        "refused": [
            {"index": item.index, "key": item.key, "errors": orjson.loads(item.errors)}
            for item in sorted(refused, key=lambda one: one.index)
        ],
        "faults": [
            {
                "fault": event.fault,
                "action": event.action,
                "index": event.index,
                "change": event.change,
                "at": event.at,
            }
            for event in reversed(events)
        ],
    }
