"""Puts writes into the tables of items: what is current, what is no longer, and the names."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import Connection

from mcs.server.store.names import add_names, names_of
from mcs.server.store.statements import insert_text, run, run_many
from mcs.server.store.superseding import COLUMNS, KEEP_REPLACED
from mcs.server.store.values import AcceptedItem


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


@dataclass(frozen=True, slots=True)
class Writes:
    """Items of one feed, each with the number of the request that brought it.

    carried: requests that had been the source of a write of a key before.
    """

    place: Place
    feed: str
    items: Sequence[tuple[int, AcceptedItem]]
    carried: Iterable[tuple[int, str]] = ()


def put_into_tables(connection: Connection, batches: Sequence[Writes]) -> None:
    """Records every write in order, and makes the last write of each key the current version."""
    # Those that the current rows do not say.
    versions = [row for writes in batches for row in _version_rows(writes)]
    current = [row for writes in batches for row in _current_rows(writes)]
    # Sorted, so that two requests with the same items cannot lock each other out, and that
    # neighbours are written together; the writes of one key stay in their order.
    current.sort(key=_NAME)
    versions.sort(key=_VERSION_KEY)
    if connection.dialect.name == "postgresql":
        if versions:
            _copy(connection, _INTO_VERSIONS, versions)
        _merge(connection, current)
    else:
        run_many(connection, insert_text("item_versions", COLUMNS), versions)
        run_many(connection, f"{insert_text('items', _CURRENT)} {_ON_CONFLICT}", current)
    for data_space, feed in {(writes.place.data_space, writes.feed) for writes in batches}:
        own = [writes for writes in batches if writes.feed == feed]
        items = (item for writes in own for _, item in writes.items)
        add_names(connection, data_space, feed, names_of(feed, items))


_CURRENT = (
    "data_space",
    "feed",
    "key",
    "identity",
    "hash",
    "deleted",
    "modified_at",
    "received_at",
    "request",
    "item_index",
    "versions",
    "repeats",
    "resends",
    "place",
)
_NAME = itemgetter(0, 1, 2)
_VERSION_KEY = itemgetter(COLUMNS.index("key"))
_REPLACED = (
    "identity",
    "hash",
    "deleted",
    "modified_at",
    "received_at",
    "request",
    "item_index",
    "place",
)
_IS_RESEND = (
    "excluded.repeats = 0 AND items.hash = excluded.hash AND items.deleted = excluded.deleted"
)
_ON_CONFLICT = (
    "ON CONFLICT (data_space, feed, key) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in _REPLACED)
    + ", versions = items.versions + excluded.versions"
    + ", repeats = items.repeats + excluded.repeats"
    + f", resends = items.resends + CASE WHEN {_IS_RESEND} THEN 1 ELSE 0 END"
)


def _version_rows(writes: Writes) -> list[tuple[Any, ...]]:
    place, feed = writes.place, writes.feed
    return [
        (
            place.request,
            place.last + 1 + offset,
            place.data_space,
            number,
            item.index,
            feed,
            item.key,
            item.hash,
            item.deleted,
            place.at,
        )
        for offset, (number, item) in enumerate(writes.items)
        if not _is_as_it_came(place, number)
    ]


def _is_as_it_came(place: Place, number: int) -> bool:
    """Whether an item is written by the request that brought it, when that came."""
    return number == place.request and not place.is_late


def _current_rows(writes: Writes) -> list[tuple[Any, ...]]:
    place, sources = writes.place, set(writes.carried)
    rows = []
    for offset, (number, item) in enumerate(writes.items):
        source = (number, item.key)
        # What a fault brings back of an earlier request did not come again.
        came = place.is_late or number == place.request
        rows.append(
            (
                place.data_space,
                writes.feed,
                item.key,
                as_json(item.identity),
                item.hash,
                item.deleted,
                storable(item.modified_at),
                place.at,
                number,
                item.index,
                1,
                int(came and source in sources),
                0,
                place.last + 1 + offset if _is_as_it_came(place, number) else None,
            )
        )
        sources.add(source)
    return rows


# PostgreSQL

_INTO_VERSIONS = f"COPY item_versions ({', '.join(COLUMNS)}) FROM STDIN"
_STAGE = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS staged_items (LIKE items, wave integer) "
    "ON COMMIT DELETE ROWS"
)
_INTO_STAGE = f"COPY staged_items ({', '.join(_CURRENT)}, wave) FROM STDIN"
_FROM_STAGE = (
    f"INSERT INTO items ({', '.join(_CURRENT)}) SELECT {', '.join(_CURRENT)} "  # noqa: S608 - our own names
    f"FROM staged_items WHERE wave = ? ORDER BY data_space, feed, key {_ON_CONFLICT}"
)


def _merge(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Upserts rows of a data space that are sorted by their names."""
    run(connection, _STAGE)
    staged, waves = [], 0
    wave, before = 0, None
    # One statement may change a row once only, so each write of a key has a wave of its own.
    for row in rows:
        name = _NAME(row)
        wave = wave + 1 if name == before else 0
        before, waves = name, max(waves, wave + 1)
        staged.append((*row, wave))
    _copy(connection, _INTO_STAGE, staged)
    for wave in range(waves):
        _run_as_planned_now(connection, KEEP_REPLACED, (rows[0][0], wave))
        run(connection, _FROM_STAGE, (wave,))
    if waves:
        run(connection, "TRUNCATE staged_items")


def _run_as_planned_now(connection: Connection, statement: str, values: tuple[Any, ...]) -> None:
    """For a join: a plan that is kept from when the tables were small would read them whole."""
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        cursor.execute(statement, values, prepare=False)


def _copy(connection: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def storable(value: Any) -> Any:
    """A value as every database can keep it: PostgreSQL has no NUL in a text."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


def as_json(value: Any) -> str | None:
    """A value as JSON; None stays None."""
    return None if value is None else orjson.dumps(value).decode()
