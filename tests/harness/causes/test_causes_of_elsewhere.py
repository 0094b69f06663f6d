"""Causes of what is somewhere else, there twice, late, or not shown."""

from dataclasses import replace

import pytest

from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.evidence import Evidence, Visibility
from mcs.harness.explain import explanation_of
from tests.harness.causes.telling import explained_as, of_cause, the_only
from tests.harness.sides import DataSpace, Exporter, price


@of_cause("unknown_to_exporter")
def test_an_item_that_the_exporter_does_not_know_is_told(
    data_space: DataSpace, exporter: Exporter
) -> None:
    data_space.receive(price("A"))

    found = the_only(data_space.diff(exporter).discrepancies)

    assert found.cause == "unknown_to_exporter"
    assert found.story[-1] == "The exporter has no row of it."


@of_cause("twice_in_a_batch", "sent_again_unchanged")
def test_a_repeated_item_is_told_by_how_it_came(data_space: DataSpace, exporter: Exporter) -> None:
    batch = data_space.receive(price("A"), price("A"))
    exporter.note(price("A"), request_id=batch.request_id)

    twice = the_only(data_space.diff(exporter).discrepancies)
    again = replace(twice, received={**(twice.received or {}), "repeats": 0, "resends": 1})
    told = explained_as(again, DiscrepancyKind.DUPLICATED, data_space)

    assert twice.cause == "twice_in_a_batch"
    assert told.cause == "sent_again_unchanged"
    assert told.explanation.startswith("1 of the 2 writes")


@of_cause("wrong_data_space", "wrong_scope")
@pytest.mark.parametrize(
    ("where", "cause", "told"),
    [
        ({"data_space_id": "3f1c"}, "wrong_data_space", "alive in data space 3f1c"),
        ({"identity": {"sku": "A", "websiteCode": "eu"}}, "wrong_scope", "websiteCode=eu"),
    ],
    ids=["data-space", "scope"],
)
def test_a_misrouted_item_is_told_with_where_it_is(
    data_space: DataSpace, exporter: Exporter, where: dict[str, object], cause: str, told: str
) -> None:
    in_order = data_space.receive(price("B"))
    exporter.note(price("B"), request_id=in_order.request_id)
    exporter.note(price("A"))
    missing = the_only(data_space.diff(exporter).discrepancies)

    held = {"deleted": False, "hash": "", "request_id": None, "received_at": None, "index": 0}
    misrouted = replace(missing, received={**held, "versions": 1, **where})
    found = explained_as(misrouted, DiscrepancyKind.MISROUTED, data_space)

    assert found.cause == cause
    assert told in found.explanation


@of_cause("late")
def test_a_late_item_is_told_with_its_latency(data_space: DataSpace, exporter: Exporter) -> None:
    batch = data_space.receive(price("A"), price("A"))
    exporter.note(price("A"), request_id=batch.request_id)
    both = the_only(data_space.diff(exporter).discrepancies)

    late = {**(both.received or {}), "received_at": "2026-11-22T12:30:00+00:00"}
    found = explained_as(replace(both, received=late), DiscrepancyKind.LATE, data_space)

    assert found.cause == "late"
    assert "received 2 h 30 min after it was modified" in found.explanation


@of_cause("not_visible_yet")
def test_an_accepted_item_that_is_not_shown_yet_is_told_with_the_time() -> None:
    shown = Visibility("catalog_service", visible=True, since="2026-11-22T10:00:00+00:00")
    hidden = Visibility("live_search", visible=False, since="2026-11-22T10:15:00+00:00")

    told = explanation_of(
        Evidence("prices", {"sku": "A"}, "k", None, received=HELD, visibility=(shown, hidden))
    )

    assert told is not None
    assert told.cause == "not_visible_yet"
    assert "live_search will from 2026-11-22 10:15:00 UTC on." in told.text


HELD = {
    "deleted": False,
    "hash": "",
    "request_id": "r-1",
    "received_at": "2026-11-22T10:00:00+00:00",
    "index": 0,
    "versions": 1,
}


def test_an_item_in_order_has_no_cause() -> None:
    assert explanation_of(Evidence("prices", {"sku": "A"}, "k", None, received=HELD)) is None
