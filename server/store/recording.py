"""The statements that put a request into the record, within its caller's transaction."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    CursorResult,
    and_,
    bindparam,
    case,
    delete,
    exists,
    insert,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from mcs.server.faults import Effect, Fault, Passing, apply
from mcs.server.store.tables import (
    DataSpaces,
    FaultEvents,
    Faults,
    Items,
    ItemVersions,
    Payloads,
    Rejections,
    Requests,
)
from mcs.server.store.values import AcceptedItem, Arrival, Batch, Identity

# The fastest: a body of a batch shrinks to a tenth all the same.
COMPRESSION_LEVEL = 1

_ARRIVAL_COLUMNS = [field.name for field in fields(Arrival) if field.name != "headers"]


def compressed(body: bytes) -> bytes:
    """How a body is kept."""
    return zlib.compress(body, COMPRESSION_LEVEL)


def hold_data_space(connection: Connection, data_space: str | None, *, exclusively: bool) -> None:
    """Keeps a reset and the requests under way apart; SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql" and data_space is not None:
        held = select(DataSpaces.id).where(DataSpaces.id == data_space)
        connection.execute(held.with_for_update(read=not exclusively))


def add_request(connection: Connection, arrival: Arrival, payload: bytes | None) -> int:
    """Journals a request, with its compressed body if there is one; returns its number."""
    row = {name: _storable(getattr(arrival, name)) for name in _ARRIVAL_COLUMNS}
    row["headers"] = orjson.dumps(dict(arrival.headers)).decode()
    inserted = connection.execute(_INSERT_REQUEST, row)
    number = given_number(inserted)
    if payload is not None:
        connection.execute(_INSERT_PAYLOAD, {"request": number, "body": payload})
    return number


def given_number(inserted: CursorResult[Any]) -> int:
    """The number that the database gave to a new row."""
    number: int = inserted.inserted_primary_key[0]  # type: ignore[index]  # there is one row
    return number


def lost_to_faults(
    connection: Connection, arrival: Arrival, feed: str, accepted: Iterable[AcceptedItem]
) -> set[int]:
    """Lets the items pass the data space's faults, notes what happens, returns the lost indexes."""
    rows = connection.execute(_FAULTS_OF_DATA_SPACE, {"data_space": arrival.data_space}).all()
    if not rows:
        return set()
    before = [Fault(*row) for row in rows]
    passing = [Passing(item.index, feed, item.key, item.identity) for item in accepted]
    after, effects, lost = apply(before, passing)
    moved = [
        {"fault": fault.id, "now_seen": fault.seen, "now_applied": fault.applied}
        for fault, old in zip(after, before, strict=True)
        if fault != old
    ]
    if moved:
        connection.execute(_MOVE_FAULT, moved)
    if effects:
        connection.execute(_INSERT_EVENT, [_event_row(arrival, effect) for effect in effects])
    return lost


def add_items(
    connection: Connection, arrival: Arrival, number: int, feed: str, items: Sequence[AcceptedItem]
) -> None:
    """Records every write, and makes the last write of each key the current version."""
    place = {"request": number, "data_space": arrival.data_space, "feed": feed}
    connection.execute(_INSERT_VERSION, [place | _version_row(item) for item in items])
    first: dict[str, dict[str, Any]] = {}
    repeated: dict[str, dict[str, Any]] = {}
    for item in items:
        row = place | _item_row(item, arrival.received_at)
        if item.key not in first:
            first[item.key] = row
            continue
        times = repeated[item.key]["repeats"] + 1 if item.key in repeated else 1
        repeated[item.key] = row | {"versions": times, "repeats": times}
    upsert = _UPSERT_ITEM[connection.dialect.name]
    # The first writes are told apart from what was there before, the repeats from the first.
    for rows in filter(None, (first, repeated)):
        # Sorted, so that two requests with the same items cannot lock each other out.
        connection.execute(upsert, [rows[key] for key in sorted(rows)])


def add_rejections(connection: Connection, arrival: Arrival, number: int, batch: Batch) -> None:
    """Records what was refused, with the reasons."""
    rows = [
        {
            "request": number,
            "item_index": item.index,
            "data_space": arrival.data_space,
            "feed": batch.feed,
            "key": item.key,
            "identity": _as_json(item.identity),
            "errors": orjson.dumps(
                [
                    {"pointer": error.pointer, "code": error.code, "message": error.message}
                    for error in item.errors
                ]
            ).decode(),
        }
        for item in batch.rejected
    ]
    connection.execute(_INSERT_REJECTION, rows)


def forget_requests(connection: Connection, newest: int) -> None:
    """Drops requests up to this number with all they brought, unless an item is current by them."""
    current = exists().where(Items.request == Requests.id)
    old = select(Requests.id).where(Requests.id <= newest, ~current)
    numbers = list(connection.scalars(old))
    for start in range(0, len(numbers), _NUMBERS_PER_DELETE):
        some = numbers[start : start + _NUMBERS_PER_DELETE]
        for table in (ItemVersions, Rejections, Payloads):
            connection.execute(delete(table).where(table.request.in_(some)))
        connection.execute(delete(Requests).where(Requests.id.in_(some)))


_NUMBERS_PER_DELETE = 500

_INSERT_REQUEST = insert(Requests)
_INSERT_PAYLOAD = insert(Payloads)
_INSERT_VERSION = insert(ItemVersions)
_INSERT_REJECTION = insert(Rejections)
_INSERT_EVENT = insert(FaultEvents)
_MOVE_FAULT = (
    update(Faults)
    .where(Faults.id == bindparam("fault"))
    .values(seen=bindparam("now_seen"), applied=bindparam("now_applied"))
)
# Locked, so that two requests cannot count the same item twice; SQLite has one writer anyway.
_FAULTS_OF_DATA_SPACE = (
    select(
        Faults.id,
        Faults.action,
        Faults.feed,
        Faults.every,
        Faults.count,
        Faults.seen,
        Faults.applied,
    )
    .where(Faults.data_space == bindparam("data_space"))
    .order_by(Faults.id)
    .with_for_update()
)


def _upsert(dialect_insert: Any) -> Any:
    statement = dialect_insert(Items)
    new = statement.excluded
    is_unchanged = and_(Items.hash == new.hash, Items.deleted == new.deleted)
    is_resend = case((and_(new.repeats == 0, is_unchanged), 1), else_=0)
    counted = {
        "versions": Items.versions + new.versions,
        "repeats": Items.repeats + new.repeats,
        "resends": Items.resends + is_resend,
    }
    replaced = ("identity", "hash", "deleted", "modified_at", "received_at", "request")
    return statement.on_conflict_do_update(
        index_elements=["data_space", "feed", "key"],
        set_={name: new[name] for name in (*replaced, "item_index")} | counted,
    )


_UPSERT_ITEM: Mapping[str, Any] = {
    "sqlite": _upsert(sqlite.insert),
    "postgresql": _upsert(postgresql.insert),
}


def _version_row(item: AcceptedItem) -> dict[str, Any]:
    return {
        "item_index": item.index,
        "key": item.key,
        "hash": item.hash,
        "deleted": item.deleted,
    }


def _item_row(item: AcceptedItem, received_at: str) -> dict[str, Any]:
    return _version_row(item) | {
        "identity": _as_json(item.identity),
        "modified_at": _storable(item.modified_at),
        "received_at": received_at,
        "versions": 1,
        "repeats": 0,
        "resends": 0,
    }


def _event_row(arrival: Arrival, effect: Effect) -> dict[str, Any]:
    return {
        "data_space": arrival.data_space,
        "fault": effect.fault_id,
        "action": effect.action,
        "feed": effect.item.feed,
        "key": effect.item.key,
        "identity": _as_json(effect.item.identity),
        "request_id": arrival.request_id,
        "item_index": effect.item.index,
        "at": arrival.received_at,
    }


def _storable(value: Any) -> Any:
    # PostgreSQL keeps no NUL in a text.
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _as_json(identity: Identity | None) -> str | None:
    return None if identity is None else orjson.dumps(dict(identity)).decode()
