"""Pages of the record, read in constant memory. A body is unpacked once per page."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import orjson
from sqlalchemy import Connection, Engine, func, select, tuple_

from mcs.contract.feeds import Feed
from mcs.server.faults.applying import Older
from mcs.server.store.payloads import unpacked
from mcs.server.store.slices import cut
from mcs.server.store.tables import (
    AlteredTexts,
    Items,
    Payloads,
    Rejections,
    Requests,
)
from mcs.server.store.values import (
    AcceptedItem,
    Arrival,
    ItemVersion,
    JournalledRequest,
    ReceivedItem,
    Rejection,
)
from mcs.server.store.versions import Versions

PAGE_ROWS = 2_000
PAGE_ROWS_WITH_ITEMS = 200

Value = TypeVar("Value")
Place = tuple[int, int]
"""Where an item's text is: the request's number and the index within its array."""


def received(
    engine: Engine, data_space: str, feed: str | None, key: str | None, with_items: bool
) -> Iterator[ReceivedItem]:
    """Current versions by feed and key."""
    query = (
        select(
            Items.feed,
            Items.key,
            Items.identity,
            Items.hash,
            Items.deleted,
            Items.modified_at,
            Items.received_at,
            Requests.request_id,
            Items.item_index,
            Items.versions,
            Items.repeats,
            Items.resends,
            Items.request,
        )
        .join(Requests, Requests.id == Items.request)
        .where(Items.data_space == data_space)
        .order_by(Items.feed, Items.key)
    )
    if feed is not None:
        query = query.where(Items.feed == feed)
    if key is not None:
        # "g" follows the last hex digit, so this is a range of the primary key.
        query = query.where(Items.key >= key, Items.key < f"{key}g")

    def values(connection: Connection, page: Sequence[Any]) -> list[ReceivedItem]:
        texts = item_texts(connection, [_place(row) for row in page]) if with_items else {}
        return [ReceivedItem(*_with_text(row, texts)) for row in page]

    rows = PAGE_ROWS_WITH_ITEMS if with_items else PAGE_ROWS
    return paged(engine, query, (Items.feed, Items.key), _feed_and_key, values, rows)


def rejections(engine: Engine, data_space: str, feed: str | None) -> Iterator[Rejection]:
    """Refused items in the order of arrival."""
    query = (
        select(
            Rejections.feed,
            Rejections.key,
            Rejections.identity,
            Requests.received_at,
            Requests.request_id,
            Rejections.item_index,
            Rejections.errors,
            Rejections.request,
        )
        .join(Requests, Requests.id == Rejections.request)
        .where(Rejections.data_space == data_space)
        .order_by(Rejections.request, Rejections.item_index)
    )
    if feed is not None:
        query = query.where(Rejections.feed == feed)

    def values(connection: Connection, page: Sequence[Any]) -> list[Rejection]:
        texts = item_texts(connection, [_place(row) for row in page])
        return [Rejection(*_with_text(row, texts)) for row in page]

    order = (Rejections.request, Rejections.item_index)
    return paged(engine, query, order, _place, values, PAGE_ROWS_WITH_ITEMS)


def versions(connection: Connection, data_space: str, feed: str, key: str) -> list[ItemVersion]:
    """The accepted writes of one item, oldest first."""
    query = (
        select(
            Versions.hash,
            Versions.deleted,
            func.coalesce(Versions.written_at, Requests.received_at),
            Requests.request_id,
            Versions.item_index,
            Versions.request,
        )
        .join(Requests, Requests.id == Versions.request)
        .where(
            Versions.data_space == data_space,
            Versions.feed == feed,
            Versions.key == key,
        )
        .order_by(Versions.written, Versions.place)
    )
    rows = connection.execute(query).all()
    texts = item_texts(connection, [_place(row) for row in rows])
    return [ItemVersion(*_with_text(row, texts)) for row in rows]


def requests(
    connection: Connection,
    data_space: str | None,
    feed: str | None,
    before: int | None,
    limit: int,
) -> list[JournalledRequest]:
    """Journalled requests, newest first. data_space: None for those to none that there is."""
    query = _REQUESTS.where(Requests.data_space == data_space).limit(limit)
    if feed is not None:
        query = query.where(Requests.feed == feed)
    if before is not None:
        query = query.where(Requests.id < before)
    return [journalled(row._mapping) for row in connection.execute(query)]


def request(connection: Connection, data_space: str, number: int) -> JournalledRequest | None:
    """One journalled request."""
    own = (Requests.data_space == data_space, Requests.id == number)
    row = connection.execute(_REQUESTS.where(*own)).one_or_none()
    return None if row is None else journalled(row._mapping)


def body(connection: Connection, data_space: str, number: int) -> bytes | None:
    """The decoded body of a request; None if there is none, or it was never read."""
    found = connection.scalar(
        select(Payloads.body)
        .join(Requests, Requests.id == Payloads.request)
        .where(Requests.data_space == data_space, Requests.id == number)
    )
    return None if found is None else unpacked(found)


def elder(connection: Connection, data_space: str, feed: Feed, item: AcceptedItem) -> Older | None:
    """The newest version of an item in the record if its content is another and is known."""
    found = connection.execute(
        select(Versions)
        .where(
            Versions.key == item.key,
            Versions.feed == feed.name,
            Versions.data_space == data_space,
            Versions.hash != item.hash,
        )
        .order_by(Versions.written.desc(), Versions.place.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    place = (found.request, found.item_index)
    text = item_texts(connection, [place]).get(place)
    if text is None:
        return None
    content = orjson.loads(text)
    modified_at = content.get(feed.timestamp) if isinstance(content, dict) else None
    again = item._replace(
        index=found.item_index,
        hash=found.hash,
        deleted=found.deleted,
        modified_at=modified_at if isinstance(modified_at, str) else None,
    )
    return Older(found.request, again, content)


def batch(connection: Connection, data_space: str, number: int) -> tuple[str, bytes] | None:
    """The feed and the decoded body of a request; None if there is none that was a batch."""
    found = connection.execute(
        select(Requests.feed, Payloads.body)
        .join(Payloads, Payloads.request == Requests.id)
        .where(Requests.data_space == data_space, Requests.id == number, Requests.feed.is_not(None))
    ).one_or_none()
    return None if found is None else (found.feed, unpacked(found.body))


def item_texts(connection: Connection, places: Sequence[Place]) -> dict[Place, str]:
    """The JSON texts at these places, exactly as they came unless a fault altered them."""
    wanted: dict[int, set[int]] = defaultdict(set)
    for number, index in places:
        wanted[number].add(index)
    texts: dict[Place, str] = {}
    for number, indexes in wanted.items():
        body = connection.scalar(select(Payloads.body).where(Payloads.request == number))
        if body is not None:
            found = cut(unpacked(body), indexes)
            texts.update({(number, index): text for index, text in found.items()})
    return texts | _altered(connection, wanted)


def _altered(connection: Connection, wanted: Mapping[int, set[int]]) -> dict[Place, str]:
    query = select(AlteredTexts).where(AlteredTexts.request.in_(list(wanted)))
    return {
        (row.request, row.item_index): row.text
        for row in connection.execute(query)
        if row.item_index in wanted[row.request]
    }


def paged(
    engine: Engine,
    query: Any,
    order: tuple[Any, Any],
    position: Callable[[Any], tuple[Any, Any]],
    values: Callable[[Connection, Sequence[Any]], list[Value]],
    rows: int,
) -> Iterator[Value]:
    """The values of all rows of a query, which is ordered by `order`, so many rows at a time.

    position: where a row stands in that order.
    """
    # Each page begins after the last row of the one before, so that no connection is held while
    # a slow reader takes its time.
    page_query = query.limit(rows)
    while True:
        with engine.connect() as connection:
            page = connection.execute(page_query).all()
            found = values(connection, page)
        yield from found
        if len(page) < rows:
            return
        page_query = query.where(tuple_(*order) > position(page[-1])).limit(rows)


def _feed_and_key(row: Any) -> tuple[str, str]:
    return row.feed, row.key


def _with_text(row: Any, texts: Mapping[Place, str]) -> tuple[Any, ...]:
    # The last column, the request's number, is there to find the item's text by.
    return (*row[:-1], texts.get(_place(row)))


def _place(row: Any) -> Place:
    return row.request, row.item_index


def journalled(row: Mapping[Any, Any]) -> JournalledRequest:
    """A row of the journal: `id` and the fields of Arrival."""
    values = dict(row)
    number = values.pop("id")
    for name in ("headers", "fault", "signature"):
        values[name] = None if values[name] is None else orjson.loads(values[name])
    return JournalledRequest(number, Arrival(**values))


_REQUESTS = select(
    Requests.id, *(getattr(Requests, field.name) for field in fields(Arrival))
).order_by(Requests.id.desc())
