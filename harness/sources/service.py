"""The received side: what the service holds and refused, asked over its control API.

Lists are streamed to NDJSON files for the reconciliation. An answer that broke off is an error,
never a shorter list.
"""

import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import orjson
import urllib3

from mcs.contract.digests import Bucket, Digests
from mcs.harness.client import TIMEOUT, USER_AGENT, checked_url, refusal, unreachable
from mcs.harness.errors import CouldNotTell
from mcs.harness.sides import Elsewhere, RequestFacts, Version

CONNECTIONS = 8
CHUNK_BYTES = 1 << 16
GZIP_WINDOW_BITS = 31
BUCKETS_AT_ONCE = 256
_IS_BUCKET = re.compile("[0-9a-f]{3}")
REFUSED = (
    "{url} answered {refusal} Check that it is a service of `mcs serve` and that --data-space "
    "names one of its data spaces (`mcs dataspace list`)."
)
BROKEN_OFF = (
    "the answer of {url} broke off before its end ({reason}), so nothing can be said about what "
    "it did not list. Run this again."
)


class Service:
    """A received side: one data space of a running service. Use it in a `with` block."""

    def __init__(self, url: str, data_space_id: str, token: str | None = None) -> None:
        self.name = f"data space {data_space_id} of {url}"
        self._base = f"{checked_url(url)}/control/data-spaces/{quote(data_space_id, safe='')}"
        headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip"}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self._http = urllib3.PoolManager(
            headers=headers, maxsize=CONNECTIONS, block=True, timeout=TIMEOUT, retries=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.clear()

    def write_received(self, feeds: Sequence[str] | None, path: Path) -> None:
        """Writes one JSON line per identity the service holds, of these feeds or of all.

        Fields: feed, key, identity, hash, deleted, modified_at, received_at, request_id, index,
        versions, repeats. Raises CouldNotTell.
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
        url = f"{self._base}/digests"
        with _whole(url):
            return {
                feed: {name: _bucket(*numbers) for name, numbers in buckets.items()}
                for feed, buckets in self._document(url)["feeds"].items()
                if feeds is None or feed in feeds
            }

    def write_received_buckets(self, buckets: Mapping[str, Sequence[str]], path: Path) -> None:
        """Writes the lines of some buckets of each feed. Raises CouldNotTell."""
        with path.open("wb") as file:
            for feed, names in buckets.items():
                # A feed id that is no key may name a bucket that no service has.
                known = [name for name in names if _IS_BUCKET.fullmatch(name)]
                for start in range(0, len(known), BUCKETS_AT_ONCE):
                    some = ",".join(known[start : start + BUCKETS_AT_ONCE])
                    query = urlencode({"feed": feed, "buckets": some})
                    file.writelines(self._body(f"{self._base}/received?{query}"))

    def versions(self, feed: str, key: str) -> list[Version]:
        """Every accepted write of one identity, oldest first. Raises CouldNotTell."""
        url = f"{self._base}/received/{quote(feed)}/{quote(key)}"
        with _whole(url):
            return [_version(entry) for entry in self._document(url)["versions"]]

    def elsewhere(self, feed: str, keys: Sequence[str]) -> list[Elsewhere]:
        """Where else on this service the identities are alive."""
        return []

    def requests(self, request_ids: Sequence[str]) -> dict[str, RequestFacts]:
        """What the journal says of these requests."""
        return {}

    def _document(self, url: str) -> Any:
        try:
            answer = self._http.request("GET", url)
        except urllib3.exceptions.HTTPError as error:
            raise CouldNotTell(unreachable(url, error)) from None
        if answer.status != 200:
            raise CouldNotTell(REFUSED.format(url=url, refusal=refusal(answer.status, answer.data)))
        with _whole(url):
            return orjson.loads(answer.data)

    def _body(self, url: str) -> Iterator[bytes]:
        """The decoded parts of a streamed answer; its last byte ends a line."""
        try:
            answer = self._http.request("GET", url, preload_content=False, decode_content=False)
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


@contextmanager
def _whole(url: str) -> Iterator[None]:
    try:
        yield
    except (orjson.JSONDecodeError, LookupError, TypeError, ValueError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise CouldNotTell(BROKEN_OFF.format(url=url, reason=reason)) from None


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


def _bucket(alive: int, total: str, unsettled: int, resent: int) -> Bucket:
    return Bucket(alive, int(total, 16), unsettled, resent)


def _version(entry: dict[str, Any]) -> Version:
    return Version(
        entry["hash"], entry["deleted"], entry["received_at"], entry["request_id"], entry["item"]
    )


def _queries(feed_names: Sequence[str] | None) -> list[str]:
    if feed_names is None:
        return [""]
    return [f"?{urlencode({'feed': name})}" for name in feed_names]
