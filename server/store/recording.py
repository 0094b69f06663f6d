"""The statements that put a request into the record, within its caller's transaction."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    CursorResult,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from mcs.server.store.catalog_tables import CatalogProgress
from mcs.server.store.tables import (
    AlteredTexts,
    DataSpaces,
    DelayedWrites,
    DigestMarks,
    Items,
    ItemVersions,
    Payloads,
    Rejections,
    Requests,
)
from mcs.server.store.values import AcceptedItem, Arrival, Batch

# The fastest: a body of a batch shrinks to a tenth all the same.
COMPRESSION_LEVEL = 1

_JSON_COLUMNS = ("headers", "fault", "signature")
_ARRIVAL_COLUMNS = [field.name for field in fields(Arrival) if field.name not in _JSON_COLUMNS]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the record something is written: behind the last write of a request.

    at: the moment of writing. is_late: whether that is not the moment when the request came.
    """

    data_space: str
    request: int
    at: str
    last: int = -1
    is_late: bool = False


def compressed(body: bytes) -> bytes:
    """How a body is kept."""
    return zlib.compress(body, COMPRESSION_LEVEL)


def hold_data_space(connection: Connection, data_space: str | None, *, exclusively: bool) -> None:
    """Keeps a reset and the requests under way apart; SQLite has one writer at a time anyway."""
    if connection.dialect.name == "postgresql" and data_space is not None:
        held = select(DataSpaces.id).where(DataSpaces.id == data_space)
        connection.execute(held.with_for_update(read=not exclusively))


def take_turn(connection: Connection, data_space: str) -> None:
    """Lets one at a time make a data space's delayed writes; taken before any item is written."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(data_space))))


def add_request(connection: Connection, arrival: Arrival, payload: bytes | None) -> int:
    """Journals a request, with its compressed body if there is one; returns its number."""
    row = {name: _storable(getattr(arrival, name)) for name in _ARRIVAL_COLUMNS}
    row |= {name: _as_json(getattr(arrival, name)) for name in _JSON_COLUMNS}
    inserted = connection.execute(_INSERT_REQUEST, row)
    number = given_number(inserted)
    if payload is not None:
        connection.execute(_INSERT_PAYLOAD, {"request": number, "body": payload})
    return number


def given_number(inserted: CursorResult[Any]) -> int:
    """The number that the database gave to a new row."""
    number: int = inserted.inserted_primary_key[0]  # type: ignore[index]  # there is one row
    return number


def write_items(
    connection: Connection,
    place: Place,
    feed: str,
    writes: Sequence[tuple[int, AcceptedItem]],
    carried: Iterable[tuple[int, str]] = (),
) -> None:
    """Records every write, and makes the last write of each key the current version.

    writes: each with the number of the request that brought it. carried: requests that had been
    the source of a write of a key before.
    """
    common = {"data_space": place.data_space, "feed": feed}
    versions: list[dict[str, Any]] = []
    current: list[dict[str, Any]] = []
    sources = set(carried)
    for number, item in writes:
        versions.append(common | _version_row(number, item, place, len(versions)))
        columns = common | item_columns(item) | {"request": number, "received_at": place.at}
        # An older version that a fault brings back was no item of this request.
        is_own = place.is_late or number == place.request
        is_repeat = is_own and (number, item.key) in sources
        current.append(columns | {"versions": 1, "repeats": int(is_repeat), "resends": 0})
        sources.add((number, item.key))
    connection.execute(_INSERT_VERSION, versions)
    # Sorted, so that two requests with the same items cannot lock each other out; the writes of
    # one key stay in their order.
    current.sort(key=itemgetter("key"))
    connection.execute(_UPSERT_ITEM[connection.dialect.name], current)
    if place.is_late or any(number != place.request for number, _ in writes):
        _fold_again(connection, place.data_space, min(number for number, _ in writes))


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
    """Drops requests up to this number with all they brought, unless an item is current by them,
    or still waits to be recorded."""
    current = exists().where(Items.request == Requests.id)
    waiting = exists().where(DelayedWrites.request == Requests.id)
    old = select(Requests.id).where(Requests.id <= newest, ~or_(current, waiting))
    numbers = list(connection.scalars(old))
    for start in range(0, len(numbers), _NUMBERS_PER_DELETE):
        some = numbers[start : start + _NUMBERS_PER_DELETE]
        connection.execute(delete(ItemVersions).where(ItemVersions.written.in_(some)))
        for table in (Rejections, Payloads, AlteredTexts):
            connection.execute(delete(table).where(table.request.in_(some)))
        connection.execute(delete(Requests).where(Requests.id.in_(some)))


def _fold_again(connection: Connection, data_space: str, request: int) -> None:
    """Has digests and catalog look once more at the items of this request and of later ones."""
    beyond = (DigestMarks.data_space == data_space, DigestMarks.request >= request)
    connection.execute(update(DigestMarks).where(*beyond).values(request=request - 1))
    listed = (CatalogProgress.data_space == data_space, CatalogProgress.up_to >= request)
    connection.execute(update(CatalogProgress).where(*listed).values(up_to=request - 1))


_NUMBERS_PER_DELETE = 500

_INSERT_REQUEST = insert(Requests)
_INSERT_PAYLOAD = insert(Payloads)
_INSERT_VERSION = insert(ItemVersions)
_INSERT_REJECTION = insert(Rejections)


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


def item_columns(item: AcceptedItem) -> dict[str, Any]:
    """What tables say of an accepted item."""
    return {
        "item_index": item.index,
        "key": item.key,
        "identity": _as_json(item.identity),
        "hash": item.hash,
        "deleted": item.deleted,
        "modified_at": _storable(item.modified_at),
    }


def _version_row(number: int, item: AcceptedItem, place: Place, offset: int) -> dict[str, Any]:
    return {
        "written": place.request,
        "place": place.last + 1 + offset,
        "written_at": place.at if place.is_late or number != place.request else None,
        "request": number,
        "item_index": item.index,
        "key": item.key,
        "hash": item.hash,
        "deleted": item.deleted,
    }


def _storable(value: Any) -> Any:
    # PostgreSQL keeps no NUL in a text.
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def _as_json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
