"""The reader of the received side: whole lists, or an error that says what is wrong."""

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from mcs.contract.canonical import content_hash, identity_key
from mcs.contract.errors import UsageError
from mcs.harness.errors import CouldNotTell
from mcs.harness.sources.service import Service
from tests.harness.sides import PRICES, DataSpace, identity_of, price
from tests.server.running import RunningService

LINES = b'{"feed": "prices"}\n' * 100
ZIPPED = gzip.compress(LINES)
OK = b"HTTP/1.1 200 OK\r\n"
GZIPPED = OK + b"Content-Encoding: gzip\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
SPACE = "3f1c8f6e-0000-4000-8000-000000000000"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def read(url: str, folder: Path, data_space_id: str = SPACE, **options: Any) -> bytes:
    path = folder / "received.ndjson"
    with Service(url, data_space_id, **options) as service:
        service.write_received(None, path)
    return path.read_bytes()


def test_what_the_service_holds_becomes_lines(data_space: DataSpace, tmp_path: Path) -> None:
    batch = data_space.receive(price("A"), price("B"))

    found = read(data_space.url, tmp_path, data_space.id).splitlines()

    lines = {line["key"]: line for line in map(orjson.loads, found)}
    line = lines[identity_key(PRICES, price("B"))]
    assert line["identity"] == identity_of("B")
    assert (line["index"], line["request_id"]) == (1, batch.request_id)
    assert line["hash"] == content_hash(PRICES, price("B"))


def test_refusals_come_without_their_items(data_space: DataSpace, tmp_path: Path) -> None:
    data_space.receive({**price("A"), "regular": "12,50"})
    path = tmp_path / "rejected.ndjson"

    with Service(data_space.url, data_space.id) as service:
        service.write_rejected(["products", "prices"], path)

    [line] = map(orjson.loads, path.read_bytes().splitlines())
    assert line["identity"] == identity_of("A")
    assert [error["pointer"] for error in line["errors"]] == ["/regular"]
    assert "item" not in line


def test_the_versions_of_an_item_come_oldest_first(data_space: DataSpace) -> None:
    for regular in (1, 2, 3):
        data_space.receive(price("A", regular))

    with Service(data_space.url, data_space.id) as service:
        versions = service.versions("prices", identity_key(PRICES, price("A")))

    assert [version.item["regular"] for version in versions] == [1, 2, 3]


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: %d\r\n\r\n" % len(LINES) + LINES,
        OK + CHUNKED + chunk(LINES) + chunk(b""),
        GZIPPED + CHUNKED + chunk(ZIPPED) + chunk(b""),
        GZIPPED + b"\r\n" + ZIPPED,
        GZIPPED + CHUNKED + chunk(ZIPPED[:30]) + chunk(ZIPPED[30:]) + chunk(b""),
        GZIPPED
        + CHUNKED
        + chunk(gzip.compress(LINES[:19]) + gzip.compress(LINES[19:38]))
        + chunk(gzip.compress(LINES[38:]))
        + chunk(b""),
    ],
    ids=["of-stated-length", "chunked", "gzip-chunked", "gzip", "gzip-in-two", "gzip-members"],
)
def test_a_whole_answer_is_read_as_it_is(
    canned: Callable[[bytes], str], tmp_path: Path, answer: bytes
) -> None:
    assert read(canned(answer), tmp_path) == LINES


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"Content-Length: %d\r\n\r\n" % len(LINES) + LINES[:-19],
        OK + b"Content-Length: %d\r\n\r\n" % (len(LINES) - 5) + LINES[:-5],
        OK + CHUNKED + chunk(LINES),
        OK + CHUNKED + chunk(LINES)[:-30],
        GZIPPED + CHUNKED + chunk(ZIPPED[:-4]) + chunk(b""),
        GZIPPED + CHUNKED + chunk(b"") + chunk(b""),
        GZIPPED + CHUNKED + chunk(ZIPPED),
        GZIPPED + b"\r\n" + ZIPPED[:-12],
        GZIPPED + b"\r\n" + LINES,
        OK + b"\r\n" + LINES,
    ],
    ids=[
        "length",
        "line",
        "last-chunk",
        "chunk",
        "gzip-end",
        "gzip-empty",
        "gzip-last-chunk",
        "gzip-without-chunks",
        "no-gzip",
        "no-end-to-see",
    ],
)
def test_an_answer_that_broke_off_is_no_shorter_list(
    canned: Callable[[bytes], str], tmp_path: Path, answer: bytes
) -> None:
    with pytest.raises(CouldNotTell, match="broke off before its end"):
        read(canned(answer), tmp_path)


def test_an_unknown_data_space_is_told_in_the_services_words(
    service: RunningService, tmp_path: Path
) -> None:
    with pytest.raises(CouldNotTell, match=f'404 Not Found: There is no data space "{SPACE}"'):
        read(service.url, tmp_path)


def test_something_that_is_no_service_is_told(
    canned: Callable[[bytes], str], tmp_path: Path
) -> None:
    page = canned(b"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\nwhat")

    with pytest.raises(CouldNotTell, match=r"answered 500 Internal Server Error\. Check that"):
        read(page, tmp_path)
    with Service(page, SPACE) as other, pytest.raises(CouldNotTell, match="answered 500"):
        other.versions("prices", "0")


def test_versions_that_are_no_json_are_told(canned: Callable[[bytes], str]) -> None:
    page = canned(OK + b"Content-Length: 2\r\n\r\n{}")

    with Service(page, SPACE) as other, pytest.raises(CouldNotTell, match="broke off"):
        other.versions("prices", "0")


def test_a_service_that_is_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(CouldNotTell, match=r"no answer from http://127\.0\.0\.1:9/.*mcs serve"):
        read("http://127.0.0.1:9", tmp_path)


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://host", "http://"])
def test_a_url_that_is_none_is_wrong_usage(url: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no URL of a service"):
        read(url, tmp_path)
