"""The received side: what the service holds and refused, asked over its control API.

Lists are streamed to NDJSON files for the reconciliation. An answer that broke off is an error,
never a shorter list.
"""

import re
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import orjson
import urllib3

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.digests import Bucket, Digests
from mcs.harness.client import TIMEOUT, checked_url, opened_pool, refusal, unreachable
from mcs.harness.errors import CouldNotTell
from mcs.harness.evidence import History, Visibility
from mcs.harness.known import KnownItem
from mcs.harness.sides import Elsewhere, RequestFacts, Version
from mcs.harness.sources.journal import (
    histories_in,
    known_item,
    names_in,
    requests_in,
    versions_in,
    visibilities_in,
)

T = TypeVar("T")

CONNECTIONS = 8
CHUNK_BYTES = 1 << 16
ASKED_AT_ONCE = 1_000
OK, NOT_FOUND = 200, 404
GZIP_WINDOW_BITS = 31
BUCKETS_AT_ONCE = 256
SORTING_IN = urllib3.Timeout(connect=10, read=3600)
"""A service that was just sent millions of items sorts them in before it tells its digests."""
_IS_BUCKET = re.compile("[0-9a-f]{3}")
REFUSED = (
    "{url} answered {refusal} Check that it is a service of `mcs serve` and that --data-space "
    "names one of its data spaces (`mcs dataspace list`)."
)
BROKEN_OFF = (
    "the answer of {url} broke off before its end ({reason}), so nothing can be said about what "
    "it did not list. Run this again."
)

Value = TypeVar("Value")


class Service:
    """A received side: one data space of a running service. Use it in a `with` block."""

    def __init__(self, url: str, data_space_id: str, token: str | None = None) -> None:
        self.name = f"data space {data_space_id} of {url}"
        self._data_space_id = data_space_id
        self._control = f"{checked_url(url)}/control"
        self._base = f"{self._control}/data-spaces/{quote(data_space_id, safe='')}"
        self._requests: dict[str, RequestFacts] = {}
        self._empty: dict[str, bool] = {}
        zipped = {"Accept-Encoding": "gzip"}
        self._http = opened_pool(token, headers=zipped, maxsize=CONNECTIONS, block=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.clear()

    def write_received(self, feeds: Sequence[str] | None, path: Path) -> None:
        """Writes one JSON line per identity the service holds, of these feeds or of all.

        Fields: feed, key, identity, hash, deleted, modified_at, received_at, request_id, index,
        versions, repeats, resends. Raises CouldNotTell.
        """
        with path.open("wb") as file:
            for query in _queries(feeds):
                file.writelines(self._body(f"{self._base}/received{query}"))

    def write_rejected(self, feeds: Sequence[str] | None, path: Path) -> None:
        """Writes one JSON line per refused item, in order of arrival, without the item itself.

        Fields: feed, key, identity, received_at, request_id, index, errors. Raises CouldNotTell.
        """
        with path.open("wb") as file:
            for query in _queries(feeds):
                for line in _lines(self._body(f"{self._base}/rejected{query}")):
                    refused = orjson.loads(line)
                    # A refused item may be of any size, and nothing below asks for it.
                    refused.pop("item", None)
                    file.write(orjson.dumps(refused, option=orjson.OPT_APPEND_NEWLINE))

    def digests(self, feeds: Sequence[str] | None) -> dict[str, Digests]:
        """The service's bucket digests of these feeds, or of all. Raises CouldNotTell."""
        found = self._asked(
            "/digests", None, lambda told: _digests(told["feeds"]), timeout=SORTING_IN
        )
        return {feed: found[feed] for feed in found if feeds is None or feed in feeds}

    def write_received_buckets(self, buckets: Mapping[str, Sequence[str]], path: Path) -> None:
        """Adds the lines of some buckets of each feed. Raises CouldNotTell."""
        with path.open("ab") as file:
            for feed, names in buckets.items():
                # A feed id that is no key may name a bucket that no service has.
                known = [name for name in names if _IS_BUCKET.fullmatch(name)]
                for start in range(0, len(known), BUCKETS_AT_ONCE):
                    some = ",".join(known[start : start + BUCKETS_AT_ONCE])
                    query = urlencode({"feed": feed, "buckets": some})
                    file.writelines(self._body(f"{self._base}/received?{query}"))

    def received_lines(
        self, feeds: Sequence[str] | None, *, with_items: bool = False
    ) -> Iterator[bytes]:
        """The received lines, with `data_space_id`; with_items: each with `item`, byte for byte."""
        more = {"payload": "1"} if with_items else {}
        for query in _queries(feeds, **more):
            yield from map(
                self._with_data_space, _lines(self._body(f"{self._base}/received{query}"))
            )

    def rejected_lines(self, feeds: Sequence[str] | None) -> Iterator[bytes]:
        """The rejected lines, with `data_space_id` and the items."""
        for query in _queries(feeds):
            yield from map(
                self._with_data_space, _lines(self._body(f"{self._base}/rejected{query}"))
            )

    def _with_data_space(self, line: bytes) -> bytes:
        # Written into the text, since the item in it is to stay as it was received.
        return b'{"data_space_id":%s,%s\n' % (orjson.dumps(self._data_space_id), line[1:])

    def versions(self, feed: str, key: str) -> list[Version]:
        """Every accepted write of one identity, oldest first. Raises CouldNotTell."""
        return self._asked(f"/received/{quote(feed)}/{quote(key)}", None, versions_in)

    def elsewhere(self, feed: str, keys: Sequence[str]) -> list[Elsewhere]:
        """Where else on this service the identities are alive. Raises CouldNotTell."""
        url = f"{self._control}/items/{quote(feed)}"
        found: list[Elsewhere] = []
        for some in _parts(keys):
            wanted = {"keys": some, "except": self._data_space_id}
            lines = _lines(self._body(url, orjson.dumps(wanted)))
            found += (Elsewhere(**orjson.loads(line)) for line in lines)
        return found

    def requests(self, request_ids: Sequence[str]) -> dict[str, RequestFacts]:
        """What the journal says of these requests; of an id that was used again, the last."""
        wanted = [request_id for request_id in request_ids if request_id not in self._requests]
        for some in _parts(wanted):
            found = self._asked("/requests/lookup", {"request_ids": some}, requests_in)
            self._requests |= {facts.request_id: facts for facts in found}
        known = ((request_id, self._requests.get(request_id)) for request_id in request_ids)
        return {request_id: facts for request_id, facts in known if facts}

    def histories(self, feed: str, keys: Sequence[str]) -> dict[str, History]:
        """What happened to these items, by key; those that never came are left out."""
        if feed not in ALL_FEEDS:
            return {}
        found: dict[str, History] = {}
        for some in _parts(keys):
            found |= self._asked("/items/lookup", {"feed": feed, "keys": some}, histories_in)
        return found

    def is_empty(self, feed: str) -> bool:
        """True if the service holds nothing of this feed; of a long list one page is read."""
        if feed not in self._empty:
            query = urlencode({"feed": feed})
            listed = self._body(f"{self._base}/received?{query}")
            self._empty[feed] = not any(listed)
            listed.close()
        return self._empty[feed]

    def known_items(self, name: str | None, key: str | None) -> list[KnownItem]:
        """The items, kept or refused, that the name, or else the key, stands for."""
        query = urlencode({"key": key or ""} if name is None else {"name": name})
        return [
            known_item(orjson.loads(line))
            for line in _lines(self._body(f"{self._base}/items?{query}"))
        ]

    def names_near(self, name: str) -> list[str]:
        """Names in use that stand beside this one or begin as it does."""
        return self._asked(f"/names?{urlencode({'near': name})}", None, names_in)

    def visibility(self, feed: str, key: str) -> list[Visibility]:
        """Which consuming services show the item; empty if this service does not tell."""
        try:
            return self._asked(f"/visible/{quote(feed)}/{quote(key)}", None, visibilities_in)
        except _NotThere:
            return []

    def _asked(
        self,
        path: str,
        question: dict[str, Any] | None,
        read: Callable[[Any], Value],
        timeout: urllib3.Timeout = TIMEOUT,
    ) -> Value:
        """What is read of the answer to a question, or to a GET if there is none.

        Raises CouldNotTell, which is _NotThere if there is no such thing.
        """
        url = self._base + path
        try:
            method = "POST" if question else "GET"
            answer = self._http.request(method, url, json=question, timeout=timeout)
        except urllib3.exceptions.HTTPError as error:
            raise CouldNotTell(unreachable(url, error)) from None
        if answer.status != OK:
            away = _NotThere if answer.status == NOT_FOUND else CouldNotTell
            raise away(REFUSED.format(url=url, refusal=refusal(answer.status, answer.data)))
        try:
            return read(orjson.loads(answer.data))
        except (orjson.JSONDecodeError, LookupError, TypeError) as error:
            reason = f"{type(error).__name__}: {error}"
            raise CouldNotTell(BROKEN_OFF.format(url=url, reason=reason)) from None

    def _body(self, url: str, question: bytes | None = None) -> Generator[bytes, None, None]:
        """The decoded parts of a streamed answer; its last byte ends a line."""
        method = "GET" if question is None else "POST"
        try:
            answer = self._http.request(
                method, url, body=question, preload_content=False, decode_content=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise CouldNotTell(unreachable(url, error)) from None
        try:
            if answer.status != 200:
                body = answer.read(decode_content=True)
                raise CouldNotTell(REFUSED.format(url=url, refusal=refusal(answer.status, body)))
            yield from _ended(_decoded(answer))
        except (urllib3.exceptions.HTTPError, zlib.error, _BrokenOff) as error:
            raise CouldNotTell(BROKEN_OFF.format(url=url, reason=error)) from None
        finally:
            answer.close()


class _NotThere(CouldNotTell):
    """The service knows nothing of what it was asked for."""


class _BrokenOff(Exception):
    """The body ended where it could not end."""


def _ended(parts: Iterator[bytes]) -> Iterator[bytes]:
    last = b"\n"
    for part in parts:
        yield part
        last = part[-1:]
    if last != b"\n":
        raise _BrokenOff("in the middle of a line")


def _decoded(answer: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """The decoded body; raises unless something in it proves that it came to its end."""
    parts = answer.stream(CHUNK_BYTES, decode_content=False)
    if answer.headers.get("Content-Encoding") == "gzip":
        return _inflated(parts)
    if "Content-Length" in answer.headers or answer.headers.get("Transfer-Encoding") == "chunked":
        return (part for part in parts if part)
    raise _BrokenOff("it is neither gzip, nor chunked, nor of a stated length")


def _inflated(parts: Iterator[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(GZIP_WINDOW_BITS)
    for part in parts:
        while part:
            if inflate.eof:
                inflate = zlib.decompressobj(GZIP_WINDOW_BITS)
            if text := inflate.decompress(part):
                yield text
            part = inflate.unused_data
    if not inflate.eof:
        raise _BrokenOff("its gzip stream has no end")


def _lines(parts: Iterator[bytes]) -> Iterator[bytes]:
    begun = b""
    for part in parts:
        *whole, begun = (begun + part).split(b"\n")
        yield from whole


def _digests(feeds: dict[str, Any]) -> dict[str, Digests]:
    return {
        feed: {name: _bucket(*numbers) for name, numbers in buckets.items()}
        for feed, buckets in feeds.items()
    }


def _bucket(alive: int, total: str, unsettled: int, resent: int) -> Bucket:
    return Bucket(alive, int(total, 16), unsettled, resent)


def _parts(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), ASKED_AT_ONCE):
        yield values[start : start + ASKED_AT_ONCE]


def _queries(feed_names: Sequence[str] | None, **more: str) -> list[str]:
    if feed_names is None:
        return [f"?{urlencode(more)}" if more else ""]
    return [f"?{urlencode({'feed': name, **more})}" for name in feed_names]
