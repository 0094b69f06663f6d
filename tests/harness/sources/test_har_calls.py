"""An HTTP archive of calls of the ingestion API as a sent side: what the calls make counts."""

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcs.contract.canonical import identity_key
from mcs.contract.catalog import CATALOG_FEEDS
from mcs.contract.dialects import ALL_FEEDS
from mcs.harness.diff import DiffResult, diff
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.findings import findings_of
from mcs.harness.sources.opening import open_sent
from mcs.harness.sources.service import Service
from tests.harness.sources.recorded_calls import Recorder, archive, entry
from tests.harness.sources.written import sent_lines
from tests.server.catalog_client import LOCALE, CatalogClient, book, catalog_client, price, product
from tests.server.faulty import events, put_in_force
from tests.server.running import RunningService

TENANT = "Xy1aB2c3"
PRODUCTS, PRICES, BOOKS = "catalogProducts", "catalogPrices", "catalogPriceBooks"
NAMED_A = {"sku": "A", "source": LOCALE}
DAY_S = 24 * 3600


@pytest.fixture
def recorder(service: RunningService) -> Recorder:
    return Recorder(catalog_client(service))


def compared(client: CatalogClient, place: str) -> DiffResult:
    with open_sent(place) as sent, Service(client.space.url, client.space.id) as received:
        return diff(sent, received)


def read(folder: Path, *entries: Any) -> tuple[dict[Any, tuple[bool, int]], list[str]]:
    """Whether each item is deleted, and its status; by feed and first part of its name."""
    with open_sent(archive(folder, *entries)) as side:
        lines = sent_lines(side, folder, tuple(ALL_FEEDS.values()))
        found = {
            (line["feed"], "/".join(line["identity"].values())): (line["deleted"], line["status"])
            for line in lines
        }
        return found, [*map(str, findings_of(side))]


def to(feed: str, *items: Any, at: float = 0, status: int = 200, body: str = "") -> dict[str, Any]:
    return entry("POST", TENANT, CATALOG_FEEDS[feed].route, [*items], (status, body), at=at)


def gone(feed: str, *items: Any, at: float = 0) -> dict[str, Any]:
    route = f"{CATALOG_FEEDS[feed].route}/delete"
    return entry("POST", TENANT, route, [*items], at=at)


def test_calls_that_all_arrived_are_in_sync(recorder: Recorder, tmp_path: Path) -> None:
    recorder.call(PRODUCTS, [product("A", description="long"), product("B")])
    recorder.call(PRODUCTS, [{**NAMED_A, "name": "New"}], "PATCH")
    recorder.call(PRODUCTS, [{"sku": "B", "source": LOCALE}], delete=True)
    recorder.call(BOOKS, [book("eu"), book("de", "eu")])
    recorder.call(PRICES, [price("A", "eu"), price("A", "de")])
    recorder.call(BOOKS, [{"priceBookId": "de"}], delete=True)

    result = compared(recorder.client, recorder.write(tmp_path))

    assert not result.discrepancies
    assert result.feeds[PRODUCTS].in_sync == 1


def test_what_a_fault_lost_of_an_update_is_told_with_the_fields(
    recorder: Recorder, tmp_path: Path
) -> None:
    recorder.call(PRODUCTS, [product("A", description="long"), product("B")])
    put_in_force(recorder.client.space, "lose", feed=PRODUCTS)
    recorder.call(PRODUCTS, [{**NAMED_A, "name": "New"}], "PATCH")

    [found] = compared(recorder.client, recorder.write(tmp_path)).discrepancies

    assert [event["identity"]["sku"] for event in events(recorder.client.space)] == ["A"]
    assert [each.pointer for each in found.differences] == ["/name"]


def test_a_call_that_was_refused_changes_nothing_and_is_told_as_refused(
    recorder: Recorder, tmp_path: Path
) -> None:
    recorder.call(PRODUCTS, [product("A")])
    assert recorder.call(PRODUCTS, [{**NAMED_A, "status": "ON"}, product("B")]) == 400
    recorder.call(PRODUCTS, [{**NAMED_A, "name": "New"}], "PATCH")

    result = compared(recorder.client, recorder.write(tmp_path))

    [found] = result.discrepancies
    assert (found.identity["sku"], found.kind) == ("B", DiscrepancyKind.MISSING)
    assert "was sent and not taken" in found.explanation


def test_each_item_has_the_status_that_the_answer_gives_it(tmp_path: Path) -> None:
    body = '{"status": "FAILED", "errors": [{"itemIndex": 1, "code": "sku", "message": "no"}]}'

    found, _ = read(tmp_path, to(PRICES, price("A", "eu"), price("B", "eu"), status=400, body=body))

    assert found == {(PRICES, "A/eu"): (False, 2), (PRICES, "B/eu"): (False, 1)}


def test_with_a_price_book_go_its_prices_and_come_back_within_a_week(tmp_path: Path) -> None:
    sent = (to(BOOKS, book("eu")), to(PRICES, price("A", "eu"), at=1))
    deleted = gone(BOOKS, {"priceBookId": "eu"}, at=2)

    def alive_after(*more: Any) -> set[str]:
        found, _ = read(tmp_path, *sent, deleted, *more)
        return {name for (_, name), (is_deleted, _) in found.items() if not is_deleted}

    assert alive_after() == set()
    assert alive_after(to(BOOKS, book("eu"), at=6 * DAY_S)) == {"eu", "A/eu"}
    assert alive_after(to(BOOKS, book("eu"), at=8 * DAY_S)) == {"eu"}


def test_an_update_of_what_the_archive_does_not_create_is_left_out_and_told(tmp_path: Path) -> None:
    update = entry("PATCH", TENANT, CATALOG_FEEDS[PRODUCTS].route, [NAMED_A])

    found, findings = read(tmp_path, update, to(PRICES, price("A", "eu")))

    assert list(found) == [(PRICES, "A/eu")]
    assert "an update of an item that no recorded request creates" in findings[0]


def test_tenants_are_told_apart_by_the_path(tmp_path: Path) -> None:
    other = entry("POST", "base/Other", CATALOG_FEEDS[PRODUCTS].route, [product("B")])
    with open_sent(archive(tmp_path, to(PRODUCTS, product("A")), other), data_space_id=TENANT) as s:
        lines = sent_lines(s, tmp_path, tuple(ALL_FEEDS.values()))

    assert [line["identity"]["sku"] for line in lines] == ["A"]


BOOK_NAMES = ("a", "b", "c", "d")


def _written(method: str) -> st.SearchStrategy[tuple[str, list[Any], str, bool]]:
    books = st.builds(
        book, st.sampled_from(BOOK_NAMES), st.sampled_from([None, None, *BOOK_NAMES[:2]])
    )
    prices = st.builds(
        price, st.sampled_from("XY"), st.sampled_from(BOOK_NAMES), st.sampled_from([1, 2])
    )
    links = st.lists(
        st.builds(lambda sku: {"type": "related", "sku": sku}, st.sampled_from("PQ")), max_size=2
    )
    products = st.builds(lambda sku, links: product(sku, links=links), st.sampled_from("XY"), links)
    slugs = st.sampled_from(("men", "men/pants", "men/pants/red", "men-only"))
    categories = st.builds(lambda slug: {"slug": slug, "source": LOCALE, "name": slug}, slugs)
    calls = [
        st.tuples(
            st.just(feed),
            # An item that comes twice in one request is a discrepancy of its own.
            st.lists(items, min_size=1, max_size=3, unique_by=partial(named, feed)),
            st.just(method),
        )
        for feed, items in (
            (BOOKS, books),
            (PRICES, prices),
            (PRODUCTS, products),
            ("catalogCategories", categories),
        )
    ]
    return st.one_of(calls).map(lambda call: (*call, False))


def named(feed: str, item: Any) -> str:
    return identity_key(CATALOG_FEEDS[feed], item)


def _deleted(call: tuple[str, list[Any], str, bool]) -> tuple[str, list[Any], str, bool]:
    feed, items, _, _ = call
    fields = CATALOG_FEEDS[feed].delete_payload
    return feed, [{name: item[name] for name in fields} for item in items], "POST", True


CALLS = st.one_of(_written("POST"), _written("PATCH"), _written("POST").map(_deleted))


@settings(max_examples=15)
@given(calls=st.lists(CALLS, min_size=2, max_size=12))
def test_whatever_is_called_the_archive_says_what_a_faultless_service_holds(
    service: RunningService, calls: list[Any]
) -> None:
    recorder = Recorder(catalog_client(service, catalog_requests_per_minute=None))
    # What is updated has to have been created in the recording.
    recorder.call(BOOKS, [book(name) for name in BOOK_NAMES])
    recorder.call(PRODUCTS, [product("X"), product("Y")])
    recorder.call(PRICES, [price(sku, name) for sku in "XY" for name in BOOK_NAMES])
    slugs = ("men", "men/pants", "men/pants/red", "men-only")
    recorder.call("catalogCategories", [{"slug": s, "source": LOCALE, "name": s} for s in slugs])

    for feed, items, method, delete in calls:
        assert recorder.call(feed, items, method, delete=delete) == 200

    with TemporaryDirectory() as folder:
        assert not compared(recorder.client, recorder.write(Path(folder))).discrepancies
