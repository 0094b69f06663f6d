"""What the exporter logs, read back, is what its feed tables say."""

import gzip
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import update

from mcs.contract.feeds import FEEDS, SEED_FEEDS
from mcs.exporter import logs
from mcs.exporter.commerce.tables import Product
from mcs.exporter.run import Exporter, Resync
from mcs.harness.logs import Failure, Note, Payload, ProgressLine, entries
from mcs.harness.sides import SentSide
from mcs.harness.sources.opening import open_sent
from mcs.loadtests.bench_log import write_log
from tests.stories.paired import PairedShop

PRODUCTS = FEEDS["products"]


def logging(shop: PairedShop) -> Exporter:
    settings = replace(shop.exporter.settings, extended_log=True)
    return Exporter(shop.engine, settings)


def lines(side: SentSide, folder: Path) -> dict[tuple[str, str], dict[str, Any]]:
    """The sent lines by feed and key, without what only a feed table, or only a log, can know."""
    path = folder / "sent.ndjson"
    side.write_sent(tuple(FEEDS.values()), path)
    rows = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    names = ("identity", "hash", "deleted", "status", "errors")
    return {(row["feed"], row["key"]): {name: row[name] for name in names} for row in rows}


def assert_read_back(shop: PairedShop, folder: Path) -> int:
    """The log and the feed tables tell the same; returns of how many items."""
    with open_sent(str(shop.exporter.settings.log_dir)) as log:
        logged = lines(log, folder)
    with open_sent(f"db:{shop.exporter.settings.database}") as tables:
        noted = lines(tables, folder)
    assert logged == noted
    return len(logged)


def spoil_a_product(shop: PairedShop) -> None:
    with shop.engine.begin() as connection:
        spoiled = update(Product).where(Product.product_id == 3)
        connection.execute(spoiled.values(visibility="Everywhere"))


def test_a_whole_sync_is_read_back(shop: PairedShop, tmp_path: Path) -> None:
    exporter = logging(shop)

    for feed in SEED_FEEDS:
        exporter.resync(feed, Resync())

    assert assert_read_back(shop, tmp_path) > 200


@pytest.mark.parametrize("threads", [1, 3])
def test_refusals_are_read_back_with_their_status(
    shop: PairedShop, tmp_path: Path, threads: int
) -> None:
    spoil_a_product(shop)

    logging(shop).resync(PRODUCTS, Resync(batch_size=10, threads=threads))

    assert assert_read_back(shop, tmp_path) > 40
    with open_sent(str(tmp_path / "log")) as log:
        statuses = {row["status"] for row in lines(log, tmp_path).values()}
    assert statuses == {1, 200, 400}


def test_batches_that_met_a_service_that_is_away_wait_for_a_retry(
    shop: PairedShop, tmp_path: Path
) -> None:
    shop.configure_gateway("http://127.0.0.1:9")

    logging(shop).resync(PRODUCTS, Resync(batch_size=10))

    assert assert_read_back(shop, tmp_path) > 0


def test_rotated_and_gzipped_logs_are_read_in_the_order_of_their_times(
    shop: PairedShop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 100_000)
    monkeypatch.setattr(logs, "KEPT_FILES", 50)
    exporter = logging(shop)
    spoil_a_product(shop)
    for options in (Resync(batch_size=10), Resync(batch_size=10, force=True)):
        exporter.resync(PRODUCTS, options)
    log_dir = shop.exporter.settings.log_dir
    for path in sorted(log_dir.glob("saas-export.log.*"))[1::2]:
        path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()

    assert len(list(log_dir.glob("saas-export.log.*.gz"))) >= 2
    assert assert_read_back(shop, tmp_path) > 40


def test_the_items_behind_the_lines_are_found_again(shop: PairedShop, tmp_path: Path) -> None:
    logging(shop).resync(PRODUCTS, Resync())

    with open_sent(str(shop.exporter.settings.log_dir)) as log:
        log.write_sent((PRODUCTS,), tmp_path / "sent.ndjson")
        rows = [*map(orjson.loads, (tmp_path / "sent.ndjson").read_bytes().splitlines())]
        items = log.items(PRODUCTS, [row["locator"] for row in rows])

    told = {row["locator"]: row["identity"]["sku"] for row in rows}
    assert {locator: item["sku"] for locator, item in items.items()} == told


def test_every_line_of_every_log_is_an_entry(shop: PairedShop) -> None:
    spoil_a_product(shop)
    settings = replace(shop.exporter.settings, extended_log=True, profiler=True)
    Exporter(shop.engine, settings).resync(PRODUCTS, Resync())

    found = {}
    for path in sorted(settings.log_dir.iterdir()):
        with path.open("rb") as file:
            found[path.name] = {type(entry) for entry in entries(file)}

    assert found["saas-export.log"] == {Payload, Failure}
    assert found["saas-export-errors.log"] == {Failure}
    assert found["commerce-data-export.log"] == {ProgressLine, Note}


def test_the_log_of_the_benchmark_is_read_to_its_last_item(tmp_path: Path) -> None:
    log, items = tmp_path / "saas-export.log", tmp_path / "items.ndjson"

    written = write_log(log, items, 1_000_000)

    with open_sent(str(log)) as logged, open_sent(str(items)) as listed:
        assert lines(logged, tmp_path) == lines(listed, tmp_path)
    with log.open("rb") as file:
        assert sum(len(entry.items) for entry in entries(file) if isinstance(entry, Payload)) == (
            written
        )
