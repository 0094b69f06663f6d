"""The one door to the database; each question has its room behind it."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from typing import Any, Self

from mcs.server.store.catalog import Catalog
from mcs.server.store.comparisons import KeptRuns
from mcs.server.store.data_spaces import Spaces
from mcs.server.store.database import Database
from mcs.server.store.engine import open_engine
from mcs.server.store.fault_rules import FaultRules
from mcs.server.store.feed_status import FeedStatuses
from mcs.server.store.history import History
from mcs.server.store.intake import Intake
from mcs.server.store.journal import Journal
from mcs.server.store.keys import Keys
from mcs.server.store.received import Received
from mcs.server.store.resyncs import AskedResyncs
from mcs.server.store.runs import Runs
from mcs.server.store.schedules import Schedules
from mcs.server.store.sessions import Sessions
from mcs.server.store.tokens import Tokens
from mcs.server.store.traffic import Traffic
from mcs.server.store.turn import WAIT_S, Turn

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """How the store writes a moment: ISO 8601 in UTC, always of the same length."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class Store:
    """Everything the service remembers. Safe to share between threads.

    journal_size, backlog: as for Intake. wait_s: for a database that somebody else holds.

    Its rooms: `data_spaces`, who there is; `keys`, who may send; `tokens`, who may bear one;
    `intake`, where requests are recorded; `received`, the items they brought; `history`, single
    ones; `catalog`, the synced products; `journalled`, the requests; `traffic`, what came in of
    late; `faults`, the rules; `resyncs`, `runs`, `schedules` and `feed_statuses`, what exporters
    are asked for, do, when, and how their feeds stand; `sessions` and `comparisons`, who is logged
    in to the pages, and what they compared.
    """

    def __init__(
        self,
        database_url: str,
        *,
        connections: int = 8,
        journal_size: int = 100_000,
        backlog: int = 2_000,
        clock: Clock = utc_now,
        wait_s: float = WAIT_S,
    ) -> None:
        self._engine = open_engine(database_url, connections, wait_s)
        is_sqlite = self._engine.dialect.name == "sqlite"
        # SQLite has one writer at a time and lets the others poll; queueing here is faster.
        turn: AbstractContextManager[Any] = Turn(wait_s) if is_sqlite else nullcontext()
        self.one_at_a_time: AbstractContextManager[Any] = (
            Turn(wait_s) if is_sqlite else nullcontext()
        )
        database = Database(self._engine, turn, lambda: timestamp(clock()))
        self.keys = Keys(database)
        self.data_spaces = Spaces(database, self.keys)
        self.tokens = Tokens(database)
        self.intake = Intake(database, journal_size, backlog)
        self.received = Received(database)
        self.history = History(database)
        self.catalog = Catalog(database)
        self.journalled = Journal(database)
        self.traffic = Traffic(database)
        self.faults = FaultRules(database)
        self.resyncs = AskedResyncs(database)
        self.runs = Runs(database)
        self.feed_statuses = FeedStatuses(database)
        self.schedules = Schedules(database)
        self.sessions = Sessions(database)
        self.comparisons = KeptRuns(database)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the database."""
        self._engine.dispose()

    @property
    def shown_url(self) -> str:
        """The database's URL without its password."""
        return self._engine.url.render_as_string(hide_password=True)
