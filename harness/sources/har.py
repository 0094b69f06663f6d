"""A sent side: an HTTP archive (HAR 1.2) as a proxy or a browser records it.

Requests to ingest routes of any host count, and calls of the ingestion API; what the service
answered decides each item's status. Of what was updated the whole counts that the updates make.
"""

import base64
import binascii
import gzip
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

import orjson

from mcs.contract.answer import Outcome, read_answer
from mcs.contract.calls import Call, Operation
from mcs.contract.canonical import Item
from mcs.contract.catalog import CATALOG_FEEDS
from mcs.contract.catalog_answer import read_catalog_answer
from mcs.contract.dialects import call_at
from mcs.contract.feeds import Feed, Routes
from mcs.contract.status import ExportStatus
from mcs.harness.errors import CouldNotTell
from mcs.harness.findings import Finding, Findings
from mcs.harness.moments import moment
from mcs.harness.source_file import GZIP_ERRORS, SourceFile
from mcs.harness.sources.calls import Course, Held, NoEffect, NothingKnown
from mcs.harness.sources.item_lines import (
    Lines,
    Unusable,
    feed_of_item,
    keep_picked,
    latest_lines,
    sent_content,
    unnamed,
)
from mcs.harness.sources.reading import Reading

NO_HAR = (
    "{place}: it is no whole HTTP archive ({reason}). Record it again; expected a JSON object "
    "with log.entries."
)
NO_INGEST = (
    "{place}: none of its {entries} requests went to an ingest route, such as "
    "…/feeds/products/v1/prices/<data space> or …/<tenant>/v1/catalog/products. Record what the "
    "exporter sends."
)
NO_BODY = "a request whose body was not recorded, or is no JSON array; its items are not counted"
NOT_CREATED = (
    "{feed}: an update of an item that no recorded request creates; what it makes is not known, so "
    "it was left out"
)
COMMERCE_CONNECTOR = "Magento Services Connector"
NO_ANSWER = "the request was not answered"


@dataclass(frozen=True, slots=True)
class IngestRequest:
    """One recorded batch. feed: that of the route; of a shared route the item tells its own.

    at: when it was sent, as it was written down. body: unpacked. status: None if it was not
    answered. call: what it does to its items; None where those say it.
    """

    number: int
    feed: Feed
    data_space_id: str
    request_id: str | None
    items: list[Any]
    outcomes: Sequence[Outcome]
    at: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    status: int | None = None
    call: Call | None = None


class HttpArchive:
    """A sent side: the file is held whole. A locator is `entry#index`."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self._file = SourceFile(path)
        self._reading = reading
        self._findings = Findings()
        self._entries: list[Any] | None = None
        self._made: dict[str, Item] = {}
        self.name = self._file.name

    def close(self) -> None:
        """Nothing is held open."""
        self._file.close()

    def findings(self) -> tuple[Finding, ...]:
        """Requests without a body, items without an identity."""
        return self._findings.listed()

    @property
    def is_plain(self) -> bool:
        """True if no ingest request says that Commerce's connector sent it."""
        ingest = (_request_of(entry) for entry in self._recorded() if _place(entry))
        return not any(map(_is_of_commerce, ingest))

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes the last line of each identity that was posted. Raises CouldNotTell."""
        self._findings.clear()
        course = Course()
        with latest_lines(path) as lines:
            for request in self.requests():
                for index, item in enumerate(request.items):
                    if request.call is None:
                        feed = feed_of_item(request.feed, item)
                        if feed in feeds:
                            self._add(lines, request, index, feed, item)
                        continue
                    for locator, held in self._called(course, request, request.call, index, item):
                        if held.feed in {feed.name for feed in feeds}:
                            self._add_held(lines, request, index, locator, held)
            keep_picked(lines, self._reading, self.name, self._findings)

    def _called(
        self, course: Course, request: IngestRequest, call: Call, index: int, item: Any
    ) -> Iterator[tuple[str, Held]]:
        """What becomes of an item of a call, and what goes or comes with it, by its locator."""
        locator = f"{request.number}#{index}"
        try:
            made = course.made_of(call, item)
        except NothingKnown:
            self._note(request, NOT_CREATED.format(feed=call.feed.name), lost=True)
            return
        except NoEffect:
            return
        yield locator, Held(call.feed.name, made, call.operation is Operation.DELETE)
        if request.outcomes[index].status == ExportStatus.SUBMITTED:
            for number, other in enumerate(course.take(call, made, moment(request.at))):
                yield f"{locator}/{number}", other

    def _add_held(
        self, lines: Lines, request: IngestRequest, index: int, locator: str, held: Held
    ) -> None:
        self._made[locator] = held.item
        feed = CATALOG_FEEDS[held.feed]
        self._add(lines, request, index, feed, held.item, locator=locator, deleted=held.deleted)

    def _add(
        self,
        lines: Lines,
        request: IngestRequest,
        index: int,
        feed: Feed,
        item: Any,
        *,
        locator: str = "",
        **known: Any,
    ) -> None:
        outcome = request.outcomes[index]
        try:
            line = sent_content(
                feed,
                item,
                locator or f"{request.number}#{index}",
                status=outcome.status,
                errors=outcome.error,
                request_id=request.request_id,
            )
        except Unusable as error:
            self._note(request, str(error), lost=True)
            return
        if what := unnamed(line):
            self._note(request, what)
        lines.add({**line, **known}, None, request.data_space_id)

    def _note(self, request: IngestRequest, what: str, *, lost: bool = False) -> None:
        self._findings.note(f"{self.name}, entry {request.number}", what, lost=lost)

    @property
    def has_calls(self) -> bool:
        """True if there are calls of the ingestion API among the requests."""
        return any(isinstance((_place(entry) or [None])[0], Call) for entry in self._recorded())

    def items(self, feed: Feed, locators: Sequence[str]) -> dict[str, Item]:
        """The items at these places, as they were posted; of calls, as those made them."""
        wanted: dict[int, list[str]] = defaultdict(list)
        found = {one: self._made[one] for one in locators if one in self._made}
        for locator in locators:
            if locator in found:
                continue
            wanted[int(locator.partition("#")[0])].append(locator)
        for number, mine in wanted.items():
            items = _items(_request_of(self._recorded()[number]))
            for locator in mine if items else []:
                found[locator] = items[int(locator.partition("#")[2])]  # type: ignore[index]  # is
        return found

    def requests(self) -> Iterator[IngestRequest]:
        """The recorded batches in the order of sending. Raises CouldNotTell."""
        entries = self._recorded()
        # A recorder lists by the end of the answer; what counts is when the request was sent.
        order = sorted(range(len(entries)), key=lambda one: _started(entries[one]))
        ingest = [(one, place) for one in order if (place := _place(entries[one]))]
        if not ingest:
            raise CouldNotTell(NO_INGEST.format(place=self.name, entries=len(entries)))
        for number, (target, data_space_id) in ingest:
            request = _request_of(entries[number])
            items = _items(request)
            if items is None:
                finding = Finding(f"{self.name}, entry {number}", NO_BODY)
                self._reading.unreadable(self._findings, finding)
                continue
            answer = _mapping(entries[number].get("response"))
            call = target if isinstance(target, Call) else None
            yield IngestRequest(
                number=number,
                feed=target.feed if isinstance(target, Call) else target,
                data_space_id=data_space_id,
                request_id=_header(request, "x-request-id") or _header(answer, "x-request-id"),
                items=items,
                outcomes=_outcomes(answer, len(items), call),
                at=_started(entries[number]),
                headers=_headers(request),
                body=_body(_mapping(request.get("postData"))),
                status=_status(answer),
                call=call,
            )

    def _recorded(self) -> list[Any]:
        if self._entries is None:
            with self._file.plain() as file:
                try:
                    entries = orjson.loads(file.read())["log"]["entries"]
                except (orjson.JSONDecodeError, LookupError, TypeError, *GZIP_ERRORS) as error:
                    told = NO_HAR.format(place=self.name, reason=error)
                    raise CouldNotTell(told) from None
            self._entries = [_mapping(entry) for entry in entries]
        return self._entries


def _is_of_commerce(request: Mapping[str, Any]) -> bool:
    """Source: contract/wire.md, the headers that Commerce's connector always sends."""
    sender = _header(request, "user-agent") or ""
    names = {name.lower() for name in _headers(request)}
    return sender.startswith(COMMERCE_CONNECTOR) or "service-connector-metadata" in names


def _place(entry: Mapping[str, Any]) -> tuple[Feed | Call, str] | None:
    """The feed or call, and the data space, that a recorded request was for; None if for none."""
    request = _request_of(entry)
    path = urlsplit(str(request.get("url", ""))).path
    segments = [part for part in path.split("/") if part]
    method = str(request.get("method", "")).upper()
    return _called_place(method, segments) or (
        _posted_place(segments) if method == "POST" else None
    )


def _called_place(method: str, segments: list[str]) -> tuple[Call, str] | None:
    # A gateway may have a path of its own before the tenant.
    for begin in range(1, len(segments) - 1):
        if call := call_at(method, "/".join(segments[begin:])):
            tenant = unquote(segments[begin - 1])
            return call, _id(tenant) or tenant
    return None


def _posted_place(segments: list[str]) -> tuple[Feed, str] | None:
    data_space_id = _id(segments[-1]) if segments else None
    if data_space_id is None:
        return None
    # A gateway may have a path of its own before the route.
    for begin in range(len(segments) - 1):
        if feeds := _ROUTES.feeds_at("/".join(segments[begin:-1])):
            return feeds[0], data_space_id
    return None


def _id(text: str) -> str | None:
    try:
        return str(UUID(text))
    except ValueError:
        return None


_ROUTES = Routes()


def _items(request: Mapping[str, Any]) -> list[Any] | None:
    body = _body(_mapping(request.get("postData")))
    try:
        items = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return items if isinstance(items, list) else None


def _status(answer: Mapping[str, Any]) -> int | None:
    status = answer.get("status")
    return status if isinstance(status, int) and status > 0 else None


def _outcomes(answer: Mapping[str, Any], count: int, call: Call | None) -> list[Outcome]:
    status = _status(answer)
    if status is None:
        return [Outcome(ExportStatus.RETRYABLE, NO_ANSWER)] * count
    read = read_catalog_answer if call else read_answer
    return read(status, _body(_mapping(answer.get("content"))), count)


def _body(content: Mapping[str, Any]) -> bytes:
    """The plain bytes of a recorded body; empty if it was not recorded.

    Recorders write binary bodies as base64, or with a character for each byte; some unpack them.
    """
    text = content.get("text")
    if not isinstance(text, str):
        return b""
    encoding = content.get("encoding") or content.get("_encoding")
    if encoding == "base64" or text[:4] == _GZIP_IN_BASE64:
        try:
            body = base64.b64decode(text)
        except binascii.Error:
            return b""
    elif text[:1] == "\x1f":
        body = text.encode("latin-1", errors="replace")
    else:
        body = text.encode(errors="replace")
    if not body.startswith(b"\x1f\x8b"):
        return body
    try:
        return gzip.decompress(body)
    except (EOFError, gzip.BadGzipFile, zlib.error):
        return b""


# How the magic bytes of gzip, and of its only method, begin in base64.
_GZIP_IN_BASE64 = "H4sI"


def _request_of(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(entry.get("request"))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _started(entry: Mapping[str, Any]) -> str:
    return str(entry.get("startedDateTime", ""))


def _headers(message: Mapping[str, Any]) -> dict[str, str]:
    headers = message.get("headers")
    listed = map(_mapping, headers if isinstance(headers, list) else [])
    return {str(one["name"]): str(one.get("value", "")) for one in listed if one.get("name")}


def _header(message: Mapping[str, Any], name: str) -> str | None:
    headers = message.get("headers")
    for header in map(_mapping, headers if isinstance(headers, list) else []):
        if str(header.get("name", "")).lower() == name and header.get("value"):
            return str(header["value"])
    return None
