"""The key check and the merchant registry, as the Services Connector calls them."""

import pytest

from tests.server.running import DataSpaceClient, RunningService, product

REGISTRY = "/merchant-registry/v1/registry"


@pytest.mark.parametrize("path", ["/merchant-registry/v1/ping", "/gateway/apikeycheck"])
def test_good_key_passes_the_check(data_space: DataSpaceClient, path: str) -> None:
    answer = data_space.get(path)

    assert answer.status == 200


@pytest.mark.parametrize(
    "path", ["/merchant-registry/v1/ping", "/gateway/apikeycheck", REGISTRY], ids=str
)
def test_bad_key_fails_the_check(service: RunningService, path: str) -> None:
    missing = service.http.request("GET", service.url + path)
    unknown = service.http.request("GET", service.url + path, headers={"x-api-key": "x"})

    assert (missing.status, unknown.status) == (403, 403)
    assert unknown.json()["error"]["message"] == "Client ID is invalid"


def test_unsigned_check_fails(data_space: DataSpaceClient) -> None:
    address = data_space.url + "/merchant-registry/v1/ping"

    answer = data_space.http.request("GET", address, headers={"x-api-key": data_space.api_key})

    assert (answer.status, answer.json()["message"]) == (401, "JWT is invalid")


def test_registry_lists_the_data_spaces_of_the_key(
    service: RunningService, data_space: DataSpaceClient
) -> None:
    service.data_space("somebody else's")

    results = data_space.get(REGISTRY).json()["results"]

    assert [result["environmentId"] for result in results] == [data_space.id]


def test_registry_shows_one_data_space(data_space: DataSpaceClient) -> None:
    answer = data_space.get(f"{REGISTRY}/environments/{data_space.id}")

    assert answer.json()["environmentId"] == data_space.id


def test_data_space_of_others_is_forbidden(
    service: RunningService, data_space: DataSpaceClient
) -> None:
    other = service.data_space()

    answer = data_space.get(f"{REGISTRY}/environments/{other.id}")

    assert (answer.status, answer.json()["code"]) == (403, "key_not_for_data_space")


@pytest.mark.parametrize("unknown", ["x", "00000000-0000-4000-8000-000000000000"])
def test_unknown_data_space_is_not_found(data_space: DataSpaceClient, unknown: str) -> None:
    answer = data_space.get(f"{REGISTRY}/environments/{unknown}")

    assert (answer.status, answer.json()["code"]) == (404, "unknown_data_space")


def test_cloud_id_is_acknowledged(data_space: DataSpaceClient) -> None:
    address = f"{data_space.url}{REGISTRY}/environments/{data_space.id}/cloudid/cloud-7"

    answer = data_space.http.request("PUT", address, headers=data_space.headers())

    assert (answer.status, answer.json()["cloudId"]) == (200, "cloud-7")


def test_cleanup_wipes_the_data_space(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A")])

    answer = data_space.post(
        "products", b"", path=f"{REGISTRY}/environments/{data_space.id}/cleanup"
    )

    assert answer.status == 200
    assert data_space.received() == []


def test_wrong_method_names_the_right_one(data_space: DataSpaceClient) -> None:
    answer = data_space.post("products", b"", path="/merchant-registry/v1/ping")

    assert answer.status == 405
    assert "GET" in answer.headers["Allow"]
