"""A sent side: an HTTP archive (HAR 1.2) as a proxy or a browser records it.

Requests to ingest routes of any host count; what the service answered decides each item's status.
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
from urllib.parse import urlsplit
from uuid import UUID

import orjson

from mcs.contract.answer import Outcome, read_answer
from mcs.contract.canonical import Item
from mcs.contract.feeds import Feed, Routes
from mcs.contract.status import ExportStatus
from mcs.harness.errors import CouldNotTell
from mcs.harness.findings import Finding, Findings
from mcs.harness.source_file import GZIP_ERRORS, SourceFile
from mcs.harness.sources.item_lines import (
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
    "…/feeds/products/v1/prices/<data space>. Record what the exporter sends."
)
NO_BODY = "a request whose body was not recorded, or is no JSON array; its items are not counted"
NO_ANSWER = "the request was not answered"


@dataclass(frozen=True, slots=True)
class IngestRequest:
    """One recorded batch. feed: that of the route; of a shared route the item tells its own.

    at: when it was sent, as it was written down. body: unpacked. status: None if it was not
    answered.
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


class HttpArchive:
    """A sent side: the file is held whole. A locator is `entry#index`."""

    def __init__(self, path: Path, reading: Reading) -> None:
        self._file = SourceFile(path)
        self._reading = reading
        self._findings = Findings()
        self._entries: list[Any] | None = None
        self.name = self._file.name

    def close(self) -> None:
        """Nothing is held open."""
        self._file.close()

    def findings(self) -> tuple[Finding, ...]:
        """Requests without a body, items without an identity."""
        return self._findings.listed()

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes the last line of each identity that was posted. Raises CouldNotTell."""
        self._findings.clear()
        with latest_lines(path) as lines:
            for request in self.requests():
                for index, item in enumerate(request.items):
                    feed, outcome = feed_of_item(request.feed, item), request.outcomes[index]
                    if feed not in feeds:
                        continue
                    try:
                        line = sent_content(
                            feed,
                            item,
                            f"{request.number}#{index}",
                            status=outcome.status,
                            errors=outcome.error,
                            request_id=request.request_id,
                        )
                    except Unusable as error:
                        place = f"{self.name}, entry {request.number}"
                        self._findings.note(place, str(error), lost=True)
                        continue
                    if what := unnamed(line):
                        self._findings.note(f"{self.name}, entry {request.number}", what)
                    lines.add(line, None, request.data_space_id)
            keep_picked(lines, self._reading, self.name, self._findings)

    def items(self, feed: Feed, locators: Sequence[str]) -> dict[str, Item]:
        """The items at these places, as they were posted."""
        wanted: dict[int, list[str]] = defaultdict(list)
        for locator in locators:
            wanted[int(locator.partition("#")[0])].append(locator)
        found: dict[str, Item] = {}
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
        for number, (feed, data_space_id) in ingest:
            request = _request_of(entries[number])
            items = _items(request)
            if items is None:
                finding = Finding(f"{self.name}, entry {number}", NO_BODY)
                self._reading.unreadable(self._findings, finding)
                continue
            answer = _mapping(entries[number].get("response"))
            yield IngestRequest(
                number=number,
                feed=feed,
                data_space_id=data_space_id,
                request_id=_header(request, "x-request-id") or _header(answer, "x-request-id"),
                items=items,
                outcomes=_outcomes(answer, len(items)),
                at=_started(entries[number]),
                headers=_headers(request),
                body=_body(_mapping(request.get("postData"))),
                status=_status(answer),
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


def _place(entry: Mapping[str, Any]) -> tuple[Feed, str] | None:
    """The feed and the data space that a recorded request was for; None if it is no batch."""
    request = _request_of(entry)
    if str(request.get("method", "")).upper() != "POST":
        return None
    *segments, last = [
        part for part in urlsplit(str(request.get("url", ""))).path.split("/") if part
    ] or [""]
    try:
        data_space_id = str(UUID(last))
    except ValueError:
        return None
    # A gateway may have a path of its own before the route.
    for begin in range(len(segments)):
        if feeds := _ROUTES.feeds_at("/".join(segments[begin:])):
            return feeds[0], data_space_id
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


def _outcomes(answer: Mapping[str, Any], count: int) -> list[Outcome]:
    status = _status(answer)
    if status is None:
        return [Outcome(ExportStatus.RETRYABLE, NO_ANSWER)] * count
    return read_answer(status, _body(_mapping(answer.get("content"))), count)


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
