"""A logged batch, or a recorded one, as a request of a case with what became of it. Pure.

What a customer's service answered is done to the request again when the case is replayed: it is
turned away with the status that was logged, and the items that failed are refused.
"""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import orjson

from mcs.contract.answer import reason_phrase
from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.status import ExportStatus
from mcs.harness.cases.requests import BodyIs, Event, Request, kept_headers
from mcs.harness.logs import Batch, FailedItem, Failure
from mcs.harness.sources.har import IngestRequest

_PHRASES = {reason_phrase(status): int(status) for status in HTTPStatus if status >= 400}
_JSON = {"Content-Type": "application/json"}
# The order in which faults act: refusals are of items, an answer is of the whole request.
_ANSWER, _REJECT = 1, 2


def request_of_batch(batch: Batch, request_id: str | None = None) -> Request:
    """The request that a logged batch was sent with. request_id: if anything else tells it."""
    payload, failure = batch.payload, batch.failure
    known = failure.request_id if failure else None
    feed = FEEDS.get(payload.feed)
    status = 200 if failure is None else status_of(failure)
    return Request(
        number=batch.number,
        request_id=known or request_id or _made_up(f"{batch.place}@{payload.byte}"),
        at=payload.at.isoformat(),
        route=feed.route if feed else payload.feed,
        feed=payload.feed,
        headers=_JSON,
        body=orjson.dumps(payload.items),
        body_is=BodyIs.REBUILT,
        items=len(payload.items),
        status=status,
        message=failure.reason or failure.message if failure else None,
        rejected=len(failure.failed_items) if failure else 0,
        answered=status is not None,
        events=tuple(_events(failure)) if failure else (),
    )


def status_of(failure: Failure) -> int | None:
    """The HTTP status of a failed request, by what was logged; None if there was no answer."""
    if failure.reason in _PHRASES:
        return _PHRASES[failure.reason]
    code = failure.status_code or 0
    if code in (ExportStatus.FAILED_ITEM, ExportStatus.BAD_REQUEST) or failure.failed_items:
        return 400
    return code if 400 <= code < 600 else None


def request_of_archive(recorded: IngestRequest, number: int) -> Request:
    """A recorded request, byte for byte but for its packing."""
    refused = [
        (index, outcome)
        for index, outcome in enumerate(recorded.outcomes)
        if outcome.status == ExportStatus.FAILED_ITEM
    ]
    return Request(
        number=number,
        request_id=recorded.request_id or _made_up(f"{recorded.at} {number}"),
        at=recorded.at,
        route=recorded.call.route if recorded.call else recorded.feed.route,
        feed=recorded.feed.name,
        method=recorded.call.method if recorded.call else "POST",
        headers=kept_headers(recorded.headers) or _JSON,
        body=recorded.body,
        body_is=BodyIs.DECODED,
        items=len(recorded.items),
        status=recorded.status,
        rejected=len(refused),
        answered=recorded.status is not None,
        events=tuple(_answered_so(recorded.status, [index for index, _ in refused])),
    )


def request_of_items(
    feed: Feed, items: Sequence[Any], number: int, at: str, *, route: str | None = None
) -> Request:
    """A request made up around items of which nobody knows how they were sent. route: where that
    is not the feed's."""
    return Request(
        number=number,
        request_id=_made_up(f"{feed.name} {number}"),
        at=at,
        route=route or feed.route,
        feed=feed.name,
        headers=_JSON,
        body=orjson.dumps(items),
        body_is=BodyIs.REBUILT,
        items=len(items),
    )


def _made_up(name: str) -> str:
    # The same for each import, so that two imports of the same files are equal.
    return str(uuid5(NAMESPACE_URL, name))


def _events(failure: Failure) -> Iterator[Event]:
    status = status_of(failure)
    if failure.failed_items and status in (200, 400):
        for index, item in failure.failed_items.items():
            yield Event(_REJECT, "reject", index, recorded=False, parameters=_error(item))
        return
    yield from _answered_so(status, [])


def _answered_so(status: int | None, refused: list[int]) -> Iterator[Event]:
    if status is None:
        yield Event(_ANSWER, "close", recorded=False, parameters={"recorded": False})
    elif refused and status in (200, 400):
        for index in refused:
            yield Event(_REJECT, "reject", index, recorded=False)
    elif status >= 300:
        yield Event(_ANSWER, "answer", recorded=False, parameters={"status": status})


def _error(item: FailedItem) -> dict[str, str]:
    pointer = (item.field or "").strip("/")
    said = {"message": item.message or "failed"}
    said |= {"pointer": f"/{pointer}"} if pointer and "~" not in pointer else {}
    code = item.code or ""
    is_word = code.isascii() and code.isprintable() and 0 < len(code) <= 100 and " " not in code
    return said | ({"code": code} if is_word else {})
