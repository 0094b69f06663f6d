"""Causes of what the exporter did not get through, or the service refused."""

import pytest

from tests.harness.causes.telling import of_cause, refused, the_only
from tests.harness.sides import DataSpace, Exporter, price
from tests.server.running import RunningService


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
