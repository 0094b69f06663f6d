"""Plain items as the sent side of a diff."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from mcs.contract.canonical import Item
from mcs.contract.errors import UsageError
from mcs.contract.feeds import Feed
from mcs.harness.diff import DiffResult, Options, diff
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.sources.items import SentItems
from mcs.harness.sources.service import Service
from tests.harness.sides import PRICES, PRODUCTS, DataSpace, deletion, price
from tests.server.running import product


def compared(data_space: DataSpace, given: Mapping[Feed, Any]) -> DiffResult:
    with SentItems(given) as sent, Service(data_space.url, data_space.id) as received:
        return diff(sent, received, Options(sent.feeds))


def test_items_of_several_feeds_are_compared_with_what_came(data_space: DataSpace) -> None:
    data_space.receive(price("A"), price("B"))
    data_space.receive(product("A"), feed=PRODUCTS)

    result = compared(
        data_space, {PRICES: iter([price("A"), price("B")]), PRODUCTS: [product("A")]}
    )

    assert result.in_sync
    assert result.feeds["prices"].in_sync == 2


def test_a_changed_field_is_named_with_both_values(data_space: DataSpace) -> None:
    data_space.receive(price("A", regular=38))

    [found] = compared(data_space, {PRICES: [price("A", regular=34)]}).discrepancies

    [difference] = found.differences
    assert found.kind is DiscrepancyKind.CHANGED
    assert (difference.pointer, difference.sent, difference.received) == ("/regular", 34, 38)


@pytest.mark.parametrize("last", [price("A", 34), deletion(PRICES, price("A"))], ids=["put", "del"])
def test_of_one_identity_the_last_item_counts(data_space: DataSpace, last: Item) -> None:
    data_space.receive(price("A", regular=1))
    data_space.receive(last)

    result = compared(data_space, {PRICES: [price("A", regular=1), last]})

    assert result.in_sync


def test_an_item_that_was_not_sent_is_unexpected(data_space: DataSpace) -> None:
    data_space.receive(price("A"))

    [found] = compared(data_space, {PRICES: []}).discrepancies

    assert found.kind is DiscrepancyKind.UNEXPECTED


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ({"sku": "A"}, "prices[1] of the items sent: no usable value at customerGroupCode"),
        (price("B", regular=Decimal(1)), "prices[1] of the items sent is no JSON"),  # type: ignore[arg-type]  # as users do
        ("A", "prices[1] of the items sent: got 'A', expected an item"),
    ],
    ids=["no-identity", "no-json", "no-item"],
)
def test_what_is_no_item_is_told_with_its_place(item: Any, told: str) -> None:
    with pytest.raises(UsageError) as refused, SentItems({PRICES: [price("A"), item]}):
        pass

    assert told in str(refused.value)
