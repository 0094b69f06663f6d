"""How the last sync went, judged without a server: runs and requests in, a status out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mcs.server.dashboard.sync_status import SyncState, feed_statuses, last_sync
from mcs.server.store.runs import RunState, SyncRun
from mcs.server.store.traffic import Delivery

NOW = datetime(2026, 11, 22, 19, 30, tzinfo=UTC)


def ago(seconds: float) -> str:
    return (NOW - timedelta(seconds=seconds)).isoformat(timespec="microseconds")


def run(state: str, began: float, updated: float, feed: str = "products", **fields: Any) -> SyncRun:
    finished = None if state == "running" else ago(updated)
    known = {"sources": 100, "sources_done": 50, "submitted": 40, "failed": 0, "reason": None}
    values: dict[str, Any] = known | fields
    return SyncRun(
        1, feed, "full sync", RunState(state), ago(began), ago(updated), finished, **values
    )


def delivery(
    seconds: float, feed: str = "products", accepted: int = 100, **fields: Any
) -> Delivery:
    values: dict[str, Any] = {"status": 200, "rejected": 0, "message": None, **fields}
    return Delivery(1, ago(seconds), feed, accepted=accepted, **values)


def test_nothing_ever_came() -> None:
    assert last_sync([], [], NOW).state is SyncState.NEVER


def test_a_running_sync_has_progress_rate_and_time_left() -> None:
    status = last_sync([run("running", 10, 0), run("success", 4000, 3900)], [], NOW)

    assert status.state is SyncState.IN_PROGRESS
    assert status.going is not None
    assert (status.going.items_per_s, status.going.eta_s) == (4, 10)
    assert status.last_success_at == ago(3900)


def test_feeds_of_one_sync_are_counted_together() -> None:
    runs = [run("success", 20, 10, "prices"), run("success", 60, 30), run("success", 9000, 8900)]

    status = last_sync(runs, [], NOW)

    assert (status.state, status.at, status.products_updated) == (SyncState.SUCCESS, ago(10), 40)


def test_a_feed_that_failed_fails_the_sync_unless_a_later_run_made_it_good() -> None:
    failure = run("failed", 60, 50, "prices", reason="away")

    failed = last_sync([run("success", 40, 30), failure], [], NOW)
    mended = last_sync([run("success", 40, 30, "prices"), failure], [], NOW)

    assert (failed.state, failed.reason, failed.at) == (SyncState.FAILED, "prices: away", ago(60))
    assert mended.state is SyncState.SUCCESS


def test_an_exporter_that_fell_silent_has_failed() -> None:
    status = last_sync([run("running", 900, 600)], [], NOW)

    assert status.state is SyncState.FAILED
    assert "not been heard of" in (status.reason or "")


@pytest.mark.parametrize(
    ("deliveries", "state", "updated"),
    [
        ([delivery(2), delivery(4)], SyncState.IN_PROGRESS, 200),
        ([delivery(60), delivery(90), delivery(900)], SyncState.SUCCESS, 200),
        ([delivery(60, "prices"), delivery(90)], SyncState.SUCCESS, 100),
        ([delivery(60, rejected=3)], SyncState.FAILED, 100),
        ([delivery(60, accepted=0, status=403, message="who?")], SyncState.FAILED, 0),
    ],
    ids=["going", "over", "two-feeds", "refused-items", "refused-whole"],
)
def test_traffic_tells_the_status_of_who_does_not_report(
    deliveries: list[Delivery], state: SyncState, updated: int
) -> None:
    status = last_sync([], deliveries, NOW)

    assert (status.state, status.reported, status.products_updated) == (state, False, updated)


def test_traffic_after_the_last_report_is_another_exporters() -> None:
    status = last_sync([run("success", 9000, 8000)], [delivery(30)], NOW)

    assert not status.reported


def test_each_feed_has_its_own_status() -> None:
    statuses = feed_statuses(
        [run("running", 5, 1)], {"prices": delivery(7, "prices", message="no", status=403)}, NOW
    )

    by_feed = {status.feed: status for status in statuses}
    assert by_feed["products"].state == "In progress"
    assert (by_feed["prices"].state, by_feed["prices"].refusal) == ("Refused", "no")
    assert by_feed["variants"].state == "Never sent"
