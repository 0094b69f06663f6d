"""How the parts of the store reach the database: reading anywhere, writing in turn."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine

from mcs.server.store import delays, inbox, recording
from mcs.server.store.engine import ALONE, WRITES


@dataclass(frozen=True)
class Database:
    """Reached by `engine`. turn: held by who writes. now: as kept."""

    engine: Engine
    turn: AbstractContextManager[Any]
    now: Callable[[], str]

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection to read with."""
        return self.engine.connect()

    def single(self) -> AbstractContextManager[Connection]:
        """A connection each statement of which is a transaction of its own."""
        return self._single.connect()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes, committed at the end of the block."""
        with self.turn, self._writing.begin() as connection:
            yield connection

    @contextmanager
    def record(self, data_space: str) -> Iterator[Connection]:
        """A connection to read the tables of items with, all that came sorted into them."""
        self.sort_in(data_space)
        with self.reading() as connection:
            yield connection

    def settle(self, data_space: str) -> None:
        """Records what faults have delayed until now; whoever reads the record does this first."""
        now = self.now()
        self.sort_in(data_space)
        with self.reading() as connection:
            if not delays.is_due(connection, data_space, now):
                return
        with self.writing() as connection:
            recording.hold_data_space(connection, data_space, exclusively=True)
            delays.settle(connection, data_space, now)

    def sort_in(
        self,
        data_space: str,
        budget_s: float | None = None,
        items_at_once: int = inbox.ITEMS_AT_ONCE,
    ) -> bool:
        """Sorts in what waits now, if there is time for it; True if nothing of that waits.

        budget_s: after so many seconds no further step is begun; one is made in any case.
        """
        with self.reading() as connection:
            up_to = inbox.newest(connection, data_space)
        ends_at = None if budget_s is None else monotonic() + budget_s
        more = up_to > 0
        while more:
            with self.writing() as connection:
                more = inbox.sort_in(connection, data_space, up_to, items_at_once)
            if ends_at is not None and monotonic() > ends_at:
                break
        return not more

    @cached_property
    def _single(self) -> Engine:
        return self.engine.execution_options(**{ALONE: True})

    @cached_property
    def _writing(self) -> Engine:
        return self.engine.execution_options(**{WRITES: True})

    @property
    def is_sqlite(self) -> bool:
        """True on SQLite, False on PostgreSQL."""
        return self.engine.dialect.name == "sqlite"
