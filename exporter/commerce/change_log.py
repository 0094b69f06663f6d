"""Which source entities of a feed changed, and how far the export has come with them.

As in Commerce each feed has a change log of its own (contract/lifecycle.md, "Partial sync").
Versions grow with every entry and are never given twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Connection,
    Select,
    delete,
    exists,
    func,
    insert,
    literal,
    select,
    text,
    union_all,
    update,
)

from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.export_tables import CHANGE_LOGS, MVIEW_STATE


@dataclass(frozen=True, slots=True)
class Pending:
    """Changes to process. entity_ids: distinct, ascending. up_to_version: for mark_processed."""

    entity_ids: tuple[int, ...]
    up_to_version: int


def note_changes(connection: Connection, feed_name: str, entity_ids: Iterable[int]) -> int:
    """Log the entities as changed, in the connection's transaction; how many these are."""
    rows = [{"entity_id": entity_id} for entity_id in sorted(set(entity_ids))]
    if rows:
        connection.execute(insert(CHANGE_LOGS[feed_name]), rows)
    return len(rows)


def put_back(connection: Connection, feed_name: str, entity_ids: Iterable[int]) -> int:
    """Log entities again whose processing failed, so that they come once more."""
    return note_changes(connection, feed_name, entity_ids)


def pending_changes(connection: Connection, feed_name: str, limit: int) -> Pending | None:
    """The next changes, from at most `limit` log entries; None where there are none."""
    log = CHANGE_LOGS[feed_name]
    if connection.dialect.name == "postgresql":
        # A transaction may commit after another that was given a later version. We wait for
        # those under way, so that none is passed over for good.
        connection.execute(text(f"LOCK TABLE {log.name} IN SHARE MODE"))
    entries = connection.execute(
        select(log.c.version_id, log.c.entity_id)
        .where(log.c.version_id > processed_version(connection, feed_name))
        .order_by(log.c.version_id)
        .limit(limit)
    ).all()
    if not entries:
        return None
    return Pending(
        entity_ids=tuple(sorted({entry.entity_id for entry in entries})),
        up_to_version=entries[-1].version_id,
    )


def mark_processed(connection: Connection, feed_name: str, version: int) -> None:
    """Remember that everything up to the version is done; an older version changes nothing."""
    done = processed_version(connection, feed_name)
    if version <= done:
        return
    view_id = FEEDS[feed_name].table
    changed = connection.execute(
        update(MVIEW_STATE).where(MVIEW_STATE.c.view_id == view_id).values(version_id=version)
    )
    if not changed.rowcount:
        connection.execute(insert(MVIEW_STATE).values(view_id=view_id, version_id=version))


def processed_version(connection: Connection, feed_name: str) -> int:
    """The version up to which the log is processed; 0 at first."""
    view_id = FEEDS[feed_name].table
    found = connection.scalar(
        select(MVIEW_STATE.c.version_id).where(MVIEW_STATE.c.view_id == view_id)
    )
    return found or 0


def latest_version(connection: Connection, feed_name: str) -> int:
    """The version of the newest entry that is still there; 0 where there is none.

    A full sync that begins now covers everything up to it.
    """
    return connection.scalar(select(func.max(CHANGE_LOGS[feed_name].c.version_id))) or 0


def backlog(connection: Connection, feed_name: str) -> int:
    """How many entities wait to be processed."""
    log = CHANGE_LOGS[feed_name]
    waiting = select(func.count(log.c.entity_id.distinct())).where(
        log.c.version_id > processed_version(connection, feed_name)
    )
    return connection.scalar(waiting) or 0


def changed_feeds(connection: Connection) -> frozenset[str]:
    """The feeds with entities that wait to be processed; one query, since cron asks each minute."""
    return frozenset(connection.scalars(_CHANGED_FEEDS))


def purge_processed(connection: Connection, feed_name: str) -> int:
    """Forget the entries that are processed; how many these were."""
    log = CHANGE_LOGS[feed_name]
    done = processed_version(connection, feed_name)
    return connection.execute(delete(log).where(log.c.version_id <= done)).rowcount


def _name_if_changed(feed_name: str) -> Select[Any]:
    log = CHANGE_LOGS[feed_name]
    done = select(MVIEW_STATE.c.version_id).where(MVIEW_STATE.c.view_id == FEEDS[feed_name].table)
    waiting = log.c.version_id > func.coalesce(done.scalar_subquery(), 0)
    return select(literal(feed_name, literal_execute=True)).where(exists().where(waiting))


_CHANGED_FEEDS = union_all(*(_name_if_changed(name) for name in FEEDS))
