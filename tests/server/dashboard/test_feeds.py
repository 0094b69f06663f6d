"""Data Feed Sync Status: what exporters report, what the service knows, and resyncs of items."""

from pathlib import Path
from typing import Any

import pytest

from mcs.contract.canonical import key_of_values
from mcs.exporter.commerce.edits import set_price
from mcs.exporter.schedule import CronPass
from tests.server.dashboard.conftest import Visitor
from tests.server.faulty import put_in_force
from tests.server.running import DataSpaceClient, RunningService, product
from tests.stories.paired import VirtualClock, paired_shop

KEY = "0" * 40
ITEM: dict[str, Any] = {
    "feed_id": KEY,
    "entity_id": 7,
    "identity": {"sku": "A", "storeViewCode": "default"},
    "status": 2,
    "modified_at": "2026-11-22 10:00:00",
    "deleted": False,
    "request_id": "r-1",
    "error": "<b>503</b>",
}
REPORT: dict[str, Any] = {
    "source_records": 40,
    "sent": 38,
    "failed": 2,
    "waiting": 1,
    "indexer": "Ready",
    "items": [ITEM],
}


def report(data_space: DataSpaceClient, feed: str, **changes: Any) -> int:
    """The status of the answer to a report."""
    told = {**REPORT, **changes}
    return data_space.control("PUT", f"/feed-status/{feed}", json=told).status


def feed_row(visitor: Visitor, home: str, feed: str) -> dict[str, Any]:
    while "still being counted" in (page := visitor.json(home + "feeds"))["note"]:
        pass
    rows = page["table"]["rows"]
    return next(row for row in rows if row["feed"] == feed)


def resyncs(data_space: DataSpaceClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = data_space.control("GET", "/resyncs").json()["resyncs"]
    return found


def test_what_an_exporter_reports_is_shown_beside_what_was_received(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A"), product("B"), product("C", deleted=True)])
    report(data_space, "products")

    row = feed_row(visitor, home, "products")

    assert (row["source_records"], row["sent"], row["failed"], row["waiting"]) == (40, 38, 2, 1)
    assert (row["received"], row["indexer"]) == (2, "Ready")


def test_without_a_report_the_page_says_so(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A")])

    row = feed_row(visitor, home, "products")

    assert (row["sent"], row["received"]) == (None, 1)
    assert "only what the service knows" in visitor.page(home + "feeds")


def test_items_that_failed_are_told_with_their_errors(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    report(data_space, "products")

    view = visitor.json(home + "feeds/products")
    page = visitor.page(home + "feeds/products")

    [row] = view["failed"]["rows"]
    assert (row["status"], row["entity_id"]) == ("Failed, will retry", 7)
    assert row["identity"] == "sku A, storeViewCode default"
    assert "newest 1 of 2" in view["failed_note"]
    assert "&lt;b&gt;503" in page


def test_without_a_report_refused_items_stand_for_the_failed(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [{"sku": "BAD", "storeViewCode": "default", "name": 1.5}])

    view = visitor.json(home + "feeds/products")

    assert [row["identity"] for row in view["failed"]["rows"]] == ["sku BAD, storeViewCode default"]
    assert view["failed_note"].startswith("Inferred")


@pytest.mark.parametrize("how", ["identity", "key", "prefix"])
def test_an_item_is_found_by_its_identity_and_by_its_id(
    visitor: Visitor, data_space: DataSpaceClient, home: str, how: str
) -> None:
    data_space.post("products", [product(f"S-{n}") for n in range(30)])
    key = key_of_values(("S-7", "default"))
    wanted = {"identity": "S-7,default", "key": key, "prefix": key[:20]}[how]

    [row] = visitor.json(f"{home}feeds/products?q={wanted}")["held"]["rows"]

    assert (row["feed_id"], row["status"]) == (key, "Submitted to service")


def test_held_items_come_in_pages(visitor: Visitor, data_space: DataSpaceClient, home: str) -> None:
    data_space.post("products", [product(f"S-{n}") for n in range(70)])

    first = visitor.json(home + "feeds/products")
    second = visitor.json(first["pager"]["next_url"])

    keys = [row["feed_id"] for row in first["held"]["rows"] + second["held"]["rows"]]
    assert keys == sorted(keys)
    assert len(set(keys)) == 70
    assert second["pager"]["next_url"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"sent": -1},
        {"sent": "many"},
        {"items": [{**ITEM, "feed_id": 1}]},
        {"items": [{"feed_id": KEY}]},
        {"items": [ITEM] * 201},
        {"strange": 1},
        {"indexer": "x" * 2001},
    ],
    ids=["negative", "text", "type", "lacking", "many", "unknown", "long"],
)
def test_a_report_that_makes_no_sense_is_refused(
    data_space: DataSpaceClient, changes: dict[str, Any]
) -> None:
    assert report(data_space, "products", **changes) == 400


def test_a_report_on_an_unknown_feed_is_not_found(data_space: DataSpaceClient) -> None:
    assert report(data_space, "orders") == 404


def test_a_reset_forgets_the_reports(data_space: DataSpaceClient) -> None:
    report(data_space, "products")
    data_space.control("POST", "/reset")

    assert data_space.control("GET", "/feed-status").json() == {"feeds": []}


@pytest.mark.parametrize(
    ("fields", "ids"),
    [({"what": "items", "id": KEY}, [KEY]), ({"what": "feed", "id": KEY}, None)],
    ids=["ticked", "whole"],
)
def test_a_resync_of_ticked_items_or_of_the_feed_is_asked_for(
    visitor: Visitor, data_space: DataSpaceClient, home: str, fields: dict[str, Any], ids: Any
) -> None:
    page = home + "feeds/products"

    answer = visitor.send(page, page + "/resync", headers=None, when="now", **fields)

    assert answer.status == 303
    [asked] = resyncs(data_space)
    assert (asked["feeds"], asked["ids"], asked["now"]) == (["products"], ids, True)


def test_a_resync_of_nothing_is_refused(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    page = home + "feeds/products"

    answer = visitor.send(page, page + "/resync", what="items")

    assert answer.status == 400
    assert resyncs(data_space) == []


@pytest.mark.parametrize(
    "body",
    [{"ids": [KEY]}, {"ids": [KEY], "feeds": ["products", "prices"]}, {"ids": ["x"]}, {"ids": []}],
    ids=["no feed", "two feeds", "no key", "none"],
)
def test_ids_need_one_feed_and_keys(data_space: DataSpaceClient, body: dict[str, Any]) -> None:
    asked = {"feeds": ["products"], **body} if body["ids"] != [KEY] else body

    assert data_space.control("POST", "/resyncs", json=asked).status == 400


def test_an_exporter_reports_each_feed_and_resyncs_the_ticked_item(
    tmp_path: Path, visitor: Visitor, service: RunningService
) -> None:
    clock, data_space = VirtualClock(), service.data_space(partial_failure=200)
    home = f"/data-spaces/{data_space.id}/"
    with paired_shop(tmp_path, data_space, products=10, time=clock.time()) as shop:
        put_in_force(data_space, "reject", feed="products", count=1)
        shop.resync("products")
        [failed] = visitor.json(home + "feeds/products")["failed"]["rows"]
        before = feed_row(visitor, home, "products")
        page = home + "feeds/products"

        visitor.send(page, page + "/resync", what="items", id=failed["feed_id"], when="now")
        done = CronPass(shop.exporter, clock.now(), at_once=frozenset({"resync_now"})).run()

    after = feed_row(visitor, home, "products")
    assert (before["failed"], after["failed"]) == (1, 0)
    assert after["sent"] == after["received"] == before["received"] + 1
    assert [progress.feed.name for name, progress in done.done if name == "resync"] == ["products"]
    assert resyncs(data_space)[-1]["state"] == "done"


def test_what_waits_in_the_change_log_is_reported(
    tmp_path: Path, visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    with paired_shop(tmp_path, data_space, products=5) as shop:
        shop.resync("products")
        shop.resync("prices")
        with shop.engine.begin() as connection:
            sku = data_space.received("?feed=products")[0]["identity"]["sku"]
            set_price(connection, sku, 99)
        shop.resync("prices", dry_run=True)

        row = feed_row(visitor, home, "prices")

    # A dry run reports nothing: the page shows what was said after the last real one.
    assert (row["waiting"], row["failed"]) == (0, 0)
    assert row["sent"] == row["received"]


def test_items_that_no_exporter_knows_make_a_resync_fail(
    tmp_path: Path, data_space: DataSpaceClient
) -> None:
    clock = VirtualClock()
    with paired_shop(tmp_path, data_space, products=5, time=clock.time()) as shop:
        data_space.control(
            "POST", "/resyncs", json={"feeds": ["products"], "ids": [KEY], "now": True}
        )

        done = CronPass(shop.exporter, clock.now(), at_once=frozenset({"resync_now"})).run()

    assert "was ever exported" in done.skipped[0]
    assert resyncs(data_space)[-1]["state"] == "failed"


def test_items_are_counted_a_few_requests_at_a_time(
    service: RunningService, data_space: DataSpaceClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcs.server.store.feed_status.USUAL_ITEMS", 15)
    for batch in range(3):
        data_space.post("products", [product(f"{batch}-{number}") for number in range(10)])
    statuses, counted = service.store.feed_statuses, []

    while statuses.count(data_space.id, 1):
        counted.append(statuses.alive(data_space.id)["products"])

    assert counted == [10, 20, 30]
    assert statuses.alive(data_space.id) == {"products": 30}
