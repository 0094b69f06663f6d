"""An item that is missing here and is somewhere else, and what only looks like one."""

from collections.abc import Mapping
from typing import Any

import pytest

from mcs.contract.canonical import Item, content_hash, identity_key
from mcs.contract.feeds import FEEDS
from mcs.harness.diff import diff
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.sides import Elsewhere
from tests.harness.lists import Listed, held
from tests.harness.sides import PRICES, PRODUCTS, DataSpace, Exporter, identity_of, price
from tests.server.running import RunningService

MISSING, UNEXPECTED = DiscrepancyKind.MISSING, DiscrepancyKind.UNEXPECTED
MISROUTED = DiscrepancyKind.MISROUTED


@pytest.fixture
def other(service: RunningService) -> DataSpace:
    """Another data space of the same service."""
    return DataSpace(service.data_space())


def product(sku: str, store_view: str, name: str, **fields: Any) -> Item:
    return {"sku": sku, "storeViewCode": store_view, "name": name, "deleted": False, **fields}


def kinds(*sides: list[Item]) -> list[DiscrepancyKind]:
    """The kinds of a diff of products as sent and as received."""
    sent, received = (Listed(held(PRODUCTS, item) for item in items) for items in sides)
    return [found.kind for found in diff(sent, received).discrepancies]


def test_what_went_to_another_data_space_is_misrouted_and_told_where(
    data_space: DataSpace, exporter: Exporter, other: DataSpace
) -> None:
    request_id = other.receive(price("A")).request_id
    exporter.note(price("A"), request_id=str(request_id))

    [found] = data_space.diff(exporter).discrepancies

    assert (found.kind, found.identity) == (MISROUTED, identity_of("A"))
    assert found.received is not None
    assert found.received["data_space_id"] == other.id
    assert found.cause == "data_space_switched"
    assert f"noted it as sent (request {request_id})" in found.explanation


@pytest.mark.parametrize(
    ("there", "by_that_request"),
    [(price("A"), False), (price("A", 11), True)],
    ids=["of-another-request", "of-other-content"],
)
def test_what_another_data_space_has_besides_is_missing_here(
    data_space: DataSpace,
    exporter: Exporter,
    other: DataSpace,
    there: Item,
    by_that_request: bool,
) -> None:
    request_id = other.receive(there).request_id
    exporter.note(price("A"), request_id=str(request_id) if by_that_request else "r-1")

    [found] = data_space.diff(exporter).discrepancies

    assert found.kind is MISSING


def test_what_was_misrouted_and_arrived_after_all_is_in_sync(
    data_space: DataSpace, exporter: Exporter, other: DataSpace
) -> None:
    exporter.note(price("A"), request_id=str(other.receive(price("A")).request_id))
    data_space.receive(price("A"))

    assert data_space.diff(exporter).in_sync


def test_many_misrouted_items_are_asked_for_in_parts(
    data_space: DataSpace,
    exporter: Exporter,
    other: DataSpace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("mcs.harness.sources.service.ASKED_AT_ONCE", 2)
    request_id = str(other.receive(*map(price, "ABCDE")).request_id)
    for sku in "ABCDEF":
        exporter.note(price(sku), request_id=request_id)

    found = data_space.diff(exporter).discrepancies

    assert [(one.kind, one.identity["sku"]) for one in found] == [
        (MISSING, "F"),
        *((MISROUTED, sku) for sku in "ABCDE"),
    ]


def test_an_item_under_a_wrong_scope_is_one_discrepancy_and_told_where(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(product("A", "de", "Tasche"), feed=PRODUCTS)
    data_space.receive(product("A", "default", "Tasche"), feed=PRODUCTS)

    [found] = data_space.diff(exporter).discrepancies

    assert (found.kind, found.identity) == (MISROUTED, {"sku": "A", "storeViewCode": "de"})
    assert found.received is not None
    assert found.received["identity"] == {"sku": "A", "storeViewCode": "default"}
    assert "(sku=A, storeViewCode=default), and not under its own" in found.explanation


def test_other_fields_of_the_scope_do_not_count_where_the_content_is_kept() -> None:
    sent = product("A", "de", "Tasche", storeCode="main", websiteCode="base")
    received = product("A", "fr", "Tasche", storeCode="paris", websiteCode="eu")

    assert kinds([sent], [received]) == [MISROUTED]


@pytest.mark.parametrize(
    ("sent", "received"),
    [
        ([("A", "de", "Tasche")], [("A", "default", "Bag")]),
        ([("A", "de", "Tasche")], [("B", "default", "Tasche")]),
        ([("A", "de", "Tasche")], [("A", "fr", "Tasche"), ("A", "es", "Tasche")]),
        ([("A", "de", "Tasche"), ("A", "fr", "Tasche")], [("A", "es", "Tasche")]),
    ],
    ids=["of-other-content", "of-another-product", "in-two-places", "for-two-items"],
)
def test_what_need_not_be_misrouted_is_missing_and_unexpected(
    sent: list[tuple[str, str, str]], received: list[tuple[str, str, str]]
) -> None:
    found = kinds([product(*one) for one in sent], [product(*one) for one in received])

    assert found == [MISSING] * len(sent) + [UNEXPECTED] * len(received)


def test_of_two_missing_items_the_one_with_that_content_is_misrouted() -> None:
    sent = [product("A", "de", "Tasche"), product("A", "fr", "Sac")]

    assert kinds(sent, [product("A", "es", "Sac")]) == [MISSING, MISROUTED]


def test_a_permission_under_another_website_is_misrouted() -> None:
    def permission(website: str) -> Item:
        named = {"websiteCode": website, "customerGroupCode": "0", "categoryId": "7"}
        return {"id": named, "type": "STANDARD", "permission": {"DISPLAYED": "ALLOW"}}

    feed = FEEDS["categoryPermissions"]
    sent, received = (Listed([held(feed, permission(website))]) for website in ("base", "eu"))

    [found] = diff(sent, received).discrepancies

    assert found.kind is MISROUTED


def test_a_misrouted_item_that_came_twice_is_duplicated_where_it_is() -> None:
    there = held(PRODUCTS, product("A", "fr", "Tasche"), repeats=1, versions=2)

    found = diff(Listed([held(PRODUCTS, product("A", "de", "Tasche"))]), Listed([there]))

    kinds_by_store_view = [(one.kind, one.identity["storeViewCode"]) for one in found.discrepancies]
    assert kinds_by_store_view == [(DiscrepancyKind.DUPLICATED, "fr"), (MISROUTED, "de")]


def test_nothing_is_asked_of_other_data_spaces_without_need() -> None:
    asked: list[str] = []

    class Asked(Listed):
        def elsewhere(self, feed: str, keys: Any) -> list[Elsewhere]:
            asked.extend(keys)
            return []

    unknown = held(PRICES, price("B"), request_id=None)
    sent = Listed([held(PRICES, price("A")), unknown, held(PRICES, price("C"))])

    diff(sent, Asked([held(PRICES, price("A")), held(PRICES, price("D"))]))

    assert asked == [identity_key(PRICES, price("C"))]


def test_where_it_is_says_all_that_is_known(
    data_space: DataSpace, exporter: Exporter, other: DataSpace
) -> None:
    request_id = str(other.receive(price("A")).request_id)
    exporter.note(price("A"), request_id=request_id)

    [found] = data_space.diff(exporter).discrepancies

    there: Mapping[str, Any] = found.received or {}
    assert there["hash"] == content_hash(PRICES, price("A"))
    assert there["request_id"] == request_id
    assert there["received_at"].endswith("+00:00")
