"""What a client of the ingestion API says it sent, against what the service holds."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest

from mcs.contract.catalog import CATALOG_CALLS, CATALOG_FEEDS
from mcs.contract.feeds import Feed
from mcs.harness.diff import DiffResult, Options, diff
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.sources.opening import open_sent
from mcs.harness.sources.service import Service
from tests.contract.mutations import complete_item
from tests.server.catalog_client import CatalogClient, book, catalog_client, price, product
from tests.server.faulty import events, put_in_force
from tests.server.running import RunningService

FEED = pytest.mark.parametrize("feed", CATALOG_FEEDS.values(), ids=lambda feed: feed.name)
KINDS: Mapping[str, DiscrepancyKind] = {
    "lose": DiscrepancyKind.MISSING,
    "corrupt": DiscrepancyKind.CHANGED,
    "duplicate": DiscrepancyKind.DUPLICATED,
}
Line = dict[str, Any]


@pytest.fixture
def client(service: RunningService) -> CatalogClient:
    return catalog_client(service)


def of(feed: Feed, *items: Any, deleted: bool = False) -> list[Line]:
    """Lines of a file of what was sent."""
    return [{"feed": feed.name, "item": item, "deleted": deleted} for item in items]


def item_of(feed: Feed, number: int) -> Any:
    """A complete item, one of many of its feed."""
    item = complete_item(feed.name)
    item[feed.identity[0]] = f"item-{number}"
    return item


def name_of(feed: Feed, item: Any) -> Any:
    """What deletes an item."""
    return {name: item[name] for name in feed.delete_payload}


def compared(client: CatalogClient, lines: list[Line], tmp_path: Path) -> DiffResult:
    """The diff of what these lines say was sent."""
    path = tmp_path / "sent.ndjson"
    path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))
    with open_sent(str(path)) as sent, Service(client.space.url, client.space.id) as received:
        return diff(sent, received, Options(resends=True))


def found(result: DiffResult) -> list[tuple[str, list[str], DiscrepancyKind]]:
    """What a diff tells: feed, identity and kind."""
    return [(one.feed, list(one.identity.values()), one.kind) for one in result.discrepancies]


@FEED
def test_what_arrived_is_in_sync(client: CatalogClient, tmp_path: Path, feed: Feed) -> None:
    items = [item_of(feed, number) for number in range(3)]
    client.send(feed.name, *items)
    client.delete(feed.name, name_of(feed, items[2]))

    result = compared(client, of(feed, *items[:2]) + of(feed, items[2], deleted=True), tmp_path)

    assert found(result) == []
    assert result.feeds[feed.name].in_sync == 2


@FEED
@pytest.mark.parametrize("action", KINDS)
def test_an_injected_fault_is_detected_and_nothing_else(
    client: CatalogClient, tmp_path: Path, feed: Feed, action: str
) -> None:
    put_in_force(client.space, action, feed=feed.name, nth=2)
    items = [item_of(feed, number) for number in range(3)]
    client.send(feed.name, *items)

    result = compared(client, of(feed, *items), tmp_path)

    [event] = events(client.space)
    assert found(result) == [(feed.name, list(event["identity"].values()), KINDS[action])]
    assert next(iter(event["identity"].values())) == "item-1"


@FEED
def test_a_lost_delete_leaves_an_item_undeleted(
    client: CatalogClient, tmp_path: Path, feed: Feed
) -> None:
    put_in_force(client.space, "lose_delete", feed=feed.name)
    item = item_of(feed, 1)
    client.send(feed.name, item)
    client.delete(feed.name, name_of(feed, item))

    result = compared(client, of(feed, item, deleted=True), tmp_path)

    [(_, _, kind)] = found(result)
    assert kind is DiscrepancyKind.UNDELETED


def test_a_lost_update_leaves_an_item_as_it_was(client: CatalogClient, tmp_path: Path) -> None:
    feed = CATALOG_FEEDS["catalogProducts"]
    client.send(feed.name, product("A"))
    put_in_force(client.space, "lose", feed=feed.name)
    client.patch(feed.name, {**name_of(feed, product("A")), "name": "New"})

    result = compared(client, of(feed, product("A", name="New")), tmp_path)

    [one] = result.discrepancies
    assert one.kind in (DiscrepancyKind.STALE, DiscrepancyKind.CHANGED)
    assert [each.pointer for each in one.differences] == ["/name"]


def test_an_update_is_compared_by_what_it_makes(client: CatalogClient, tmp_path: Path) -> None:
    feed = CATALOG_FEEDS["catalogProducts"]
    client.send(feed.name, product("A", description="long"))
    client.patch(feed.name, {**name_of(feed, product("A")), "name": "New"})

    result = compared(client, of(feed, product("A", description="long", name="New")), tmp_path)

    assert found(result) == []


def test_a_corrupted_update_is_corrupted_in_what_it_makes(client: CatalogClient) -> None:
    feed = CATALOG_FEEDS["catalogProducts"]
    client.send(feed.name, product("A", description="long"))
    put_in_force(client.space, "corrupt", feed=feed.name, parameters={"pointer": "/description"})

    client.patch(feed.name, {**name_of(feed, product("A")), "name": "New"})

    [held] = client.alive(feed.name)
    assert held["name"] == "New"
    assert held["description"] != "long"


def test_a_fault_may_refuse_items_in_the_shape_of_the_dialect(client: CatalogClient) -> None:
    put_in_force(client.space, "reject", feed="catalogPrices", nth=2)

    answer = client.call("catalogPrices", [price(sku, "eu") for sku in "ABC"])

    assert answer.status == 400
    assert [error["itemIndex"] for error in answer.json()["errors"]] == [1]
    assert client.alive("catalogPrices") == []


def test_prices_that_went_with_their_book_are_missing(
    client: CatalogClient, tmp_path: Path
) -> None:
    books, prices = CATALOG_FEEDS["catalogPriceBooks"], CATALOG_FEEDS["catalogPrices"]
    client.send(books.name, book("eu"))
    client.send(prices.name, price("A", "eu"))
    client.delete(books.name, {"priceBookId": "eu"})

    lines = of(books, book("eu"), deleted=True) + of(prices, price("A", "eu"))
    result = compared(client, lines, tmp_path)

    assert [(feed, kind) for feed, _, kind in found(result)] == [
        (prices.name, DiscrepancyKind.MISSING)
    ]


def test_an_item_is_explained_with_what_to_send_again(
    client: CatalogClient, tmp_path: Path
) -> None:
    feed = CATALOG_FEEDS["catalogProducts"]
    put_in_force(client.space, "lose", feed=feed.name)
    client.send(feed.name, product("A"))

    [one] = compared(client, of(feed, product("A")), tmp_path).discrepancies

    assert "magento" not in one.explanation
    assert "then send the item again" in one.explanation


def test_every_call_has_a_feed_that_the_harness_knows() -> None:
    assert {call.feed.name for call in CATALOG_CALLS} == set(CATALOG_FEEDS)
