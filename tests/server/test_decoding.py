"""Bodies: plain and packed, good and broken."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from mcs.server.decoding import inflated
from tests.server.running import DataSpaceClient, RunningService, config, product, running

BODY = json.dumps([product("A")]).encode()


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service that takes small bodies only."""
    directory: Path = tmp_path_factory.mktemp("narrow")
    with running(config(directory, max_body_bytes=1_000, max_decoded_bytes=5_000)) as service:
        yield service


@pytest.mark.parametrize("compress", [True, False], ids=["gzip", "plain"])
def test_batch_is_received_packed_or_not(data_space: DataSpaceClient, compress: bool) -> None:
    answer = data_space.post("products", [product("A"), product("B")], compress=compress)

    assert answer.json() == {"feedItemReceivedCount": 2, "invalidFeedItems": []}
    assert len(data_space.received()) == 2


@pytest.mark.parametrize("encoding", ["identity", "GZIP", "x-gzip"])
def test_content_encoding_is_read_in_all_its_spellings(
    data_space: DataSpaceClient, encoding: str
) -> None:
    body = BODY if encoding == "identity" else gzip.compress(BODY)

    answer = data_space.post("products", body, headers={"Content-Encoding": encoding})

    assert answer.status == 200


def test_gzip_of_several_members_is_one_body(data_space: DataSpaceClient) -> None:
    body = gzip.compress(BODY[:10]) + gzip.compress(BODY[10:])

    answer = data_space.post("products", body, headers={"Content-Encoding": "gzip"})

    assert answer.status == 200


def test_charset_beside_the_content_type_is_fine(data_space: DataSpaceClient) -> None:
    content_type = "application/json; charset=utf-8"

    answer = data_space.post("products", BODY, headers={"Content-Type": content_type})

    assert answer.status == 200


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_other_content_types_are_refused(
    data_space: DataSpaceClient, content_type: str | None
) -> None:
    answer = data_space.post("products", BODY, headers={"Content-Type": content_type})

    body = answer.json()
    assert (answer.status, body["code"]) == (415, "unsupported_content_type")
    assert "Send application/json." in body["detail"]


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
def test_other_content_encodings_are_refused(data_space: DataSpaceClient, encoding: str) -> None:
    answer = data_space.post("products", BODY, headers={"Content-Encoding": encoding})

    assert (answer.status, answer.json()["code"]) == (415, "unsupported_content_encoding")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(BODY, id="not_packed"),
        pytest.param(gzip.compress(BODY)[:-4], id="cut_off"),
        pytest.param(gzip.compress(BODY) + b"rest", id="with_a_rest"),
        pytest.param(gzip.compress(BODY)[:-8] + b"\0" * 8, id="wrong_checksum"),
    ],
)
def test_broken_gzip_is_refused(data_space: DataSpaceClient, body: bytes) -> None:
    answer = data_space.post("products", body, headers={"Content-Encoding": "gzip"})

    assert (answer.status, answer.json()["code"]) == (400, "invalid_gzip")


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b"", "line 1, column 1"),
        (b'[\n {"sku": }]', "line 2, column 10"),
        (b'[{"sku": "A"},]', "line 1, column 14"),
        (b'["\\ud800"]', "line 1"),
        (b"[NaN]", "line 1, column 2"),
        (b'["a",\n "\xc3\xa9 \xff"]', "line 2, column 5: the byte 0xff is not UTF-8"),
    ],
    ids=["nothing", "hole", "comma", "half_a_character", "not_a_number", "not_utf_8"],
)
def test_broken_json_is_refused_with_its_place(
    data_space: DataSpaceClient, body: bytes, place: str
) -> None:
    answer = data_space.post("products", body)

    assert (answer.status, answer.json()["code"]) == (400, "invalid_json")
    assert place in answer.json()["detail"]


def test_gzip_that_no_header_tells_of_is_named(data_space: DataSpaceClient) -> None:
    answer = data_space.post("products", gzip.compress(b'[{"sku": "A"}]'))

    assert (answer.status, answer.json()["code"]) == (400, "invalid_json")
    assert "Content-Encoding: gzip" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"sku": "A"}', "not_an_array"),
        (b'"A"', "not_an_array"),
        (b"null", "not_an_array"),
        (b"[]", "empty_batch"),
        (b'[{"a":' + b"[" * 600 + b"]" * 600 + b"}]", "nested_too_deep"),
        (b"[" * 100_000 + b"]" * 100_000, "invalid_json"),
    ],
    ids=["object", "text", "null", "empty", "deep", "deeper"],
)
def test_json_that_is_no_batch_is_refused(
    data_space: DataSpaceClient, body: bytes, code: str
) -> None:
    answer = data_space.post("products", body)

    assert (answer.status, answer.json()["code"]) == (400, code)


def test_body_over_the_limit_is_refused(narrow: RunningService) -> None:
    answer = narrow.data_space().post("products", b" " * 1_001)

    body = answer.json()
    assert (answer.status, body["code"]) == (413, "body_too_large")
    assert "1,000 bytes as it comes" in body["detail"]


def test_body_over_the_limit_once_unpacked_is_refused(narrow: RunningService) -> None:
    answer = narrow.data_space().post("products", b" " * 5_001, compress=True)

    body = answer.json()
    assert (answer.status, body["code"]) == (413, "body_too_large")
    assert "5,000 bytes once unpacked" in body["detail"]


def test_unpacking_stops_at_the_limit() -> None:
    bomb = gzip.compress(b"0" * 1_000)

    assert inflated(bomb, 1_000).text == b"0" * 1_000
    with pytest.raises(Exception, match="once unpacked"):
        inflated(bomb, 999)


def test_body_of_one_and_a_half_megabytes_is_received(data_space: DataSpaceClient) -> None:
    batch = [product(f"S-{number}", description="x" * 15_000) for number in range(100)]

    answer = data_space.post("products", batch)

    assert answer.json()["feedItemReceivedCount"] == 100
    assert data_space.requests()[0]["body_bytes"] > 1_500_000
