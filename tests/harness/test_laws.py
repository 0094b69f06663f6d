"""Laws of the diff, whatever the sides hold."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcs.contract.canonical import Item
from mcs.contract.feeds import FEEDS
from mcs.harness.diff import DiffResult, diff
from mcs.harness.discrepancy import Discrepancy, DiscrepancyKind, FeedCounts
from mcs.harness.fields import Difference
from tests.harness.catalog_items import MOST_PER_FEED, catalog_items, corrupted
from tests.harness.lists import Listed, held
from tests.harness.sides import PRICES, price

Catalog = Mapping[str, list[Item]]
Drawn = dict[tuple[str, int], int]

MIRRORED = {
    DiscrepancyKind.MISSING: DiscrepancyKind.UNEXPECTED,
    DiscrepancyKind.UNEXPECTED: DiscrepancyKind.MISSING,
    DiscrepancyKind.CHANGED: DiscrepancyKind.CHANGED,
}
# Of each item that a side holds: as it is in the catalog, or one of two other contents.
contents = st.dictionaries(
    st.tuples(st.sampled_from(sorted(FEEDS)), st.integers(0, MOST_PER_FEED - 1)),
    st.integers(0, 2),
    max_size=40,
)


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return catalog_items(tmp_path_factory.mktemp("catalog"))


def side(catalog: Catalog, drawn: Drawn) -> Listed:
    def item(name: str, place: int, content: int) -> Item:
        found = catalog[name][place]
        return corrupted(FEEDS[name], found, content - 1) if content else found

    return Listed(
        held(FEEDS[name], item(name, place, content))
        for (name, place), content in drawn.items()
        if place < len(catalog[name])
    )


def mirrored(found: Discrepancy) -> tuple[object, ...]:
    differences = [Difference(one.pointer, one.received, one.sent) for one in found.differences]
    return found.feed, found.key, MIRRORED[found.kind], differences


def told(result: DiffResult) -> list[tuple[object, ...]]:
    return [(one.feed, one.key, one.kind, list(one.differences)) for one in result.discrepancies]


@settings(deadline=None, max_examples=15)
@given(drawn=contents)
def test_a_side_does_not_differ_from_itself(catalog: Catalog, drawn: Drawn) -> None:
    result = diff(side(catalog, drawn), side(catalog, drawn))

    assert result.in_sync
    assert all(one.sent == one.received == one.in_sync for one in result.feeds.values())


@settings(deadline=None, max_examples=25)
@given(left=contents, right=contents)
def test_the_diff_is_mirrored_when_the_sides_are(
    catalog: Catalog, left: Drawn, right: Drawn
) -> None:
    there = diff(side(catalog, left), side(catalog, right))
    back = diff(side(catalog, right), side(catalog, left))

    assert sorted(map(mirrored, there.discrepancies), key=repr) == sorted(told(back), key=repr)
    assert {name: counts.in_sync for name, counts in there.feeds.items()} == {
        name: counts.in_sync for name, counts in back.feeds.items()
    }


def test_neither_side_holds_anything_is_said_so() -> None:
    result = diff(Listed([]), Listed([]))

    assert result.in_sync
    assert result.nothing_to_compare


def test_with_one_item_in_order_there_was_something_to_compare() -> None:
    result = diff(Listed([held(PRICES, price("A"))]), Listed([held(PRICES, price("A"))]))

    assert result.in_sync
    assert not result.nothing_to_compare


def test_the_verdict_names_its_sides() -> None:
    result = diff(Listed([], name="shop.sqlite"), Listed([], name="the service"))

    assert (result.sent_name, result.received_name) == ("shop.sqlite", "the service")


@pytest.mark.parametrize("name", ["sent", "received"])
def test_a_line_without_a_key_is_a_finding_of_its_own(name: str) -> None:
    nameless = Listed(
        held(PRICES, price(sku), key=None, identity=identity)
        for sku, identity in (("A", {}), ("B", None))
    )
    sides = {"sent": Listed([]), "received": Listed([]), name: nameless}

    found = diff(sides["sent"], sides["received"]).discrepancies

    kind = {"sent": DiscrepancyKind.MISSING, "received": DiscrepancyKind.UNEXPECTED}[name]
    assert [(one.kind, one.identity) for one in found] == [(kind, {}), (kind, {})]
    assert all(one.key.startswith("unnamed ") for one in found)


def test_a_line_without_a_hash_differs_and_its_content_tells_that_it_does_not() -> None:
    sent = Listed([held(PRICES, price("A"), hash=None), held(PRICES, price("B", 1), hash=None)])
    received = Listed([held(PRICES, price("A")), held(PRICES, price("B", 2))])

    [found] = diff(sent, received).discrepancies

    assert found.differences == (Difference("/regular", 1, 2),)


def test_of_several_lines_of_one_identity_the_living_and_latest_counts() -> None:
    sent = Listed(
        [
            held(PRICES, price("A", 1), modified_at="2026-11-20 10:00:00"),
            held(PRICES, price("A", 3), modified_at="2026-11-22 10:00:00"),
            held(PRICES, price("A", 2), modified_at="2026-11-21 10:00:00"),
            held(PRICES, price("A"), modified_at="2026-11-23 10:00:00", deleted=True),
        ]
    )
    received = Listed(
        [
            held(PRICES, price("A", 3), received_at="2026-11-22T10:00:02+00:00"),
            held(PRICES, price("A", 1), received_at="2026-11-22T10:00:01+00:00"),
        ]
    )

    result = diff(sent, received)

    assert result.in_sync
    assert result.feeds["prices"] == FeedCounts(1, 1, 1)


def product(sku: str) -> Item:
    return {"sku": sku, "storeViewCode": "default", "deleted": False}
