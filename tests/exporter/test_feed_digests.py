"""Bucket digests of feed tables: whoever wrote, they say what was sent."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from mcs.contract.canonical import content_hash, identity_key
from mcs.contract.digests import Bucket, Digests, holding
from mcs.contract.feeds import FEEDS
from mcs.contract.status import ExportStatus
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.feed_digests import bring_up_to_date, create_feed_digests
from mcs.exporter.feed_table import FeedRow, empty_feed_table, purge_deleted, save_rows
from mcs.exporter.flags import create_export_memory
from mcs.harness.sources.exporter_database import ExporterDatabase

PRICES = FEEDS["prices"]
NOW = datetime(2026, 11, 22, 19, 10, 15, tzinfo=UTC)


@pytest.fixture
def engine(commerce_url: str) -> Iterator[Engine]:
    engine = open_commerce(commerce_url)
    with engine.begin() as connection:
        create_export_memory(connection)
        create_feed_digests(connection)
    yield engine
    engine.dispose()


def row(number: int, regular: float = 10, **known: object) -> FeedRow:
    """A row of the feed prices, sent with success."""
    item = {"sku": f"S{number}", "customerGroupCode": "0", "websiteCode": "base"}
    return replace(
        FeedRow(
            feed_id=identity_key(PRICES, item),
            source_entity_id=number,
            feed_data=item,
            feed_hash=content_hash(PRICES, {**item, "regular": regular}),
            is_deleted=False,
            modified_at=NOW,
            status=ExportStatus.SUBMITTED,
            errors="",
            request_id="r-1",
        ),
        **known,  # type: ignore[arg-type]  # names of FeedRow
    )


def save(engine: Engine, *rows: FeedRow) -> None:
    with engine.begin() as connection:
        save_rows(connection, PRICES, rows)


def told(engine: Engine) -> Digests:
    """What a reader is told now, without the buckets that hold nothing."""
    with engine.connect() as connection:
        found = ExporterDatabase("test", connection).digests([PRICES])["prices"]
    return {name: bucket for name, bucket in found.items() if bucket != Bucket()}


def expected(*rows: FeedRow) -> Digests:
    """What rows that lie in buckets of their own amount to."""
    return {row.feed_id[:3]: holding(row.feed_id, row.feed_hash) for row in rows}


@pytest.mark.parametrize("brought", [False, True], ids=["reckoned-by-reader", "kept"])
def test_what_was_sent_counts(engine: Engine, brought: bool) -> None:
    save(engine, row(1), row(2))
    if brought:
        bring_up_to_date(engine, PRICES)

    save(engine, row(2, 20), row(3))

    assert told(engine) == expected(row(1), row(2, 20), row(3))


def test_a_change_by_hand_is_seen(engine: Engine) -> None:
    save(engine, row(1), row(2))
    bring_up_to_date(engine, PRICES)

    with engine.begin() as connection:
        connection.execute(text("update cde_product_prices_feed set feed_hash = 'x' where id = 1"))
        connection.execute(text("delete from cde_product_prices_feed where id = 2"))

    assert told(engine) == {row(1).feed_id[:3]: holding(row(1).feed_id, "x")}


def test_a_deleted_item_does_not_count(engine: Engine) -> None:
    save(engine, row(1), row(2))
    bring_up_to_date(engine, PRICES)

    save(engine, row(2, is_deleted=True))

    assert told(engine) == expected(row(1))
    bring_up_to_date(engine, PRICES)
    assert told(engine) == expected(row(1))


@pytest.mark.parametrize("status", [ExportStatus.RETRYABLE, ExportStatus.BAD_REQUEST], ids=str)
def test_a_row_that_was_not_taken_leaves_its_bucket_unsettled(
    engine: Engine, status: ExportStatus
) -> None:
    save(engine, row(1, status=status))
    bring_up_to_date(engine, PRICES)

    assert told(engine) == {row(1).feed_id[:3]: Bucket(unsettled=1)}


def test_a_row_under_a_foreign_feed_id_leaves_its_bucket_unsettled(engine: Engine) -> None:
    save(engine, row(1, feed_id="ABCDEF"))
    bring_up_to_date(engine, PRICES)

    assert told(engine) == {"ABC": Bucket(unsettled=1)}


def test_forgotten_rows_leave_nothing(engine: Engine) -> None:
    save(engine, row(1), row(2, is_deleted=True))
    bring_up_to_date(engine, PRICES)

    with engine.begin() as connection:
        purge_deleted(connection, PRICES, datetime.now(UTC))
        empty_feed_table(connection, PRICES)
    bring_up_to_date(engine, PRICES)

    assert told(engine) == {}


def test_rows_from_before_there_were_digests_count(commerce_url: str) -> None:
    engine = open_commerce(commerce_url)
    with engine.begin() as connection:
        create_export_memory(connection)
    save(engine, row(1))

    with engine.begin() as connection:
        create_feed_digests(connection)

    assert told(engine) == expected(row(1))
    engine.dispose()


def test_chosen_buckets_are_listed_alone(engine: Engine, tmp_path: Path) -> None:
    save(engine, row(1), row(2))
    path = tmp_path / "sent.ndjson"

    with engine.connect() as connection:
        sent = ExporterDatabase("test", connection)
        sent.write_sent_buckets({"prices": [row(2).feed_id[:3]]}, path)

    [line] = path.read_bytes().splitlines()
    assert row(2).feed_id.encode() in line


def test_neighbouring_buckets_and_lone_ones_count_alike(engine: Engine) -> None:
    names = ["000", "001", "00f", "010", "7ac", "ffe", "fff", "FFF"]
    rows = [row(at, feed_id=f"{name}{'0' * 37}") for at, name in enumerate(names)]
    save(engine, *rows)

    bring_up_to_date(engine, PRICES)

    assert told(engine) == {name: Bucket(unsettled=1) for name in names}


def test_what_comes_back_from_another_source_takes_the_place_of_its_row(engine: Engine) -> None:
    save(engine, row(1, is_deleted=True))

    save(engine, row(1, source_entity_id=7), row(2))

    with engine.connect() as connection:
        found = connection.execute(
            text("select id, source_entity_id, is_deleted from cde_product_prices_feed order by id")
        )
        assert [tuple(one) for one in found] == [(1, 7, False), (2, 2, False)]
