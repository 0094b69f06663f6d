"""What the journal says of one request, and the body that it came with."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from mcs.contract.signature import sign
from tests.server.running import DataSpaceClient, product


def test_one_request_is_shown_as_in_the_listing(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A")])
    [listed] = data_space.requests()

    shown = data_space.control("GET", f"/requests/{listed['id']}")

    assert shown.json() == listed


@pytest.mark.parametrize("compress", [True, False], ids=["gzip", "plain"])
def test_body_of_a_request_is_given_as_it_came(data_space: DataSpaceClient, compress: bool) -> None:
    body = b'[ {"sku" : "A\\u00e9" , "storeViewCode":"default","deleted":false} ]'
    data_space.post("products", body, compress=compress)

    answer = data_space.control("GET", f"/requests/{data_space.requests()[0]['id']}/body")

    assert (answer.data, answer.headers["Content-Type"]) == (body, "application/json")


def test_body_that_is_no_json_is_given_as_bytes(data_space: DataSpaceClient) -> None:
    data_space.post("products", b"\xff no JSON")

    answer = data_space.control("GET", f"/requests/{data_space.requests()[0]['id']}/body")

    assert answer.data == b"\xff no JSON"
    assert answer.headers["Content-Type"] == "application/octet-stream"


def test_request_that_was_not_let_in_has_no_body(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A")], headers={"x-api-key": "nobody"})
    [request] = data_space.requests()

    answer = data_space.control("GET", f"/requests/{request['id']}/body")

    assert (answer.status, answer.json()["code"]) == (404, "unknown_request")


@pytest.mark.parametrize("path", ["/requests/0", "/requests/x", "/requests/9999999/body"])
def test_request_of_nobody_is_not_found(data_space: DataSpaceClient, path: str) -> None:
    answer = data_space.control("GET", path)

    assert (answer.status, answer.json()["code"]) == (404, "unknown_request")


def test_journal_tells_what_a_good_signature_said(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A")])

    [request] = data_space.requests()

    signature = request["signature"]
    assert (signature["verified"], signature["algorithm"]) == (True, "RS256")
    assert list(signature["claims"]) == ["exp"]
    assert request["answered"] is True


def test_journal_tells_what_an_expired_signature_said(data_space: DataSpaceClient) -> None:
    token = sign(data_space.private_key, datetime.now(UTC) - timedelta(hours=1))

    data_space.post("products", [product("A")], headers={"x-gw-signature": token})

    [request] = data_space.requests()
    assert (request["status"], request["signature"]["verified"]) == (401, False)
    assert token.split(".")[2] not in str(request)


@pytest.mark.parametrize(
    "token",
    [
        None,
        "no token",
        "a.b.c",
        jwt.encode({"exp": 2**70}, "secret" * 8, algorithm="HS256"),
    ],
    ids=["none", "word", "parts", "too large a number"],
)
def test_signature_that_cannot_be_read_is_null(
    data_space: DataSpaceClient, token: str | None
) -> None:
    data_space.post("products", [product("A")], headers={"x-gw-signature": token})

    [request] = data_space.requests()
    assert request["signature"] is None
