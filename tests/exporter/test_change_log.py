"""The change log of each feed, how far it is processed, and the states of the indexers."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, select, text
from sqlalchemy.exc import OperationalError

from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.change_log import (
    Pending,
    backlog,
    latest_version,
    mark_processed,
    note_changes,
    pending_changes,
    processed_version,
    purge_processed,
    put_back,
)
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.commerce.export_tables import CHANGE_LOGS, MVIEW_STATE
from mcs.exporter.commerce.indexer_state import (
    IndexerState,
    IndexerStatus,
    indexer_states,
    invalidate,
    set_status,
)
from mcs.exporter.commerce.load import load_catalog
from mcs.fixtures.catalog import Catalog

EVENING = datetime(2026, 11, 22, 19, 10, 15, tzinfo=UTC)


@pytest.fixture
def engine(commerce_url: str) -> Iterator[Engine]:
    engine = open_commerce(commerce_url)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection


def drained(connection: Connection, feed_name: str, limit: int) -> list[Pending]:
    pages = []
    while pending := pending_changes(connection, feed_name, limit):
        pages.append(pending)
        mark_processed(connection, feed_name, pending.up_to_version)
    return pages


def test_nothing_is_pending_in_a_new_shop(connection: Connection) -> None:
    assert pending_changes(connection, "products", 10) is None
    assert backlog(connection, "products") == 0
    assert processed_version(connection, "products") == 0
    assert latest_version(connection, "products") == 0


def test_changes_come_once_each_and_ascending(connection: Connection) -> None:
    note_changes(connection, "products", [5, 3])
    note_changes(connection, "products", {3, 4})

    pending = pending_changes(connection, "products", 10)

    assert pending == Pending(entity_ids=(3, 4, 5), up_to_version=4)
    assert backlog(connection, "products") == 3
    assert latest_version(connection, "products") == 4


def test_noting_tells_how_many_entities_were_logged(connection: Connection) -> None:
    assert note_changes(connection, "products", [7, 7, 8]) == 2
    assert note_changes(connection, "products", []) == 0


def test_draining_reads_no_more_entries_at_once_than_the_limit(connection: Connection) -> None:
    note_changes(connection, "prices", range(1, 8))
    note_changes(connection, "prices", [1, 1, 2])

    pages = drained(connection, "prices", limit=3)

    assert [page.entity_ids for page in pages] == [(1, 2, 3), (4, 5, 6), (1, 2, 7)]
    assert backlog(connection, "prices") == 0


def test_processed_changes_do_not_come_again(connection: Connection) -> None:
    note_changes(connection, "products", [1, 2])
    [done] = drained(connection, "products", limit=10)

    note_changes(connection, "products", [2])

    later = pending_changes(connection, "products", 10)
    assert later is not None
    assert later.entity_ids == (2,)
    assert later.up_to_version > done.up_to_version


def test_what_failed_comes_again_when_put_back(connection: Connection) -> None:
    note_changes(connection, "products", [1, 2, 3])
    [done] = drained(connection, "products", limit=10)

    put_back(connection, "products", done.entity_ids[:2])

    again = pending_changes(connection, "products", 10)
    assert again is not None
    assert again.entity_ids == (1, 2)


def test_an_older_version_does_not_bring_processed_changes_back(connection: Connection) -> None:
    note_changes(connection, "products", [1, 2, 3])
    mark_processed(connection, "products", 3)

    mark_processed(connection, "products", 1)

    assert pending_changes(connection, "products", 10) is None


def test_purging_forgets_what_is_processed_and_nothing_else(connection: Connection) -> None:
    note_changes(connection, "products", [1, 2, 3, 4])
    mark_processed(connection, "products", 3)

    assert purge_processed(connection, "products") == 3

    assert list(connection.scalars(select(CHANGE_LOGS["products"].c.entity_id))) == [4]
    assert backlog(connection, "products") == 1


def test_a_change_after_a_purge_is_pending_though_the_log_was_empty(
    connection: Connection,
) -> None:
    note_changes(connection, "products", [1, 2])
    drained(connection, "products", limit=10)
    purge_processed(connection, "products")
    connection.commit()

    note_changes(connection, "products", [9])

    pending = pending_changes(connection, "products", 10)
    assert pending == Pending(entity_ids=(9,), up_to_version=3)


def test_each_feed_has_a_log_and_a_state_of_its_own(connection: Connection) -> None:
    note_changes(connection, "categories", [3])
    mark_processed(connection, "categories", 1)
    note_changes(connection, "variants", [3])

    assert {log.name for log in CHANGE_LOGS.values()} == {f"{f.table}_cl" for f in FEEDS.values()}
    assert {name for name in FEEDS if backlog(connection, name)} == {"variants"}
    states = connection.execute(select(MVIEW_STATE)).all()
    assert [tuple(state) for state in states] == [("cde_categories_feed", 1)]


def test_changes_under_way_are_waited_for_where_versions_can_overtake(engine: Engine) -> None:
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    with engine.connect() as early, engine.connect() as late, engine.connect() as reader:
        note_changes(early, "products", [1])
        note_changes(late, "products", [2])
        late.commit()
        reader.execute(text("SET lock_timeout = '50ms'"))

        with pytest.raises(OperationalError, match="lock timeout"):
            pending_changes(reader, "products", 10)

        reader.rollback()
        early.commit()
        assert pending_changes(reader, "products", 10) == Pending((1, 2), 2)


def test_the_indexers_of_a_new_shop_require_a_reindex(connection: Connection) -> None:
    states = indexer_states(connection)

    assert list(states) == list(FEEDS)
    assert set(states.values()) == {IndexerState(IndexerStatus.INVALID, None)}


def test_a_status_is_read_as_it_was_set(connection: Connection) -> None:
    set_status(connection, "prices", IndexerStatus.WORKING, EVENING)
    set_status(connection, "prices", IndexerStatus.VALID, EVENING)

    assert indexer_states(connection)["prices"] == IndexerState(IndexerStatus.VALID, EVENING)


def test_invalidating_concerns_the_named_feeds(connection: Connection) -> None:
    for name in FEEDS:
        set_status(connection, name, IndexerStatus.VALID, EVENING)

    invalidate(connection, ["products", "categories"], EVENING)

    states = indexer_states(connection)
    found = {name for name, state in states.items() if state.status is IndexerStatus.INVALID}
    assert found == {"products", "categories"}


def test_statuses_are_shown_in_the_words_of_commerce() -> None:
    assert [status.shown for status in IndexerStatus] == ["Ready", "Reindex required", "Processing"]


def test_another_catalog_makes_every_feed_require_a_reindex(engine: Engine) -> None:
    with engine.begin() as connection:
        for name in FEEDS:
            set_status(connection, name, IndexerStatus.VALID, EVENING)

    load_catalog(engine, Catalog(42, 3), lambda _: None)

    with engine.connect() as connection:
        statuses = {state.status for state in indexer_states(connection).values()}
    assert statuses == {IndexerStatus.INVALID}
