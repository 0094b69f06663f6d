"""Accepted is not visible: what each consuming service shows of a data space at a moment."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcs.contract.canonical import identity_key
from mcs.contract.feeds import FEEDS
from mcs.server.config import Settings
from mcs.server.consumers import Consumer, Write, view_at
from mcs.server.judging import call_of, judge
from mcs.server.store.repository import Store, timestamp
from mcs.server.store.values import Arrival, Batch
from mcs.server.store.visibility import Question
from tests.server.running import DataSpaceClient, RunningService, config, product, running

NOON = datetime.now(UTC).replace(microsecond=0)
# Shorter than a signature holds.
LAGS = {"catalog_service": 0, "live_search": 120, "product_recommendations": 60}
PRICE = {"sku": "A", "customerGroupCode": "0", "websiteCode": "base", "deleted": False}


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[RunningService]:
    """A service of this test alone, whose clock stands at NOON."""
    with running(config(tmp_path)) as service:
        turn(service, now=NOON.isoformat())
        yield service


@pytest.fixture
def lagging(own_service: RunningService) -> DataSpaceClient:
    """A data space whose consumers lag behind."""
    return own_service.data_space(visibility_lag_s=LAGS)


def turn(service: RunningService, **how: Any) -> None:
    assert service.http.request("PUT", f"{service.url}/control/clock", json=how).status == 200


def accept(data_space: DataSpaceClient, feed: str, *items: dict[str, Any]) -> None:
    assert data_space.post(feed, list(items)).status == 200


def skus(data_space: DataSpaceClient, service: Consumer, query: str = "") -> list[str]:
    lines = data_space.lines(f"/visible?service={service}{query}")
    return sorted(line["identity"]["sku"] for line in lines)


def view(data_space: DataSpaceClient, item: dict[str, Any], query: str = "") -> dict[str, Any]:
    key = identity_key(FEEDS["products"], item)
    shown: dict[str, Any] = data_space.control("GET", f"/visible/products/{key}{query}").json()
    return shown


def test_without_a_lag_what_is_accepted_is_visible(data_space: DataSpaceClient) -> None:
    accept(data_space, "products", product("A", displayable=True))

    assert all(skus(data_space, consumer) == ["A"] for consumer in Consumer)


def test_each_service_shows_an_item_after_its_own_lag(
    own_service: RunningService, lagging: DataSpaceClient
) -> None:
    accept(lagging, "products", product("A", displayable=True))

    shown = []
    for seconds in (0, 60, 60):
        turn(own_service, advance_s=seconds)
        shown.append([consumer.value for consumer in Consumer if skus(lagging, consumer)])

    assert shown == [
        ["catalog_service"],
        ["catalog_service", "product_recommendations"],
        ["catalog_service", "live_search", "product_recommendations"],
    ]


def test_moment_can_be_asked_for(lagging: DataSpaceClient) -> None:
    accept(lagging, "products", product("A", displayable=True))

    early, in_time = (
        skus(
            lagging,
            Consumer.LIVE_SEARCH,
            f"&at={quote(timestamp(NOON + timedelta(seconds=seconds)))}",
        )
        for seconds in (119, 120)
    )

    assert (early, in_time) == ([], ["A"])


def test_service_shows_the_older_version_until_it_has_read_the_newer(
    own_service: RunningService, lagging: DataSpaceClient
) -> None:
    accept(lagging, "products", product("A", displayable=True, name="old"))
    turn(own_service, advance_s=120)
    accept(lagging, "products", product("A", displayable=True, name="new"))

    [line] = lagging.lines("/visible?service=live_search&payload=1")
    turn(own_service, advance_s=120)
    [later] = lagging.lines("/visible?service=live_search&payload=1")

    assert (line["item"]["name"], line["current"]) == ("old", False)
    assert (later["item"]["name"], later["current"]) == ("new", True)
    assert datetime.fromisoformat(later["visible_at"]) == NOON + timedelta(seconds=240)


def test_delete_hides_an_item_once_it_has_been_read(
    own_service: RunningService, lagging: DataSpaceClient
) -> None:
    accept(lagging, "products", product("A", displayable=True))
    turn(own_service, advance_s=120)
    accept(lagging, "products", product("A") | {"deleted": True})

    assert skus(lagging, Consumer.CATALOG_SERVICE) == []
    assert skus(lagging, Consumer.LIVE_SEARCH) == ["A"]
    turn(own_service, advance_s=120)
    assert skus(lagging, Consumer.LIVE_SEARCH) == []


def test_live_search_alone_hides_what_is_not_displayable(data_space: DataSpaceClient) -> None:
    accept(
        data_space,
        "products",
        product("A", displayable=True),
        product("B", displayable=False),
        product("C"),
    )

    assert skus(data_space, Consumer.LIVE_SEARCH) == ["A"]
    assert skus(data_space, Consumer.CATALOG_SERVICE) == ["A", "B", "C"]
    assert skus(data_space, Consumer.PRODUCT_RECOMMENDATIONS) == ["A", "B", "C"]


def test_listing_can_be_of_one_feed_or_one_item(data_space: DataSpaceClient) -> None:
    accept(data_space, "products", product("A"), product("B"))
    accept(data_space, "prices", PRICE)
    key = identity_key(FEEDS["products"], product("B"))

    assert skus(data_space, Consumer.CATALOG_SERVICE) == ["A", "A", "B"]
    assert skus(data_space, Consumer.CATALOG_SERVICE, "&feed=products") == ["A", "B"]
    assert skus(data_space, Consumer.CATALOG_SERVICE, f"&key={key}") == ["B"]


def test_item_is_told_since_when_and_from_when_it_is_visible(
    own_service: RunningService, lagging: DataSpaceClient
) -> None:
    item = product("A", displayable=True)
    accept(lagging, "products", item)
    turn(own_service, advance_s=60)

    shown = view(lagging, item)["services"]

    recommended, search = shown["product_recommendations"], shown["live_search"]
    assert (recommended["visible"], recommended["from"]) == (True, None)
    assert datetime.fromisoformat(recommended["since"]) == NOON + timedelta(seconds=60)
    assert recommended["version"]["received_at"] == timestamp(NOON)
    assert (search["visible"], search["since"], search["version"]) == (False, None, None)
    assert datetime.fromisoformat(search["from"]) == NOON + timedelta(seconds=120)
    assert search["coming"][0]["visible_at"] == search["from"]


def test_item_that_nothing_will_make_visible_has_no_moment(data_space: DataSpaceClient) -> None:
    item = product("A", displayable=False)
    accept(data_space, "products", item)

    search = view(data_space, item)["services"]["live_search"]

    assert (search["visible"], search["from"]) == (False, None)
    assert search["version"]["deleted"] is False


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/visible", "service: got None"),
        ("/visible?service=search", "catalog_service, live_search"),
        ("/visible?service=live_search&at=now", "at: got 'now'"),
        ("/visible?service=live_search&feed=orders", 'feed: got "orders"'),
    ],
    ids=["none", "unknown", "moment", "feed"],
)
def test_question_that_makes_no_sense_is_explained(
    data_space: DataSpaceClient, path: str, told: str
) -> None:
    answer = data_space.control("GET", path)

    assert answer.status == 400
    assert told in answer.json()["message"]


def test_item_that_never_came_is_unknown(data_space: DataSpaceClient) -> None:
    answer = data_space.control("GET", f"/visible/products/{'0' * 40}")

    assert (answer.status, answer.json()["code"]) == (404, "unknown_item")


def test_settings_are_changed_one_by_one(data_space: DataSpaceClient) -> None:
    data_space.control("PATCH", "", json={"settings": {"mode": "strict"}})
    changed = data_space.control("PATCH", "", json={"settings": {"visibility_lag_s": LAGS}})
    refused = data_space.control("PATCH", "", json={"settings": {"visibility_lag_s": {"shop": 1}}})

    assert changed.json()["settings"]["visibility_lag_s"] == LAGS
    assert refused.status == 400
    assert "seconds of 0 or more by service" in refused.json()["message"]
    assert data_space.control("GET", "").json() == changed.json()
    assert changed.json()["settings"]["mode"] == "strict"


STEP = timedelta(seconds=10)


@given(
    writes=st.lists(st.tuples(st.integers(0, 5), st.sampled_from("AB"), st.booleans()), max_size=8),
    lag=st.integers(0, 3),
    at=st.integers(0, 9),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_listing_shows_what_the_law_of_lags_says(
    service: RunningService, writes: list[tuple[int, str, bool]], lag: int, at: int
) -> None:
    space = service.data_space()
    _accept(service.store, space.id, writes)
    moment = NOON + at * STEP

    asked = Question(Consumer.CATALOG_SERVICE, timestamp(moment - lag * STEP))
    shown = {
        item.identity: item.received_at for item in service.store.received.visible(space.id, asked)
    }

    for sku in "AB":
        own = [
            Write(number, NOON + when * STEP, not deleted)
            for number, (when, name, deleted) in enumerate(writes)
            if name == sku
        ]
        expected = view_at(own, lag * STEP, moment)
        found = shown.get(f'{{"sku":"{sku}","storeViewCode":"default"}}')
        assert (found is not None) == expected.visible
        assert found is None or found == timestamp(expected.write.accepted_at)  # type: ignore[union-attr]  # it is visible


def _accept(store: Store, data_space: str, writes: Sequence[tuple[int, str, bool]]) -> None:
    """Records writes at moments of their own, which need not be in order."""
    for when, sku, deleted in writes:
        items = [product(sku) | {"deleted": deleted}]
        accepted = judge(call_of(FEEDS["products"]), items, Settings()).accepted
        arrival = Arrival("r", timestamp(NOON + when * STEP), "route", {}, data_space=data_space)
        store.intake.record(arrival, Batch("products", orjson.dumps(items), accepted))
