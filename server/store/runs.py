"""Sync runs as exporters report them: what a sync of one feed is doing, or has done."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from mcs.server.store.database import Database
from mcs.server.store.item_writes import storable
from mcs.server.store.sync_tables import SyncRuns

RUNS_KEPT = 2_000
"""Per data space; older ones go."""
_LOOKED_AT_EVERY = 100


class RunState(StrEnum):
    """How far a run is."""

    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SyncRun:
    """One sync of one feed. sources: entities of the catalog to go through; submitted, failed:
    items. reason: why it failed. Times: ISO 8601 on the service's clock."""

    id: int
    feed: str
    operation: str
    state: RunState
    started_at: str
    updated_at: str
    finished_at: str | None
    sources: int
    sources_done: int
    submitted: int
    failed: int
    reason: str | None


class Runs:
    """The runs of all data spaces."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, data_space: str, feed: str, operation: str, sources: int) -> SyncRun:
        """Notes that a run has begun."""
        now = self._database.now()
        row = {
            "data_space": data_space,
            "feed": feed,
            "operation": operation,
            "state": str(RunState.RUNNING),
            "started_at": now,
            "updated_at": now,
            "sources": sources,
            "sources_done": 0,
            "submitted": 0,
            "failed": 0,
        }
        with self._database.writing() as connection:
            number = connection.execute(insert(SyncRuns).returning(SyncRuns.id), row).scalar_one()
            if number % _LOOKED_AT_EVERY == 0:
                newest = select(SyncRuns.id).where(SyncRuns.data_space == data_space)
                oldest_kept = newest.order_by(SyncRuns.id.desc()).offset(RUNS_KEPT - 1).limit(1)
                connection.execute(
                    delete(SyncRuns).where(
                        SyncRuns.data_space == data_space,
                        SyncRuns.id < func.coalesce(oldest_kept.scalar_subquery(), 0),
                    )
                )
            return _run(connection.execute(_select().where(SyncRuns.id == number)).one())

    def report(self, data_space: str, number: int, known: Mapping[str, Any]) -> SyncRun | None:
        """Notes how far a run is. known: of state, sources, sources_done, submitted, failed,
        reason. None if there is no such run."""
        now = self._database.now()
        own = (SyncRuns.data_space == data_space, SyncRuns.id == number)
        values = {name: storable(value) for name, value in known.items()} | {"updated_at": now}
        if "state" in known:
            values["finished_at"] = None if known["state"] == RunState.RUNNING else now
        with self._database.writing() as connection:
            connection.execute(update(SyncRuns).where(*own).values(**values))
            row = connection.execute(_select().where(*own)).one_or_none()
        return None if row is None else _run(row)

    def newest(self, data_space: str, feed: str | None = None, limit: int = 100) -> list[SyncRun]:
        """The runs that began last, newest first."""
        query = _select().where(SyncRuns.data_space == data_space)
        if feed is not None:
            query = query.where(SyncRuns.feed == feed)
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(SyncRuns.id.desc()).limit(limit))
            return [_run(row) for row in rows]


def _select() -> Any:
    return select(*(getattr(SyncRuns, field.name) for field in fields(SyncRun)))


def _run(row: Any) -> SyncRun:
    values = dict(row._mapping)
    return SyncRun(**{**values, "state": RunState(values["state"])})
