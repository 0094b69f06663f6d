"""Bucket digests of what a data space holds, kept up to date when somebody asks for them.

Recording pays nothing for them: a row notes in `digested` what of it the kept digests contain, and
a mark says up to which request they stand. Asking folds in the rows that came since.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import (
    Connection,
    String,
    case,
    cast,
    delete,
    func,
    insert,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from mcs.contract.digests import EMPTY, Bucket, bucket_of, holding
from mcs.server.store import inbox, recording
from mcs.server.store.tables import DigestMarks, ItemDigests, Items, Requests

REQUESTS_AT_ONCE = 500
ITEMS_AT_ONCE = 20_000
"""How much one transaction folds in; writers wait for it. A request is folded whole."""
_FEW = 500


def fold(connection: Connection, data_space: str, most_items: int = ITEMS_AT_ONCE) -> bool:
    """Takes the next requests' items into the digests; False if there is none left."""
    recording.hold_data_space(connection, data_space, exclusively=True)
    mark = connection.scalar(select(DigestMarks.request).where(_mark_of(data_space)))
    numbers = _next_requests(connection, data_space, mark or 0, most_items)
    if not numbers:
        return False
    came = (_by_request(connection) == data_space, Items.request.in_(numbers))
    rows = connection.execute(select(*_COLUMNS).where(*came)).all()
    _add(connection, data_space, _changes(rows))
    connection.execute(update(Items).where(*came).values(digested=_PRESENT))
    _set_mark(connection, data_space, numbers[-1], is_new=mark is None)
    return True


def kept(connection: Connection, data_space: str, feed: str | None) -> dict[str, dict[str, Bucket]]:
    """The digests as last folded, by feed and bucket; buckets without rows are left out."""
    query = select(ItemDigests).where(ItemDigests.data_space == data_space)
    if feed is not None:
        query = query.where(ItemDigests.feed == feed)
    return _by_place(connection.execute(query))


def alive(connection: Connection, data_space: str) -> dict[str, int]:
    """How many items are alive by feed, as last folded."""
    query = (
        select(ItemDigests.feed, func.sum(ItemDigests.alive))
        .where(ItemDigests.data_space == data_space)
        .group_by(ItemDigests.feed)
    )
    return {feed: int(count) for feed, count in connection.execute(query)}


def forget(connection: Connection, data_space: str) -> None:
    """Drops the digests of a data space whose items are gone."""
    connection.execute(delete(ItemDigests).where(ItemDigests.data_space == data_space))
    connection.execute(delete(DigestMarks).where(_mark_of(data_space)))


# What `digested` says: the hash if the item is alive, then what makes a bucket unsettled.
_PRESENT = (
    case((Items.deleted, ""), else_=Items.hash)
    .concat(":")
    .concat(cast(Items.repeats, String))
    .concat(":")
    .concat(cast(Items.resends, String))
)
_COLUMNS = (
    Items.feed,
    Items.key,
    Items.hash,
    Items.deleted,
    Items.repeats,
    Items.resends,
    Items.digested,
)


def _next_requests(
    connection: Connection, data_space: str, mark: int, most_items: int
) -> list[int]:
    newer = (
        select(Requests.id, Requests.items)
        .where(
            Requests.data_space == data_space,
            Requests.id > mark,
            Requests.id < inbox.oldest(data_space),
        )
        .order_by(Requests.id)
        .limit(REQUESTS_AT_ONCE)
    )
    found: list[int] = []
    items = 0
    for row in connection.execute(newer).all():
        items += row.items
        if found and items > most_items:
            break
        found.append(row.id)
    return found


def _by_request(connection: Connection) -> Any:
    """The data space of an item, where it is found by its request."""
    if connection.dialect.name == "postgresql":
        return Items.data_space
    # SQLite takes this for no reason to go by the data space, which it would read whole.
    return UnaryExpression(Items.__table__.c.data_space, operator=custom_op("+"))


def _changes(rows: Sequence[Any]) -> dict[tuple[str, str], Bucket]:
    changes: dict[tuple[str, str], Bucket] = {}
    for row in rows:
        place = row.feed, bucket_of(row.key)
        change = _now(row) - _before(row.key, row.digested)
        changes[place] = changes.get(place, EMPTY) + change
    return changes


def _now(row: Any) -> Bucket:
    alive = EMPTY if row.deleted else holding(row.key, row.hash)
    return alive + Bucket(unsettled=row.repeats, resent=row.resends)


def _before(key: str, digested: str | None) -> Bucket:
    if digested is None:
        return EMPTY
    content_hash, repeats, resends = digested.split(":")
    alive = holding(key, content_hash) if content_hash else EMPTY
    return alive + Bucket(unsettled=int(repeats), resent=int(resends))


def _add(connection: Connection, data_space: str, changes: dict[tuple[str, str], Bucket]) -> None:
    present = _present(connection, data_space, list(changes))
    rows = [
        {
            "data_space": data_space,
            "feed": feed,
            "bucket": name,
            **asdict(present.get(feed, {}).get(name, EMPTY) + change),
        }
        for (feed, name), change in sorted(changes.items())
    ]
    if rows:
        connection.execute(_UPSERT[connection.dialect.name], rows)


def _present(
    connection: Connection, data_space: str, places: list[tuple[str, str]]
) -> dict[str, dict[str, Bucket]]:
    if len(places) > _FEW:
        return kept(connection, data_space, None)
    query = select(ItemDigests).where(
        ItemDigests.data_space == data_space,
        tuple_(ItemDigests.feed, ItemDigests.bucket).in_(places),
    )
    return _by_place(connection.execute(query))


def _by_place(rows: Iterable[Any]) -> dict[str, dict[str, Bucket]]:
    found: dict[str, dict[str, Bucket]] = {}
    for row in rows:
        found.setdefault(row.feed, {})[row.bucket] = _bucket(row)
    return found


_NAME = ("data_space", "feed", "bucket")
_NUMBERS = ("alive", "total", "unsettled", "resent")


def _upsert(dialect_insert: Any) -> Any:
    statement = dialect_insert(ItemDigests)
    return statement.on_conflict_do_update(
        index_elements=_NAME, set_={name: statement.excluded[name] for name in _NUMBERS}
    )


_UPSERT = {"sqlite": _upsert(sqlite.insert), "postgresql": _upsert(postgresql.insert)}


def _bucket(row: Any) -> Bucket:
    return Bucket(*(getattr(row, name) for name in _NUMBERS))


def _set_mark(connection: Connection, data_space: str, request: int, *, is_new: bool) -> None:
    if is_new:
        connection.execute(insert(DigestMarks), {"data_space": data_space, "request": request})
        return
    connection.execute(update(DigestMarks).where(_mark_of(data_space)).values(request=request))


def _mark_of(data_space: str) -> Any:
    return DigestMarks.data_space == data_space
