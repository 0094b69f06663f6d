"""Causes of what was sent with success, and is not what the service holds."""

from pathlib import Path

import pytest

from mcs.contract.canonical import Item
from mcs.harness.diff import diff
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.evidence import Journal
from mcs.harness.fields import Difference
from mcs.harness.sources.exporter_database import opened
from mcs.harness.sources.opening import open_received, open_sent
from mcs.harness.sources.service import Service
from tests.harness.causes.telling import Lists, of_cause, refused, the_only, undated
from tests.harness.sides import PRICES, DataSpace, Exporter, deletion, price
from tests.harness.sources.written import ndjson
from tests.server.running import RunningService


@of_cause("deleted_after")
def test_a_deletion_after_the_item_is_told(data_space: DataSpace, exporter: Exporter) -> None:
    batch = data_space.receive(price("A"))
    later = data_space.receive(deletion(PRICES, price("A")))
    exporter.note(price("A"), request_id=batch.request_id)

    found = the_only(data_space.diff(exporter).discrepancies)

    assert found.cause == "deleted_after"
    assert found.story[-2].endswith(
        f"the service recorded a deletion (request {later.request_id}, index 0)."
    )


@of_cause("revived")
def test_an_item_written_again_after_its_deletion_is_told(
    data_space: DataSpace, exporter: Exporter
) -> None:
    data_space.receive(price("A"))
    batch = data_space.receive(deletion(PRICES, price("A")))
    late = data_space.receive(price("A"))
    exporter.note(price("A"), deleted=True, request_id=batch.request_id)

    found = the_only(data_space.diff(exporter).discrepancies)

    assert found.cause == "revived"
    assert late.request_id in found.explanation


@of_cause("deletion_lost")
def test_a_deletion_lost_by_a_fault_is_told_with_the_fault(
    data_space: DataSpace, exporter: Exporter
) -> None:
    data_space.receive(price("A"))
    data_space.client.control("POST", "/faults", json={"action": "lose"})
    batch = data_space.receive(deletion(PRICES, price("A")))
    exporter.note(price("A"), deleted=True, request_id=batch.request_id)

    found = the_only(data_space.diff(exporter).discrepancies)

    assert found.cause == "deletion_lost"
    assert (
        "it answered that request with 200 OK. A fault of this mock hit it on the way: lose."
        in (found.explanation)
    )


@of_cause("data_space_switched")
def test_items_sent_to_another_data_space_are_skipped_by_their_hash(
    data_space: DataSpace, service: RunningService, exporter: Exporter
) -> None:
    batch = data_space.receive(price("A"))
    exporter.note(price("A"), request_id=batch.request_id)
    new = DataSpace(service.data_space())

    found = the_only(new.diff(exporter).discrepancies)

    assert found.cause == "data_space_switched"
    assert "--cleanup-feed" in found.explanation


@of_cause("never_arrived")
def test_a_request_that_the_service_never_had_is_told(
    data_space: DataSpace, exporter: Exporter
) -> None:
    data_space.receive(price("A"))
    for sku in "AB":
        exporter.note(price(sku), request_id="r-elsewhere")

    found = the_only(data_space.diff(exporter).discrepancies)

    assert found.cause == "never_arrived"
    assert "request r-elsewhere, which the service never had" in found.story[0]


@of_cause("changed_on_the_way")
def test_content_that_changed_on_the_way_is_told(data_space: DataSpace, exporter: Exporter) -> None:
    batch = data_space.receive(price("A", 10))
    exporter.note(price("A", 120), request_id=batch.request_id, keep=True)

    found = the_only(data_space.diff(exporter).discrepancies)

    assert found.cause == "changed_on_the_way"


def test_content_that_changed_on_the_way_over_an_equal_one_is_told_as_such(
    data_space: DataSpace, exporter: Exporter
) -> None:
    data_space.receive(price("A", 10))
    batch = data_space.receive(price("A", 12))
    exporter.note(price("A", 10), request_id=batch.request_id)

    found = the_only(data_space.diff(exporter).discrepancies)

    assert (found.kind, found.cause) == (DiscrepancyKind.STALE, "changed_on_the_way")


def test_what_a_refused_batch_changed_on_the_way_is_not_called_refused(
    data_space: DataSpace, exporter: Exporter
) -> None:
    batch = data_space.receive(price("A", 12), refused("B"))
    exporter.note(price("A", 10), status=400, request_id=batch.request_id, keep=True)
    exporter.note(refused("B"), status=1, request_id=batch.request_id)

    changed, rejected = data_space.diff(exporter).discrepancies

    assert (changed.kind, changed.cause) == (DiscrepancyKind.CHANGED, "changed_on_the_way")
    assert changed.differences == (Difference("/regular", 10, 12),)
    assert (rejected.kind, rejected.cause) == (DiscrepancyKind.REJECTED, "refused")


@of_cause("lost_after_200")
@pytest.mark.parametrize("older", [[], [price("A", 9)]], ids=["nothing-there", "older-there"])
def test_an_item_lost_after_200_is_told_with_the_fault(
    data_space: DataSpace, exporter: Exporter, older: list[Item]
) -> None:
    for item in older:
        data_space.receive(item)
    data_space.client.control("POST", "/faults", json={"action": "lose"})
    batch = data_space.receive(price("A", 120))
    exporter.note(price("A", 120), request_id=batch.request_id)

    found = the_only(data_space.diff(exporter).discrepancies)

    assert found.cause == "lost_after_200"
    assert "200 OK. A fault of this mock hit it on the way: lose." in found.explanation
    assert ["a fault of this mock hit" in sentence for sentence in found.story].count(True) == 1


def test_a_fault_of_other_items_in_its_request_is_not_told(
    data_space: DataSpace, exporter: Exporter
) -> None:
    lost = {"action": "lose", "identity": {"sku": "B"}}
    data_space.client.control("POST", "/faults", json=lost)
    batch = data_space.receive(price("A", 12), price("B"))
    exporter.note(price("A", 10), request_id=batch.request_id)
    exporter.note(price("B"), request_id=batch.request_id)

    missing, changed = data_space.diff(exporter).discrepancies

    assert "lose" in missing.explanation
    assert "lose" not in changed.explanation + " ".join(changed.story)


@of_cause("lost")
def test_without_a_journal_nothing_is_claimed_of_the_request(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A"), request_id="r-1")

    with opened(exporter.path) as sent, Service(data_space.url, data_space.id) as service:
        found = the_only(diff(sent, Lists(service)).discrepancies)

    assert isinstance(service, Journal)
    assert found.cause == "lost"
    assert "what became of that request is not known here" in found.explanation
    assert "holds nothing of it" in found.explanation
    assert "never had" not in found.story[0]


@of_cause("lost")
def test_of_what_neither_file_tells_nothing_is_said(tmp_path: Path) -> None:
    sent, received = tmp_path / "sent.prices.ndjson", tmp_path / "received.prices.ndjson"
    sent.write_bytes(ndjson(*map(undated, (price("A", 1), price("B")))))
    received.write_bytes(ndjson(*map(undated, (price("A", 2), price("C")))))

    with open_sent(str(sent)) as side, open_received(str(received)) as other:
        missing, unexpected, changed = diff(side, other).discrepancies

    told = [one.explanation.partition(". ")[0] for one in (missing, unexpected, changed)]
    assert told[0] == "It is among the items sent, yet the service holds nothing of it"
    assert told[1] == "The service holds it, yet it is not among the items sent"
    assert told[2].endswith("yet the service holds another content than was sent")
    assert changed.story == (
        "The exporter sent it.",
        "The service holds other content.",
    )


@of_cause("overwritten_by_older", "overwritten")
@pytest.mark.parametrize(
    ("updated_at", "cause"),
    [("2026-11-22 09:00:00", "overwritten_by_older"), ("2026-11-22 11:00:00", "overwritten")],
)
def test_a_write_over_the_sent_content_is_told_with_its_age(
    data_space: DataSpace, exporter: Exporter, updated_at: str, cause: str
) -> None:
    batch = data_space.receive(price("A", 120))
    data_space.receive(price("A", 10, updatedAt=updated_at))
    exporter.note(price("A", 120), request_id=batch.request_id)

    found = the_only(data_space.diff(exporter).discrepancies)

    assert found.cause == cause
    assert "recorded the content that was sent" in found.story[1]
    assert "recorded other content" in found.story[2]
