"""Resyncs that somebody asked for; the data space's exporter picks them up at its next window."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from mcs.server.store.tables import Resyncs


class ResyncState(StrEnum):
    """How far a requested resync is."""

    REQUESTED = "requested"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ResyncRequest:
    """feeds: their names, None for all. now: at the exporter's next pass, before its window.
    ids: identity keys of the items that are wanted of the only feed, None for all.

    The times are ISO 8601.
    """

    id: int
    feeds: tuple[str, ...] | None
    state: ResyncState
    requested_at: str
    updated_at: str
    now: bool
    ids: tuple[str, ...] | None = None


def add_resync(
    connection: Connection,
    data_space: str,
    feeds: tuple[str, ...] | None,
    now: str,
    *,
    at_once: bool,
    ids: tuple[str, ...] | None = None,
) -> ResyncRequest:
    """Asks for a resync of these feeds, or of some items of one."""
    row = {
        "data_space": data_space,
        "feeds": orjson.dumps(feeds).decode(),
        "state": str(ResyncState.REQUESTED),
        "requested_at": now,
        "updated_at": now,
        "at_once": at_once,
        "ids": None if ids is None else orjson.dumps(ids).decode(),
    }
    number = connection.execute(insert(Resyncs).returning(Resyncs.id), row).scalar_one()
    return ResyncRequest(number, feeds, ResyncState.REQUESTED, now, now, at_once, ids)


def resyncs(
    connection: Connection, data_space: str, state: ResyncState | None
) -> list[ResyncRequest]:
    """What was asked for, oldest first; only those in a state if one is given."""
    wanted = select(*_COLUMNS).where(Resyncs.data_space == data_space).order_by(Resyncs.id)
    if state is not None:
        wanted = wanted.where(Resyncs.state == str(state))
    return [_request(row) for row in connection.execute(wanted)]


def set_resync_state(
    connection: Connection, data_space: str, number: int, state: ResyncState, now: str
) -> ResyncRequest | None:
    """Notes how far a resync is; None if there is none with this number."""
    own = (Resyncs.data_space == data_space, Resyncs.id == number)
    changed = connection.execute(
        update(Resyncs).where(*own).values(state=str(state), updated_at=now)
    )
    if not changed.rowcount:
        return None
    return _request(connection.execute(select(*_COLUMNS).where(*own)).one())


_COLUMNS = (
    Resyncs.id,
    Resyncs.feeds,
    Resyncs.state,
    Resyncs.requested_at,
    Resyncs.updated_at,
    Resyncs.at_once,
    Resyncs.ids,
)


def _request(row: Any) -> ResyncRequest:
    feeds = orjson.loads(row.feeds)
    return ResyncRequest(
        row.id,
        None if feeds is None else tuple(feeds),
        ResyncState(row.state),
        row.requested_at,
        row.updated_at,
        bool(row.at_once),
        None if row.ids is None else tuple(orjson.loads(row.ids)),
    )
