"""The journal of a service as values to judge: what was in each request, and what became of it."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import orjson

from mcs.contract.answer import RETRYABLE_CODES
from mcs.contract.calls import Call, Operation
from mcs.contract.canonical import content_hash, identity_key
from mcs.contract.dialects import ALL_FEEDS, FEEDS_DIALECT, call_at
from mcs.contract.errors import MissingIdentity
from mcs.contract.feeds import FEEDS, Feed, Routes
from mcs.harness.conformance.observation import Fate, Posted, SeenRequest

Refusals = Mapping[tuple[str, str, int], str]
"""The first error code of refused items, by request id, moment of arrival and index."""


def refusals(rejected: Iterable[Mapping[str, Any]]) -> Refusals:
    """What the service's listing of refused items says."""
    return {
        (line["request_id"], line["received_at"], line["index"]): line["errors"][0]["code"]
        for line in rejected
    }


def seen_request(
    entry: Mapping[str, Any], body: bytes | None, step: int, refused: Refusals
) -> SeenRequest:
    """One entry of the journal with its body and its items. step: the one it came in."""
    items = _items(body)
    call = call_at(entry["method"], entry["route"])
    feed = ALL_FEEDS.get(entry["feed"] or "") or _feed_by_route(entry["route"], items)
    request = SeenRequest(
        number=entry["id"],
        step=step,
        at=datetime.fromisoformat(entry["received_at"]),
        route=entry["route"],
        headers={name.lower(): value for name, value in entry["headers"].items()},
        status=entry["status"],
        feed=feed.name if feed is not None and items else entry["feed"],
        code=entry["code"],
        answered=entry["answered"],
        faults=frozenset(fault["action"] for fault in entry["fault"] or ()),
        signature=entry["signature"],
        method=entry["method"],
        body_bytes=entry["body_bytes"],
        body=body,
    )
    own = {
        index: code
        for (request_id, received_at, index), code in refused.items()
        if (request_id, received_at) == (entry["request_id"], entry["received_at"])
    }
    for index, item in enumerate(items if feed is not None else ()):
        request.posted.append(_posted(request, feed, index, item, own, call))
    return request


def _items(body: bytes | None) -> list[Any]:
    try:
        parsed = orjson.loads(body or b"")
    except orjson.JSONDecodeError:
        return []
    return parsed if isinstance(parsed, list) else []


def _feed_by_route(route: str, items: list[Any]) -> Feed | None:
    feeds = Routes().feeds_at(route)
    for item in items:
        for feed in feeds:
            if isinstance(item, dict) and feed.wrapper in item:
                return feed
    return feeds[0] if feeds else None


def _posted(
    request: SeenRequest,
    feed: Feed | None,
    index: int,
    item: Any,
    refused: Mapping[int, str],
    call: Call | None,
) -> Posted:
    key = content = None
    if feed is not None and isinstance(item, dict):
        with suppress(MissingIdentity):
            key, content = identity_key(feed, item), content_hash(feed, item)
    fate = _fate(request, refused.get(index), bool(refused))
    operation = call.operation if call is not None else Operation.SEND
    return Posted(
        request,
        index,
        item,
        key,
        content,
        operation.deletes(item),
        fate,
        refused.get(index),
        foreign=_is_foreign(feed, item),
    )


def _fate(request: SeenRequest, error_code: str | None, some_refused: bool) -> Fate:
    if not request.answered or request.status not in (200, 400):
        return Fate.UNSETTLED
    if error_code is not None:
        return Fate.UNSETTLED if error_code in RETRYABLE_CODES else Fate.REFUSED
    if request.status == 200:
        return Fate.TAKEN
    if not some_refused:
        return Fate.TURNED_DOWN
    # What of a batch of feeds is not named may be held back; a call takes all items or none.
    return Fate.UNNAMED if request.dialect == FEEDS_DIALECT.name else Fate.UNSETTLED


def _is_foreign(feed: Feed | None, item: Any) -> bool:
    if feed is None or feed.wrapper is None or not isinstance(item, dict):
        return False
    others = (other.wrapper for other in FEEDS.values() if other is not feed)
    return any(wrapper in item for wrapper in others if wrapper is not None)
