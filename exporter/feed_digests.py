"""Bucket digests of the feed tables, so that a diff can prove them equal to what a service holds.

Feed tables keep Commerce's columns; the digests stand in tables of their own. Triggers note which
buckets were written to, by whomever; the end of a sync brings those up to date, and a reader that
comes earlier reckons them itself.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

import orjson
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    String,
    Table,
    delete,
    func,
    insert,
    inspect,
    literal,
    or_,
    select,
)

from mcs.contract.digests import BUCKET_DIGITS, EMPTY, Bucket, SentRow, sent_buckets
from mcs.contract.feeds import FEEDS, Feed
from mcs.exporter.feed_table import feed_table

BUCKETS_AT_ONCE = 256
ROWS_AT_ONCE = 1000

metadata = MetaData()

DIGESTS = Table(
    "cde_feed_digests",
    metadata,
    Column("feed", String(64), primary_key=True),
    Column("bucket", String(BUCKET_DIGITS), primary_key=True),
    Column("alive", Integer, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("unsettled", Integer, nullable=False),
)
TOUCHED = Table(
    "cde_feed_digests_touched",
    metadata,
    Column("feed", String(64), primary_key=True),
    Column("bucket", String(BUCKET_DIGITS), primary_key=True),
)
"""The buckets that were written to since their digests were reckoned."""


def create_feed_digests(connection: Connection) -> None:
    """Makes the tables and triggers that are not there yet; the feed tables must be there."""
    if inspect(connection).has_table(TOUCHED.name):
        return
    DIGESTS.create(connection, checkfirst=True)
    for feed in FEEDS.values():
        for statement in _TRIGGERS[connection.dialect.name]:
            connection.exec_driver_sql(statement.format(feed=feed.name, table=feed.table))
    # Last, since it tells that all is there. What was sent before there were triggers counts as
    # written to.
    TOUCHED.create(connection)
    for feed in FEEDS.values():
        names = select(literal(feed.name), func.substr(feed_table(feed).c.feed_id, 1, 3)).distinct()
        connection.execute(insert(TOUCHED).from_select(["feed", "bucket"], names))


def bring_up_to_date(engine: Engine, feed: Feed) -> None:
    """Reckons the digests of the buckets that were written to."""
    more = True
    while more:
        with engine.begin() as connection:
            more = _reckon_some(connection, feed)


def _reckon_some(connection: Connection, feed: Feed) -> bool:
    of_feed = TOUCHED.c.feed == feed.name
    some = select(TOUCHED.c.bucket).where(of_feed).order_by(TOUCHED.c.bucket)
    names = list(connection.scalars(some.limit(BUCKETS_AT_ONCE)))
    if not names:
        return False
    # Forgotten first: a writer that comes meanwhile waits, and notes its bucket anew.
    connection.execute(delete(TOUCHED).where(of_feed, TOUCHED.c.bucket.in_(names)))
    found = sent_buckets(feed, _rows(connection, feed, names))
    place = (DIGESTS.c.feed == feed.name, DIGESTS.c.bucket.in_(names))
    connection.execute(delete(DIGESTS).where(*place))
    rows = [_values(feed, name, found[name]) for name in names if found.get(name, EMPTY) != EMPTY]
    if rows:
        connection.execute(insert(DIGESTS), rows)
    return True


def _values(feed: Feed, name: str, bucket: Bucket) -> dict[str, object]:
    return {
        "feed": feed.name,
        "bucket": name,
        "alive": bucket.alive,
        "total": bucket.total,
        "unsettled": bucket.unsettled,
    }


def _rows(connection: Connection, feed: Feed, names: Sequence[str]) -> Iterator[SentRow]:
    """The rows of the buckets with these names, which are in order."""
    table = feed_table(feed)
    # "g" follows the last hex digit.
    within = [table.c.feed_id.between(first, f"{last}g") for first, last in _runs(names)]
    columns = [table.c[n] for n in ("feed_id", "feed_data", "feed_hash", "is_deleted", "status")]
    found = connection.execute(select(*columns).where(or_(*within)))
    for some in found.partitions(ROWS_AT_ONCE):
        for feed_id, data, feed_hash, is_deleted, status in some:
            yield SentRow(feed_id, orjson.loads(data), feed_hash, is_deleted, status)


def _runs(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """First and last of each run of neighbours: after a full sync all are one."""
    if not names:
        return
    first = names[0]
    for name, following in pairwise(names):
        if _NEIGHBOURS.get(name) != following:
            yield first, name
            first = following
    yield first, names[-1]


_NAMES = [f"{number:0{BUCKET_DIGITS}x}" for number in range(16**BUCKET_DIGITS)]
_NEIGHBOURS = dict(pairwise(_NAMES))

_SQLITE_TRIGGER = """
create trigger if not exists {{table}}_digest_{event} after {event} on {{table}} begin
    {statements}
end
"""
_SQLITE_TOUCH = """
insert into cde_feed_digests_touched values ('{{feed}}', substr({row}.feed_id, 1, 3))
on conflict do nothing;
"""
_TOUCH_OLD, _TOUCH_NEW = _SQLITE_TOUCH.format(row="old"), _SQLITE_TOUCH.format(row="new")
# A writer holds on to the names it touches, so that no reckoning passes it by.
_POSTGRESQL_FUNCTION = """
create or replace function cde_touch_digest() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        insert into cde_feed_digests_touched values (tg_argv[0], substr(old.feed_id, 1, 3))
        on conflict (feed, bucket) do update set bucket = excluded.bucket;
    end if;
    if tg_op <> 'DELETE' then
        insert into cde_feed_digests_touched values (tg_argv[0], substr(new.feed_id, 1, 3))
        on conflict (feed, bucket) do update set bucket = excluded.bucket;
    end if;
    return null;
end $$
"""
_POSTGRESQL_TRIGGER = """
create or replace trigger {table}_digest after insert or update or delete on {table}
for each row execute function cde_touch_digest('{feed}')
"""
_TRIGGERS = {
    "sqlite": [
        _SQLITE_TRIGGER.format(event="insert", statements=_TOUCH_NEW),
        _SQLITE_TRIGGER.format(event="update", statements=_TOUCH_OLD + _TOUCH_NEW),
        _SQLITE_TRIGGER.format(event="delete", statements=_TOUCH_OLD),
    ],
    "postgresql": [_POSTGRESQL_FUNCTION, _POSTGRESQL_TRIGGER],
}
