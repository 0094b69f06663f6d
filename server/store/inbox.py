"""The inbox: what was recorded, and is not sorted into the tables of items yet.

A request is answered once its row, its body and its writes are committed; that costs the same
however much is held. Keys are hashes, so each write belongs somewhere else in the tables of items:
many requests at once, in the order of their keys, cost a fraction of what they cost one by one.
Whoever reads those tables sorts in first, and who has nothing else to do does so as well.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, delete, func, select

from mcs.contract.calls import Operation
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.kept import kept
from mcs.server.store.item_writes import Place, Writes
from mcs.server.store.payloads import unpacked
from mcs.server.store.recording import hold_data_space, write_items
from mcs.server.store.statements import insert_text, run
from mcs.server.store.tables import Inbox
from mcs.server.store.values import AcceptedItem

ITEMS_AT_ONCE = 20_000
"""How many items one transaction sorts in, at least; writers wait for it."""
FEW_ITEMS = 2_000
"""The same where nobody waits for the end, and somebody may begin to send."""
REQUESTS_READ = 200
BEYOND_ALL = 2**62


Told = tuple[int, AcceptedItem] | int
"""A write: the number of the request that brought the item, and what is kept of it; or the index
of an item of the request itself, as it came."""


def put(
    connection: Connection, place: Place, feed: str, operation: Operation, writes: Sequence[Told]
) -> None:
    """Keeps the writes of a request until they are sorted in."""
    told = orjson.dumps([one if isinstance(one, int) else (one[0], *one[1]) for one in writes])
    name = (place.data_space, place.request)
    run(connection, PUT, (*name, feed, place.at, len(writes), operation.value, told))


@lru_cache(maxsize=128)
def as_they_came(items: int) -> bytes:
    """What the inbox says of a batch all items of which are written as they came."""
    return orjson.dumps(list(range(items)))


def newest(connection: Connection, data_space: str) -> int:
    """The number of the last request of a data space that waits; 0 if none does."""
    own = select(func.max(Inbox.request)).where(Inbox.data_space == data_space)
    return connection.scalar(own) or 0


def oldest(data_space: str) -> Any:
    """The number of the first request of a data space that waits, or else one beyond all: SQL."""
    own = select(func.min(Inbox.request)).where(Inbox.data_space == data_space)
    return func.coalesce(own.scalar_subquery(), BEYOND_ALL)


def waiting(connection: Connection, up_to: int = BEYOND_ALL) -> list[str]:
    """The data spaces of which anything waits."""
    query = select(Inbox.data_space).where(Inbox.request <= up_to).distinct()
    return list(connection.scalars(query))


def first_waiting(connection: Connection, data_space: str) -> int | None:
    """The number of the request of a data space that waits longest."""
    own = select(func.min(Inbox.request)).where(Inbox.data_space == data_space)
    return connection.scalar(own)


def sort_in(connection: Connection, data_space: str, up_to: int, items: int) -> bool:
    """Sorts in so many items of the next requests; False if none is left up to a request.

    To be called before anything else in a transaction: it holds the data space alone.
    """
    hold_data_space(connection, data_space, exclusively=True)
    return _sort_in(connection, data_space, up_to, items)


def sort_in_all(connection: Connection, data_space: str) -> None:
    """Sorts in all that waits; for a transaction that holds the data space alone already."""
    while _sort_in(connection, data_space, BEYOND_ALL, ITEMS_AT_ONCE):
        pass


def _sort_in(connection: Connection, data_space: str, up_to: int, most: int) -> bool:
    own = (Inbox.data_space == data_space, Inbox.request <= up_to)
    query = _NEXT.where(*own).order_by(Inbox.request).limit(REQUESTS_READ)
    rows = connection.execute(query).all()
    taken: list[Writes] = []
    items = 0
    for row in rows:
        taken.append(_writes(connection, data_space, row))
        items += row.items
        if items >= most:
            break
    if taken:
        write_items(connection, taken)
        last = taken[-1].place.request
        connection.execute(
            delete(Inbox).where(Inbox.data_space == data_space, Inbox.request <= last)
        )
    return len(taken) < len(rows) or len(rows) == REQUESTS_READ


COLUMNS = ("data_space", "request", "feed", "at", "items", "operation", "writes")
PUT = insert_text("inbox", COLUMNS)
_NEXT = select(Inbox.request, Inbox.feed, Inbox.at, Inbox.items, Inbox.operation, Inbox.writes)
_BODY = "SELECT body FROM payloads WHERE request = ?"


def _writes(connection: Connection, data_space: str, row: Any) -> Writes:
    place, number = Place(data_space, row.request, row.at), row.request
    told, items = orjson.loads(row.writes), []
    if any(isinstance(one, int) for one in told):
        [(body,)] = run(connection, _BODY, (number,))
        items = orjson.loads(unpacked(body))
    feed, operation = ALL_FEEDS[row.feed], Operation(row.operation or Operation.SEND)
    writes = [
        (number, AcceptedItem(one, *kept(feed, operation, items[one])))
        if isinstance(one, int)
        else (one[0], AcceptedItem(*one[1:]))
        for one in told
    ]
    return Writes(place, row.feed, writes)
