"""Hostile requests, and what each gets. `python -m tests.server.hostile` writes them to the docs.

Each is sent over a socket of its own to `mcs serve`, as an attacker would.
"""

import gzip
import json
import os
import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import urllib3

from mcs.server_process import server_process
from tests.server.running import DataSpaceClient, elsewhere, product

PAGE = Path(__file__).parents[2] / "docs" / "hardening.md"
BEGIN, END = "<!-- begin: hostile requests -->", "<!-- end: hostile requests -->"
TIMEOUT_S = 30
LIMITS = {
    "MCS_REQUEST_TIMEOUT_S": "2",
    "MCS_MAX_BODY_BYTES": "1000000",
    "MCS_MAX_DECODED_BYTES": "20000000",
    "MCS_MAX_ITEMS": "1000",
}
MEGABYTE = 1_000_000
MANY_OBJECTS = b"[" + b",".join([b"{}"] * 2_500_000) + b"]"


@dataclass(frozen=True, slots=True)
class Got:
    """What came back. code: the error's, or how the batch fared."""

    status: int
    code: str

    def __str__(self) -> str:
        return f"{self.status} `{self.code}`" if self.code else str(self.status)


@dataclass(frozen=True, slots=True)
class Hostile:
    """title: what is sent, in words. raw: the request, to this data space. got: what it gets."""

    kind: str
    title: str
    raw: Callable[[DataSpaceClient], bytes]
    got: str


def batch(
    body: bytes, headers: dict[str, str | None] | None = None, length: int | None = None
) -> Callable[[DataSpaceClient], bytes]:
    """A signed batch of products. headers: changes. length: what Content-Length says."""

    def raw(to: DataSpaceClient) -> bytes:
        given = {**to.headers(), "Content-Length": str(len(body) if length is None else length)}
        return _request("POST", to.path("products"), given | (headers or {}), body)

    return raw


def gzipped(*members: bytes, times: int = 1) -> Callable[[DataSpaceClient], bytes]:
    """A signed batch of gzip members."""
    body = b"".join(members) * times
    return batch(body, {"Content-Encoding": "gzip"})


def bare(text: bytes) -> Callable[[DataSpaceClient], bytes]:
    """Bytes as they are."""
    return lambda _: text


def asking(method: str, path: str, **headers: str) -> Callable[[DataSpaceClient], bytes]:
    """A request without a body; {id} in its path is the data space's."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return lambda to: _request(method, path.format(id=to.id), named, b"")


def packed(text: bytes) -> bytes:
    """One gzip member."""
    return gzip.compress(text, 9, mtime=0)


GOOD = json.dumps([product("A")]).encode()
CHUNKED: dict[str, str | None] = {"Content-Length": None, "Transfer-Encoding": "chunked"}

HOSTILE: tuple[Hostile, ...] = (
    Hostile("HTTP", "no HTTP at all", bare(b"\x16\x03\x01\x02\r\n\r\n"), "400 `malformed_request`"),
    Hostile(
        "HTTP",
        "a first line of 8 kB",
        bare(b"GET /" + b"a" * 8_000 + b" HTTP/1.1\r\n\r\n"),
        "414 `uri_too_long`",
    ),
    Hostile(
        "HTTP",
        "a header of 16 kB",
        asking("GET", "/control/health", Cookie="a" * 16_000),
        "431 `headers_too_large`",
    ),
    Hostile(
        "HTTP",
        "200 headers",
        asking("GET", "/control/health", **{f"x_{n}": "y" for n in range(200)}),
        "431 `headers_too_large`",
    ),
    Hostile(
        "HTTP",
        "headers without end, 2 MB of them",
        bare(b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 330_000),
        "431 `headers_too_large`",
    ),
    Hostile(
        "HTTP",
        "a header folded over two lines",
        bare(b"GET / HTTP/1.1\r\nHost: localhost\r\nA: b\r\n c\r\n\r\n"),
        "400 `malformed_request`",
    ),
    Hostile(
        "HTTP",
        "both Content-Length and Transfer-Encoding (smuggling)",
        batch(b"0\r\n\r\nGET /x HTTP/1.1\r\n\r\n", {"Transfer-Encoding": "chunked"}),
        "400 `malformed_request`",
    ),
    Hostile(
        "HTTP",
        "two different lengths",
        batch(GOOD, {"content-length": "1"}),
        "400 `malformed_request`",
    ),
    Hostile(
        "HTTP",
        "Content-Type, twice",
        batch(GOOD, {"content-type": "text/plain"}),
        "400 `malformed_request`",
    ),
    Hostile("HTTP", "a negative length", batch(GOOD, length=-1), "400 `malformed_request`"),
    Hostile(
        "HTTP",
        "a chunk whose size is no number",
        batch(b"zz\r\n[]\r\n0\r\n\r\n", CHUNKED),
        "400 `body_broken_off`",
    ),
    Hostile(
        "HTTP", "the method TRACE", asking("TRACE", "/control/health"), "405 `method_not_allowed`"
    ),
    Hostile(
        "slow",
        "headers that stop in the middle",
        bare(b"POST / HTTP/1.1\r\nHost: localhost\r\n"),
        "408 `request_timeout`",
    ),
    Hostile(
        "slow",
        "a body that stops in the middle",
        batch(GOOD[:9], length=99),
        "408 `request_timeout`",
    ),
    Hostile(
        "slow",
        "a chunked body that stops in the middle",
        batch(b"99\r\n[{", CHUNKED),
        "408 `request_timeout`",
    ),
    Hostile(
        "size", "a body that says it has 1 TB", batch(GOOD, length=10**12), "413 `body_too_large`"
    ),
    Hostile(
        "size",
        "a chunked body beyond the limit",
        batch(b"100000\r\n" + b" " * 0x100000 + b"\r\n0\r\n\r\n", CHUNKED),
        "413 `body_too_large`",
    ),
    Hostile(
        "size",
        "gzip of 100 MB of blanks in 100 kB",
        gzipped(packed(b" " * (100 * MEGABYTE))),
        "413 `body_too_large`",
    ),
    Hostile(
        "size",
        "gzip within gzip",
        gzipped(packed(packed(GOOD))),
        "400 `invalid_json`",
    ),
    Hostile(
        "size",
        "40,000 empty gzip members one after another",
        gzipped(packed(b""), times=40_000),
        "400 `invalid_gzip`",
    ),
    Hostile(
        "size",
        "2.5 million empty objects in 30 kB of gzip",
        gzipped(packed(MANY_OBJECTS + b" " * 2 * MEGABYTE)),
        "413 `too_many_values`",
    ),
    Hostile(
        "size",
        "1,001 items of nothing",
        batch(b"[" + b"0," * 1_000 + b"0]"),
        "413 `too_many_items`",
    ),
    Hostile(
        "size",
        "a form of 100 kB for a token",
        lambda _: _request(
            "POST",
            "/ims/token/v3",
            {"Content-Type": "application/x-www-form-urlencoded", "Content-Length": 100_000},
            b"a" * 100_000,
        ),
        "413 `request_entity_too_large`",
    ),
    Hostile(
        "JSON",
        "100,000 arrays in one another",
        batch(b"[" * 100_000 + b"]" * 100_000),
        "400 `invalid_json`",
    ),
    Hostile(
        "JSON",
        "an item 600 levels deep",
        batch(b'[{"a":' + b"[" * 600 + b"]" * 600 + b"}]"),
        "400 `nested_too_deep`",
    ),
    Hostile(
        "JSON",
        "a number of 100,000 digits",
        batch(b'[{"sku":' + b"9" * 100_000 + b"}]"),
        "400 `invalid_json`",
    ),
    Hostile("JSON", "NaN", batch(b"[NaN]"), "400 `invalid_json`"),
    Hostile("JSON", "half a surrogate pair", batch(b'["\\ud800"]'), "400 `invalid_json`"),
    Hostile("JSON", "bytes that are not UTF-8", batch(b'["\xff\xfe"]'), "400 `invalid_json`"),
    Hostile(
        "JSON",
        "the same key a thousand times",
        batch(b"[{" + b'"sku":1,' * 1_000 + b'"sku":1}]'),
        "400 `invalid_items`",
    ),
    Hostile(
        "JSON", "a SKU of NUL characters", batch(json.dumps([product("\0\0")]).encode()), "200"
    ),
    Hostile("JSON", "a SKU of 900 kB", batch(json.dumps([product("A" * 900_000)]).encode()), "200"),
    Hostile(
        "path",
        "a way out of the folder",
        asking("GET", "/dashboard/static/../../../../etc/passwd", Accept="application/json"),
        "404 `not found`",
    ),
    Hostile(
        "path",
        "the same, percent-encoded",
        asking("GET", "/dashboard/static/%2e%2e%2f%2e%2e%2fserve.py", Accept="application/json"),
        "404 `not found`",
    ),
    Hostile(
        "path",
        "SQL in the place of a feed",
        asking("GET", "/control/data-spaces/{id}/received?feed=products'%20OR%201=1--"),
        "400 `bad_request`",
    ),
    Hostile(
        "caller",
        "no API key",
        batch(GOOD, {"x-api-key": None}),
        "403 `missing_api_key`",
    ),
    Hostile(
        "caller", "no signature", batch(GOOD, {"x-gw-signature": None}), "401 `missing_signature`"
    ),
    Hostile(
        "caller",
        "a token that says it needs no signature",
        batch(GOOD, {"x-gw-signature": "eyJhbGciOiJub25lIn0.eyJleHAiOjk5OTk5OTk5OTl9."}),
        "401 `jwt_invalid`",
    ),
    Hostile(
        "caller",
        "the control API from a page of another site",
        asking("POST", "/control/data-spaces/{id}/reset", Origin="http://evil.example"),
        "403 `control_forbidden`",
    ),
    Hostile(
        "caller",
        "the control API through a proxy on this machine, without the token",
        asking("GET", "/control/data-spaces", X_Forwarded_For="203.0.113.9"),
        "403 `control_forbidden`",
    ),
    Hostile(
        "caller",
        "a page by a foreign name for this machine (DNS rebinding)",
        asking("GET", "/data-spaces/", Host="evil.example", Accept="application/json"),
        "403 `foreign_host`",
    ),
)


@contextmanager
def under_attack(folder: Path, **limits: str) -> Iterator[tuple[int, DataSpaceClient]]:
    """`mcs serve` with small limits, or others: its port, and a data space."""
    environ = {**os.environ, **LIMITS, **limits}
    with (
        server_process(folder, quiet=True, env=environ) as server,
        urllib3.PoolManager(retries=False) as http,
    ):
        url = server.url.rstrip("/")
        service = elsewhere(url, http)
        yield int(url.rpartition(":")[2]), service.data_space()


def sent(port: int, request: bytes) -> Got:
    """What a request gets, over a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), TIMEOUT_S) as connection:
        # It may answer before it has all; the answer is on the line then.
        with suppress(ConnectionError):
            connection.sendall(request)
        return read(connection)


def read(connection: socket.socket) -> Got:
    """The answer that comes on a connection."""
    text = b""
    while b"\r\n\r\n" not in text and (part := connection.recv(65_536)):
        text += part
    head, _, body = text.partition(b"\r\n\r\n")
    length = int((re.findall(rb"(?i)content-length: (\d+)", head) or [b"0"])[0])
    while len(body) < length and (part := connection.recv(65_536)):
        body += part
    status = int(head.split(b" ", 2)[1])
    return Got(status, _code(status, body))


def table() -> str:
    """The rows of the page."""
    lines = ["| what comes | | what it gets |", "| --- | --- | --- |"]
    lines += [f"| {each.kind} | {each.title} | {each.got} |" for each in HOSTILE]
    return "\n".join(lines)


def page_with(rows: str) -> str:
    """The page with these rows."""
    before, _, rest = PAGE.read_text("utf-8").partition(BEGIN)
    return f"{before}{BEGIN}\n\n{rows}\n\n{END}{rest.partition(END)[2]}"


def _code(status: int, body: bytes) -> str:
    if status < 400:
        return ""
    said = json.loads(body)
    return str(said["code"]) if "code" in said else "invalid_items"


def _request(method: str, path: str, headers: dict[str, Any], body: bytes) -> bytes:
    named = {"Host": "localhost", **headers}
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"{name}: {text}" for name, text in named.items() if text is not None]
    return "\r\n".join([*lines, "", ""]).encode() + body


if __name__ == "__main__":
    PAGE.write_text(page_with(table()), "utf-8")
    sys.stdout.write(f"{len(HOSTILE)} hostile requests written to {PAGE}\n")
