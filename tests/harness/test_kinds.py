"""Each kind of discrepancy and its boundaries, with items that a real service received."""

import pytest

from mcs.contract.canonical import Item
from mcs.harness.diff import Options
from mcs.harness.discrepancy import DiscrepancyKind, FeedCounts
from mcs.harness.fields import ABSENT, Difference
from tests.harness.sides import (
    CATEGORIES,
    PRICES,
    PRODUCTS,
    DataSpace,
    Exporter,
    deletion,
    identity_of,
    price,
)


def refused(sku: str) -> Item:
    """An item that the service refuses."""
    return price(sku, regular="12,50")  # type: ignore[arg-type]  # the fault is meant


def test_equal_sides_are_in_sync(data_space: DataSpace, exporter: Exporter) -> None:
    for sku in "ABC":
        exporter.note(price(sku))
    data_space.receive(*map(price, "ABC"))

    result = data_space.diff(exporter)

    assert result.in_sync
    assert result.feeds["prices"] == FeedCounts(sent=3, received=3, in_sync=3)


def test_empty_sides_are_in_sync(data_space: DataSpace, exporter: Exporter) -> None:
    result = data_space.diff(exporter)

    assert result.in_sync
    assert set(result.feeds.values()) == {FeedCounts()}


def test_a_sent_item_the_service_never_recorded_is_missing(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A"))
    exporter.note(price("B"), request_id="r-lost")
    data_space.receive(price("A"))

    [found] = data_space.diff(exporter).discrepancies

    assert (found.kind, found.identity) == (DiscrepancyKind.MISSING, identity_of("B"))
    assert "(request r-lost), yet the service never recorded it" in found.explanation
    assert "bin/magento saas:resync --feed prices --no-reindex" in found.explanation


def test_a_sent_item_the_service_holds_deleted_is_missing(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A"))
    data_space.receive(price("A"))
    data_space.receive(deletion(PRICES, price("A")))

    [found] = data_space.diff(exporter).discrepancies

    assert found.kind is DiscrepancyKind.MISSING
    assert "the service holds it deleted since" in found.explanation


def test_an_item_noted_as_sent_but_refused_is_missing_with_the_reasons(
    data_space: DataSpace, exporter: Exporter
) -> None:
    batch = data_space.receive(refused("A"))
    exporter.note(refused("A"), request_id=batch.request_id)

    [found] = data_space.diff(exporter).discrepancies

    assert found.kind is DiscrepancyKind.MISSING
    assert [error["pointer"] for error in found.errors] == ["/regular"]
    assert 'the service refused it: /regular is not a number, got "12,50".' in found.explanation


@pytest.mark.parametrize("status", [0, 2, 403])
@pytest.mark.parametrize("older", [[], [price("A", 9)]], ids=["nothing-there", "older-there"])
def test_an_item_that_waits_for_a_retry_is_missing_and_told_why(
    data_space: DataSpace, exporter: Exporter, status: int, older: list[Item]
) -> None:
    exporter.note(price("A"), status=status, errors="Service Unavailable")
    for item in older:
        data_space.receive(item)

    [found] = data_space.diff(exporter).discrepancies

    assert found.kind is DiscrepancyKind.MISSING
    assert f"export status {status} (Service Unavailable)" in found.explanation


@pytest.mark.parametrize("status", [0, 1, 2, 400])
def test_an_item_that_arrived_unknown_to_the_exporter_is_in_sync(
    data_space: DataSpace, exporter: Exporter, status: int
) -> None:
    exporter.note(price("A"), status=status)
    data_space.receive(price("A"))

    result = data_space.diff(exporter)

    assert result.in_sync
    assert result.feeds["prices"] == FeedCounts(sent=0, received=1, in_sync=1)


def test_sent_content_that_was_overwritten_by_another_is_stale(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A", 12))
    data_space.receive(price("A", 12))
    late = data_space.receive(price("A", 10))

    [found] = data_space.diff(exporter).discrepancies

    assert found.kind is DiscrepancyKind.STALE
    assert found.differences == (Difference("/regular", 12, 10),)
    assert f"(request {late.request_id})" in found.explanation


def test_other_content_than_was_sent_is_changed(data_space: DataSpace, exporter: Exporter) -> None:
    exporter.note(price("A", 12, discounts=None), keep=True)
    data_space.receive(price("A", 10, updatedAt="2026-01-01 00:00:00"))

    [found] = data_space.diff(exporter).discrepancies

    assert found.kind is DiscrepancyKind.CHANGED
    assert found.differences == (
        Difference("/discounts", None, ABSENT),
        Difference("/regular", 12, 10),
    )


@pytest.mark.parametrize("versions", [1, 2])
def test_changed_content_without_a_kept_payload_says_how_to_keep_it(
    data_space: DataSpace, exporter: Exporter, versions: int
) -> None:
    exporter.note(price("A", 12))
    for version in range(versions):
        data_space.receive(price("A", version))

    [found] = data_space.diff(exporter).discrepancies

    assert (found.kind, found.differences) == (DiscrepancyKind.CHANGED, ())
    assert "payload not kept; run the exporter with PERSIST_EXPORTED_FEED=1" in found.explanation


def test_a_lost_deletion_is_undeleted(data_space: DataSpace, exporter: Exporter) -> None:
    exporter.note(price("A"), deleted=True)
    data_space.receive(price("A"))

    [found] = data_space.diff(exporter).discrepancies

    assert found.kind is DiscrepancyKind.UNDELETED
    assert "the deletion was noted as sent (request r-1, modified 2026-11-22" in found.explanation


def test_a_deletion_that_waits_for_a_retry_is_undeleted_and_told_why(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A"), deleted=True, status=2, errors="Too Many Requests")
    data_space.receive(price("A"))

    [found] = data_space.diff(exporter).discrepancies

    assert found.kind is DiscrepancyKind.UNDELETED
    assert "the deletion waits for a retry" in found.explanation
    assert "(Too Many Requests)" in found.explanation


@pytest.mark.parametrize("status", [1, 2, 200, 400])
def test_a_deleted_item_the_service_does_not_hold_alive_is_in_sync(
    data_space: DataSpace, exporter: Exporter, status: int
) -> None:
    for sku in "AB":
        exporter.note(price(sku), deleted=True, status=status)
    data_space.receive(price("A"))
    data_space.receive(deletion(PRICES, price("A")))

    result = data_space.diff(exporter)

    assert result.in_sync
    assert result.feeds["prices"] == FeedCounts()


def test_an_item_unknown_to_the_exporter_is_unexpected(
    data_space: DataSpace, exporter: Exporter
) -> None:
    data_space.receive(price("A"))

    result = data_space.diff(exporter)

    [found] = result.discrepancies
    assert (found.kind, found.identity) == (DiscrepancyKind.UNEXPECTED, identity_of("A"))
    assert found.sent is None
    assert result.feeds["prices"] == FeedCounts(received=1)


def test_a_deleted_item_unknown_to_the_exporter_is_in_sync(
    data_space: DataSpace, exporter: Exporter
) -> None:
    data_space.receive(deletion(PRICES, price("A")))

    assert data_space.diff(exporter).in_sync


@pytest.mark.parametrize("status", [1, 400])
def test_a_refused_item_is_rejected_with_the_services_reasons(
    data_space: DataSpace, exporter: Exporter, status: int
) -> None:
    data_space.receive(refused("A"))
    exporter.note(refused("A"), status=status, errors="what the exporter kept")

    [found] = data_space.diff(exporter).discrepancies

    assert found.kind is DiscrepancyKind.REJECTED
    assert [error["code"] for error in found.errors] == ["invalid_type"]
    assert '(/regular is not a number, got "12,50".)' in found.explanation


def test_a_refused_update_of_a_living_item_is_rejected(
    data_space: DataSpace, exporter: Exporter
) -> None:
    data_space.receive(price("A"))
    data_space.receive(refused("A"))
    exporter.note(refused("A"), status=1)

    [found] = data_space.diff(exporter).discrepancies

    assert found.kind is DiscrepancyKind.REJECTED


def test_a_refusal_the_service_does_not_know_is_told_in_the_exporters_words(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A"), status=1, errors="sku is too long")

    [found] = data_space.diff(exporter).discrepancies

    assert (found.kind, found.errors) == (DiscrepancyKind.REJECTED, ())
    assert "The service refused it (sku is too long)" in found.explanation


def test_an_item_refused_with_its_batch_is_rejected_and_to_be_resent(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A"), status=400)

    [found] = data_space.diff(exporter).discrepancies

    assert found.kind is DiscrepancyKind.REJECTED
    assert "for other items' faults" in found.explanation
    assert "--no-reindex" in found.explanation


def test_an_old_refusal_says_nothing_of_what_was_lost_since(
    data_space: DataSpace, exporter: Exporter
) -> None:
    data_space.receive(refused("A"))
    exporter.note(price("A"), request_id="r-later")

    [found] = data_space.diff(exporter).discrepancies

    assert (found.kind, found.errors) == (DiscrepancyKind.MISSING, ())


def test_an_identity_twice_in_one_request_is_duplicated_and_in_sync(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A"))
    data_space.receive(price("A"), price("A"))

    result = data_space.diff(exporter)

    [found] = result.discrepancies
    assert found.kind is DiscrepancyKind.DUPLICATED
    assert found.explanation.startswith("1 of the 2 writes")
    assert result.feeds["prices"].in_sync == 1


def test_an_identity_may_be_duplicated_beside_another_kind(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A", 12))
    data_space.receive(price("A", 12), price("A", 10))

    kinds = [found.kind for found in data_space.diff(exporter).discrepancies]

    assert kinds == [DiscrepancyKind.STALE, DiscrepancyKind.DUPLICATED]


def test_content_sent_again_is_counted_and_told_only_if_asked_for(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A"))
    for _ in range(3):
        data_space.receive(price("A"))

    silent, told = (data_space.diff_with(exporter, Options(resends=on)) for on in (False, True))

    assert silent.in_sync
    assert silent.feeds["prices"] == FeedCounts(sent=1, received=1, in_sync=1, resent=2)
    [found] = told.discrepancies
    assert found.kind is DiscrepancyKind.DUPLICATED
    assert found.explanation.startswith("2 of the 3 writes the service recorded repeated the")


def test_a_category_is_joined_by_what_names_it_not_by_a_shops_feed_id(
    data_space: DataSpace, exporter: Exporter
) -> None:
    category = {"categoryId": "7", "storeViewCode": "default", "urlPath": "new", "deleted": False}
    exporter.note(category, feed=CATEGORIES, feed_id="a" * 40, deleted=True)
    exporter.note(category, feed=CATEGORIES, feed_id="b" * 40)
    exporter.note(category, feed=CATEGORIES, feed_id="c" * 40, deleted=True)
    data_space.receive(category, feed=CATEGORIES)

    result = data_space.diff(exporter)

    assert result.in_sync
    assert result.feeds["categories"] == FeedCounts(1, 1, 1)


def test_a_row_without_identity_fields_is_joined_by_its_feed_id(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A"))
    exporter.note(price("B"))
    exporter.execute("update cde_product_prices_feed set feed_data = '', feed_id = upper(feed_id)")
    data_space.receive(price("A", 11))

    changed, missing = sorted(data_space.diff(exporter).discrepancies, key=lambda d: d.kind)

    assert (changed.kind, changed.identity) == (DiscrepancyKind.CHANGED, identity_of("A"))
    assert (missing.kind, missing.identity) == (DiscrepancyKind.MISSING, {})


def test_only_the_chosen_feeds_are_compared(data_space: DataSpace, exporter: Exporter) -> None:
    product = {"sku": "A", "storeViewCode": "default", "name": "Bag", "deleted": False}
    exporter.note(product, feed=PRODUCTS)
    data_space.receive(price("A"))

    result = data_space.diff(exporter, PRICES, PRICES)

    assert [found.feed for found in result.discrepancies] == ["prices"]
    assert result.feeds == {"prices": FeedCounts(received=1)}


def test_an_item_that_differs_in_ignored_fields_alone_is_in_sync(
    data_space: DataSpace, exporter: Exporter
) -> None:
    for sku, regular in (("A", 10), ("B", 11)):
        exporter.note(price(sku, regular, discounts=[{"code": "group", "price": 9}]), keep=True)
        data_space.receive(price(sku, 10, discounts=[{"code": "group", "price": 8}]))

    result = data_space.diff(exporter, ignore=("/discounts/*/price",))

    [found] = result.discrepancies
    assert found.differences == (Difference("/regular", 11, 10),)
    assert result.feeds["prices"].in_sync == 1


def test_discrepancies_are_ordered_by_feed_kind_and_identity(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note({"sku": "Z", "storeViewCode": "default"}, feed=PRODUCTS)
    for sku in "DB":
        exporter.note(price(sku))
    data_space.receive(price("C"), price("A"))

    found = data_space.diff(exporter).discrepancies

    assert [(one.feed, one.kind.value, one.identity["sku"]) for one in found] == [
        ("products", "missing", "Z"),
        ("prices", "missing", "B"),
        ("prices", "missing", "D"),
        ("prices", "unexpected", "A"),
        ("prices", "unexpected", "C"),
    ]
