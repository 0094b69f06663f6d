"""Who may send, and what the others are told."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import jwt
import pytest

from mcs.contract.signature import key_pair, sign
from mcs.server.gateway import key_hash
from tests.server.running import Answer, DataSpaceClient, RunningService, product

BATCH = [product("A")]


def _refused(answer: Answer, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = answer.json()
    assert (answer.status, body["status"], body["code"]) == (status, status, code)
    assert body["error"] == {"code": code, "message": body["message"]}
    assert answer.headers["x-request-id"]
    return body


def test_signed_request_with_known_key_is_let_in(data_space: DataSpaceClient) -> None:
    answer = data_space.post("products", BATCH)

    assert answer.status == 200


def test_unknown_route_names_the_routes_there_are(data_space: DataSpaceClient) -> None:
    answer = data_space.post("products", BATCH, path=f"/feeds/nothing/v1/{data_space.id}")

    body = _refused(answer, 404, "unknown_route")
    assert "feeds/catalog/v2/products" in body["detail"]


@pytest.mark.parametrize("bad_id", ["not-a-uuid", str(uuid4())], ids=["no_uuid", "nobodys"])
def test_unknown_data_space_is_not_found(data_space: DataSpaceClient, bad_id: str) -> None:
    answer = data_space.post("products", BATCH, path=f"/feeds/catalog/v2/products/{bad_id}")

    body = _refused(answer, 404, "unknown_data_space")
    assert bad_id in body["detail"]


def test_data_space_id_is_taken_in_upper_case_too(data_space: DataSpaceClient) -> None:
    path = f"/feeds/catalog/v2/products/{data_space.id.upper()}"

    answer = data_space.post("products", BATCH, path=path)

    assert answer.status == 200


def test_route_is_judged_before_data_space_and_key(data_space: DataSpaceClient) -> None:
    answer = data_space.post("products", BATCH, path="/a/b", headers={"x-api-key": None})

    _refused(answer, 404, "unknown_route")


def test_missing_api_key_is_forbidden(data_space: DataSpaceClient) -> None:
    answer = data_space.post("products", BATCH, headers={"x-api-key": None})

    _refused(answer, 403, "missing_api_key")


def test_unknown_api_key_gets_the_text_that_clients_recognise(data_space: DataSpaceClient) -> None:
    answer = data_space.post("products", BATCH, headers={"x-api-key": "nobody's"})

    body = _refused(answer, 403, "unknown_api_key")
    assert body["error"]["message"] == "Client ID is invalid"


def test_key_of_another_data_space_is_forbidden(
    service: RunningService, data_space: DataSpaceClient
) -> None:
    other = service.data_space()

    answer = other.post("products", BATCH, path=data_space.path("products"))

    _refused(answer, 403, "key_not_for_data_space")


def test_one_key_may_serve_two_data_spaces(
    service: RunningService, data_space: DataSpaceClient
) -> None:
    other = service.data_space()
    [registered] = service.store.keys.registrations_of(key_hash(data_space.api_key))
    service.store.keys.register(other.id, key_hash(data_space.api_key), registered.public_key, "")

    answer = data_space.post("products", BATCH, path=other.path("products"))

    assert answer.status == 200
    assert len(other.received()) == 1


def test_old_and_new_key_pair_are_good_while_keys_rotate(
    service: RunningService, data_space: DataSpaceClient
) -> None:
    private_key, public_key = key_pair()
    service.store.keys.register(data_space.id, key_hash(data_space.api_key), public_key, "")

    old = data_space.post("products", BATCH)
    token = sign(private_key, datetime.now(UTC))
    new = data_space.post("products", BATCH, headers={"x-gw-signature": token})

    assert (old.status, new.status) == (200, 200)


def test_missing_signature_is_unauthorized(data_space: DataSpaceClient) -> None:
    answer = data_space.post("products", BATCH, headers={"x-gw-signature": None})

    _refused(answer, 401, "missing_signature")


@pytest.mark.parametrize("token", ["", "rubbish", "a.b.c", "Bearer x", "é.é.é", "eyJ9..x"])
def test_what_is_no_token_is_unauthorized(data_space: DataSpaceClient, token: str) -> None:
    answer = data_space.post("products", BATCH, headers={"x-gw-signature": token})

    body = answer.json()
    assert (answer.status, body["message"]) == (401, "JWT is invalid")


def test_signature_of_another_key_is_unauthorized(data_space: DataSpaceClient) -> None:
    stranger, _ = key_pair()
    token = sign(stranger, datetime.now(UTC))

    answer = data_space.post("products", BATCH, headers={"x-gw-signature": token})

    body = _refused(answer, 401, "jwt_invalid")
    assert body["message"] == "JWT is invalid"


def test_unsigned_token_is_unauthorized(data_space: DataSpaceClient) -> None:
    token = jwt.encode({"exp": 2**40}, "", algorithm="none")

    answer = data_space.post("products", BATCH, headers={"x-gw-signature": token})

    _refused(answer, 401, "jwt_invalid")


def test_token_without_expiry_is_unauthorized(data_space: DataSpaceClient) -> None:
    token = jwt.encode({"iss": "shop"}, data_space.private_key, algorithm="RS256")

    answer = data_space.post("products", BATCH, headers={"x-gw-signature": token})

    _refused(answer, 401, "jwt_without_exp")


def test_expired_token_is_unauthorized_and_says_how_late(data_space: DataSpaceClient) -> None:
    token = sign(data_space.private_key, datetime.now(UTC) - timedelta(hours=1))

    answer = data_space.post("products", BATCH, headers={"x-gw-signature": token})

    body = _refused(answer, 401, "jwt_expired")
    assert "check the clock" in body["detail"]


def test_token_that_expired_within_the_leeway_is_taken(data_space: DataSpaceClient) -> None:
    token = sign(data_space.private_key, datetime.now(UTC) - timedelta(seconds=305))

    answer = data_space.post("products", BATCH, headers={"x-gw-signature": token})

    assert answer.status == 200


def test_request_id_is_echoed(data_space: DataSpaceClient) -> None:
    given = str(uuid4())

    good = data_space.post("products", BATCH, headers={"X-Request-Id": given})
    bad = data_space.post("products", b"{", headers={"X-Request-Id": given})

    assert [good.headers["x-request-id"], bad.headers["x-request-id"]] == [given, given]


@pytest.mark.parametrize("unusable", [None, "with space", "x" * 200], ids=["none", "space", "long"])
def test_request_without_usable_id_gets_one_of_16_digits(
    data_space: DataSpaceClient, unusable: str | None
) -> None:
    answer = data_space.post("products", BATCH, headers={"X-Request-Id": unusable})

    assert len(bytes.fromhex(answer.headers["x-request-id"])) == 8
