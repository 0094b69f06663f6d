"""Many requests and items at once, and all that is known of what a name stands for."""

import json

import pytest

from tests.server.running import DataSpaceClient, RunningService, product
from tests.server.test_openapi import conforms

PRICE = {"sku": "24-MB01", "customerGroupCode": "0", "websiteCode": "base", "deleted": False}
KEY_OF_A = "7acf98b9e5885411bf38c69e7acd5d6a10cee52d"
"""Of the product A in the store view default."""


def test_requests_are_found_by_their_ids(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A"), {"sku": 7}], headers={"X-Request-Id": "r-1"})
    data_space.post("products", b"no JSON", headers={"X-Request-Id": "r-2"})
    data_space.post("products", [product("B")], headers={"X-Request-Id": "r-3"})

    answer = data_space.control(
        "POST", "/requests/lookup", json={"request_ids": ["r-2", "r-1", "r-unknown"]}
    )

    found = answer.json()["requests"]
    assert [(one["request_id"], one["status"]) for one in found] == [("r-1", 400), ("r-2", 400)]
    assert [(one["items"], one["rejected"]) for one in found] == [(2, 1), (0, 0)]
    assert conforms("FoundRequests", answer.json())


def test_requests_of_another_data_space_are_not_told(
    data_space: DataSpaceClient, service: RunningService
) -> None:
    other = service.data_space()
    other.post("products", [product("A")], headers={"X-Request-Id": "r-1"})

    answer = data_space.control("POST", "/requests/lookup", json={"request_ids": ["r-1"]})

    assert answer.json() == {"requests": []}


def test_an_items_history_has_its_writes_refusals_and_faults(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A", name="first")])
    data_space.post("products", [product("A", name=[])])
    data_space.control("POST", "/faults", json={"action": "lose"})
    data_space.post("products", [product("A", name="lost")], headers={"X-Request-Id": "r-lost"})

    answer = data_space.control(
        "POST", "/items/lookup", json={"feed": "products", "keys": [KEY_OF_A, "unknown"]}
    )

    [history] = answer.json()["items"]
    assert history["key"] == KEY_OF_A
    assert [write["deleted"] for write in history["writes"]] == [False]
    assert [refusal["errors"][0]["pointer"] for refusal in history["refusals"]] == ["/name"]
    assert [(hit["action"], hit["request_id"]) for hit in history["faults"]] == [("lose", "r-lost")]
    assert conforms("Histories", answer.json())


def test_of_a_long_history_the_latest_is_told(data_space: DataSpaceClient) -> None:
    for number in range(3):
        batch = [product("A", name=f"{number}-{index}") for index in range(10)]
        data_space.post("products", batch, headers={"X-Request-Id": f"r-{number}"})

    asked = {"feed": "products", "keys": [KEY_OF_A]}
    [history] = data_space.control("POST", "/items/lookup", json=asked).json()["items"]

    places = [(write["request_id"], write["index"]) for write in history["writes"]]
    assert places == [(f"r-{number}", index) for number in (1, 2) for index in range(10)]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/requests/lookup", {"request_ids": "r-1"}),
        ("/requests/lookup", {"request_ids": ["r-1"] * 1001}),
        ("/requests/lookup", {"ids": []}),
        ("/items/lookup", {"feed": "orders", "keys": []}),
        ("/items/lookup", {"feed": "prices", "keys": [1]}),
    ],
    ids=["no-list", "too-many", "unknown-name", "unknown-feed", "no-text"],
)
def test_a_lookup_that_does_not_fit_is_refused(
    data_space: DataSpaceClient, path: str, body: dict[str, object]
) -> None:
    answer = data_space.control("POST", path, json=body)

    assert (answer.status, answer.json()["code"]) == (400, "bad_request")


def test_a_name_stands_for_its_items_of_every_feed_and_scope(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("24-MB01"), product("24-MB01", storeViewCode="fr")])
    data_space.post("prices", [PRICE, {**PRICE, "sku": "24-MB02"}])
    variant = {"parentSku": "24-MB", "productSku": "24-MB01", "deleted": False}
    data_space.post("variants", [variant])

    lines = data_space.lines("/items?name=24-MB01")

    assert [line["feed"] for line in lines] == ["prices", "products", "products", "variants"]
    assert {line["received"]["identity"].get("storeViewCode") for line in lines} == {
        None,
        "default",
        "fr",
    }
    assert all(line["versions"][0]["item"] for line in lines)
    assert all(conforms("KnownItem", line) for line in lines)
    assert len(data_space.lines("/items?name=24-MB01&feed=variants")) == 1


def test_an_item_that_was_only_ever_refused_is_known_by_its_name(
    data_space: DataSpaceClient,
) -> None:
    data_space.post("prices", [{**PRICE, "regular": "many"}])

    [line] = data_space.lines("/items?name=24-MB01")

    assert (line["received"], line["versions"]) == (None, [])
    assert [error["pointer"] for error in line["refusals"][0]["errors"]] == ["/regular"]


def test_an_item_that_a_fault_lost_is_known_by_its_name(data_space: DataSpaceClient) -> None:
    data_space.control("POST", "/faults", json={"action": "lose"})
    data_space.post("prices", [PRICE])

    [line] = data_space.lines("/items?name=24-MB01")

    assert (line["received"], line["identity"]["sku"]) == (None, "24-MB01")
    assert [hit["action"] for hit in line["faults"]] == ["lose"]


def test_an_item_is_known_by_its_key(data_space: DataSpaceClient) -> None:
    data_space.post("products", json.dumps([product("A")], indent=4).encode())

    assert [line["feed"] for line in data_space.lines(f"/items?key={KEY_OF_A}")] == ["products"]
    assert data_space.lines(f"/items?key={KEY_OF_A}&feed=prices") == []


@pytest.mark.parametrize("query", ["", "?feed=prices", f"?name=A&key={KEY_OF_A}"])
def test_items_are_asked_for_by_a_name_or_a_key(data_space: DataSpaceClient, query: str) -> None:
    answer = data_space.control("GET", f"/items{query}")

    assert (answer.status, answer.json()["code"]) == (400, "bad_request")


def test_names_near_a_mistyped_one_are_told(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product(sku) for sku in ("24-MB01", "24-MB02", "24-WB01", "ZZ")])

    near = data_space.control("GET", "/names?near=24-mb01").json()["names"]
    in_prices = data_space.control("GET", "/names?near=24-mb01&feed=prices").json()["names"]

    assert {"24-MB01", "24-MB02"} <= set(near)
    assert in_prices == []


def test_a_name_of_any_length_is_kept_and_found(data_space: DataSpaceClient) -> None:
    endless = "x" * 100_000

    assert data_space.post("products", [product(endless), product("a\0b")]).status == 200

    assert len(data_space.lines(f"/items?name={'x' * 300}")) == 1
    assert len(data_space.lines("/items?name=a%00b")) == 1


def test_a_reset_forgets_the_names(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A")])
    data_space.control("POST", "/reset")

    assert data_space.lines("/items?name=A") == []
    assert data_space.control("GET", "/names?near=B").json() == {"names": []}
