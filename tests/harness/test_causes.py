"""Each cause is brought about at a real service, and told with its next step and story."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from mcs.contract.canonical import Item
from mcs.harness.causes import RULES
from mcs.harness.diff import diff
from mcs.harness.discrepancy import Discrepancy, DiscrepancyKind
from mcs.harness.evidence import Evidence, Journal, Visibility
from mcs.harness.explain import explained, explanation_of
from mcs.harness.fields import Difference
from mcs.harness.sides import Elsewhere, RequestFacts, Version
from mcs.harness.sources.exporter_database import opened
from mcs.harness.sources.opening import open_received, open_sent
from mcs.harness.sources.service import Service
from tests.harness.sides import PRICES, DataSpace, Exporter, deletion, price
from tests.harness.sources.written import ndjson
from tests.server.running import RunningService

TESTED: set[str] = set()
DISCOUNTS = [{"code": "group", "price": 9}, {"code": "special_price", "price": 8}]


def of_cause(*causes: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Notes which causes a test brings about, so that none is forgotten."""
    TESTED.update(causes)
    return lambda test: test


def explained_as(found: Discrepancy, kind: DiscrepancyKind, service: DataSpace) -> Discrepancy:
    """A discrepancy of another kind with the same rows, explained."""
    with Service(service.url, service.id) as side:
        [told] = explained([replace(found, kind=kind, explanation="")], side)
    return told


def the_only(found: Sequence[Discrepancy]) -> Discrepancy:
    [one] = found
    return one


def undated(item: Item) -> Item:
    """An item that does not say when it was modified."""
    return {name: value for name, value in item.items() if name != PRICES.timestamp}


def refused(sku: str) -> Item:
    """An item that the service refuses."""
    return price(sku, regular="12,50")  # type: ignore[arg-type]  # the fault is meant


@dataclass(frozen=True, slots=True)
class Lists:
    """A received side that has a service's lists and nothing of its journal, as files do."""

    service: Service
    name: str = "lists"

    def write_received(self, feeds: Sequence[str] | None, path: Path) -> None:
        self.service.write_received(feeds, path)

    def write_rejected(self, feeds: Sequence[str] | None, path: Path) -> None:
        self.service.write_rejected(feeds, path)

    def versions(self, feed: str, key: str) -> Sequence[Version]:
        return ()

    def elsewhere(self, feed: str, keys: Sequence[str]) -> Sequence[Elsewhere]:
        return ()

    def requests(self, request_ids: Sequence[str]) -> dict[str, RequestFacts]:
        return {}


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


@of_cause("never_generated")
def test_an_item_that_was_never_submitted_was_never_generated(
    data_space: DataSpace, exporter: Exporter
) -> None:
    exporter.note(price("A"), status=-7)

    found = the_only(data_space.diff(exporter).discrepancies)

    assert found.cause == "never_generated"
    assert "commerce-data-export-errors.log" in found.explanation


@of_cause("too_many_items")
def test_an_item_too_many_in_its_request_is_told_with_its_place(
    service: RunningService, exporter: Exporter
) -> None:
    space = DataSpace(service.data_space(items_limit={"prices": 1}))
    batch = space.receive(price("A"), price("B"))
    outcome = batch.outcomes[1]
    exporter.note(price("A"), request_id=batch.request_id)
    exporter.note(
        price("B"), status=outcome.status, errors=outcome.error, request_id=batch.request_id
    )

    found = the_only(space.diff(exporter).discrepancies)

    assert (found.cause, found.log_code) == ("too_many_items", "CDE02-09")
    assert f"one item too many in request {batch.request_id}, at index 1" in found.explanation


@of_cause("cut_after_acceptance")
def test_an_answer_that_never_reached_the_exporter_is_told(
    data_space: DataSpace, exporter: Exporter
) -> None:
    batch = data_space.receive(price("A", 12))
    data_space.receive(price("A", 10))
    cut = "Remote end closed connection without response"
    exporter.note(price("A", 12), status=2, errors=cut, request_id=batch.request_id)

    found = the_only(data_space.diff(exporter).discrepancies)

    assert (found.cause, found.log_code) == ("cut_after_acceptance", "CDE02-11")
    assert "the connection was cut after it had accepted the batch" in found.explanation


@of_cause("throttled")
def test_a_throttled_item_waits_for_a_retry(service: RunningService, exporter: Exporter) -> None:
    space = DataSpace(service.data_space(requests_per_minute=1))
    space.receive(price("A"))
    turned_away = space.client.post("prices", [price("B")], headers={"X-Request-Id": "r-429"})
    exporter.note(price("A"))
    exporter.note(price("B"), status=2, errors="Too Many Requests", request_id="r-429")

    found = the_only(space.diff(exporter).discrepancies)

    assert turned_away.status == 429
    assert (found.cause, found.log_code) == ("throttled", "CDE02-07")
    assert any("answered with 429 Too Many Requests" in sentence for sentence in found.story)


@of_cause("maintenance", "service_failed", "not_success", "turned_away")
@pytest.mark.parametrize(
    ("noted", "cause", "log_code"),
    [
        ("Service Unavailable", "maintenance", "CDE02-08"),
        ("Bad Gateway", "service_failed", "CDE02-08"),
        ("Accepted", "not_success", "CDE02-12"),
        ("Content Too Large", "turned_away", "CDE02-10"),
        ("Request Entity Too Large", "turned_away", "CDE02-10"),
    ],
)
def test_a_failure_is_told_by_the_phrase_that_the_exporter_noted(
    data_space: DataSpace, exporter: Exporter, noted: str, cause: str, log_code: str
) -> None:
    exporter.note(price("A"), status=2, errors=noted)

    found = the_only(data_space.diff(exporter).discrepancies)

    assert (found.cause, found.log_code) == (cause, log_code)
    assert f"export status 2 ({noted})" in found.explanation


def test_an_item_that_was_turned_away_is_told_with_the_services_words(
    data_space: DataSpace, exporter: Exporter
) -> None:
    wrong: dict[str, str | None] = {"x-api-key": "wrong", "X-Request-Id": "r-403"}
    data_space.client.post("prices", [price("A")], headers=wrong)
    exporter.note(price("A"), status=2, errors="Forbidden", request_id="r-403")

    found = the_only(data_space.diff(exporter).discrepancies)

    assert found.cause == "turned_away"
    assert "Client ID is invalid" in found.explanation


@of_cause("unanswered", "waiting")
@pytest.mark.parametrize(
    ("noted", "cause"), [("Connection refused", "unanswered"), ("", "waiting")]
)
def test_an_item_without_any_answer_waits(
    data_space: DataSpace, exporter: Exporter, noted: str, cause: str
) -> None:
    exporter.note(price("A"), status=2, errors=noted)

    found = the_only(data_space.diff(exporter).discrepancies)

    assert found.cause == cause
    assert "run `bin/magento saas:resync --feed prices`" in found.explanation


@of_cause("refused_with_all")
def test_a_batch_that_was_refused_whole_is_told_with_the_reason(
    data_space: DataSpace, exporter: Exporter
) -> None:
    data_space.client.post("prices", b"{", headers={"X-Request-Id": "r-400"})
    exporter.note(price("A"), status=400, errors="Bad Request", request_id="r-400")

    found = the_only(data_space.diff(exporter).discrepancies)

    assert (found.cause, found.log_code) == ("refused_with_all", "CDE02-09")
    assert "refused all of request r-400 (Bad Request): " in found.explanation


@of_cause("refused_with_its_batch")
def test_an_item_not_named_in_a_refused_batch_is_never_sent_again(
    service: RunningService, exporter: Exporter
) -> None:
    space = DataSpace(service.data_space(keep_valid_items=False))
    batch = space.receive(price("A"), refused("B"))
    outcome = batch.outcomes[0]
    exporter.note(
        price("A"), status=outcome.status, errors=outcome.error, request_id=batch.request_id
    )

    found = the_only(space.diff(exporter).discrepancies)

    assert (found.cause, found.log_code) == ("refused_with_its_batch", "CDE02-09")
    assert "--by-ids A" in found.explanation


@of_cause("refused")
def test_a_refused_item_is_told_with_its_index_in_the_request(
    data_space: DataSpace, exporter: Exporter
) -> None:
    batch = data_space.receive(price("A"), refused("B"))
    exporter.note(price("A"))
    exporter.note(refused("B"), status=1, request_id=batch.request_id)

    found = the_only(data_space.diff(exporter).discrepancies)

    assert (found.cause, found.log_code) == ("refused", "CDE02-09")
    assert f"at index 1 of request {batch.request_id}" in found.explanation
    assert any("the service refused it" in sentence for sentence in found.story)


@of_cause("refusal_unnoticed")
def test_a_refusal_that_the_exporter_did_not_read_is_told(
    data_space: DataSpace, exporter: Exporter
) -> None:
    batch = data_space.receive(refused("A"))
    exporter.note(refused("A"), request_id=batch.request_id)

    found = the_only(data_space.diff(exporter).discrepancies)

    assert found.cause == "refusal_unnoticed"


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
    assert told[0] == "The exporter noted it as sent, yet the service holds nothing of it"
    assert told[1].startswith("The service holds it, yet the exporter has no row for it: ")
    assert told[2].endswith("yet the service holds another content than was sent")
    assert changed.story == (
        "The exporter sent it.",
        "The service holds other content.",
        "The exporter keeps it with export status 200: sent with success.",
    )


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


def test_every_cause_is_brought_about_by_a_test() -> None:
    assert {rule.name for rule in RULES} == TESTED


def test_every_kind_ends_with_a_rule_that_always_fits() -> None:
    nothing = {"errors": "", "status": 200, "modified_at": None, "request_id": None}
    for kind in DiscrepancyKind:
        for status in (-7, -1, 0, 1, 2, 200, 400, 403):
            row = {**nothing, "status": status, "deleted": False, "hash": ""}
            assert explanation_of(Evidence("prices", {}, "k", kind, sent=row)), (kind, status)
