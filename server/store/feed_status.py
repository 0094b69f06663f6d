"""How each feed stands: as its exporter reports it, and as the record has it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson
from sqlalchemy import delete, insert, select

from mcs.server.store import digests
from mcs.server.store.database import Database
from mcs.server.store.sync_tables import FeedReports
from mcs.server.store.tables import Items, Requests

PAGE_ROWS = 50
USUAL_ITEMS = 1_000


@dataclass(frozen=True, slots=True)
class ReportedItem:
    """An item that is not submitted, as the exporter's feed table has it.

    feed_id: its identity key. status: contract.status.ExportStatus.
    """

    feed_id: str
    entity_id: int
    identity: Mapping[str, str]
    status: int
    modified_at: str
    deleted: bool
    request_id: str
    error: str


@dataclass(frozen=True, slots=True)
class FeedReport:
    """What an exporter said of a feed after its last run.

    sent: exported with success and not deleted. failed: refused or not delivered. waiting: changed
    sources that no run has taken in yet. indexer: as Commerce shows it. items: of the failed ones,
    as many as are told.
    """

    feed: str
    reported_at: str
    source_records: int
    sent: int
    failed: int
    waiting: int
    indexer: str
    items: tuple[ReportedItem, ...]


@dataclass(frozen=True, slots=True)
class HeldItem:
    """An item that the service holds. identity: JSON."""

    key: str
    identity: str | None
    deleted: bool
    received_at: str
    request_id: str
    request: int


class FeedStatuses:
    """The feeds of all data spaces."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def report(self, data_space: str, feed: str, told: Mapping[str, Any]) -> FeedReport:
        """Keeps what an exporter says, in the place of what it said before."""
        values = dict(told)
        items = tuple(ReportedItem(**item) for item in values.pop("items"))
        report = FeedReport(feed=feed, reported_at=self._database.now(), items=items, **values)
        row = asdict(report) | {"items": _text(items), "data_space": data_space}
        own = (FeedReports.data_space == data_space, FeedReports.feed == feed)
        with self._database.writing() as connection:
            connection.execute(delete(FeedReports).where(*own))
            connection.execute(insert(FeedReports), row)
        return report

    def reports(self, data_space: str) -> dict[str, FeedReport]:
        """The last reports, by feed."""
        columns = [getattr(FeedReports, field.name) for field in fields(FeedReport)]
        query = select(*columns).where(FeedReports.data_space == data_space)
        with self._database.reading() as connection:
            return {row.feed: _report(row) for row in connection.execute(query)}

    def count(self, data_space: str, most_requests: int) -> bool:
        """Counts what the next few requests of usual size brought; False if all is counted."""
        items = most_requests * USUAL_ITEMS
        is_sorted_in = self._database.sort_in(data_space, 0, items)
        with self._database.writing() as connection:
            return digests.fold(connection, data_space, items) or not is_sorted_in

    def alive(self, data_space: str) -> dict[str, int]:
        """How many items the service holds of each feed, as far as they are counted."""
        with self._database.reading() as connection:
            return digests.alive(connection, data_space)

    def held(
        self, data_space: str, feed: str, *, after: str = "", key: str = "", limit: int = PAGE_ROWS
    ) -> list[HeldItem]:
        """The items of a feed by their keys. key: how these begin."""
        query = (
            select(
                Items.key,
                Items.identity,
                Items.deleted,
                Items.received_at,
                Requests.request_id,
                Items.request,
            )
            .join(Requests, Requests.id == Items.request)
            .where(Items.data_space == data_space, Items.feed == feed)
            # One bound only: of two, SQLite may take the one that excludes nothing.
            .where(Items.key >= key if key > after else Items.key > after)
            .order_by(Items.key)
            .limit(limit)
        )
        if key:
            # "g" follows the last hex digit.
            query = query.where(Items.key < f"{key}g")
        with self._database.record(data_space) as connection:
            return [HeldItem(*row) for row in connection.execute(query)]


def _report(row: Any) -> FeedReport:
    items = tuple(ReportedItem(**item) for item in orjson.loads(row.items))
    return FeedReport(**{**row._mapping, "items": items})


def _text(items: tuple[ReportedItem, ...]) -> str:
    # PostgreSQL keeps no NUL in a text; JSON writes it as an escape.
    return orjson.dumps(items).decode()
