"""The windows, judged without a server: runs and requests in, a table out."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from mcs.server.dashboard.schedule import WINDOWS_SHOWN, WindowRow, schedule
from mcs.server.dashboard.windows import HOURLY, Windows
from mcs.server.store.runs import RunState, SyncRun
from mcs.server.store.traffic import Delivery

NOW = datetime(2026, 11, 22, 19, 30, tzinfo=UTC)


def at(clock: str) -> str:
    return f"2026-11-22T{clock}:00.000000+00:00"


def run(clock: str, state: str = "success", submitted: int = 10, failed: int = 0) -> SyncRun:
    when, ended = at(clock), None if state == "running" else at(clock)
    kept = (100, 100, submitted, failed, None)
    return SyncRun(1, "products", "full sync", RunState(state), when, when, ended, *kept)


def delivery(clock: str, status: int = 200, accepted: int = 10, rejected: int = 0) -> Delivery:
    return Delivery(1, at(clock), "products", status, accepted, rejected, None)


def rows(
    runs: Sequence[SyncRun] = (),
    deliveries: Sequence[Delivery] = (),
    waiting: Sequence[str] = (),
    windows: Windows = HOURLY,
) -> list[WindowRow]:
    return [*schedule(runs, deliveries, waiting, windows, NOW, reported=bool(runs)).rows]


def told(found: Sequence[WindowRow]) -> list[tuple[str, str, int | None, int | None]]:
    return [(row.opens_at[11:16], row.state, row.submitted, row.failed) for row in found]


def test_the_next_window_stands_first_with_what_waits_for_it() -> None:
    first, *_ = rows(waiting=["all feeds", "3 items of prices"])

    assert (first.opens_at, first.state) == ("2026-11-22T20:00:00+00:00", "Next")
    assert first.waiting == "all feeds, 3 items of prices"


def test_windows_are_those_that_the_exporter_told_of() -> None:
    quarters = Windows(timedelta(minutes=15), NOW - timedelta(minutes=5), told=True)

    found = rows([run("19:20"), run("18:58", "failed")], windows=quarters)

    assert [(row.opens_at[11:16], row.state) for row in found] == [
        ("19:40", "Next"),
        ("19:25", "Nothing came"),
        ("19:10", "Success"),
        ("18:55", "Failed"),
    ]


def test_what_came_is_counted_to_the_window_that_was_open() -> None:
    found = rows(
        [run("19:00"), run("18:59", submitted=7), run("18:00"), run("16:10", "failed", failed=2)]
    )

    assert told(found)[1:] == [
        ("19:00", "Success", 10, 0),
        ("18:00", "Success", 17, 0),
        ("17:00", "Nothing came", 0, 0),
        ("16:00", "Failed", 10, 2),
    ]


def test_a_later_run_of_the_feed_makes_a_failed_one_good() -> None:
    [_, window] = rows([run("19:20"), run("19:10", "failed", submitted=8, failed=2)])

    assert told([window]) == [("19:00", "Success", 18, 2)]


@pytest.mark.parametrize("wrong", [{"status": 503, "accepted": 0}, {"rejected": 1}], ids=str)
def test_of_an_exporter_that_reports_nothing_requests_are_counted(wrong: dict[str, int]) -> None:
    [_, now, before] = rows(deliveries=[delivery("19:10"), delivery("18:10", **wrong)])

    assert (now.state, now.count) == ("Success", 1)
    assert (before.state, before.count) == ("Failed", 1)


def test_a_window_before_all_that_is_known_is_not_called_quiet() -> None:
    assert [row.opens_at[11:16] for row in rows([run("18:30")])] == ["20:00", "19:00", "18:00"]
    assert len(rows([run("19:00"), run("01:00")])) == 1 + WINDOWS_SHOWN
