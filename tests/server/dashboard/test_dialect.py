"""The pages show what came over the ingestion API beside the feeds."""

from typing import Any

import pytest

from tests.server.catalog_client import LOCALE, CatalogClient, catalog_client, product
from tests.server.dashboard.conftest import Visitor
from tests.server.running import RunningService

NAME = {"sku": "BAG", "source": LOCALE}


@pytest.fixture
def client(service: RunningService) -> CatalogClient:
    return catalog_client(service)


def test_a_resource_is_listed_once_something_of_it_is_held(
    client: CatalogClient, visitor: Visitor
) -> None:
    home = f"/data-spaces/{client.space.id}/feeds"
    assert "catalogProducts" not in _feeds(visitor.json(home))

    client.send("catalogProducts", product("BAG"))
    client.space.control("GET", "/digests")

    assert "catalogProducts" in _feeds(visitor.json(home))
    assert "BAG" in visitor.page(f"{home}/catalogProducts")


def test_a_call_is_inspected_with_its_items(client: CatalogClient, visitor: Visitor) -> None:
    client.call("catalogProducts", [product("HAT", status="off")])
    home = f"/data-spaces/{client.space.id}/inspect"

    listed = visitor.page(home)
    newest = client.space.requests()[0]["id"]
    inspected = visitor.page(f"{home}/requests/{newest}")

    assert "catalogProducts" in listed
    assert "HAT" in inspected
    assert "is not one of" in inspected


def test_a_call_can_be_made_again_and_saved(client: CatalogClient, visitor: Visitor) -> None:
    client.send("catalogProducts", product("BAG"))
    client.patch("catalogProducts", {**NAME, "name": "New"})
    newest = client.space.requests()[0]["id"]
    home = f"/data-spaces/{client.space.id}/inspect/requests/{newest}"

    assert f"/{client.space.id}/v1/catalog/products" in visitor.json(home)["curl"]
    assert "curl -sS -X PATCH" in visitor.json(home)["curl"]
    [saved] = visitor.json(f"{home}/case")["log"]["entries"]
    assert saved["request"]["method"] == "PATCH"
    assert saved["request"]["url"].endswith(f"/{client.space.id}/v1/catalog/products")
    assert saved["response"]["content"]["text"] == '{"status":"ACCEPTED","acceptedCount":1}'
    assert visitor.send(home, f"{home}/resend").status == 303
    again = client.space.requests()[0]
    assert (again["method"], again["accepted"]) == ("PATCH", 1)
    assert [one["name"] for one in client.alive("catalogProducts")] == ["New"]


def _feeds(page: Any) -> list[str]:
    return [row["feed"] for row in page["table"]["rows"]]


def test_nobody_is_asked_to_resync_what_no_exporter_knows(client: CatalogClient) -> None:
    client.send("catalogProducts", product("BAG"))
    url = f"{client.space.url}/data-spaces/{client.space.id}/feeds/catalogProducts/resync"

    answer = client.space.http.request(
        "POST", url, fields={"what": "feed"}, encode_multipart=False, redirect=False
    )

    assert answer.status >= 400
    assert client.space.control("GET", "/resyncs").json() == {"resyncs": []}
