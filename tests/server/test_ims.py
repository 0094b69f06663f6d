"""The token service, and what becomes of callers whose token is not good."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server.catalog_client import CatalogClient, catalog_client, product
from tests.server.running import RunningService, config, running

DAY_S = 24 * 3600
MISSING = {
    "title": "ErrMissingOauthToken",
    "status": "403",
    "error_code": "403010",
    "message": "Oauth token is missing",
}
INVALID = {
    "title": "ErrInvalidOauthToken",
    "status": "401",
    "error_code": "401013",
    "message": "Oauth token is not valid",
}


@pytest.fixture
def client(service: RunningService) -> CatalogClient:
    return catalog_client(service)


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[RunningService]:
    """A service of this test alone, since its clock is turned."""
    with running(config(tmp_path)) as service:
        yield service


def status(client: CatalogClient, **headers: str | None) -> tuple[int, Any]:
    """How a good batch is answered, and with what."""
    answer = client.call("catalogProducts", [product("A")], headers=headers)
    return answer.status, answer.json()


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_a_token_comes_with_three_fields_and_no_other(client: CatalogClient, version: str) -> None:
    answer = client.ask_for_token(version)

    assert answer.status == 200
    token = answer.json()
    assert list(token) == ["access_token", "token_type", "expires_in"]
    assert (token["token_type"], token["expires_in"]) == ("bearer", DAY_S)


def test_credentials_may_stand_in_the_query(client: CatalogClient) -> None:
    query = f"client_id={client.client_id}&client_secret={client.client_secret}"
    url = f"{client.space.url}/ims/token/v3?{query}&grant_type=client_credentials"

    assert client.space.http.request("POST", url).status == 200


@pytest.mark.parametrize(
    ("changes", "answered", "error"),
    [
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": None}, 400, "unsupported_grant_type"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"client_id": None}, 401, "invalid_client"),
        ({"client_secret": "guessed"}, 401, "invalid_client"),
        ({"client_secret": None}, 401, "invalid_client"),
        ({"scope": "write"}, 400, "invalid_scope"),
    ],
)
def test_credentials_that_are_not_good_make_no_token(
    client: CatalogClient, changes: dict[str, str | None], answered: int, error: str
) -> None:
    answer = client.ask_for_token(**changes)

    assert (answer.status, answer.json()["error"]) == (answered, error)
    assert set(answer.json()) == {"error", "error_description"}


def test_a_call_without_a_token_is_forbidden(client: CatalogClient) -> None:
    assert status(client, Authorization=None) == (403, MISSING)


@pytest.mark.parametrize("header", ["Bearer made-up", "Bearer", "Basic YTpi", "made-up"])
def test_a_call_with_a_token_that_was_never_made_is_unauthorized(
    client: CatalogClient, header: str
) -> None:
    assert status(client, Authorization=header) == (401, INVALID)


def test_a_token_is_good_for_a_day(own_service: RunningService) -> None:
    client = catalog_client(own_service)
    assert status(client)[0] == 200

    _pass(own_service, DAY_S - 60)
    assert status(client)[0] == 200
    _pass(own_service, 61)
    assert status(client) == (401, INVALID)


def test_a_revoked_token_is_not_good(client: CatalogClient) -> None:
    assert status(client)[0] == 200

    answer = client.space.control("POST", "/tokens/revoke", json={})

    assert answer.json() == {"revoked": 1}
    assert status(client) == (401, INVALID)


def test_one_token_is_revoked_and_another_of_its_client_is_not(client: CatalogClient) -> None:
    first, second = (client.ask_for_token().json()["access_token"] for _ in range(2))

    revoked = client.space.control("POST", "/tokens/revoke", json={"access_token": first})

    assert revoked.json() == {"revoked": 1}
    assert status(client, Authorization=f"Bearer {first}")[0] == 401
    assert status(client, Authorization=f"Bearer {second}")[0] == 200


def test_a_token_is_for_its_own_data_space_alone(service: RunningService) -> None:
    mine, other = catalog_client(service), catalog_client(service)
    foreign = mine.ask_for_token().json()["access_token"]

    answered, body = status(other, Authorization=f"Bearer {foreign}")

    assert (answered, body["status"]) == (403, "403")
    assert list(body) == list(MISSING)
    assert other.space.id in body["message"]


def test_a_token_without_the_scope_is_forbidden(client: CatalogClient) -> None:
    token = client.ask_for_token(scope="openid").json()["access_token"]

    answered, body = status(client, Authorization=f"Bearer {token}")

    assert answered == 403
    assert "commerce.aco.ingestion" in body["message"]


def test_a_client_has_the_scopes_it_was_made_with(client: CatalogClient) -> None:
    made = client.space.control("POST", "/clients", json={"scopes": ["openid"]})
    other = CatalogClient(client.space, made.json()["client_id"], made.json()["client_secret"])

    assert made.status == 201
    assert other.ask_for_token(scope="openid profile").status == 200
    assert other.ask_for_token(scope="profile").json()["error"] == "invalid_scope"
    shown = client.space.control("GET", "/clients").json()["clients"]
    assert {one["client_id"] for one in shown} == {client.client_id, other.client_id}
    assert not any("secret" in name for one in shown for name in one)


@pytest.mark.parametrize("scopes", [[], "openid", [1], ["a b"], [""]], ids=repr)
def test_scopes_that_are_none_are_told(client: CatalogClient, scopes: object) -> None:
    answer = client.space.control("POST", "/clients", json={"scopes": scopes})

    assert answer.status == 400
    assert "scopes" in answer.json()["message"]


def test_an_unknown_data_space_is_told_apart_from_a_bad_token(client: CatalogClient) -> None:
    token = client.ask_for_token().json()["access_token"]
    url = f"{client.space.url}/00000000-0000-4000-8000-000000000000/v1/catalog/products"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    answer = client.space.http.request("POST", url, body=b"[]", headers=headers)

    assert (answer.status, answer.json()["title"]) == (404, "ErrUnknownTenant")


def test_refused_callers_are_journalled_without_their_token(client: CatalogClient) -> None:
    status(client, Authorization="Bearer made-up-and-secret")

    [entry] = client.space.requests()
    assert (entry["status"], entry["code"]) == (401, "401013")
    assert "secret" not in str(entry["headers"])


def test_the_journal_tells_tokens_apart_and_what_they_are_good_for(client: CatalogClient) -> None:
    for token in [client.ask_for_token().json()["access_token"] for _ in range(2)]:
        status(client, Authorization=f"Bearer {token}")
        status(client, Authorization=f"Bearer {token}")
        assert token[:12] not in str(client.space.requests())

    said = [entry["signature"] for entry in client.space.requests()]
    names = [one["claims"]["token"] for one in said]
    assert names[0] == names[1] != names[2] == names[3]
    assert {(one["verified"], one["algorithm"]) for one in said} == {(True, "bearer")}
    assert "commerce.aco.ingestion" in said[0]["claims"]["scopes"]


def test_of_a_token_that_was_never_made_the_journal_knows_nothing(client: CatalogClient) -> None:
    status(client, Authorization="Bearer made-up")

    [entry] = client.space.requests()
    assert entry["signature"]["verified"] is False
    assert list(entry["signature"]["claims"]) == ["token"]


def _pass(service: RunningService, seconds: int) -> None:
    turned = service.http.request(
        "PUT", service.url + "/control/clock", json={"advance_s": seconds}
    )
    assert turned.status == 200
