"""Writes that faults hold back, and the statements that make them when they are due."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import Connection, delete, exists, func, insert, or_, select, update

from mcs.server.faults.applying import Delayed, Due
from mcs.server.store import cascades, inbox
from mcs.server.store.item_writes import Place, Writes, as_json, storable
from mcs.server.store.recording import write_items
from mcs.server.store.tables import DelayedWrites, FaultEvents, Requests
from mcs.server.store.values import AcceptedItem
from mcs.server.store.versions import Versions


def is_due(connection: Connection, data_space: str, now: str) -> bool:
    """True if something waits whose moment has come."""
    return bool(connection.scalar(select(exists().where(*_due(data_space, now)))))


def delay(
    connection: Connection,
    place: Place,
    feed: str,
    delayed: Iterable[tuple[int, Delayed]],
) -> None:
    """Holds back items of the request at a place; each strike comes with its event's number."""
    rows = [
        {
            "data_space": place.data_space,
            "event": event,
            "feed": feed,
            "due_at": _due_at(place.at, each.strike.due),
            "requests_left": each.strike.due and each.strike.due.requests,
            "request": place.request,
            **_columns(item),
        }
        for event, each in delayed
        for item in each.items
    ]
    connection.execute(insert(DelayedWrites), rows)


def count_request(connection: Connection, data_space: str, number: int) -> None:
    """Tells what waits for further requests that the one with this number has come."""
    waiting = (DelayedWrites.data_space == data_space, DelayedWrites.request != number)
    connection.execute(
        update(DelayedWrites)
        .where(*waiting, DelayedWrites.requests_left.is_not(None))
        .values(requests_left=DelayedWrites.requests_left - 1)
    )


def settle(connection: Connection, data_space: str, now: str) -> None:
    """Records what is due, behind all that was recorded so far.

    A write that is due at a moment counts as made at that moment, whenever it is found to be due.
    """
    found = select(DelayedWrites).where(*_due(data_space, now)).order_by(DelayedWrites.id)
    # Locked, so that two requests cannot make the same write.
    rows = [row._mapping for row in connection.execute(found.with_for_update())]
    if rows:
        inbox.sort_in_all(connection, data_space)
    rows.sort(key=lambda row: (row["due_at"] or now, row["id"]))
    for (due_at, feed), due in groupby(rows, lambda row: (row["due_at"] or now, row["feed"])):
        _write(connection, _behind_all(connection, data_space, due_at), feed, list(due))
    if rows:
        numbers = [row["id"] for row in rows]
        connection.execute(delete(DelayedWrites).where(DelayedWrites.id.in_(numbers)))


def _write(connection: Connection, place: Place, feed: str, rows: Sequence[Any]) -> None:
    known = select(Versions.request, Versions.key).where(
        Versions.data_space == place.data_space,
        Versions.feed == feed,
        Versions.key.in_({row["key"] for row in rows}),
        Versions.request.in_({row["request"] for row in rows}),
    )
    carried = {(row.request, row.key) for row in connection.execute(known)}
    writes = [(row["request"], _accepted(row)) for row in rows]
    written = Writes(place, feed, writes, carried)
    write_items(connection, [written])
    cascades.follow_late(connection, written)
    events = {row["event"] for row in rows}
    connection.execute(
        update(FaultEvents).where(FaultEvents.id.in_(events)).values(recorded_at=place.at)
    )


def _behind_all(connection: Connection, data_space: str, at: str) -> Place:
    newest = connection.scalar(
        select(func.max(Requests.id)).where(Requests.data_space == data_space)
    )
    last = connection.scalar(
        select(func.max(Versions.place)).where(
            Versions.data_space == data_space, Versions.written == newest
        )
    )
    return Place(data_space, newest or 0, at, -1 if last is None else last, is_late=True)


def _columns(item: AcceptedItem) -> dict[str, Any]:
    return {
        "item_index": item.index,
        "key": item.key,
        "identity": as_json(item.identity),
        "hash": item.hash,
        "deleted": item.deleted,
        "modified_at": storable(item.modified_at),
    }


def _due(data_space: str, now: str) -> tuple[Any, ...]:
    come = or_(DelayedWrites.due_at <= now, DelayedWrites.requests_left <= 0)
    return (DelayedWrites.data_space == data_space, come)


def _due_at(at: str, due: Due | None) -> str | None:
    if due is None or due.delay_s is None:
        return None
    moment = datetime.fromisoformat(at) + timedelta(seconds=due.delay_s)
    return moment.isoformat(timespec="microseconds")


def _accepted(row: Any) -> AcceptedItem:
    return AcceptedItem(
        index=row["item_index"],
        key=row["key"],
        identity=None if row["identity"] is None else orjson.loads(row["identity"]),
        hash=row["hash"],
        deleted=row["deleted"],
        modified_at=row["modified_at"],
    )
