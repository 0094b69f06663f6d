"""The official TypeScript SDK speaks to the service as it is published, and is understood."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mcs.contract.calls import Operation
from mcs.contract.catalog import CATALOG_CALLS
from mcs.contract.catalog_openapi import operation_id
from tests.server.catalog_client import CatalogClient, book, catalog_client, price, product
from tests.server.faulty import put_in_force
from tests.server.running import RunningService
from tests.stories.test_catalog_story import tell
from tests.stories.typescript_sdk import TypescriptSdk, needs_sdk, typescript_sdk

pytestmark = needs_sdk

SOURCE = {"locale": "en-US"}
BRAND = {"code": "brand", "source": SOURCE, "label": "Brand", "dataType": "TEXT"}
ITEMS: dict[str, list[dict[str, Any]]] = {
    "catalogProductMetadata": [BRAND],
    "catalogCategoryMetadata": [BRAND],
    "catalogCategories": [
        {"slug": slug, "source": SOURCE, "name": slug} for slug in ("men", "men/hats")
    ],
    "catalogProducts": [product("A"), product("B")],
    "catalogProductLayers": [{"sku": "A", "source": SOURCE | {"layer": "winter"}, "name": "Warm"}],
    "catalogPriceBooks": [book("eu"), book("de", "eu")],
    "catalogPrices": [price("A", "eu"), price("B", "de")],
}
NAMES = ("sku", "source", "code", "slug", "priceBookId")


@pytest.fixture
def client(service: RunningService) -> CatalogClient:
    return catalog_client(service)


@pytest.fixture
def sdk(client: CatalogClient, tmp_path: Path) -> Iterator[TypescriptSdk]:
    with typescript_sdk(client, tmp_path) as sdk:
        yield sdk


def statuses(client: CatalogClient) -> list[int]:
    """How the requests so far were answered, in order."""
    return [entry["status"] for entry in client.space.requests()][::-1]


def test_every_method_of_the_sdk_is_a_call_here_and_is_accepted(sdk: TypescriptSdk) -> None:
    told = {
        operation_id(call): sdk.made(operation_id(call), _items(call.feed.name, call.operation))
        for call in CATALOG_CALLS
    }

    assert sorted(told) == sorted(sdk.methods)
    assert {(one.status, one.reason, one.body["status"]) for one in told.values()} == {
        (200, "OK", "ACCEPTED")
    }


def _items(feed: str, operation: Operation) -> list[dict[str, Any]]:
    items = ITEMS[feed]
    if operation is Operation.DELETE:
        return [{name: item[name] for name in NAMES if name in item} for item in items]
    return items


def test_the_sdk_tells_the_story_with_one_token(sdk: TypescriptSdk, client: CatalogClient) -> None:
    tell(sdk, client)

    revoked = client.space.control("POST", "/tokens/revoke", json={}).json()
    assert revoked == {"revoked": 1}


def test_a_refused_item_reaches_the_caller_with_its_place_and_reason(sdk: TypescriptSdk) -> None:
    told = sdk.made("createProducts", [product("A"), product("B", status="SOLD")])

    [error] = told.body["errors"]
    assert (told.status, told.reason) == (400, "API request failed: Bad Request")
    assert (error["itemIndex"], error["code"], error["value"]) == (1, "status", "SOLD")


def test_an_update_of_a_price_book_by_its_name_alone_is_refused(sdk: TypescriptSdk) -> None:
    """The README of the SDK does so, its types and the description do not allow it."""
    told = sdk.made("updatePriceBooks", [{"priceBookId": "eu", "name": "Europe"}])

    assert told.status == 400
    assert "currency or parentId" in told.body["errors"][0]["message"]


@pytest.mark.parametrize(
    "rule",
    [
        {"action": "throttle", "parameters": {"retry_after_s": 0}},
        {"action": "maintenance", "parameters": {"retry_after_s": None}},
        {"action": "reset", "parameters": {"recorded": False}},
    ],
    ids=lambda rule: rule["action"],
)
def test_what_fails_is_sent_again_by_the_sdk_and_taken_once(
    sdk: TypescriptSdk, client: CatalogClient, rule: dict[str, Any]
) -> None:
    put_in_force(client.space, count=1, **rule)

    told = sdk.made("createProducts", [product("A")])

    assert (told.status, told.body["acceptedCount"]) == (200, 1)
    assert len(statuses(client)) == 2
    assert client.alive("catalogProducts") == [product("A")]


def test_the_sdk_gives_up_after_four_requests_that_came_too_soon(
    sdk: TypescriptSdk, client: CatalogClient
) -> None:
    put_in_force(client.space, "throttle", parameters={"retry_after_s": 0})

    told = sdk.made("createProducts", [product("A")])

    assert (told.status, told.reason) == (429, "Maximum retry attempts reached: Too Many Requests")
    assert statuses(client) == [429] * 4


def test_a_token_that_is_revoked_reaches_the_caller_as_401(
    sdk: TypescriptSdk, client: CatalogClient
) -> None:
    sdk.call("create", "Products", [product("A")])
    client.space.control("POST", "/tokens/revoke", json={})

    told = sdk.made("createProducts", [product("B")])

    assert (told.status, told.reason) == (401, "API request failed: Unauthorized")
    assert told.body["error_code"] == "401013"
    assert statuses(client) == [200, 401]


def test_credentials_that_are_not_good_reach_the_caller_by_the_reason_phrase(
    client: CatalogClient, tmp_path: Path
) -> None:
    client.client_secret = "guessed"

    with typescript_sdk(client, tmp_path) as sdk:
        told = sdk.made("createProducts", [product("A")])

    assert (told.status, told.reason) == (
        None,
        "Failed to get authentication token: Unauthorized",
    )
