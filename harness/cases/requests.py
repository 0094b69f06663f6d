"""A request of a case: one line of requests.ndjson. Pure.

number, request_id, at (ISO 8601), method, route, feed, headers (without secrets),
body (text) or body_base64, body_is, items, status, code, message, accepted, rejected, answered,
events (what faults did to it, with the parameters that are needed to do it again)
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from enum import StrEnum
from typing import Any

import orjson

from mcs.contract.errors import UsageError

NO_REQUEST = "{place}: {reason}. Expected a request of a case."

# What tells nothing of the request, or is another in each run, or a secret.
LEFT_OUT = frozenset(
    {
        "accept",
        "accept-encoding",
        "authorization",
        "connection",
        "content-length",
        "cookie",
        "host",
        "magento-api-key",
        "proxy-authorization",
        "transfer-encoding",
        "x-api-key",
        "x-gw-signature",
    }
)


class BodyIs(StrEnum):
    """How a body relates to what was posted."""

    AS_SENT = "as sent"
    """Every byte, still packed if it was."""
    DECODED = "decoded"
    """Every byte of the JSON text; the packing around it is made anew."""
    REBUILT = "rebuilt"
    """The same items, written anew: out of a log, or changed by redaction or reduction."""
    UNREAD = "unread"
    """Unknown: it was refused before its body was read."""


@dataclass(frozen=True, slots=True)
class Event:
    """What a fault did to a request or an item of it, and how to do it again.

    rule: the fault's number, whose order counts. index: the item's place, None for the request.
    """

    rule: int
    action: str
    index: int | None = None
    key: str | None = None
    recorded: bool = True
    settled: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One request of a case. feed: None if its route is none of a feed. status: as answered; None
    if it is not known. code: of a request that was refused whole. method: of calls of the ingestion
    API more than POST."""

    number: int
    request_id: str
    at: str
    route: str
    feed: str | None
    headers: Mapping[str, str]
    body: bytes | None
    body_is: BodyIs
    items: int = 0
    status: int | None = None
    code: str | None = None
    message: str | None = None
    accepted: int = 0
    rejected: int = 0
    answered: bool = True
    events: Sequence[Event] = ()
    method: str = "POST"

    @property
    def is_packed(self) -> bool:
        """True if it was posted gzipped, and the body is not."""
        encoding = {name.lower(): text for name, text in self.headers.items()}
        return self.body_is is not BodyIs.AS_SENT and "content-encoding" in encoding

    def batch(self) -> list[Any] | None:
        """The items; None if the body is no JSON array."""
        try:
            items = orjson.loads(self.body or b"")
        except orjson.JSONDecodeError:
            return None
        return items if isinstance(items, list) else None

    def shown(self) -> dict[str, Any]:
        """What case.yaml shows of it."""
        said: dict[str, Any] = {"feed": self.feed, "items": self.items, "status": self.status}
        actions = sorted({event.action for event in self.events})
        return said | ({"faults": ", ".join(actions)} if actions else {})


def kept_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of a request that matter and are no secret."""
    return {name: text for name, text in headers.items() if name.lower() not in LEFT_OUT}


def request_line(request: Request) -> bytes:
    """The request as a line."""
    line = {name: getattr(request, name) for name in _NAMES if name != "body"}
    line["events"] = [asdict(event) for event in request.events]
    line |= _body(request.body)
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def parsed_request(line: bytes, place: str) -> Request:
    """The request of a line. Raises UsageError."""
    try:
        said = orjson.loads(line)
        text, packed = said.pop("body", None), said.pop("body_base64", None)
        body = text.encode() if text is not None else packed and base64.b64decode(packed)
        events = tuple(Event(**event) for event in said.pop("events", ()))
        request = Request(**said, body=body, events=events)
        return replace(request, body_is=BodyIs(request.body_is))
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        reason = str(error).splitlines()[0]
        raise UsageError(NO_REQUEST.format(place=place, reason=reason)) from None


def with_items(request: Request, kept: Sequence[tuple[int, Any]]) -> Request:
    """The request with other items, written anew. kept: each with its place until now.

    What faults did to items that are gone goes with them.
    """
    place = {before: after for after, (before, _) in enumerate(kept)}
    events = tuple(
        replace(event, index=None if event.index is None else place[event.index])
        for event in request.events
        if event.index is None or event.index in place
    )
    body = orjson.dumps([item for _, item in kept])
    return replace(request, body=body, body_is=BodyIs.REBUILT, items=len(kept), events=events)


def _body(body: bytes | None) -> dict[str, str]:
    if body is None:
        return {}
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}


_NAMES = [each.name for each in fields(Request)]
