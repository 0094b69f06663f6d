"""The exporter tells a mock service how its syncs go, and nobody else notices."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.edits import set_price
from mcs.exporter.run import Resync
from mcs.exporter.schedule import CronPass
from tests.exporter.scripted import scripted_service
from tests.server.running import DataSpaceClient, RunningService, config, running
from tests.stories.paired import PairedShop, VirtualClock, paired_shop


def runs(shop: PairedShop) -> list[dict[str, Any]]:
    """What was reported, newest first."""
    found: list[dict[str, Any]] = shop.data_space.control("GET", "/runs").json()["runs"]
    return found


def test_a_sync_is_reported_with_its_counts(shop: PairedShop) -> None:
    progress = shop.resync("variants")

    [run] = runs(shop)

    assert (run["feed"], run["operation"], run["state"]) == ("variants", "resync", "success")
    assert (run["sources"], run["sources_done"]) == (progress.sources, progress.sources_done)
    assert run["submitted"] == progress.submitted > 0


def test_a_sync_with_refused_items_is_reported_as_failed(
    tmp_path: Path, service: RunningService
) -> None:
    strict = service.data_space(mode="lenient", items_limit={"variants": 1})
    with paired_shop(tmp_path, strict, products=40) as shop:
        progress = shop.resync("variants")
        [run] = runs(shop)

    assert (run["state"], run["failed"]) == ("failed", progress.failed)
    assert run["reason"].startswith(f"{progress.failed} items failed")


def test_partial_syncs_are_reported_too(shop: PairedShop) -> None:
    shop.resync("prices")
    [sku] = {item["identity"]["sku"] for item in shop.data_space.received("?feed=prices")[:1]}
    with shop.engine.begin() as connection:
        set_price(connection, sku, 12.25)
    shop.partial_sync()

    assert [(run["feed"], run["operation"]) for run in runs(shop)[:1]] == [
        ("prices", "partial sync")
    ]


def test_a_dry_run_is_nobodys_business(shop: PairedShop) -> None:
    shop.resync("variants", dry_run=True)

    assert runs(shop) == []


def test_a_service_without_such_a_place_is_told_once_per_run(
    tmp_path: Path, data_space: DataSpaceClient
) -> None:
    with scripted_service() as real, paired_shop(tmp_path, data_space, products=10) as shop:
        shop.configure_gateway(real.url)
        progress = shop.exporter.resync(FEEDS["variants"], Resync())

    told = [posted.path for posted in real.posted if "/control/" in posted.path]
    assert len(told) == 1
    assert progress.clean


def test_a_service_that_is_away_does_not_hold_a_sync_up(shop: PairedShop) -> None:
    shop.configure_gateway("http://127.0.0.1:9")

    progress = shop.resync("variants")

    assert progress.stopped is not None


def test_a_resync_asked_for_now_does_not_wait_for_the_window(tmp_path: Path) -> None:
    clock = VirtualClock(datetime(2030, 1, 1, 0, 10, tzinfo=UTC))
    with (
        running(config(tmp_path / "service"), clock.now) as service,
        paired_shop(tmp_path, service.data_space(), products=10, time=clock.time()) as shop,
    ):
        CronPass(shop.exporter, clock.now()).run()
        shop.data_space.control("POST", "/resyncs", json={"feeds": ["variants"]})
        shop.data_space.control("POST", "/resyncs", json={"feeds": ["categories"], "now": True})

        clock.sleep(60)
        CronPass(shop.exporter, clock.now()).run()
        asked = shop.data_space.control("GET", "/resyncs").json()["resyncs"]

    assert [resync["state"] for resync in asked] == ["requested", "done"]
