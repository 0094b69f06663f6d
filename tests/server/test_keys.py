"""Who may send to a data space, and what becomes of those who may not."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mcs.cli import cli
from tests.server.catalog_client import catalog_client
from tests.server.running import DataSpaceClient, RunningService, config, product, running
from tests.server.test_openapi import conforms

NOBODYS = "00000000-0000-4000-8000-00000000dead"


def keys(data_space: DataSpaceClient) -> list[dict[str, Any]]:
    """The keys as the control API lists them."""
    answer = data_space.control("GET", "/keys")
    assert conforms("Keys", answer.json())
    found: list[dict[str, Any]] = answer.json()["keys"]
    return found


def misaddressed(service: RunningService) -> list[dict[str, Any]]:
    """The newest requests that found no data space."""
    answer = service.http.request("GET", service.url + "/control/requests")
    found: list[dict[str, Any]] = answer.json()["requests"]
    return found


def test_a_key_is_listed_by_how_it_begins_and_nowhere_whole(data_space: DataSpaceClient) -> None:
    listed = data_space.control("GET", "/keys")

    [key] = listed.json()["keys"]
    assert key["shown"] == data_space.api_key[:4] + "…"
    assert data_space.api_key not in listed.data.decode()
    assert "PRIVATE" not in listed.data.decode()


def test_a_key_that_was_used_says_when(data_space: DataSpaceClient) -> None:
    [unused] = keys(data_space)

    data_space.post("products", [product("A")])

    [used] = keys(data_space)
    [request] = data_space.requests()
    assert unused["last_used_at"] is None
    assert used["last_used_at"] >= request["received_at"]


def test_the_use_of_a_key_is_noted_again_a_minute_later(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    moments = iter(now + timedelta(seconds=step) for step in range(0, 100_000, 5))
    with running(config(tmp_path), lambda: next(moments)) as service:
        to = service.data_space()
        seen = set()
        for _ in range(60):
            to.get("/merchant-registry/v1/ping")
            seen.add(keys(to)[0]["last_used_at"])

    assert 2 < len(seen) < 30


def test_a_signature_that_is_not_good_is_no_use_of_the_key(
    data_space: DataSpaceClient, service: RunningService
) -> None:
    other = service.data_space()

    forged = other.headers()["x-gw-signature"]
    refused = data_space.post("products", [product("A")], headers={"x-gw-signature": forged})

    assert refused.status == 401
    assert keys(data_space)[0]["last_used_at"] is None


def test_a_retired_key_is_refused_from_the_next_request_on(data_space: DataSpaceClient) -> None:
    before = data_space.post("products", [product("A")])
    [key] = keys(data_space)

    answer = data_space.control("DELETE", f"/keys/{key['number']}")
    after = data_space.post("products", [product("B")])
    again = data_space.control("DELETE", f"/keys/{key['number']}")

    assert (before.status, answer.status, after.status, again.status) == (200, 200, 403, 200)
    assert conforms("Key", answer.json())
    assert (
        answer.json()["retired_at"]
        == again.json()["retired_at"]
        == keys(data_space)[0]["retired_at"]
    )


@pytest.mark.parametrize("number", ["0", "99999999", "first", "-1"])
def test_a_number_that_is_no_keys_is_told_so(data_space: DataSpaceClient, number: str) -> None:
    answer = data_space.control("DELETE", f"/keys/{number}")

    assert (answer.status, answer.json()["code"]) == (404, "unknown_key")


def test_a_key_of_another_data_space_is_neither_seen_nor_retired(
    data_space: DataSpaceClient, service: RunningService
) -> None:
    other = service.data_space()
    [others] = keys(other)

    answer = data_space.control("DELETE", f"/keys/{others['number']}")

    assert answer.status == 404
    assert keys(other)[0]["retired_at"] is None
    assert others["number"] not in [key["number"] for key in keys(data_space)]


def test_a_key_check_with_an_unknown_key_is_journalled_though_it_names_no_data_space(
    data_space: DataSpaceClient, service: RunningService
) -> None:
    headers = {**data_space.headers(), "x-api-key": "feed" * 8}

    answer = service.http.request("GET", service.url + "/gateway/apikeycheck", headers=headers)

    assert answer.status == 403
    [found] = [
        request
        for request in misaddressed(service)
        if request["request_id"] == answer.headers["x-request-id"]
    ]
    assert (found["route"], found["code"]) == ("gateway/apikeycheck", "unknown_api_key")
    assert "feed" * 8 not in str(found)


def test_a_registry_call_that_names_a_data_space_is_journalled_there(
    data_space: DataSpaceClient,
) -> None:
    path = f"/merchant-registry/v1/registry/environments/{data_space.id}"

    answer = data_space.http.request("GET", data_space.url + path)

    assert answer.status == 403
    assert [request["code"] for request in data_space.requests()] == ["missing_api_key"]


def test_a_client_that_gets_no_token_is_journalled(service: RunningService) -> None:
    client = catalog_client(service)
    form = {"grant_type": "client_credentials", "client_id": "nobody", "client_secret": "secret"}

    unknown = service.http.request("POST", service.url + "/ims/token/v3", fields=form)
    form["client_id"] = client.client_id
    wrong = service.http.request("POST", service.url + "/ims/token/v3", fields=form)

    assert (unknown.status, wrong.status) == (401, 401)
    assert unknown.headers["x-request-id"] in [
        request["request_id"] for request in misaddressed(service)
    ]
    [known] = client.space.requests()
    assert (known["route"], known["code"]) == ("ims/token/v3", "invalid_client")
    assert "secret" not in str(known["headers"])


def test_the_command_line_lists_keys_and_requests_that_found_no_data_space(tmp_path: Path) -> None:
    where = ["--var", str(tmp_path)]
    with running(config(tmp_path)) as service:
        none_yet = _said(["misaddressed", *where])
        to = service.data_space("shop")
        to.post("products", [product("A")])
        to.post("products", [product("A")], path=to.path("products").replace(to.id, NOBODYS))
        lost = _said(["misaddressed", *where])
        listed = _said(["keys", "shop", *where])

    assert none_yet == "Every request that is remembered found its data space.\n"
    assert f'Data space "{NOBODYS}" is not known here' in lost
    assert to.api_key[:4] + "…" in lost
    assert to.api_key not in lost + listed
    assert "last used at 20" in listed


def _said(arguments: list[str]) -> str:
    done = CliRunner().invoke(cli, ["dataspace", *arguments])
    assert done.exit_code == 0, done.output
    return done.output
