"""What goes with an item that is deleted, and what comes back with it.

Source: contract/ingestion-api.md and the description's prose: with a price book go its children
and the prices of them all, with a category the categories below it. Who creates the deleted one
again within a week gets them back as they were.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, insert, select

from mcs.contract.calls import Operation
from mcs.contract.price_books import descendants
from mcs.server.store import inbox
from mcs.server.store.dialect_tables import Cascaded
from mcs.server.store.item_writes import Place, Writes
from mcs.server.store.names import stored_name
from mcs.server.store.recording import write_items
from mcs.server.store.settling import with_contents
from mcs.server.store.tables import ItemNames, Items
from mcs.server.store.values import AcceptedItem, Arrival, Batch
from mcs.server.store.versions import Versions

RESTORABLE_FOR = timedelta(days=7)
BOOKS, PRICES, CATEGORIES = "catalogPriceBooks", "catalogPrices", "catalogCategories"
_AT_ONCE = 500

Found = Iterable[tuple[str, Any]]
"""Feeds, each with the row of an item that is alive."""


def follow(connection: Connection, arrival: Arrival, batch: Batch, number: int) -> None:
    """Lets what hangs below the items of a recorded batch go with them, or come back."""
    if batch.operation is Operation.SEND:
        return
    place = Place(arrival.data_space or "", number, arrival.received_at)
    keys = {item.key for item in batch.accepted}
    deletes = batch.operation is Operation.DELETE
    _follow(connection, Written(place, batch.feed, keys, {number}, deleted=deletes))


@dataclass(frozen=True, slots=True)
class Written:
    """Items of one feed that were written, all dead or all alive. place: behind whose request
    something is written with them, and when. requests: that brought the items."""

    place: Place
    feed: str
    keys: set[str]
    requests: set[int]
    deleted: bool


def follow_late(connection: Connection, writes: Writes) -> None:
    """The same for writes that were held back and are made now."""
    for deleted in (True, False):
        some = [(request, item) for request, item in writes.items if item.deleted is deleted]
        keys, requests = {item.key for _, item in some}, {request for request, _ in some}
        _follow(connection, Written(writes.place, writes.feed, keys, requests, deleted))


def forget(connection: Connection, data_space: str) -> None:
    """Forgets what may come back."""
    connection.execute(delete(Cascaded).where(Cascaded.data_space == data_space))


def _follow(connection: Connection, written: Written) -> None:
    place, feed = written.place, written.feed
    if feed not in (BOOKS, PRICES, CATEGORIES):
        return
    keys = sorted(written.keys)
    # What is written by itself no longer comes and goes with another.
    for some in _parts(keys):
        own = (Cascaded.data_space == place.data_space, Cascaded.feed == feed)
        connection.execute(delete(Cascaded).where(*own, Cascaded.key.in_(some)))
    if feed not in _BELOW or not keys:
        return
    inbox.sort_in_all(connection, place.data_space)
    below = _delete_below if written.deleted else _restore_below
    for root in _roots(connection, written, keys):
        below(connection, _behind(connection, place), feed, root)


def _delete_below(connection: Connection, place: Place, feed: str, root: Any) -> None:
    by_feed: dict[str, list[Any]] = {}
    for found_feed, row in _BELOW[feed](connection, place.data_space, orjson.loads(root.identity)):
        by_feed.setdefault(found_feed, []).append(row)
    for found_feed, rows in by_feed.items():
        place = _write(connection, place, found_feed, rows, deleted=True)
        common = {"data_space": place.data_space, "root_feed": feed, "root": root.key}
        kept = [
            common | {"feed": found_feed, "key": row.key, "deleted_at": place.at} for row in rows
        ]
        connection.execute(insert(Cascaded), kept)


def _restore_below(connection: Connection, place: Place, feed: str, root: Any) -> None:
    own = (
        Cascaded.data_space == place.data_space,
        Cascaded.root_feed == feed,
        Cascaded.root == root.key,
    )
    since = datetime.fromisoformat(place.at) - RESTORABLE_FOR
    query = (
        select(*_ITEM)
        .join(
            Cascaded,
            (Cascaded.data_space == Items.data_space)
            & (Cascaded.feed == Items.feed)
            & (Cascaded.key == Items.key),
        )
        .where(*own, Cascaded.deleted_at >= since.isoformat(timespec="microseconds"))
        .where(Items.deleted)
        .order_by(Items.feed, Items.key)
    )
    by_feed: dict[str, list[Any]] = {}
    for row in connection.execute(query):
        by_feed.setdefault(row.feed, []).append(row)
    for found_feed, rows in by_feed.items():
        place = _write(connection, place, found_feed, rows, deleted=False)
    connection.execute(delete(Cascaded).where(*own))


def _write(
    connection: Connection, place: Place, feed: str, rows: Sequence[Any], *, deleted: bool
) -> Place:
    """Writes the current versions of items again, dead or alive; where the next write goes."""
    writes = [(row.request, _accepted(row, deleted)) for row in rows]
    write_items(connection, [Writes(place, feed, writes)])
    return replace(place, last=place.last + len(writes))


def _books_below(connection: Connection, data_space: str, root: Mapping[str, str]) -> Found:
    rows = connection.execute(_alive(data_space, BOOKS)).all()
    held = {
        content["priceBookId"]: (row, content) for row, content in with_contents(connection, rows)
    }
    books = {name: content for name, (_, content) in held.items()}
    gone = [root["priceBookId"], *descendants(books, root["priceBookId"])]
    yield from ((BOOKS, held[name][0]) for name in gone if name in held)
    for name in gone:
        query = _alive(data_space, PRICES).join(
            ItemNames,
            (ItemNames.data_space == Items.data_space)
            & (ItemNames.feed == Items.feed)
            & (ItemNames.key == Items.key),
        )
        for row in connection.execute(query.where(ItemNames.name == stored_name(name))).all():
            if orjson.loads(row.identity)["priceBookId"] == name:
                yield PRICES, row


def _categories_below(connection: Connection, data_space: str, root: Mapping[str, str]) -> Found:
    below = root["slug"] + "/"
    named = (
        select(ItemNames.key)
        .where(ItemNames.data_space == data_space, ItemNames.feed == CATEGORIES)
        # "0" follows "/", so this is a range of the index.
        .where(ItemNames.name >= stored_name(below))
        .where(ItemNames.name < stored_name(root["slug"] + "0"))
    )
    query = _alive(data_space, CATEGORIES).where(Items.key.in_(named))
    for row in connection.execute(query).all():
        identity = orjson.loads(row.identity)
        is_below = identity["slug"].startswith(below)
        if is_below and identity["source.locale"] == root["source.locale"]:
            yield CATEGORIES, row


_BELOW: Mapping[str, Callable[[Connection, str, Mapping[str, str]], Found]] = {
    BOOKS: _books_below,
    CATEGORIES: _categories_below,
}
"""What hangs below an item, by its feed."""

_ITEM = (
    Items.feed,
    Items.key,
    Items.identity,
    Items.hash,
    Items.modified_at,
    Items.request,
    Items.item_index,
)


def _alive(data_space: str, feed: str) -> Any:
    own = (Items.data_space == data_space, Items.feed == feed, Items.deleted.is_(False))
    return select(*_ITEM).where(*own, Items.identity.is_not(None)).order_by(Items.key)


def _roots(connection: Connection, written: Written, keys: list[str]) -> list[Any]:
    """The items that are as they were written; not those that a fault lost, or that came later."""
    rows: list[Any] = []
    for some in _parts(keys):
        query = select(*_ITEM).where(
            Items.data_space == written.place.data_space,
            Items.feed == written.feed,
            Items.key.in_(some),
            Items.request.in_(written.requests),
            Items.deleted.is_(written.deleted),
            Items.identity.is_not(None),
        )
        rows += connection.execute(query.order_by(Items.key)).all()
    return rows


def _behind(connection: Connection, place: Place) -> Place:
    """Behind all that was written with a request so far."""
    last = connection.scalar(
        select(func.max(Versions.place)).where(
            Versions.data_space == place.data_space, Versions.written == place.request
        )
    )
    return replace(place, last=-1 if last is None else last)


def _accepted(row: Any, deleted: bool) -> AcceptedItem:
    return AcceptedItem(
        index=row.item_index,
        key=row.key,
        identity=None if row.identity is None else orjson.loads(row.identity),
        hash=row.hash,
        deleted=deleted,
        modified_at=row.modified_at,
    )


def _parts(keys: list[str]) -> Iterable[list[str]]:
    return (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))
