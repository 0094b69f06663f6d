"""How the parts of the store reach the database: reading anywhere, writing in turn."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine


@dataclass(frozen=True, slots=True)
class Database:
    """writing_engine: begins transactions that write. turn: held by who writes. now: as kept."""

    engine: Engine
    writing_engine: Engine
    turn: AbstractContextManager[Any]
    now: Callable[[], str]

    def reading(self) -> AbstractContextManager[Connection]:
        """A connection to read with."""
        return self.engine.connect()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that writes, committed at the end of the block."""
        with self.turn, self.writing_engine.begin() as connection:
            yield connection

    @property
    def is_sqlite(self) -> bool:
        """True on SQLite, False on PostgreSQL."""
        return self.engine.dialect.name == "sqlite"
