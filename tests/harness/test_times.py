"""When: what arrived late, how long items took, and a diff of a window of time."""

from datetime import UTC, datetime, timedelta

import pytest

from mcs.contract.canonical import identity_key
from mcs.contract.feeds import FEEDS
from mcs.harness.diff import DiffResult, Options, diff
from mcs.harness.discrepancy import DiscrepancyKind, FeedCounts, Latency
from mcs.harness.moments import moment
from tests.harness.lists import Held, Listed, held
from tests.harness.sides import PRICES, DataSpace, Exporter, price

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)


def sent_at(sku: str, minutes: float, regular: float = 10) -> Held:
    at = TEN + timedelta(minutes=minutes)
    return held(PRICES, price(sku, regular), modified_at=at.strftime("%Y-%m-%d %H:%M:%S"))


def received_at(sku: str, minutes: float, regular: float = 10, **lines: object) -> Held:
    at = TEN + timedelta(minutes=minutes)
    return held(PRICES, price(sku, regular), received_at=at.isoformat(), **lines)


def compared(sent: list[Held], received: list[Held], **options: object) -> DiffResult:
    return diff(Listed(sent), Listed(received), Options(**options))  # type: ignore[arg-type]  # as given


def test_what_took_longer_than_is_allowed_is_late_and_in_sync() -> None:
    sent = [sent_at("slow", 0), sent_at("fast", 0), sent_at("other", 0)]
    received = [received_at("slow", 15.1), received_at("fast", 15), received_at("other", 60, 11)]

    result = compared(sent, received, late_after_s=900.0)

    late, other = sorted(result.discrepancies, key=lambda one: one.kind, reverse=True)
    assert (late.kind, late.identity["sku"]) == (DiscrepancyKind.LATE, "slow")
    assert "received 15 min 6 s after it was modified (2026-11-22 10:00:00 UTC" in late.explanation
    assert other.kind is DiscrepancyKind.CHANGED
    assert result.feeds["prices"].in_sync == 2


def test_the_modification_as_received_tells_where_the_sent_side_does_not() -> None:
    sent = [held(PRICES, price("A"), modified_at=None)]
    received = [received_at("A", 60, modified_at="2026-11-22T11:30:00+02:00")]

    assert [one.kind for one in compared(sent, received, late_after_s=60.0).discrepancies] == [
        DiscrepancyKind.LATE
    ]


@pytest.mark.parametrize("modified_at", [None, "", "yesterday", "2026-13-01 00:00:00"])
def test_of_unknown_age_nothing_is_late(modified_at: str | None) -> None:
    sent = [held(PRICES, price("A"), modified_at=modified_at)]
    received = [received_at("A", 60, modified_at=modified_at)]

    assert compared(sent, received, late_after_s=1.0).in_sync


def test_a_real_service_receives_late_what_was_modified_long_ago(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A"))
    exporter.execute("update cde_product_prices_feed set modified_at = '2020-01-01 00:00:00'")
    data_space.receive(price("A"))

    result = data_space.diff_with(exporter, Options(late_after_s=3600.0))

    assert [one.kind for one in result.discrepancies] == [DiscrepancyKind.LATE]
    assert result.latencies["prices"].count == 1


def test_latencies_are_those_of_items_in_order() -> None:
    sent = [sent_at(f"A{n}", 0) for n in range(100)]
    received = [received_at(f"A{n}", (n + 1) / 60) for n in range(100)]
    changed = (sent_at("changed", 0), received_at("changed", 99, 11))

    result = compared([*sent, changed[0]], [*received, changed[1]])

    assert result.latencies == {"prices": Latency(100, 50.0, 95.0, 99.0, 100.0)}


def test_without_times_there_are_no_latencies() -> None:
    sent = [held(PRICES, price("A"), modified_at=None)]

    result = compared(sent, [held(PRICES, price("A"), modified_at=None)])

    assert result.latencies == {}


def test_a_window_begins_at_its_since_and_ends_before_its_until() -> None:
    sent = [sent_at(f"at {minute}", minute) for minute in (-1, 0, 1, 2)]

    result = compared(sent, [], since=TEN, until=TEN + timedelta(minutes=2))

    assert [one.identity["sku"] for one in result.discrepancies] == ["at 0", "at 1"]
    assert result.feeds["prices"] == FeedCounts(sent=2)


def test_nothing_becomes_missing_by_the_edge_of_a_window() -> None:
    sent = [sent_at("sent in it", 1), sent_at("sent before", -1)]
    received = [received_at("sent in it", 9), received_at("sent before", 1)]

    result = compared(sent, received, since=TEN, until=TEN + timedelta(minutes=2))

    assert result.in_sync
    assert result.feeds["prices"] == FeedCounts(1, 1, 1)


def test_what_was_never_sent_is_in_the_window_it_was_received_in() -> None:
    received = [received_at("before", -1), received_at("in it", 1)]

    result = compared([], received, since=TEN)

    assert [one.identity["sku"] for one in result.discrepancies] == ["in it"]


def test_an_item_of_unknown_time_is_in_every_window() -> None:
    sent = [held(PRICES, price("A"), modified_at=None)]

    result = compared(sent, [], since=TEN)

    assert [one.key for one in result.discrepancies] == [identity_key(PRICES, price("A"))]


@pytest.mark.parametrize("text", [None, "", "soon", 7])
def test_what_says_no_moment_is_none(text: object) -> None:
    assert moment(text) is None


def test_latencies_stand_in_the_order_of_an_initial_sync() -> None:
    items = [
        (feed, {"sku": "A", **dict.fromkeys(feed.identity, "x")})
        for feed in map(FEEDS.__getitem__, ("variants", "prices", "products", "productOverrides"))
    ]
    side = Listed(held(feed, item) for feed, item in items)

    latencies = diff(side, side).latencies

    assert list(latencies) == ["products", "prices", "productOverrides", "variants"]
