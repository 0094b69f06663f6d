"""The control API: what tools ask, and how wrong questions are answered."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask

from mcs.contract.signature import public_pem_of
from mcs.server.app import create_app, service_of
from tests.server.running import Answer, DataSpaceClient, RunningService, config, product

MAKE = "/control/data-spaces"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    """An app that is asked without sockets, with a control token."""
    app = create_app(config(tmp_path, control_token="open-sesame"))
    yield app
    service_of(app).store.close()


def _make(service: RunningService, body: Any) -> Answer:
    return service.http.request("POST", service.url + MAKE, json=body)


def test_health_tells_the_version(service: RunningService) -> None:
    answer = service.http.request("GET", service.url + "/control/health")

    assert answer.json() == {"status": "ok", "version": "0.1.0"}


def test_new_data_space_is_answered_with_its_keys(service: RunningService) -> None:
    wanted = str(uuid4())

    made = _make(service, {"name": "shop", "id": wanted, "settings": {"mode": "strict"}}).json()

    assert (made["id"], made["name"], made["settings"]["mode"]) == (wanted, "shop", "strict")
    assert made["public_key"] == public_pem_of(made["private_key"])
    assert made["api_key"]


def test_listed_data_spaces_show_settings_and_no_keys(service: RunningService) -> None:
    data_space = service.data_space("listed", partial_failure=200)

    listed = service.http.request("GET", service.url + MAKE).json()["data_spaces"]

    [found] = [space for space in listed if space["id"] == data_space.id]
    assert set(found) == {"id", "name", "settings", "created_at"}
    assert found["settings"] == {
        "mode": "lenient",
        "partial_failure": 200,
        "keep_valid_items": True,
        "error_shape": "field",
        "items_limit": None,
        "requests_per_minute": None,
        "catalog_requests_per_minute": 300,
        "routes": None,
        "visibility_lag_s": None,
    }


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ([], "no JSON object"),
        ({}, "name: got None"),
        ({"name": ""}, "name: got ''"),
        ({"name": "x", "id": "7"}, "expected a UUID"),
        ({"name": "x", "colour": "red"}, '"colour" is not known here'),
        ({"name": "x", "settings": []}, "expected an object"),
        ({"name": "x", "settings": {"moed": "strict"}}, '"moed" is no setting. Take of: mode,'),
        ({"name": "x", "settings": {"mode": "lax"}}, "expected one of strict, lenient, record"),
        ({"name": "x", "settings": {"partial_failure": 201}}, "expected one of 400, 200"),
        ({"name": "x", "settings": {"keep_valid_items": 1}}, "expected one of True, False"),
        ({"name": "x", "settings": {"items_limit": {"products": 0}}}, "numbers of 1 or more"),
        ({"name": "x", "settings": {"items_limit": {"toys": 5}}}, "by feed (productAttributes"),
        ({"name": "x", "settings": {"routes": {"products": "/"}}}, "an object of routes"),
    ],
    ids=str,
)
def test_data_space_that_cannot_be_made_is_explained(
    service: RunningService, body: Any, reason: str
) -> None:
    answer = _make(service, body)

    assert answer.status == 400
    assert reason in answer.json()["message"]


def test_body_that_is_no_json_is_explained(service: RunningService) -> None:
    answer = service.http.request("POST", service.url + MAKE, body=b"{")

    assert (answer.status, answer.json()["code"]) == (400, "bad_request")
    assert "The body is no JSON" in answer.json()["message"]


def test_id_can_be_taken_once(service: RunningService, data_space: DataSpaceClient) -> None:
    answer = _make(service, {"name": "again", "id": data_space.id})

    assert (answer.status, answer.json()["code"]) == (409, "data_space_exists")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/received"),
        ("GET", "/received/products/abc"),
        ("GET", "/rejected"),
        ("GET", "/requests"),
        ("GET", "/faults"),
        ("POST", "/faults"),
        ("DELETE", "/faults"),
        ("GET", "/faults/journal"),
        ("POST", "/reset"),
    ],
    ids=str,
)
@pytest.mark.parametrize("unknown", ["no-uuid", "00000000-0000-4000-8000-000000000000"])
def test_unknown_data_space_is_not_found_anywhere(
    service: RunningService, method: str, path: str, unknown: str
) -> None:
    answer = service.http.request(method, f"{service.url}{MAKE}/{unknown}{path}")

    assert (answer.status, answer.json()["code"]) == (404, "unknown_data_space")


@pytest.mark.parametrize(
    "query",
    ["/received?feed=toys", "/rejected?feed=toys", "/requests?limit=x", "/requests?limit=0"],
)
def test_wrong_query_is_explained(data_space: DataSpaceClient, query: str) -> None:
    answer = data_space.control("GET", query)

    assert answer.status == 400
    assert "expected" in answer.json()["message"]


def test_items_are_listed_by_feed_and_key_over_many_pages(data_space: DataSpaceClient) -> None:
    attribute = {"attributeCode": "c", "storeViewCode": "default", "deleted": False}
    for start in range(0, 2_500, 500):
        data_space.post("products", [product(f"S-{start + number}") for number in range(500)])
    data_space.post("productAttributes", [attribute])

    lines = data_space.received()

    places = [(line["feed"], line["key"]) for line in lines]
    assert len(set(places)) == 2_501
    assert places == sorted(places)


def test_listing_is_narrowed_to_a_feed_and_a_key(data_space: DataSpaceClient) -> None:
    attribute = {"attributeCode": "c", "storeViewCode": "default", "deleted": False}
    data_space.post("products", [product("A"), product("B")])
    data_space.post("productAttributes", [attribute])
    key = data_space.received("?feed=products")[1]["key"]

    assert len(data_space.received("?feed=products")) == 2
    assert [line["key"] for line in data_space.received(f"?feed=products&key={key}")] == [key]
    assert data_space.received("?feed=prices") == []


def test_listing_is_packed_for_those_who_accept_it(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A")])

    answer = data_space.control(
        "GET", "/received", headers={"Accept-Encoding": "gzip"}, decode_content=False
    )

    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"] == "application/x-ndjson"
    assert json.loads(gzip.decompress(answer.data))["feed"] == "products"


def test_listing_is_plain_for_the_others(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A")])

    answer = data_space.control("GET", "/received")

    assert "Content-Encoding" not in answer.headers
    assert json.loads(answer.data)["feed"] == "products"


def test_unknown_item_has_no_versions(data_space: DataSpaceClient) -> None:
    answer = data_space.control("GET", "/received/products/abc")

    assert (answer.status, answer.json()["code"]) == (404, "unknown_item")


def test_refused_items_are_listed_in_the_order_of_arrival(data_space: DataSpaceClient) -> None:
    for start in range(0, 300, 100):
        bad = [product("", name=f"{start + number}") for number in range(100)]
        data_space.post("products", bad)
    data_space.post("prices", [5])

    of_products = data_space.lines("/rejected?feed=products")

    assert [line["item"]["name"] for line in of_products] == [str(n) for n in range(300)]
    assert data_space.lines("/rejected")[-1]["feed"] == "prices"


def test_journal_tells_what_happened_and_hides_secrets(data_space: DataSpaceClient) -> None:
    answer = data_space.post("products", [product("A"), product("")], compress=True)

    [entry] = data_space.requests()
    assert entry["request_id"] == answer.headers["x-request-id"]
    assert (entry["feed"], entry["status"]) == ("products", 400)
    assert (entry["items"], entry["accepted"], entry["rejected"]) == (2, 1, 1)
    assert 0 < entry["body_bytes"] < 200
    assert entry["decoded_bytes"] > 100
    assert entry["headers"]["X-Api-Key"] == data_space.api_key[:4] + "…"
    assert data_space.api_key not in json.dumps(entry)


def test_refused_requests_are_in_the_journal_too(data_space: DataSpaceClient) -> None:
    data_space.post("products", b"{")
    data_space.post("products", [product("A")], headers={"x-gw-signature": None})
    data_space.post("products", [product("A")], headers={"x-api-key": None})
    data_space.post("products", [product("A")], path=f"/no/route/{data_space.id}")

    journal = data_space.requests()

    assert [(entry["status"], entry["code"]) for entry in journal] == [
        (404, "unknown_route"),
        (403, "missing_api_key"),
        (401, "missing_signature"),
        (400, "invalid_json"),
    ]
    assert "line 1, column 2" in journal[3]["message"]


def test_requests_to_no_known_data_space_are_listed_apart(data_space: DataSpaceClient) -> None:
    nobody = str(uuid4())
    path = data_space.path("products").replace(data_space.id, nobody)
    data_space.post("products", [product("A")], path=path)

    answer = data_space.http.request("GET", f"{data_space.url}/control/requests?limit=1000")

    [listed] = [each for each in answer.json()["requests"] if nobody in each["message"]]
    assert (listed["status"], listed["code"]) == (404, "unknown_data_space")
    assert data_space.requests() == []


def test_journal_is_read_page_by_page(data_space: DataSpaceClient) -> None:
    for number in range(5):
        data_space.post("products", [product(str(number))])

    first = data_space.control("GET", "/requests?limit=3").json()
    second = data_space.control("GET", f"/requests?limit=3&before={first['next']}").json()

    numbers = [entry["id"] for entry in first["requests"] + second["requests"]]
    assert (len(first["requests"]), second["next"]) == (3, None)
    assert len(set(numbers)) == 5
    assert numbers == sorted(numbers, reverse=True)


def test_journal_is_narrowed_to_a_feed(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A")])
    data_space.post("prices", [5])

    assert [entry["feed"] for entry in data_space.requests("?feed=prices")] == ["prices"]


def test_reset_forgets_all_but_the_keys(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A"), product("")])
    data_space.control("POST", "/faults", json={"action": "lose"})

    forgotten = data_space.control("POST", "/reset").json()

    assert forgotten == {"items": 1, "requests": 1}
    assert data_space.received() + data_space.lines("/rejected") + data_space.requests() == []
    assert data_space.control("GET", "/faults").json() == {"faults": []}
    assert data_space.post("products", [product("A")]).status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_wrong_method_is_answered_with_the_right_ones(
    data_space: DataSpaceClient, method: str
) -> None:
    answer = data_space.control(method, "/received")

    assert (answer.status, answer.json()["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("address", "token", "status"),
    [
        ("127.0.0.1", None, 200),
        ("127.8.8.8", None, 200),
        ("::1", None, 200),
        ("::ffff:127.0.0.1", None, 200),
        ("10.0.0.9", None, 403),
        ("", None, 403),
        ("10.0.0.9", "Bearer open", 403),
        ("10.0.0.9", "Bearer é", 403),
        ("10.0.0.9", "Bearer open-sesame", 200),
    ],
    ids=str,
)
def test_control_is_for_this_machine_and_token_bearers(
    app: Flask, address: str, token: str | None, status: int
) -> None:
    headers = {"Authorization": token} if token else {}

    answer = app.test_client().get(
        MAKE, headers=headers, environ_overrides={"REMOTE_ADDR": address}
    )

    assert answer.status_code == status


def test_without_a_token_configured_none_is_good(tmp_path: Path) -> None:
    app = create_app(config(tmp_path))

    answer = app.test_client().get(
        MAKE,
        headers={"Authorization": "Bearer None"},
        environ_overrides={"REMOTE_ADDR": "10.0.0.9"},
    )
    service_of(app).store.close()

    assert answer.status_code == 403
    assert "MCS_CONTROL_TOKEN" in answer.get_json()["message"]


def test_what_a_strict_reader_would_refuse_is_told_of_any_request(
    data_space: DataSpaceClient,
) -> None:
    loose = {"sku": "A", "customerGroupCode": "0", "websiteCode": "base", "deleted": 0}
    data_space.post("prices", [{**loose, "regular": "12.5"}])
    [request] = data_space.requests()

    told = data_space.control("GET", f"/requests/{request['id']}/warnings").json()

    assert (told["feed"], told["items"]) == ("prices", 1)
    pointers = {warning["pointer"] for warning in told["warnings"]}
    assert pointers == {"/regular", "/deleted", "/updatedAt"}


@pytest.mark.parametrize("number", ["0", "x", "9" * 30])
def test_the_warnings_of_no_request_are_not_found(data_space: DataSpaceClient, number: str) -> None:
    answer = data_space.control("GET", f"/requests/{number}/warnings")

    assert (answer.status, answer.json()["code"]) == (404, "unknown_request")
