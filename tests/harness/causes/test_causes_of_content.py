"""Causes that the contents tell, brought about at a real service."""

from pathlib import Path

from mcs.harness.diff import diff
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.sources.opening import open_sent
from mcs.harness.sources.service import Service
from tests.harness.causes.telling import of_cause, the_only
from tests.harness.sides import DataSpace, Exporter, price
from tests.harness.sources.written import ndjson

DISCOUNTS = [{"code": "group", "price": 9}, {"code": "special_price", "price": 8}]


@of_cause("order_only")
def test_the_same_values_in_another_order_are_told_as_such(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A", discounts=DISCOUNTS), keep=True)
    data_space.receive(price("A", discounts=DISCOUNTS[::-1]))

    found = the_only(data_space.diff(exporter).discrepancies)

    assert (found.cause, found.log_code) == ("order_only", None)
    assert "in another order" in found.explanation


@of_cause("order_only")
def test_entries_with_different_fields_may_change_places(
    data_space: DataSpace, exporter: Exporter
) -> None:
    discounts = [{"code": "group", "price": 9}, {"code": "special_price", "percentage": 8}]
    exporter.note(price("A", discounts=discounts), keep=True)
    data_space.receive(price("A", discounts=discounts[::-1]))

    found = the_only(data_space.diff(exporter).discrepancies)

    assert found.cause == "order_only"


@of_cause("precision_only")
def test_rounded_numbers_are_told_as_such(data_space: DataSpace, exporter: Exporter) -> None:
    exporter.note(price("A", 12.499999), keep=True)
    data_space.receive(price("A", 12.5))

    found = the_only(data_space.diff(exporter).discrepancies)

    assert found.cause == "precision_only"


@of_cause("unnamed")
def test_an_item_without_a_name_is_told_with_what_it_lacks(
    data_space: DataSpace, tmp_path: Path
) -> None:
    sent = tmp_path / "prices.ndjson"
    sent.write_bytes(ndjson(price("A"), {"sku": "B", "websiteCode": "base", "regular": 2}))
    data_space.receive(price("A"))

    with open_sent(str(sent)) as side, Service(data_space.url, data_space.id) as service:
        found = the_only(diff(side, service).discrepancies)

    assert (found.kind, found.cause) == (DiscrepancyKind.MISSING, "unnamed")
    assert found.identity == {"sku": "B", "websiteCode": "base"}
    assert "It lacks what names it (customerGroupCode)" in found.explanation
