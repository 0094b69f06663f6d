"""The exporter's memory: one table per feed with what was sent, its hash, and what became of it.

Table names and columns are Commerce's own (contract/wire.md, "Feed-table columns"), so that tools
which read a shop's feed tables read these.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter

import orjson
from sqlalchemy import (
    BindParameter,
    Boolean,
    Column,
    Connection,
    Dialect,
    Insert,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    Update,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    union_all,
    update,
)

from mcs.contract.canonical import Item
from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.status import FINAL, ExportStatus

metadata = MetaData()
STORED_TIME = "%Y-%m-%d %H:%M:%S"


@dataclass(frozen=True, slots=True)
class FeedRow:
    """What the exporter remembers of one item. feed_data: its delete payload, or all of it."""

    feed_id: str
    source_entity_id: int
    feed_data: Item
    feed_hash: str
    is_deleted: bool
    modified_at: datetime
    status: ExportStatus
    errors: str
    request_id: str


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """sent: submitted and not deleted. failed: whatever is not submitted."""

    sent: int
    failed: int


def _declare(feed: Feed) -> Table:
    return Table(
        feed.table,
        metadata,
        Column("id", Integer, primary_key=True),
        Column("source_entity_id", Integer, nullable=False, index=True),
        Column("feed_id", String(40), nullable=False, unique=True),
        Column("feed_data", Text, nullable=False),
        Column("feed_hash", String(40), nullable=False),
        Column("is_deleted", Boolean, nullable=False),
        Column("modified_at", String(19), nullable=False),
        Column("status", Integer, nullable=False),
        Column("errors", Text, nullable=False),
        Column("metadata", Text, nullable=False),
    )


_TABLES = {name: _declare(feed) for name, feed in FEEDS.items()}


def create_feed_tables(connection: Connection) -> None:
    """Makes the feed tables that are not there yet."""
    metadata.create_all(connection)


def feed_table(feed: Feed) -> Table:
    """The feed's table."""
    return _TABLES[feed.name]


def rows_between(
    connection: Connection, feed: Feed, after_id: int, up_to_id: int | None
) -> dict[str, FeedRow]:
    """The rows whose source is in (after_id, up_to_id], by feed id; None: without an upper end."""
    table = _TABLES[feed.name]
    wanted = select(table).where(table.c.source_entity_id > after_id)
    if up_to_id is not None:
        wanted = wanted.where(table.c.source_entity_id <= up_to_id)
    return {row.feed_id: _row(row._mapping) for row in connection.execute(wanted)}


def rows_of_sources(
    connection: Connection, feed: Feed, source_ids: Sequence[int]
) -> dict[str, FeedRow]:
    """The rows of these sources, by feed id."""
    table = _TABLES[feed.name]
    wanted = select(table).where(table.c.source_entity_id.in_(source_ids))
    return {row.feed_id: _row(row._mapping) for row in connection.execute(wanted)}


def rows_of_items(
    connection: Connection, feed: Feed, feed_ids: Sequence[str]
) -> dict[str, FeedRow]:
    """The rows with these feed ids, by those."""
    table = _TABLES[feed.name]
    wanted = select(table).where(table.c.feed_id.in_(feed_ids))
    return {row.feed_id: _row(row._mapping) for row in connection.execute(wanted)}


def living_rows(connection: Connection, feed: Feed) -> Iterator[tuple[str, FeedRow]]:
    """Every row that is not deleted, with its feed id."""
    table = _TABLES[feed.name]
    for row in connection.execute(select(table).where(table.c.is_deleted.is_(False))):
        yield row.feed_id, _row(row._mapping)


def failed_sources_after(
    connection: Connection, feed: Feed, after_id: int, limit: int
) -> list[int]:
    """The next distinct sources with a row whose status is not final, ascending."""
    table = _TABLES[feed.name]
    source = table.c.source_entity_id
    failed = select(source).distinct().where(source > after_id, table.c.status.not_in(FINAL))
    return list(connection.scalars(failed.order_by(source).limit(limit)))


def source_ids_after(connection: Connection, feed: Feed, after_id: int, limit: int) -> list[int]:
    """The next distinct sources that have rows, ascending."""
    source = _TABLES[feed.name].c.source_entity_id
    wanted = select(source).distinct().where(source > after_id).order_by(source).limit(limit)
    return list(connection.scalars(wanted))


def count_sources(connection: Connection, feed: Feed) -> int:
    """How many sources have rows."""
    source = _TABLES[feed.name].c.source_entity_id
    return connection.scalar(select(func.count(source.distinct()))) or 0


def counts(connection: Connection, feed: Feed) -> FeedCounts:
    """How the rows of a feed stand."""
    table = _TABLES[feed.name]
    submitted = table.c.status == int(ExportStatus.SUBMITTED)
    query = select(
        func.count().filter(submitted, table.c.is_deleted.is_(False)),
        func.count().filter(~submitted),
    ).select_from(table)
    return FeedCounts(*connection.execute(query).one())


def failed_rows(connection: Connection, feed: Feed, limit: int) -> list[FeedRow]:
    """The rows that were not submitted, those that were tried last first."""
    table = _TABLES[feed.name]
    failed = select(table).where(table.c.status != int(ExportStatus.SUBMITTED))
    newest = failed.order_by(table.c.modified_at.desc(), table.c.id.desc()).limit(limit)
    return [_row(row._mapping) for row in connection.execute(newest)]


def sources_of_items(connection: Connection, feed: Feed, feed_ids: Sequence[str]) -> list[int]:
    """The distinct sources of the items with these feed ids, ascending; unknown ones are left
    out."""
    table = _TABLES[feed.name]
    named = select(table.c.source_entity_id).where(table.c.feed_id.in_(feed_ids)).distinct()
    return sorted(connection.scalars(named))


def save_rows(connection: Connection, feed: Feed, rows: Sequence[FeedRow]) -> None:
    """Inserts the rows, or replaces those with the same feed id."""
    table = _TABLES[feed.name]
    stored = set(
        connection.scalars(
            select(table.c.feed_id).where(table.c.feed_id.in_([row.feed_id for row in rows]))
        )
    )
    new = [_values(row) for row in rows if row.feed_id not in stored]
    known = [_values(row) for row in rows if row.feed_id in stored]
    for update_known, values in ((False, new), (True, known)):
        if values:
            text, places = _written(feed, connection.dialect, update_known=update_known)
            connection.exec_driver_sql(text, [places(one) for one in values] if places else values)


@lru_cache(maxsize=64)
def _written(
    feed: Feed, dialect: Dialect, *, update_known: bool
) -> tuple[str, Callable[[dict[str, object]], tuple[object, ...]] | None]:
    """The statement as the driver takes it, and what puts a row's values in its order if it names
    none. To let SQLAlchemy look at each value took half as long as to write it."""
    table = _TABLES[feed.name]
    told: dict[str, BindParameter[object]] = {
        column.name: bindparam(column.name) for column in table.c if column.name != "id"
    }
    statement: Insert | Update = insert(table).inline().values(told)
    if update_known:
        named = told.pop("feed_id")
        statement = update(table).values(told).where(table.c.feed_id == named)
    compiled = statement.compile(dialect=dialect)
    places = compiled.positiontup
    return str(compiled), itemgetter(*places) if places else None


def purge_deleted(connection: Connection, feed: Feed, before: datetime) -> int:
    """Forgets deleted items that the service knows of since before then; returns how many."""
    table = _TABLES[feed.name]
    done = delete(table).where(
        table.c.is_deleted,
        table.c.status == int(ExportStatus.SUBMITTED),
        table.c.modified_at < before.strftime(STORED_TIME),
    )
    return connection.execute(done).rowcount


def forget_deleted(connection: Connection, feed: Feed) -> None:
    """Forgets deleted items, whether the service knows that they are or not."""
    table = _TABLES[feed.name]
    connection.execute(delete(table).where(table.c.is_deleted))


def never_sent(connection: Connection) -> set[str]:
    """The names of the feeds of which nothing was ever sent."""
    return set(connection.scalars(_NEVER_SENT))


def empty_feed_table(connection: Connection, feed: Feed) -> int:
    """Forgets everything that was sent of a feed; returns how many rows that were."""
    return connection.execute(delete(_TABLES[feed.name])).rowcount


# One query for all, since cron asks each minute.
_NEVER_SENT = union_all(
    *(
        select(literal(name, literal_execute=True)).where(~exists().where(table.c.id > 0))
        for name, table in _TABLES.items()
    )
)


def _values(row: FeedRow) -> dict[str, object]:
    return {
        "source_entity_id": row.source_entity_id,
        "feed_id": row.feed_id,
        "feed_data": orjson.dumps(row.feed_data).decode(),
        "feed_hash": row.feed_hash,
        "is_deleted": row.is_deleted,
        "modified_at": stored_time(row.modified_at),
        "status": int(row.status),
        "errors": row.errors,
        "metadata": _metadata(row.request_id),
    }


@lru_cache(maxsize=64)
def stored_time(moment: datetime) -> str:
    """A moment in UTC as feed tables have it; a batch has one for all its rows."""
    return moment.strftime(STORED_TIME)


@lru_cache(maxsize=64)
def _metadata(request_id: str) -> str:
    return orjson.dumps([request_id] if request_id else []).decode()


def _row(values: RowMapping) -> FeedRow:
    request_ids = orjson.loads(values["metadata"])
    return FeedRow(
        feed_id=values["feed_id"],
        source_entity_id=values["source_entity_id"],
        feed_data=orjson.loads(values["feed_data"]),
        feed_hash=values["feed_hash"],
        is_deleted=values["is_deleted"],
        modified_at=datetime.fromisoformat(values["modified_at"]).replace(tzinfo=UTC),
        status=ExportStatus(values["status"]),
        errors=values["errors"],
        request_id=request_ids[0] if request_ids else "",
    )
