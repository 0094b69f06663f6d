"""What waits to be sorted in is told as if it were, on both databases."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from uuid import uuid4

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from mcs.contract.canonical import content_hash, key_of_values
from mcs.contract.digests import digests_of
from mcs.contract.feeds import FEEDS
from mcs.server.config import Settings
from mcs.server.judging import call_of
from mcs.server.store.accepted import AsTheyCame
from mcs.server.store.recording import hold_data_space
from mcs.server.store.repository import Store, timestamp, utc_now
from mcs.server.store.tables import ItemVersions
from mcs.server.store.values import Arrival, Batch, ReceivedItem
from tests.exporter.databases import KINDS, fresh_database
from tests.server.running import product

Written = tuple[str, str, bool]
"""An item as it is written: its SKU, its name, whether it is deleted."""

WRITES = st.tuples(st.sampled_from("AABC"), st.sampled_from(["old", "new"]), st.booleans())
BATCHES = st.lists(
    st.tuples(st.lists(WRITES, min_size=1, max_size=5), st.booleans(), st.booleans()), max_size=6
)
LAW = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module", params=KINDS)
def store(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    """A store on each database."""
    with (
        fresh_database(request.param, tmp_path_factory.mktemp("store")) as url,
        Store(url) as store,
    ):
        yield store


@dataclass
class Model:
    """What must be held: by SKU, hash, deleted, versions, repeats, resends. written: each write,
    in order."""

    held: dict[str, tuple[str, bool, int, int, int]] = field(default_factory=dict)
    written: dict[str, list[tuple[str, bool]]] = field(default_factory=dict)

    def take(self, batch: list[Written]) -> None:
        """Lets a batch come."""
        carried = set()
        for sku, name, deleted in batch:
            hashed = content_hash(FEEDS["products"], _item(sku, name, deleted))
            before = self.held.get(sku)
            _, _, versions, repeats, resends = before or ("", False, 0, 0, 0)
            again = sku in carried
            same = before is not None and before[:2] == (hashed, deleted) and not again
            self.held[sku] = (hashed, deleted, versions + 1, repeats + again, resends + same)
            self.written.setdefault(sku, []).append((hashed, deleted))
            carried.add(sku)


@LAW
@given(batches=BATCHES)
def test_nobody_can_tell_when_items_were_sorted_in(
    store: Store, batches: list[tuple[list[Written], bool, bool]]
) -> None:
    data_space, model = _data_space(store), Model()
    for batch, is_hashed, is_followed_by_sorting in batches:
        _record(store, data_space, batch, is_hashed=is_hashed)
        model.take(batch)
        if is_followed_by_sorting:
            store.intake.sort_in(budget_s=0)

    received = list(store.received.items(data_space))
    digests = store.received.digests(data_space)

    assert {
        item.identity.split('"')[3]: (
            item.hash,
            item.deleted,
            item.versions,
            item.repeats,
            item.resends,
        )
        for item in received
        if item.identity
    } == model.held
    alive = [(_key(sku), held[0]) for sku, held in model.held.items() if not held[1]]
    found = {bucket: (one.alive, one.total) for bucket, one in digests.get("products", {}).items()}
    wanted = {bucket: (one.alive, one.total) for bucket, one in digests_of(alive).items()}
    assert {bucket: one for bucket, one in found.items() if one[0]} == wanted
    for sku, written in model.written.items():
        versions = store.received.versions(data_space, "products", _key(sku))
        assert [(one.hash, one.deleted) for one in versions] == written
        assert store.received.named(data_space, sku) == [("products", _key(sku))]


def test_what_is_hashed_when_sorted_in_is_what_would_have_been_hashed_at_once(
    store: Store,
) -> None:
    again = product("A", name="new", modifiedAt="2026-11-22 19:10:15")
    items = [product("A"), product("B") | {"deleted": True}, product("C", weight=1.0), again]
    waiting = AsTheyCame(call_of(FEEDS["products"]), items)
    spaces = [_data_space(store) for _ in range(2)]
    for data_space, accepted in zip(spaces, (waiting, list(waiting)), strict=True):
        batch = Batch("products", orjson.dumps(items), accepted)
        store.intake.record(_arrival(data_space, len(items)), batch)

    later, at_once = (list(store.received.items(space, with_items=True)) for space in spaces)

    assert [_told(one) for one in later] == [_told(one) for one in at_once]
    assert {one.hash for one in later} == {
        content_hash(FEEDS["products"], item) for item in items[1:]
    }


def test_what_comes_for_the_first_time_is_written_once(store: Store) -> None:
    data_space = _data_space(store)
    _record(store, data_space, [("A", "old", False), ("B", "old", False)])
    store.received.digests(data_space)

    assert _no_longer_current(store, data_space) == []

    _record(store, data_space, [("A", "new", False)])
    list(store.received.items(data_space))

    old = content_hash(FEEDS["products"], _item("A", "old", deleted=False))
    assert _no_longer_current(store, data_space) == [(_key("A"), old)]


def test_a_reset_forgets_what_waits_too(store: Store) -> None:
    data_space = _data_space(store)
    _record(store, data_space, [("A", "old", False), ("B", "old", False)])

    forgotten = store.data_spaces.reset(data_space)

    assert (forgotten.items, forgotten.requests) == (2, 1)
    assert list(store.received.items(data_space)) == []


def test_a_batch_that_waits_for_its_data_space_is_numbered_behind_what_came_meanwhile(
    tmp_path: Path,
) -> None:
    # Whoever sorts in holds the data space: a smaller number would come too late for it.
    with fresh_database("postgresql", tmp_path) as url, Store(url) as store:
        held, other = _data_space(store), _data_space(store)
        with ThreadPoolExecutor(1) as pool, store.journalled.database.writing() as connection:
            hold_data_space(connection, held, exclusively=True)
            waiting = pool.submit(_record, store, held, [("A", "old", False)])
            while not _is_waited_for(connection) and not waiting.done():
                time.sleep(0.01)
            was_waiting = not waiting.done()
            _record(store, other, [("A", "old", False)])
            connection.commit()
            waiting.result()

        with store.journalled.database.reading() as reader:
            order = reader.exec_driver_sql("SELECT data_space FROM requests ORDER BY id").all()

    assert was_waiting
    assert [space for (space,) in order] == [other, held]


def test_what_waits_stays_within_its_bounds(tmp_path: Path) -> None:
    with fresh_database("sqlite", tmp_path) as url, Store(url, backlog=100) as store:
        data_space = _data_space(store)

        for number in range(300):
            _record(store, data_space, [(str(number), "old", False)])

        assert _waiting(store) < 160


def _waiting(store: Store) -> int:
    with store.journalled.database.reading() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM inbox").scalar_one())


def _is_waited_for(connection: Connection) -> bool:
    waits = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    return bool(connection.exec_driver_sql(waits).scalar_one())


def _no_longer_current(store: Store, data_space: str) -> list[tuple[str, str]]:
    query = select(ItemVersions.key, ItemVersions.hash)
    with store.journalled.database.reading() as connection:
        rows = connection.execute(query.where(ItemVersions.data_space == data_space))
        return [(row.key, row.hash) for row in rows]


def _data_space(store: Store) -> str:
    data_space = str(uuid4())
    store.data_spaces.add(data_space, "test", Settings())
    return data_space


def _record(
    store: Store, data_space: str, batch: list[Written], *, is_hashed: bool = False
) -> None:
    items = [_item(*written) for written in batch]
    waiting = AsTheyCame(call_of(FEEDS["products"]), items)
    accepted = list(waiting) if is_hashed else waiting
    store.intake.record(
        _arrival(data_space, len(items)), Batch("products", orjson.dumps(items), accepted)
    )


def _item(sku: str, name: str, deleted: bool) -> dict[str, object]:
    return product(sku, name=name) | {"deleted": deleted}


def _arrival(data_space: str, items: int) -> Arrival:
    return Arrival(
        request_id=uuid4().hex,
        received_at=timestamp(utc_now()),
        route="feeds/catalog/v2/products",
        headers={},
        data_space=data_space,
        feed="products",
        items=items,
        accepted=items,
    )


def _told(received: ReceivedItem) -> ReceivedItem:
    """What is held of an item, but for when and with which request it came."""
    return replace(received, received_at="", request_id="")


def _key(sku: str) -> str:
    return key_of_values((sku, "default"))
