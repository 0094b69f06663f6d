"""The life of a feed: what is due is sent once, remembered, and sent again only if it must be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from mcs.contract.answer import Outcome
from mcs.contract.canonical import Item
from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.status import ExportStatus
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.due import Comparison, count_sources
from mcs.exporter.feed_table import FeedRow, create_feed_tables, rows_between
from mcs.exporter.indexers.indexer import Indexer
from mcs.exporter.submit import Reply
from mcs.exporter.sync import Progress, Sync

PRICES = FEEDS["prices"]
NOW = datetime(2026, 11, 22, 19, 10, 15, tzinfo=UTC)


@dataclass
class Catalog:
    """Prices by source id: what an indexer would find now."""

    prices: dict[int, float]
    poisoned: set[int] = field(default_factory=set)

    def indexer(self) -> Indexer:
        return Indexer(
            feed=PRICES,
            count_sources=lambda _: len(self.prices),
            source_ids=lambda _, after, limit: sorted(i for i in self.prices if i > after)[:limit],
            items=lambda _, ids: [(i, self._item(i)) for i in ids if i in self.prices],
        )

    def _item(self, source_id: int) -> Item:
        if source_id in self.poisoned:
            raise ValueError(f"S{source_id} is poisoned")
        return {
            "sku": f"S{source_id}",
            "customerGroupCode": "0",
            "websiteCode": "base",
            "regular": self.prices[source_id],
            "deleted": False,
        }


@dataclass
class Wire:
    """A submit function that keeps each batch; `fates` says what becomes of a SKU."""

    batches: list[list[Item]] = field(default_factory=list)
    fates: dict[str, Outcome] = field(default_factory=dict)
    stop: str | None = None

    def submit(self, feed: Feed, items: Sequence[Item]) -> Reply:
        self.batches.append(list(items))
        sent = Outcome(ExportStatus.SUBMITTED, "")
        outcomes = [self.fates.get(item["sku"], sent) for item in items]
        return Reply(f"request-{len(self.batches)}", outcomes, 200, "OK", self.stop)

    def skus(self) -> list[str]:
        return [item["sku"] for batch in self.batches for item in batch]


@pytest.fixture
def engine(commerce_url: str) -> Iterator[Engine]:
    engine = open_commerce(commerce_url)
    with engine.begin() as connection:
        create_feed_tables(connection)
    yield engine
    engine.dispose()


@pytest.fixture
def wire() -> Wire:
    return Wire()


def run(
    engine: Engine, wire: Wire, catalog: Catalog, *, reindex: bool = True, **options: Any
) -> Progress:
    sync = Sync(
        engine,
        wire.submit,
        lambda: NOW,
        lambda _: None,
        lambda *_: None,
        batch_size=PRICES.batch_size,
        **options,
    )
    comparison = Comparison(engine, catalog.indexer())
    with engine.connect() as connection:
        sources = count_sources(connection, catalog.indexer(), sent_before=not reindex)
    chunks = comparison.everything() if reindex else comparison.sent_before()
    return sync.run(PRICES, chunks, sources)


def stored(engine: Engine) -> dict[str, FeedRow]:
    with engine.connect() as connection:
        rows = rows_between(connection, PRICES, -1, None)
    return {row.feed_data["sku"]: row for row in rows.values()}


def test_a_first_sync_sends_everything_in_batches_of_the_feeds_size(
    engine: Engine, wire: Wire
) -> None:
    progress = run(engine, wire, Catalog(dict.fromkeys(range(1201), 5.0)))

    assert [len(batch) for batch in wire.batches] == [500, 500, 201]
    assert (progress.submitted, progress.sources_done, progress.clean) == (1201, 1201, True)
    assert wire.batches[0][0]["updatedAt"] == "2026-11-22 19:10:15"


def test_a_second_sync_sends_only_what_changed(engine: Engine, wire: Wire) -> None:
    catalog = Catalog({1: 5.0, 2: 6.0, 3: 7.0})
    run(engine, wire, catalog)
    wire.batches.clear()
    catalog.prices[2] = 6.5

    progress = run(engine, wire, catalog)

    assert wire.skus() == ["S2"]
    assert (progress.submitted, progress.unchanged) == (1, 2)


def test_what_is_gone_is_deleted_with_its_minimal_payload_once(engine: Engine, wire: Wire) -> None:
    catalog = Catalog({1: 5.0, 2: 6.0})
    run(engine, wire, catalog)
    wire.batches.clear()
    del catalog.prices[2]

    progress = run(engine, wire, catalog)
    run(engine, wire, catalog)

    [[delete]] = wire.batches
    assert delete == {
        "sku": "S2",
        "customerGroupCode": "0",
        "websiteCode": "base",
        "updatedAt": "2026-11-22 19:10:15",
        "deleted": True,
    }
    assert progress.deleted == 1
    assert stored(engine)["S2"].is_deleted


def test_what_comes_back_after_its_deletion_is_sent_again(engine: Engine, wire: Wire) -> None:
    catalog = Catalog({1: 5.0})
    run(engine, wire, catalog)
    del catalog.prices[1]
    run(engine, wire, catalog)
    wire.batches.clear()
    catalog.prices[1] = 5.0

    run(engine, wire, catalog)

    assert wire.skus() == ["S1"]
    assert not stored(engine)["S1"].is_deleted


def test_an_item_to_be_retried_goes_with_the_next_sync(engine: Engine, wire: Wire) -> None:
    catalog = Catalog({1: 5.0, 2: 6.0})
    wire.fates["S2"] = Outcome(ExportStatus.RETRYABLE, "Service Unavailable")
    failed = run(engine, wire, catalog)
    wire.batches.clear()
    wire.fates.clear()

    healed = run(engine, wire, catalog)

    assert (failed.failed, failed.reasons) == (1, {"Service Unavailable": 1})
    assert wire.skus() == ["S2"]
    assert healed.clean
    assert stored(engine)["S2"].status == ExportStatus.SUBMITTED


@pytest.mark.parametrize("status", [ExportStatus.FAILED_ITEM, ExportStatus.BAD_REQUEST], ids=str)
def test_a_refused_item_waits_until_it_changes(
    engine: Engine, wire: Wire, status: ExportStatus
) -> None:
    catalog = Catalog({1: 5.0})
    wire.fates["S1"] = Outcome(status, "no")
    run(engine, wire, catalog)
    wire.batches.clear()

    unchanged = run(engine, wire, catalog)
    catalog.prices[1] = 5.5
    run(engine, wire, catalog)

    assert unchanged.submitted == unchanged.failed == 0
    assert wire.skus() == ["S1"]


def test_without_reindex_everything_that_was_sent_goes_again(engine: Engine, wire: Wire) -> None:
    catalog = Catalog({1: 5.0, 2: 6.0})
    run(engine, wire, catalog)
    wire.batches.clear()
    catalog.prices[3] = 7.0

    progress = run(engine, wire, catalog, reindex=False)

    assert wire.skus() == ["S1", "S2"]
    assert progress.sources == 2


def test_a_sync_that_is_stopped_keeps_what_it_knows_and_is_resumed(
    engine: Engine, wire: Wire
) -> None:
    catalog = Catalog(dict.fromkeys(range(700), 5.0))
    wire.stop = "the service is away"
    stopped = run(engine, wire, catalog)
    wire.stop = None

    resumed = run(engine, wire, catalog)

    assert stopped.stopped == "the service is away"
    assert [len(batch) for batch in wire.batches] == [500, 200]
    assert resumed.clean
    assert len(stored(engine)) == 700


def test_several_threads_send_every_item_once(engine: Engine, wire: Wire) -> None:
    progress = run(engine, wire, Catalog(dict.fromkeys(range(5000), 5.0)), threads=4)

    assert sorted(wire.skus()) == sorted(f"S{number}" for number in range(5000))
    assert progress.submitted == len(stored(engine)) == 5000


def test_a_dry_run_remembers_nothing(engine: Engine, wire: Wire) -> None:
    run(engine, wire, Catalog({1: 5.0}), dry_run=True)

    assert wire.skus() == ["S1"]
    assert stored(engine) == {}


def test_a_source_that_cannot_be_collected_spoils_no_other_and_is_not_deleted(
    engine: Engine, wire: Wire
) -> None:
    catalog = Catalog(dict.fromkeys(range(100), 5.0))
    run(engine, wire, catalog)
    wire.batches.clear()
    catalog.prices.update(dict.fromkeys(range(100), 6.0))
    catalog.poisoned = {37}

    progress = run(engine, wire, catalog)

    assert len(wire.skus()) == 99
    assert not any(item["deleted"] for batch in wire.batches for item in batch)
    assert progress.uncollected == {37: "ValueError: S37 is poisoned"}
    assert not progress.clean


def test_the_resume_point_follows_what_is_remembered(engine: Engine, wire: Wire) -> None:
    wire.stop = "the service is away"

    stopped = run(engine, wire, Catalog(dict.fromkeys(range(1000), 5.0)))

    assert len(stored(engine)) == 500
    assert stopped.resume_id == 499
