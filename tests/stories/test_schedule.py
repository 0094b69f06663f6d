"""Cron's jobs, lived through on a clock that tests turn: a day passes in seconds."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.edits import set_price
from mcs.exporter.commerce.random_edits import random_edits
from mcs.exporter.commerce.tables import ProductVariant
from mcs.exporter.feed_table import rows_between
from mcs.exporter.schedule import CronPass, Job, is_due, next_window, run_forever
from tests.server.dashboard.conftest import Visitor
from tests.server.running import RunningService, config, running
from tests.stories.paired import PairedShop, VirtualClock, paired_shop

MIDNIGHT = datetime(2030, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_day_of_edits_ends_in_sync(tmp_path: Path) -> None:
    clock = VirtualClock(MIDNIGHT)
    ran: Counter[str] = Counter()
    with (
        running(config(tmp_path / "service"), clock.now) as service,
        paired_shop(tmp_path, service.data_space(), 20, clock.time()) as shop,
    ):

        def edit_now_and_then(done: CronPass) -> None:
            ran.update(operation for operation, _ in done.done)
            if done.now.minute == 0 and done.now.hour % 2 == 0:
                with shop.engine.begin() as connection:
                    list(random_edits(connection, 2, seed=done.now.hour))

        run_forever(
            shop.exporter,
            stop=lambda: clock.moment >= MIDNIGHT + 24 * HOUR,
            on_pass=edit_now_and_then,
        )
        result = shop.diff()

    assert ran["full sync"] >= 9
    assert ran["partial sync"] >= 12
    assert result.in_sync


def test_a_resync_asked_for_at_the_dashboard_runs_at_the_next_window(tmp_path: Path) -> None:
    clock = VirtualClock(MIDNIGHT)
    with (
        running(config(tmp_path / "service"), clock.now) as service,
        paired_shop(tmp_path, service.data_space(), 20, clock.time()) as shop,
    ):
        CronPass(shop.exporter, clock.now()).run()
        shop.data_space.control("POST", "/resyncs", json={"feeds": ["variants"]})

        clock.sleep(59 * 60)
        before = CronPass(shop.exporter, clock.now()).run()
        clock.sleep(60)
        window = CronPass(shop.exporter, clock.now()).run()
        [asked] = shop.data_space.control("GET", "/resyncs").json()["resyncs"]

    assert before.done == []
    [(operation, progress)] = window.done
    assert (operation, progress.feed.name) == ("resync", "variants")
    assert progress.submitted > 0
    assert asked["state"] == "done"


def test_the_service_is_told_when_the_windows_open(tmp_path: Path) -> None:
    clock, quarter = VirtualClock(MIDNIGHT + timedelta(minutes=1)), timedelta(minutes=15)
    with (
        running(config(tmp_path / "service"), clock.now) as service,
        paired_shop(tmp_path, service.data_space(), 2, clock.time()) as shop,
    ):
        run_forever(
            shop.exporter,
            window=quarter,
            stop=lambda: clock.moment >= MIDNIGHT + 2 * timedelta(minutes=1),
        )
        told = shop.data_space.control("GET", "/schedule").json()
        page = Visitor(service.url, service.http).json(f"/data-spaces/{shop.data_space.id}/")

    opens = next_window(MIDNIGHT, quarter)
    assert (told["every_s"], datetime.fromisoformat(told["next_at"])) == (900, opens)
    assert datetime.fromisoformat(page["status"]["next_window"]["opens_at"]) == opens


def test_failures_are_retried_after_ever_longer_pauses(
    shop: PairedShop, service: RunningService
) -> None:
    shop.initial_sync()
    with shop.engine.begin() as connection:
        set_price(connection, _any_sku(shop), 12.25)
    shop.configure_gateway("http://127.0.0.1:9")
    tried: list[int] = []

    for minute in range(60):
        done = CronPass(shop.exporter, MIDNIGHT + timedelta(minutes=minute)).run().done
        tried += [minute for operation, _ in done if operation == "retry failed items"]
    shop.configure_gateway(service.url)
    CronPass(shop.exporter, MIDNIGHT + 3 * HOUR).run()

    assert tried == [0, 5, 15, 35]
    assert shop.diff().in_sync


def test_deleted_items_are_forgotten_after_a_week(shop: PairedShop) -> None:
    shop.resync("variants")
    with shop.engine.begin() as connection:
        connection.execute(delete(ProductVariant))
    shop.resync("variants")
    deleted = _rows(shop)

    CronPass(shop.exporter, datetime.now(UTC) + timedelta(days=6)).cleanup()
    kept = _rows(shop)
    CronPass(shop.exporter, datetime.now(UTC) + timedelta(days=8)).cleanup()

    assert deleted == kept > 0
    assert _rows(shop) == 0


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, MIDNIGHT, True),
        (MIDNIGHT, MIDNIGHT + timedelta(minutes=4, seconds=59), False),
        (MIDNIGHT, MIDNIGHT + timedelta(minutes=5), True),
        (MIDNIGHT + timedelta(minutes=4), MIDNIGHT + timedelta(minutes=5), True),
        (MIDNIGHT, MIDNIGHT + timedelta(days=3), True),
    ],
    ids=["never-ran", "too-early", "on-time", "next-period", "long-asleep"],
)
def test_a_job_is_due_once_in_each_period(
    last: datetime | None, now: datetime, *, due: bool
) -> None:
    job = Job("retry", timedelta(minutes=5), lambda _: None)

    assert is_due(job, now, last) == due


def test_the_next_window_opens_on_the_hour() -> None:
    assert next_window(MIDNIGHT) == MIDNIGHT + HOUR
    assert next_window(MIDNIGHT + timedelta(minutes=59)) == MIDNIGHT + HOUR


def _any_sku(shop: PairedShop) -> str:
    return str(shop.data_space.received("?feed=products")[0]["identity"]["sku"])


def _rows(shop: PairedShop) -> int:
    with shop.engine.connect() as connection:
        return len(rows_between(connection, FEEDS["variants"], -1, None))
