"""What a batch is answered, by the settings of its data space."""

from typing import Any

import pytest

from mcs.contract.answer import read_answer
from tests.server.running import DataSpaceClient, RunningService, product

GOOD, NAMELESS = product("A"), product("")
MIXED = [GOOD, NAMELESS, product("B")]


def _keys_held(data_space: DataSpaceClient) -> list[str]:
    return sorted(line["identity"]["sku"] for line in data_space.received())


def test_refused_item_is_named_by_path_and_the_others_are_kept(
    data_space: DataSpaceClient,
) -> None:
    answer = data_space.post("products", MIXED)

    [entry] = answer.json()["invalidFeedItems"]
    assert (answer.status, answer.json()["feedItemReceivedCount"]) == (400, 3)
    assert entry["field"] == "/1/sku"
    assert _keys_held(data_space) == ["A", "B"]


def test_refused_item_is_named_by_index_and_code_if_wanted(service: RunningService) -> None:
    data_space = service.data_space(error_shape="code")

    answer = data_space.post("products", MIXED)

    [entry] = answer.json()["invalidFeedItems"]
    assert (entry["itemIndex"], entry["code"]) == (1, "empty_identity")
    assert "/sku" in entry["message"]


def test_partial_failure_is_answered_with_200_if_wanted(service: RunningService) -> None:
    data_space = service.data_space(partial_failure=200)

    answer = data_space.post("products", MIXED)

    assert answer.status == 200
    assert len(answer.json()["invalidFeedItems"]) == 1


def test_batch_is_kept_as_a_whole_or_not_at_all_if_wanted(service: RunningService) -> None:
    data_space = service.data_space(keep_valid_items=False)

    refused = data_space.post("products", MIXED)
    held_after_refusal = _keys_held(data_space)
    data_space.post("products", [GOOD])

    assert refused.status == 400
    assert held_after_refusal == []
    assert _keys_held(data_space) == ["A"]


def test_strict_data_space_refuses_what_a_lenient_one_bears(service: RunningService) -> None:
    lenient, strict = service.data_space(), service.data_space(mode="strict")

    borne = lenient.post("products", [GOOD])
    refused = strict.post("products", [GOOD])

    assert (borne.status, refused.status) == (200, 400)


def test_items_beyond_the_limit_are_refused_for_another_time(service: RunningService) -> None:
    data_space = service.data_space(items_limit={"products": 2}, error_shape="code")

    answer = data_space.post("products", [product(str(number)) for number in range(4)])

    refused = [(entry["itemIndex"], entry["code"]) for entry in answer.json()["invalidFeedItems"]]
    assert refused == [(2, "items_limit_exceeded"), (3, "items_limit_exceeded")]
    assert _keys_held(data_space) == ["0", "1"]


@pytest.mark.parametrize(
    "item", [5, None, "text", ["list"]], ids=["number", "null", "text", "list"]
)
def test_item_that_is_no_object_is_refused(data_space: DataSpaceClient, item: Any) -> None:
    answer = data_space.post("products", [item, GOOD])

    [entry] = answer.json()["invalidFeedItems"]
    assert entry["field"] == "/0/invalid_type"
    assert _keys_held(data_space) == ["A"]


def test_value_that_a_lenient_schema_bears_but_names_nothing_is_refused(
    data_space: DataSpaceClient,
) -> None:
    stock = {"stockId": True, "sku": "A", "deleted": False}

    answer = data_space.post("inventoryStockStatus", [stock])

    [entry] = answer.json()["invalidFeedItems"]
    assert entry["field"] == "/0/stockId"


@pytest.mark.parametrize("path", ["//feeds/catalog/v2/products/", "/feeds//catalog/v2//products//"])
def test_doubled_slashes_lead_to_the_same_feed(data_space: DataSpaceClient, path: str) -> None:
    answer = data_space.post("products", [GOOD], path=path + data_space.id)

    assert answer.status == 200
    assert _keys_held(data_space) == ["A"]


def test_route_of_a_feed_can_be_set_for_a_data_space(service: RunningService) -> None:
    data_space = service.data_space(routes={"products": "feeds/other/v9"})

    there = data_space.post("products", [GOOD], path=f"/feeds/other/v9/{data_space.id}")
    elsewhere = data_space.post("products", [GOOD])

    assert (there.status, elsewhere.status) == (200, 404)


def test_variants_are_taken_at_any_route_of_their_name(data_space: DataSpaceClient) -> None:
    variant = {"id": "x", "parentSku": "P", "productSku": "C", "deleted": False}

    answer = data_space.post(
        "variants", [variant], path=f"/feeds/any/v3/product-variants/{data_space.id}"
    )

    assert answer.status == 200
    assert data_space.received()[0]["feed"] == "variants"


def test_wrapper_tells_the_two_feeds_of_the_scopes_route_apart(
    data_space: DataSpaceClient,
) -> None:
    website = {"website": {"websiteId": "1", "websiteCode": "base"}, "deleted": False}
    group = {"customerGroup": {"customerGroupId": "0"}, "deleted": False}

    data_space.post("scopesWebsite", [website])
    data_space.post("scopesCustomerGroup", [group])

    assert [line["feed"] for line in data_space.received()] == [
        "scopesCustomerGroup",
        "scopesWebsite",
    ]


def test_first_item_that_can_be_told_decides_for_its_batch(data_space: DataSpaceClient) -> None:
    website = {"website": {"websiteId": "1", "websiteCode": "base"}, "deleted": False}
    group = {"customerGroup": {"customerGroupId": "0"}, "deleted": False}

    answer = data_space.post("scopesWebsite", [7, website, group])

    refused = {entry["field"].split("/")[1] for entry in answer.json()["invalidFeedItems"]}
    assert refused == {"0", "2"}
    assert [line["feed"] for line in data_space.received()] == ["scopesWebsite"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_feeds_are_only_posted(data_space: DataSpaceClient, method: str) -> None:
    address = data_space.url + data_space.path("products")

    answer = data_space.http.request(method, address)

    assert (answer.status, answer.headers["Allow"]) == (405, "POST")
    assert answer.json()["code"] == "method_not_allowed"


@pytest.mark.parametrize("path", ["/nothing", "/no/such/page", "/feeds/catalog/v2/products"])
def test_unknown_pages_are_not_found_in_json(data_space: DataSpaceClient, path: str) -> None:
    answer = data_space.http.request("GET", data_space.url + path)

    assert answer.status == 404
    assert answer.json()["status"] == 404
    assert answer.headers["x-request-id"]


def test_unknown_control_path_is_no_feed(data_space: DataSpaceClient) -> None:
    answer = data_space.post("products", [GOOD], path="/control/nothing/here")

    assert (answer.status, answer.json()["code"]) == (404, "not_found")
    assert "POST /control/nothing/here: nothing is there." in answer.json()["detail"]


@pytest.mark.parametrize("shape", ["field", "code"])
def test_items_beyond_the_limit_are_read_as_to_be_retried(
    service: RunningService, shape: str
) -> None:
    data_space = service.data_space(items_limit={"products": 1}, error_shape=shape)

    answer = data_space.post("products", [GOOD, GOOD, GOOD])

    outcomes = read_answer(answer.status, answer.data, 3)
    assert [int(outcome.status) for outcome in outcomes] == [400, 2, 2]


@pytest.mark.parametrize("depth", [260, 1000])
def test_an_item_that_nothing_could_follow_is_refused_with_its_batch(
    service: RunningService, depth: int
) -> None:
    data_space = service.data_space(items_limit={"products": 1})
    deep = b'{"sku":"a","storeViewCode":"d","deleted":false,"x":' + b"[" * depth + b"]" * depth
    batch = b'[{"sku":"a","storeViewCode":"d","deleted":false},' + deep + b"}]"

    answer = data_space.post("products", batch)

    assert (answer.status, answer.json()["code"]) == (400, "nested_too_deep")
    assert data_space.lines("/rejected") == []


def test_reason_phrases_are_the_standard_ones(data_space: DataSpaceClient) -> None:
    refused = data_space.post("products", b"[")
    unsigned = data_space.post("products", [GOOD], headers={"x-gw-signature": None})

    assert (refused.reason, unsigned.reason) == ("Bad Request", "Unauthorized")


def test_of_an_item_with_very_many_faults_the_first_hundred_are_told(
    data_space: DataSpaceClient,
) -> None:
    answer = data_space.post("products", [product("A", attributes=[1] * 1_000)])

    told = answer.json()["invalidFeedItems"]
    assert len(told) == 101
    assert told[-1] == {
        "field": "/0/further_errors",
        "message": "900 more errors. Mend these first.",
    }
