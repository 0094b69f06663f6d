"""What counts as a difference of content, and when an older write came last."""

import pytest

from mcs.contract.canonical import Item, content_hash
from mcs.harness.compare import Comparison, Policy, compare
from mcs.harness.diff import DiffResult, Options, diff
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.fields import Difference
from mcs.harness.sides import Version
from tests.harness.lists import Listed, held
from tests.harness.sides import PRICES, PRODUCTS, price

STALE, CHANGED = DiscrepancyKind.STALE, DiscrepancyKind.CHANGED
OLDER, NEWER = "2026-11-21 10:00:00", "2026-11-23T10:00:00+00:00"


def written(*prices: float, at: str = OLDER) -> list[Version]:
    """These writes of one price, one after the other."""
    items = [price("A", regular, updatedAt=at) for regular in prices]
    return [Version(content_hash(PRICES, item), False, "", "", item) for item in items]


def compared(sent: Item, received: Item, policy: Policy) -> Comparison:
    version = Version(content_hash(PRODUCTS, received), False, "", "", received)
    return compare(PRODUCTS, content_hash(PRODUCTS, sent), sent, [version], policy)


@pytest.mark.parametrize(
    ("received", "at", "kind"),
    [
        ([12, 10], NEWER, STALE),
        ([10, 11, 10], OLDER, STALE),
        ([10, 11, 10, 10], OLDER, STALE),
        ([10, 11, 10], NEWER, CHANGED),
        ([10], OLDER, CHANGED),
        ([10, 10], OLDER, CHANGED),
        ([11, 10], OLDER, CHANGED),
        ([11, 10, 10], OLDER, CHANGED),
    ],
    ids=[
        "sent-content-overwritten",
        "set-back",
        "set-back-and-resent",
        "set-to-what-is-newer",
        "update-lost",
        "update-lost-and-resent",
        "updates-lost",
        "updates-lost-and-resent",
    ],
)
def test_it_is_stale_if_an_older_write_came_last(
    received: list[float], at: str, kind: DiscrepancyKind
) -> None:
    sent = price("A", 12)

    found = compare(
        PRICES,
        content_hash(PRICES, sent),
        sent,
        written(*received, at=at),
        sent_modified_at="2026-11-22 10:00:00",
    )

    assert found.kind is kind
    assert found.differences == (Difference("/regular", 12, received[-1]),)


@pytest.mark.parametrize("sent_modified_at", [None, "some day"])
def test_without_times_nothing_is_said_to_be_set_back(sent_modified_at: str | None) -> None:
    sent = content_hash(PRICES, price("A", 12))

    found = compare(PRICES, sent, None, written(10, 11, 10), sent_modified_at=sent_modified_at)

    assert found == Comparison(CHANGED, None)


@pytest.mark.parametrize(
    ("sent", "received", "only"),
    [
        ({"categories": ["a", "b"]}, {"categories": ["b", "a"]}, "order"),
        ({"a": [{"b": [1, 2]}, 3]}, {"a": [3, {"b": [2, 1]}]}, "order"),
        ({"weight": 12.345}, {"weight": 12.35}, "precision"),
        ({"weight": 12.345}, {"weight": 12.36}, None),
        (
            {"categories": ["a", "b"], "weight": 1},
            {"categories": ["b", "a"], "weight": 1.001},
            None,
        ),
        ({"categories": ["a", "a"]}, {"categories": ["a"]}, None),
    ],
    ids=["order", "order-within", "rounded", "more-than-rounded", "both", "fewer"],
)
def test_a_difference_in_order_or_precision_alone_is_told_and_counts(
    sent: Item, received: Item, only: str | None
) -> None:
    found = compared(sent, received, Policy())

    assert found.only == only
    assert found.differences


@pytest.mark.parametrize(
    ("sent", "received", "policy", "only"),
    [
        ({"a": [1, 2]}, {"a": [2, 1]}, Policy(order_free=("/a",)), "order"),
        ({"a": 1.5}, {"a": 1.502}, Policy(tolerance={"/a": 0.002}), "precision"),
        ({"a": 1}, {"a": 3}, Policy(tolerance={"": 2}), None),
        ({"a": None}, {}, Policy(null_is_absent=True), None),
        ({"a": 1}, {"a": 2}, Policy(ignore=("/a",)), None),
    ],
    ids=["order-free", "tolerated", "tolerated-widely", "null", "ignored"],
)
def test_what_the_policy_allows_is_no_difference(
    sent: Item, received: Item, policy: Policy, only: str | None
) -> None:
    found = compared(sent, received, policy)

    assert (found.differences, found.only) == ((), only)


def of_two_products(**options: object) -> DiffResult:
    """A diff of a product whose categories are in another order, and of one that differs more."""
    items = [
        {"sku": sku, "storeViewCode": "default", "deleted": False, "categories": ["a", "b"]}
        for sku in "AB"
    ]
    received = [items[0] | {"categories": ["b", "a"]}, items[1] | {"categories": ["b", "c"]}]
    sent, there = (Listed(held(PRODUCTS, one) for one in side) for side in (items, received))
    return diff(sent, there, Options(**options))  # type: ignore[arg-type]  # as given


def test_an_item_that_differs_in_nothing_that_counts_is_in_sync() -> None:
    result = of_two_products(order_free=("/categories",))

    [found] = result.discrepancies
    assert found.identity["sku"] == "B"
    assert found.differences == (Difference("/categories/0", "a", "c"),)
    assert result.feeds["products"].in_sync == 1


def test_without_a_policy_order_counts() -> None:
    assert len(of_two_products().discrepancies) == 2
