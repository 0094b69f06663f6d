"""Comparisons that pages began: how each stands, for all processes of a server to see."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, insert, select, update

from mcs.server.store import recording
from mcs.server.store.database import Database
from mcs.server.store.item_writes import storable
from mcs.server.store.page_tables import Comparisons

INTERRUPTED = "The server's process that ran it ended before it."


class DiffState(StrEnum):
    """How a comparison stands. IN_SYNC to FAILED: it has ended."""

    RUNNING = "running"
    IN_SYNC = "in sync"
    DISCREPANCIES = "discrepancies"
    FAILED = "could not tell"


@dataclass(frozen=True, slots=True)
class DiffRun:
    """One comparison. sent: what the sent side was read from. error: why it could not tell."""

    number: int
    state: DiffState
    sent: str
    started_at: str
    finished_at: str | None = None
    error: str = ""

    @property
    def has_report(self) -> bool:
        """True if it came to a verdict."""
        return self.state in (DiffState.IN_SYNC, DiffState.DISCREPANCIES)

    @property
    def took_s(self) -> float | None:
        """How long it ran; None while it does."""
        if self.finished_at is None:
            return None
        ended = datetime.fromisoformat(self.finished_at)
        return (ended - datetime.fromisoformat(self.started_at)).total_seconds()


class KeptRuns:
    """The comparisons of all data spaces. home: names the folder that their reports are in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self, home: str, data_space: str, number: int, sent: str, is_alive: Callable[[int], bool]
    ) -> DiffRun | None:
        """Notes that a comparison begins; None if another one of the data space runs.

        is_alive: tells of a number whether the process that runs that comparison is there; those
        of which it is not are noted as broken off.
        """
        run = DiffRun(number, DiffState.RUNNING, storable(sent), self._database.now())
        row = {name: getattr(run, name) for name in _NAMES} | {"state": str(run.state)}
        with self._database.writing() as connection:
            # Else two processes could each see none that runs.
            recording.hold_data_space(connection, data_space, exclusively=True)
            running = connection.scalars(
                select(Comparisons.number).where(*_running(home, data_space))
            ).all()
            if any(map(is_alive, running)):
                return None
            broken_off = {"state": str(DiffState.FAILED), "error": INTERRUPTED}
            ended = update(Comparisons).where(*_running(home, data_space))
            connection.execute(ended.values(**broken_off))
            own = {"home": home, "data_space": data_space, "to_stop": False}
            connection.execute(insert(Comparisons), row | own)
        return run

    def end(
        self, home: str, data_space: str, number: int, state: DiffState, error: str = ""
    ) -> None:
        """Notes how a comparison ended."""
        finished_at = self._database.now()
        ended = {"state": str(state), "error": storable(error), "finished_at": finished_at}
        with self._database.writing() as connection:
            own = update(Comparisons).where(*_one(home, data_space, number))
            connection.execute(own.values(**ended))

    def all(self, home: str, data_space: str) -> list[DiffRun]:
        """The comparisons that are kept, newest first."""
        own = (Comparisons.home == home, Comparisons.data_space == data_space)
        query = _select().where(*own).order_by(Comparisons.number.desc())
        with self._database.reading() as connection:
            return [_run(row) for row in connection.execute(query)]

    def find(self, home: str, data_space: str, number: int) -> DiffRun | None:
        """One comparison, or None."""
        query = _select().where(*_one(home, data_space, number))
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _run(row)

    def ask_to_stop(self, home: str, data_space: str) -> None:
        """Asks whoever runs a comparison of the data space to end it."""
        with self._database.writing() as connection:
            own = update(Comparisons).where(*_running(home, data_space))
            connection.execute(own.values(to_stop=True))

    def is_to_stop(self, home: str, data_space: str, number: int) -> bool:
        """True if somebody asked for the end of a comparison."""
        query = select(Comparisons.to_stop).where(*_one(home, data_space, number))
        with self._database.reading() as connection:
            return bool(connection.scalar(query))

    def forget(self, home: str, data_space: str, numbers: Sequence[int]) -> None:
        """Forgets comparisons."""
        own = (
            Comparisons.home == home,
            Comparisons.data_space == data_space,
            Comparisons.number.in_(numbers),
        )
        with self._database.writing() as connection:
            connection.execute(delete(Comparisons).where(*own))


_NAMES = [field.name for field in fields(DiffRun)]


def _select() -> Any:
    return select(*(getattr(Comparisons, name) for name in _NAMES))


def _one(home: str, data_space: str, number: int) -> tuple[Any, ...]:
    own = (Comparisons.home == home, Comparisons.data_space == data_space)
    return (*own, Comparisons.number == number)


def _running(home: str, data_space: str) -> tuple[Any, ...]:
    own = (Comparisons.home == home, Comparisons.data_space == data_space)
    return (*own, Comparisons.state == str(DiffState.RUNNING))


def _run(row: Any) -> DiffRun:
    values = dict(row._mapping)
    return DiffRun(**{**values, "state": DiffState(values["state"])})
