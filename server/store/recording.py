"""The statements that put a request into the record, within its caller's transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import orjson
from sqlalchemy import Connection, delete, exists, insert, or_, select, update

from mcs.server.store.catalog_tables import CatalogProgress
from mcs.server.store.item_writes import Writes, as_json, put_into_tables, storable
from mcs.server.store.statements import insert_text, run
from mcs.server.store.tables import (
    AlteredTexts,
    DelayedWrites,
    DigestMarks,
    Inbox,
    Items,
    ItemVersions,
    Payloads,
    Rejections,
    Requests,
)
from mcs.server.store.values import Arrival, Batch

_JSON_COLUMNS = ("headers", "fault", "signature")
_ARRIVAL_COLUMNS = [field.name for field in fields(Arrival) if field.name not in _JSON_COLUMNS]
REQUEST_COLUMNS = [*_ARRIVAL_COLUMNS, *_JSON_COLUMNS]


def hold_data_space(connection: Connection, data_space: str | None, *, exclusively: bool) -> None:
    """Keeps a reset and the requests under way apart; SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql" and data_space is not None:
        run(connection, _HOLD_ALONE if exclusively else HOLD, (data_space,))


def request_values(arrival: Arrival) -> tuple[Any, ...]:
    """What the journal keeps of a request, in the order of REQUEST_COLUMNS."""
    texts = [as_json(getattr(arrival, name)) for name in _JSON_COLUMNS]
    return (*(storable(getattr(arrival, name)) for name in _ARRIVAL_COLUMNS), *texts)


def add_request(connection: Connection, arrival: Arrival, payload: bytes | None) -> int:
    """Journals a request, with its body as it is kept if there is one; returns its number."""
    [(number,)] = run(connection, _INSERT_REQUEST, request_values(arrival))
    if payload is not None:
        run(connection, _INSERT_PAYLOAD, (number, payload))
    return int(number)


def write_items(connection: Connection, batches: Sequence[Writes]) -> None:
    """Records every write, and makes the last write of each key the current version."""
    put_into_tables(connection, batches)
    _fold_again(connection, batches)


def add_altered(connection: Connection, number: int, altered: Mapping[int, Any]) -> None:
    """Keeps what is recorded of items in the place of what came."""
    rows = [
        {"request": number, "item_index": index, "text": orjson.dumps(content).decode()}
        for index, content in altered.items()
    ]
    connection.execute(insert(AlteredTexts), rows)


def add_rejections(connection: Connection, arrival: Arrival, number: int, batch: Batch) -> None:
    """Records what was refused, with the reasons."""
    rows = [
        {
            "request": number,
            "item_index": item.index,
            "data_space": arrival.data_space,
            "feed": batch.feed,
            "key": item.key,
            "identity": as_json(item.identity),
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
    """Drops requests up to this number with all they brought, unless an item is current by them,
    or still waits to be recorded."""
    current = exists().where(Items.request == Requests.id, Items.data_space == Requests.data_space)
    waiting = exists().where(DelayedWrites.request == Requests.id)
    unsorted = exists().where(Inbox.request == Requests.id, Inbox.data_space == Requests.data_space)
    old = select(Requests.id).where(Requests.id <= newest, ~or_(current, waiting, unsorted))
    of = select(Requests.data_space).where(Requests.id <= newest).distinct()
    for data_space in connection.scalars(of).all():
        # Who writes anew what an old request brought holds the data space alone meanwhile.
        hold_data_space(connection, data_space, exclusively=False)
        numbers = connection.scalars(old.where(Requests.data_space == data_space)).all()
        for start in range(0, len(numbers), _NUMBERS_PER_DELETE):
            _forget(connection, data_space, numbers[start : start + _NUMBERS_PER_DELETE])


def _forget(connection: Connection, data_space: str | None, numbers: Sequence[int]) -> None:
    written = (ItemVersions.data_space == data_space, ItemVersions.written.in_(numbers))
    connection.execute(delete(ItemVersions).where(*written))
    for table in (Rejections, Payloads, AlteredTexts):
        connection.execute(delete(table).where(table.request.in_(numbers)))
    connection.execute(delete(Requests).where(Requests.id.in_(numbers)))


def _fold_again(connection: Connection, batches: Sequence[Writes]) -> None:
    """Has digests and catalog look once more at items of requests that they have seen already."""
    older: dict[str, int] = {}
    for writes in batches:
        place, first = writes.place, min(number for number, _ in writes.items)
        if place.is_late or first != place.request:
            older[place.data_space] = min(first, older.get(place.data_space, first))
    for data_space, request in older.items():
        beyond = (DigestMarks.data_space == data_space, DigestMarks.request >= request)
        connection.execute(update(DigestMarks).where(*beyond).values(request=request - 1))
        listed = (CatalogProgress.data_space == data_space, CatalogProgress.up_to >= request)
        connection.execute(update(CatalogProgress).where(*listed).values(up_to=request - 1))


_NUMBERS_PER_DELETE = 500

HOLD = "SELECT pg_advisory_xact_lock_shared(hashtext(?))"
_HOLD_ALONE = "SELECT pg_advisory_xact_lock(hashtext(?))"
_INSERT_REQUEST = insert_text("requests", REQUEST_COLUMNS) + " RETURNING id"
_INSERT_PAYLOAD = insert_text("payloads", ("request", "body"))
_INSERT_REJECTION = insert(Rejections)
