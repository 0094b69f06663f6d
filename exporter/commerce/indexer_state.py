"""Whether the export of a feed may rely on the change log, or has to collect everything again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.export_tables import INDEXER_STATE


class IndexerStatus(StrEnum):
    VALID = "valid"
    INVALID = "invalid"
    WORKING = "working"

    @property
    def shown(self) -> str:
        """The status as Commerce shows it.

        >>> IndexerStatus.INVALID.shown
        'Reindex required'
        """
        return _SHOWN[self]


_SHOWN = {
    IndexerStatus.VALID: "Ready",
    IndexerStatus.INVALID: "Reindex required",
    IndexerStatus.WORKING: "Processing",
}


@dataclass(frozen=True, slots=True)
class IndexerState:
    """updated: when the status was set; None where it never was."""

    status: IndexerStatus
    updated: datetime | None


_UNTOUCHED = IndexerState(IndexerStatus.INVALID, None)
"""A new shop's: nothing has been collected yet."""


def indexer_states(connection: Connection) -> Mapping[str, IndexerState]:
    """The state of every feed's indexer, by feed name, in the order of an initial sync."""
    found = {
        row.indexer_id: IndexerState(IndexerStatus(row.status), row.updated)
        for row in connection.execute(select(INDEXER_STATE))
    }
    return {name: found.get(feed.indexer, _UNTOUCHED) for name, feed in FEEDS.items()}


def set_status(
    connection: Connection, feed_name: str, status: IndexerStatus, now: datetime | None = None
) -> None:
    """Set the status of a feed's indexer. now: when that is; by default the present moment."""
    indexer_id = FEEDS[feed_name].indexer
    values = {"status": status.value, "updated": now or datetime.now(UTC)}
    changed = connection.execute(
        update(INDEXER_STATE).where(INDEXER_STATE.c.indexer_id == indexer_id).values(**values)
    )
    if not changed.rowcount:
        connection.execute(insert(INDEXER_STATE).values(indexer_id=indexer_id, **values))


def invalidate(
    connection: Connection, feed_names: Iterable[str], now: datetime | None = None
) -> None:
    """Demand that these feeds be collected again as a whole."""
    for feed_name in feed_names:
        set_status(connection, feed_name, IndexerStatus.INVALID, now)
