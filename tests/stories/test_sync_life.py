"""The life of an export, over HTTP: what changes travels, what fails heals, nothing goes twice."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event, select, update

from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.exporter import feed_table, flags
from mcs.exporter.commerce.database import write_config
from mcs.exporter.commerce.edits import (
    delete_product,
    new_store_view,
    set_price,
    set_visibility,
)
from mcs.exporter.commerce.indexer_state import IndexerStatus
from mcs.exporter.commerce.random_edits import random_edits
from mcs.exporter.commerce.tables import Product
from mcs.exporter.locks import FeedLocked, feed_lock
from mcs.exporter.run import Resync
from mcs.exporter.service import private_key_path
from mcs.exporter.sync import Progress
from mcs.harness.discrepancy import DiscrepancyKind
from tests.server.running import RunningService, config, running
from tests.stories.paired import PairedShop, VirtualClock, paired_shop


class Killed(BaseException):
    """The exporter's process is gone at this very point."""


def test_an_initial_sync_in_the_seeds_order_ends_in_sync(shop: PairedShop) -> None:
    progress = shop.initial_sync()

    assert [part.feed.sync_order for part in progress] == list(range(1, 10))
    assert all(part.clean and part.submitted for part in progress)
    assert shop.diff().in_sync


def test_a_partial_sync_sends_only_what_changed(
    shop: PairedShop, capsys: pytest.CaptureFixture[str]
) -> None:
    shop.initial_sync()
    everything = _sent(shop)
    with shop.engine.begin() as connection:
        edits = list(random_edits(connection, 4, seed=1))

    synced = shop.partial_sync()

    changed = _sent(shop) - everything
    with capsys.disabled():
        print(  # noqa: T201 - the figures are what the story shows
            f"\n{len(edits)} edits: {changed} of {everything} items sent again, "
            f"{_bytes_of_last_requests(shop, len(synced))} bytes"
        )
    assert 0 < changed < everything / 4
    assert shop.diff().in_sync


def test_an_unchanged_resync_sends_nothing_and_without_reindex_everything(
    shop: PairedShop,
) -> None:
    first = shop.resync("products")

    again = shop.resync("products")
    repeated = shop.resync("products", reindex=False)

    assert (again.submitted, again.unchanged) == (0, first.submitted)
    assert repeated.submitted == first.submitted
    assert {item["versions"] for item in shop.data_space.received()} == {2}


def test_force_sends_what_is_in_sync(shop: PairedShop) -> None:
    first = shop.resync("variants")

    forced = shop.resync("variants", force=True)

    assert forced.submitted == first.submitted > 0


def test_items_by_id_are_sent_whether_they_changed_or_not(shop: PairedShop) -> None:
    shop.resync("products")

    by_ids = shop.resync("products", by_ids=(3, 5))

    twice = [item for item in shop.data_space.received() if item["versions"] == 2]
    assert by_ids.submitted == len(twice)
    assert {item["identity"]["sku"] for item in twice} == {_sku(shop, 3), _sku(shop, 5)}


def test_a_deleted_product_is_deleted_at_the_service(shop: PairedShop) -> None:
    shop.initial_sync()
    sku = _sku(shop, 15)
    with shop.engine.begin() as connection:
        delete_product(connection, sku)

    shop.partial_sync()

    left = [item for item in shop.data_space.received("?feed=products") if not item["deleted"]]
    assert sku not in {item["identity"]["sku"] for item in left}
    assert shop.diff().in_sync


def test_the_time_that_a_throttling_service_asks_for_is_waited(tmp_path: Path) -> None:
    clock = VirtualClock()
    with (
        running(config(tmp_path / "service"), clock.now) as service,
        paired_shop(tmp_path, service.data_space(requests_per_minute=2), 40, clock.time()) as shop,
    ):
        progress = shop.resync("productOverrides", batch_size=50)

    assert progress.clean
    assert progress.submitted > 100
    assert clock.waits
    assert set(clock.waits) == {30}


def test_what_the_service_could_not_take_is_retried_and_heals(shop: PairedShop) -> None:
    url = shop.data_space.url
    shop.configure_gateway("http://127.0.0.1:9")
    failed = shop.resync("productOverrides")
    shop.configure_gateway(url)

    healed = shop.exporter.retry(FEEDS["productOverrides"])

    assert failed.stopped is not None
    assert "cannot reach http://127.0.0.1:9" in failed.stopped
    assert healed is not None
    assert (healed.clean, healed.submitted >= failed.failed) == (True, True)


def test_a_refused_item_is_not_retried_until_it_is_edited(
    service: RunningService, tmp_path: Path
) -> None:
    with paired_shop(tmp_path, service.data_space(partial_failure=200), products=20) as shop:
        _break_visibility(shop, product_id=3)
        refused = shop.resync("products")
        posts = len(shop.data_space.requests())

        retried = shop.exporter.retry(FEEDS["products"])
        unchanged = shop.resync("products")
        quiet = len(shop.data_space.requests()) == posts
        with shop.engine.begin() as connection:
            set_visibility(connection, _sku(shop, 3), "Catalog")
        edited = shop.partial_sync()["products"]

    assert refused.failed > 0
    assert "/visibility is not one of" in str(refused.reasons)
    assert (retried, unchanged.submitted, quiet) == (None, 0, True)
    assert edited.clean
    assert edited.submitted >= refused.failed


def test_another_data_space_is_sent_everything_and_that_is_said(
    shop: PairedShop, service: RunningService
) -> None:
    shop.initial_sync()

    said = shop.move_to(service.data_space())
    shop.initial_sync()

    assert said is not None
    assert "every feed is sent again in full" in said
    assert shop.diff().in_sync


def test_what_went_to_another_data_space_is_found_there(
    shop: PairedShop, service: RunningService
) -> None:
    exported_to = shop.data_space.id
    shop.resync("categories")

    shop.data_space = service.data_space()
    found = shop.diff().discrepancies

    assert {one.kind for one in found} == {DiscrepancyKind.MISROUTED}
    assert {(one.received or {})["data_space_id"] for one in found} == {exported_to}


@pytest.mark.parametrize("point", range(20))
def test_a_resync_killed_anywhere_is_continued_to_its_end(
    tmp_path: Path, service: RunningService, point: int
) -> None:
    commit = random.Random(point).randrange(3, 40)  # noqa: S311 - a place, not a secret
    with paired_shop(tmp_path, service.data_space(), products=250) as shop:
        with killed_at(shop.engine, commit):
            shop.resync("prices", batch_size=20)
        edited = _sku(shop, 15)
        with shop.engine.begin() as connection:
            set_price(connection, edited, 99.5)

        continued = shop.resync("prices", batch_size=20, resume=True)
        received = shop.data_space.received()
        shop.exporter.partial(FEEDS["prices"])
        diff = shop.diff()

        assert continued.clean
        assert diff.in_sync
        assert shop.nothing_due("prices")
    # At least once: besides the edited product only the batch whose answer was not remembered
    # may come a second time.
    twice = [item for item in received if item["versions"] > 1]
    assert sum(item["identity"]["sku"] != edited for item in twice) <= 20


def test_a_continued_resync_reads_only_what_was_left(shop: PairedShop) -> None:
    shop.resync("prices")
    with shop.engine.begin() as connection:
        flags.write_flag(connection, flags.resume_point("prices"), [30, 0])

    continued = shop.resync("prices", resume=True)

    assert continued.sources_done == 10


def test_a_resume_point_is_good_for_nothing_but_its_own_resync(
    shop: PairedShop, service: RunningService
) -> None:
    with shop.engine.begin() as connection:
        flags.write_flag(connection, flags.resume_point("prices"), [30, 0])

    shop.move_to(service.data_space())
    continued = shop.resync("prices", resume=True)

    assert continued.sources_done == 40
    assert shop.nothing_due("prices")


def test_resubmitting_does_not_make_an_outdated_feed_ready(shop: PairedShop) -> None:
    shop.resync("products")
    with shop.engine.begin() as connection:
        new_store_view(connection, "nl", website="base", locale="de_DE")

    shop.resync("products", reindex=False)

    assert shop.status("products") is IndexerStatus.INVALID


def test_a_reindex_demanded_during_a_full_sync_stands(shop: PairedShop) -> None:
    demanded = False

    def demand(_: Progress) -> None:
        nonlocal demanded
        if not demanded:
            demanded = True
            with shop.engine.begin() as connection:
                new_store_view(connection, "nl", website="base", locale="de_DE")

    shop.exporter.resync(FEEDS["products"], Resync(batch_size=10), demand)

    assert shop.status("products") is IndexerStatus.INVALID


def test_a_deletion_that_the_service_lost_is_sent_again_by_force(shop: PairedShop) -> None:
    shop.resync("products")
    shop.data_space.control("POST", "/faults", json={"action": "lose", "feed": "products"})
    with shop.engine.begin() as connection:
        delete_product(connection, _sku(shop, 15))
    shop.partial_sync()
    shop.data_space.control("DELETE", "/faults")
    lost = shop.diff()

    shop.resync("products", force=True)

    undeleted = [found for found in lost.discrepancies if found.kind.value == "undeleted"]
    assert undeleted
    assert all("--force" in found.explanation for found in undeleted)
    assert shop.diff().in_sync


def test_a_key_that_cannot_sign_is_said_before_anything_is_emptied(shop: PairedShop) -> None:
    shop.resync("variants")
    with shop.engine.begin() as connection:
        write_config(connection, private_key_path("production"), "garbage")

    with pytest.raises(UsageError, match="private key"):
        shop.resync("variants", cleanup=True)

    with shop.engine.connect() as connection:
        assert "variants" not in feed_table.never_sent(connection)
    assert shop.status("variants") is IndexerStatus.VALID


def test_two_syncs_of_a_feed_do_not_run_at_once(shop: PairedShop) -> None:
    folder = shop.exporter.settings.lock_dir
    with (
        feed_lock(folder, FEEDS["prices"], "resync"),
        pytest.raises(FeedLocked, match=r'locked by "resync\(\d+\)"'),
    ):
        shop.resync("prices")

    assert shop.resync("prices").clean
    log = (shop.exporter.settings.log_dir / "commerce-data-export.log").read_text("utf-8")
    assert "operation skipped - process locked by" in log


@contextmanager
def killed_at(engine: Engine, commit: int) -> Iterator[None]:
    """Lets the process die before its nth commit, if the block comes that far."""
    commits = 0

    def die(_: object) -> None:
        nonlocal commits
        commits += 1
        if commits == commit:
            raise Killed

    event.listen(engine, "commit", die)
    try:
        yield
    except Killed:
        pass
    finally:
        event.remove(engine, "commit", die)


def _sent(shop: PairedShop) -> int:
    return sum(item["versions"] for item in shop.data_space.received())


def _bytes_of_last_requests(shop: PairedShop, count: int) -> int:
    return sum(request["body_bytes"] for request in shop.data_space.requests(f"?limit={count}"))


def _sku(shop: PairedShop, product_id: int) -> str:
    with shop.engine.connect() as connection:
        sku = connection.scalar(select(Product.sku).where(Product.product_id == product_id))
    assert sku is not None
    return sku


def _break_visibility(shop: PairedShop, product_id: int) -> None:
    """As a faulty extension would, past all checks."""
    with shop.engine.begin() as connection:
        connection.execute(
            update(Product).where(Product.product_id == product_id).values(visibility="Everywhere")
        )
