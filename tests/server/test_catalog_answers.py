"""The ingestion API's answers, one test per thing that clients are strict about."""

from typing import Any

import pytest
import urllib3

from mcs.contract.catalog import CATALOG_CALLS
from tests.contract.mutations import complete_item, mutations
from tests.server.catalog_client import CatalogClient, catalog_client, price, product
from tests.server.faulty import put_in_force
from tests.server.running import RunningService

JSON = "application/json;charset=UTF-8"
CALLS = pytest.mark.parametrize("call", CATALOG_CALLS, ids=lambda call: call.schema)


@pytest.fixture
def client(service: RunningService) -> CatalogClient:
    return catalog_client(service)


@CALLS
def test_a_good_batch_is_answered_with_status_and_count_alone(
    client: CatalogClient, call: Any
) -> None:
    items = [complete_item(call.schema)] * 3

    answer = client.call(call.feed.name, items, call.method, delete=call.route.endswith("/delete"))

    assert (answer.status, answer.reason) == (200, "OK")
    assert answer.data == b'{"status":"ACCEPTED","acceptedCount":3}'
    assert answer.headers["Content-Type"] == JSON


@CALLS
def test_every_broken_item_is_named_by_index_and_field(client: CatalogClient, call: Any) -> None:
    broken = [one for one in mutations(call.schema) if not one.tolerated]

    answer = client.call(
        call.feed.name,
        [one.item for one in broken],
        call.method,
        delete=call.route.endswith("/delete"),
    )

    assert (answer.status, answer.headers["Content-Type"]) == (400, JSON)
    body = answer.json()
    assert list(body) == ["status", "message", "errors"]
    assert body["status"] == "FAILED"
    assert body["message"] == f"Items validation failed for {len(broken)} items"
    assert [error["itemIndex"] for error in body["errors"]] == list(range(len(broken)))
    assert all(list(error) == ["itemIndex", "code", "message", "value"] for error in body["errors"])
    assert client.alive(call.feed.name) == []


def test_one_bad_item_fails_the_request(client: CatalogClient) -> None:
    bad = product("B") | {"status": "active"}

    answer = client.call("catalogProducts", [product("A"), bad, product("C")])

    assert answer.status == 400
    assert answer.json()["message"] == "Items validation failed for 1 item"
    [error] = answer.json()["errors"]
    assert (error["itemIndex"], error["code"], error["value"]) == (1, "status", "active")
    assert client.alive("catalogProducts") == []


def test_what_is_missing_has_an_empty_value(client: CatalogClient) -> None:
    answer = client.call("catalogPrices", [{"sku": "A", "priceBookId": "eu"}])

    [error] = answer.json()["errors"]
    assert (error["code"], error["value"]) == ("regular", "")


def test_a_value_in_a_list_is_named_by_its_place(client: CatalogClient) -> None:
    attributes = [{"code": "a", "values": ["x"]}, {"code": "b", "values": [{"y": 1}]}]

    answer = client.call("catalogProducts", [product("A", attributes=attributes)])

    [error] = answer.json()["errors"]
    assert (error["code"], error["value"]) == ("attributes[1].values[0]", '{"y":1}')


def test_a_batch_of_nothing_is_accepted(client: CatalogClient) -> None:
    assert client.call("catalogProducts", []).json() == {"status": "ACCEPTED", "acceptedCount": 0}


@pytest.mark.parametrize(
    ("body", "says"),
    [(b"{}", "array"), (b"[", "no JSON"), (b"", "no JSON"), (b'"x"', "array")],
    ids=repr,
)
def test_a_body_that_is_no_batch_fails_in_the_same_shape(
    client: CatalogClient, body: bytes, says: str
) -> None:
    answer = client.call("catalogProducts", body)

    assert answer.status == 400
    assert list(answer.json()) == ["status", "message", "errors"]
    assert says in answer.json()["message"]


def test_a_compressed_batch_is_taken(client: CatalogClient) -> None:
    answer = client.call("catalogProducts", [product("A")], compress=True)

    assert answer.json()["acceptedCount"] == 1


def test_an_offer_to_speak_http_2_is_ignored(client: CatalogClient) -> None:
    offer: dict[str, str | None] = {
        "Connection": "Upgrade, HTTP2-Settings",
        "Upgrade": "h2c",
        "HTTP2-Settings": "AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
    }

    answer = client.call("catalogProducts", [product("A")], headers=offer)

    assert (answer.status, answer.json()["acceptedCount"]) == (200, 1)


def test_too_many_requests_are_answered_in_html_with_seconds_to_wait(
    service: RunningService,
) -> None:
    client = catalog_client(service, catalog_requests_per_minute=2)
    for sku in "AB":
        client.send("catalogProducts", product(sku))

    answer = client.call("catalogProducts", [product("C")])

    assert answer.status == 429
    assert answer.headers["Content-Type"] == "text/html;charset=UTF-8"
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert answer.data.startswith(b"<html>")
    assert len(client.alive("catalogProducts")) == 2


def test_a_fault_throttles_as_the_service_does(client: CatalogClient) -> None:
    put_in_force(client.space, "throttle", count=1, parameters={"retry_after_s": 7})

    answer = client.call("catalogProducts", [product("A")])

    assert (answer.status, answer.headers["retry-after"]) == (429, "7")
    assert answer.headers["Content-Type"].startswith("text/html")
    client.send("catalogProducts", product("A"))


def test_a_client_that_tries_three_times_gets_through_twice_throttled(
    client: CatalogClient,
) -> None:
    put_in_force(client.space, "throttle", count=2, parameters={"retry_after_s": 0})
    token = client.ask_for_token().json()["access_token"]
    patience = urllib3.Retry(total=2, status_forcelist=[429], allowed_methods={"POST"})

    with urllib3.PoolManager() as own:
        answer = own.request(
            "POST",
            f"{client.space.url}/{client.space.id}/v1/catalog/products",
            json=[product("A")],
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            retries=patience,
        )

    assert (answer.status, answer.json()["acceptedCount"]) == (200, 1)
    assert [entry["status"] for entry in client.space.requests()] == [200, 429, 429]
    assert len(client.alive("catalogProducts")) == 1


def test_a_client_that_sends_again_what_was_taken_changes_nothing(client: CatalogClient) -> None:
    client.send("catalogProducts", product("A"))
    client.send("catalogProducts", product("A"))

    [line] = client.space.received()
    assert (line["versions"], line["resends"], line["repeats"]) == (2, 1, 0)


def test_300_requests_a_minute_are_taken_unless_another_limit_is_set(
    client: CatalogClient,
) -> None:
    settings = client.space.control("GET", "").json()["settings"]

    assert settings["catalog_requests_per_minute"] == 300


def test_a_base_url_may_end_with_a_slash(client: CatalogClient) -> None:
    token = client.ask_for_token().json()["access_token"]
    url = f"{client.space.url}//{client.space.id}//v1/catalog/products"
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    answer = client.space.http.request("POST", url, body=b"[]", headers=headers)

    assert answer.status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_another_method_is_not_allowed(client: CatalogClient, method: str) -> None:
    answer = client.call("catalogProducts", [product("A")], method)

    assert answer.status == 405
    assert answer.headers["Allow"] == "PATCH, POST"


def test_layers_cannot_be_updated(client: CatalogClient) -> None:
    assert client.call("catalogProductLayers", [], "PATCH").status == 405


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "stock", 404, "unknown_route"),
        ("PUT", "products", 405, "method_not_allowed"),
        ("PATCH", "products/layers", 405, "method_not_allowed"),
    ],
)
def test_what_is_no_call_is_journalled_with_its_data_space(
    client: CatalogClient, method: str, path: str, status: int, code: str
) -> None:
    url = f"{client.space.url}/{client.space.id}/v1/catalog/{path}"

    answer = client.space.http.request(method, url, body=b"[]")

    [entry] = client.space.requests()
    assert (entry["method"], entry["route"]) == (method, f"v1/catalog/{path}")
    assert (answer.status, entry["status"], entry["code"]) == (status, status, code)
    assert entry["feed"] is None


def test_reason_phrases_are_what_clients_show_to_people(client: CatalogClient) -> None:
    def phrase(items: list[Any], **headers: str | None) -> tuple[int, str | None]:
        answer = client.call("catalogProducts", items, headers=headers)
        return answer.status, answer.reason

    assert phrase([product("A")]) == (200, "OK")
    assert phrase([{}]) == (400, "Bad Request")
    assert phrase([], Authorization="Bearer made-up") == (401, "Unauthorized")
    assert phrase([], Authorization=None) == (403, "Forbidden")
    put_in_force(client.space, "throttle", count=1)
    assert phrase([product("A")]) == (429, "Too Many Requests")


def test_references_are_not_checked_at_acceptance(client: CatalogClient) -> None:
    client.send("catalogPrices", price("A", "main"))

    assert client.alive("catalogPrices") == [price("A", "main")]


def test_the_journal_says_by_which_call_a_batch_came(client: CatalogClient) -> None:
    client.patch("catalogProducts", {"sku": "A", "source": {"locale": "en-US"}, "surprise": 1})

    [entry] = client.space.requests()
    assert (entry["method"], entry["route"]) == ("PATCH", "v1/catalog/products")
    assert (entry["feed"], entry["status"], entry["accepted"]) == ("catalogProducts", 200, 1)
    warned = client.space.control("GET", f"/requests/{entry['id']}/warnings").json()["warnings"]
    assert [one["pointer"] for one in warned] == ["/surprise"]
