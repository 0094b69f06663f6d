"""Resyncs that somebody asked for; the data space's exporter picks them up at its next window."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import insert, select, update

from mcs.server.store.database import Database
from mcs.server.store.sync_tables import Resyncs


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


class AskedResyncs:
    """The resyncs of all data spaces."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        data_space: str,
        feeds: tuple[str, ...] | None,
        *,
        at_once: bool = False,
        ids: tuple[str, ...] | None = None,
    ) -> ResyncRequest:
        """Asks the exporter of a data space for a resync; None: of all feeds.

        at_once: at its next pass, before the window opens. ids: of these items of one feed.
        """
        now = self._database.now()
        row = {
            "data_space": data_space,
            "feeds": orjson.dumps(feeds).decode(),
            "state": str(ResyncState.REQUESTED),
            "requested_at": now,
            "updated_at": now,
            "at_once": at_once,
            "ids": None if ids is None else orjson.dumps(ids).decode(),
        }
        with self._database.writing() as connection:
            number = connection.execute(insert(Resyncs).returning(Resyncs.id), row).scalar_one()
        return ResyncRequest(number, feeds, ResyncState.REQUESTED, now, now, at_once, ids)

    def asked(self, data_space: str, state: ResyncState | None = None) -> list[ResyncRequest]:
        """What was asked for, oldest first; only those in a state if one is given."""
        wanted = select(*_COLUMNS).where(Resyncs.data_space == data_space).order_by(Resyncs.id)
        if state is not None:
            wanted = wanted.where(Resyncs.state == str(state))
        with self._database.reading() as connection:
            return [_request(row) for row in connection.execute(wanted)]

    def set_state(self, data_space: str, number: int, state: ResyncState) -> ResyncRequest | None:
        """Notes how far a resync is; None if there is none with this number."""
        own = (Resyncs.data_space == data_space, Resyncs.id == number)
        noted = (
            update(Resyncs).where(*own).values(state=str(state), updated_at=self._database.now())
        )
        with self._database.writing() as connection:
            if not connection.execute(noted).rowcount:
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
