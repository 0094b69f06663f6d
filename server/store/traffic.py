"""What came in of late, read in bounded time however long the journal is."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from mcs.contract.dialects import ALL_FEEDS
from mcs.server.store.database import Database
from mcs.server.store.tables import Requests

RECENT_REQUESTS = 300
COUNTED_REQUESTS = 20_000


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request of a data space, as far as it tells how the sync goes."""

    id: int
    received_at: str
    feed: str | None
    status: int
    accepted: int
    rejected: int
    message: str | None

    @property
    def refused(self) -> bool:
        """True if it was refused, whole or in part."""
        return self.status >= 400 or self.rejected > 0


class Traffic:
    """The requests of all data spaces, newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def recent(self, data_space: str, limit: int = RECENT_REQUESTS) -> list[Delivery]:
        """The newest requests of a data space."""
        query = _select().where(Requests.data_space == data_space)
        with self._database.reading() as connection:
            return [
                Delivery(*row)
                for row in connection.execute(query.order_by(Requests.id.desc()).limit(limit))
            ]

    def by_minute(self, data_space: str, since: str) -> dict[str, tuple[int, int]]:
        """Items accepted and rejected by minute, "2026-11-22T19:10", as far as the newest
        requests tell."""
        own = Requests.data_space == data_space
        newest = select(Requests).where(own).order_by(Requests.id.desc()).limit(COUNTED_REQUESTS)
        rows = newest.subquery().c
        minute = func.substr(rows.received_at, 1, 16)
        query = select(minute, func.sum(rows.accepted), func.sum(rows.rejected))
        with self._database.reading() as connection:
            found = connection.execute(query.where(rows.received_at >= since).group_by(minute))
            return {at: (int(accepted), int(rejected)) for at, accepted, rejected in found}

    def last_by_feed(self, data_space: str) -> dict[str, Delivery]:
        """The newest request of each feed that sent any."""
        newest = [
            select(func.max(Requests.id))
            .where(Requests.data_space == data_space, Requests.feed == feed)
            .scalar_subquery()
            for feed in ALL_FEEDS
        ]
        with self._database.reading() as connection:
            found = connection.execute(_select().where(Requests.id.in_(newest))).all()
        return {row.feed: Delivery(*row) for row in found}


def _select() -> Any:
    return select(
        Requests.id,
        Requests.received_at,
        Requests.feed,
        Requests.status,
        Requests.accepted,
        Requests.rejected,
        Requests.message,
    )
