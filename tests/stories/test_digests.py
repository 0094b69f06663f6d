"""Bucket digests spare the listing of what is in sync, and change nothing of the verdict."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from mcs.harness.diff import DiffResult, Options, diff
from mcs.harness.sources.exporter_database import opened
from mcs.harness.sources.service import Service
from tests.server.running import RunningService
from tests.stories.paired import PairedShop, paired_shop


@pytest.fixture
def shop(service: RunningService, tmp_path: Path) -> Iterator[PairedShop]:
    with paired_shop(tmp_path, service.data_space(), products=40) as shop:
        yield shop


def verdict(shop: PairedShop, *, digests: bool) -> DiffResult:
    space = shop.data_space
    database = shop.exporter.settings.database
    with opened(database) as sent, Service(space.url, space.id) as received:
        return diff(sent, received, Options(digests=digests))


def misbehave(shop: PairedShop, action: str, every: int) -> None:
    fault = {"action": action, "every": every, "seed": 7}
    assert shop.data_space.control("POST", "/faults", json=fault).status == 201


def test_a_clean_sync_is_proven_without_a_list(shop: PairedShop) -> None:
    shop.initial_sync()

    result = verdict(shop, digests=True)

    assert result.in_sync
    assert set(result.proven) >= set(result.feeds)
    assert result.feeds == verdict(shop, digests=False).feeds


@pytest.mark.parametrize("action", ["lose", "corrupt", "duplicate", "reject"])
def test_what_went_wrong_is_told_the_same_way(shop: PairedShop, action: str) -> None:
    misbehave(shop, action, 17)

    shop.initial_sync()

    by_digests, by_rows = verdict(shop, digests=True), verdict(shop, digests=False)
    assert by_digests.discrepancies
    assert by_digests.discrepancies == by_rows.discrepancies
    assert by_digests.feeds == by_rows.feeds


def test_what_is_changed_by_hand_is_not_proven(shop: PairedShop) -> None:
    shop.initial_sync()
    assert verdict(shop, digests=True).in_sync

    with shop.engine.begin() as connection:
        connection.execute(text("delete from cde_products_feed where id = 3"))

    [found] = verdict(shop, digests=True).discrepancies
    assert (found.feed, found.kind) == ("products", "unexpected")
    assert "products" not in verdict(shop, digests=True).proven


def test_a_feed_that_the_exporter_never_sent_is_listed(shop: PairedShop) -> None:
    shop.initial_sync()
    item = {"sku": "X", "storeViewCode": "default", "deleted": False}
    shop.data_space.post("products", [item])

    [found] = verdict(shop, digests=True).discrepancies

    assert found.identity["sku"] == "X"
