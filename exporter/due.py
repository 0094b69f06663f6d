"""Which items of a feed have to be sent: what the catalog says now against what was sent before."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection, Engine

from mcs.contract.canonical import Item
from mcs.contract.feeds import Feed
from mcs.contract.status import ExportStatus, is_final
from mcs.exporter import feed_table
from mcs.exporter.collect import Collect, Collected, Collection, collect
from mcs.exporter.feed_table import FeedRow
from mcs.exporter.indexers.indexer import BEFORE_FIRST, Indexer

T = TypeVar("T")

SOURCES_PER_CHUNK = 250


@dataclass(frozen=True, slots=True)
class Due:
    """An item to send, not yet stamped with the time of sending. known: it was sent before."""

    feed_id: str
    source_entity_id: int
    item: Item
    feed_hash: str
    known: bool

    @property
    def deleted(self) -> bool:
        """True if the item tells the service to forget it."""
        return bool(self.item["deleted"])


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is due of the next few sources.

    unchanged: items that need no sending. failures: sources that could not be collected, and why.
    up_to_id: the last source of the chunk, where sources come in order; None where they do not.
    """

    due: list[Due]
    sources: int
    unchanged: int
    failures: dict[int, str] = field(default_factory=dict)
    up_to_id: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the catalog is read and compared. force: what is in sync is due all the same."""

    engine: Engine
    indexer: Indexer
    force: bool = False
    collect: Collect = collect

    def everything(self, after_id: int = BEFORE_FIRST) -> Iterator[Chunk]:
        """Chunks of all that is new, changed, not finally answered, or gone, by ascending source.

        A row whose source lies between the last chunk and this one and that was not collected
        again belongs to something that is gone.
        """
        while True:
            with self.engine.connect() as connection:
                ids = self.indexer.source_ids(connection, after_id, SOURCES_PER_CHUNK)
                up_to_id = ids[-1] if len(ids) == SOURCES_PER_CHUNK else None
                found = self.collect(connection, self.indexer, ids)
                sent = feed_table.rows_between(connection, self.indexer.feed, after_id, up_to_id)
            yield self._compared(found, sent, len(ids), ids[-1] if ids else None)
            if up_to_id is None:
                return
            after_id = up_to_id

    def of_sources(self, ids: Iterable[int]) -> Iterator[Chunk]:
        """Chunks of what is due of some sources, which may be gone from the catalog."""
        for some in batched(ids, SOURCES_PER_CHUNK):
            with self.engine.connect() as connection:
                found = self.collect(connection, self.indexer, some)
                sent = feed_table.rows_of_sources(connection, self.indexer.feed, some)
            yield self._compared(found, sent, len(some), None)

    def sent_before(self) -> Iterator[Chunk]:
        """Chunks of all that was sent before and still exists, changed or not.

        The catalog is read again for it: feed tables keep only what a delete needs.
        """
        feed, after_id = self.indexer.feed, BEFORE_FIRST
        while True:
            with self.engine.connect() as connection:
                ids = feed_table.source_ids_after(connection, feed, after_id, SOURCES_PER_CHUNK)
                if not ids:
                    return
                found = self.collect(connection, self.indexer, ids)
                sent = feed_table.rows_between(connection, feed, after_id, ids[-1])
            alive = {feed_id for feed_id, row in sent.items() if not row.is_deleted}
            due = [_due(item, known=True) for item in found.items if item.feed_id in alive]
            yield Chunk(due, len(ids), 0, found.failures, ids[-1])
            after_id = ids[-1]

    def _compared(
        self, found: Collection, sent: dict[str, FeedRow], sources: int, up_to_id: int | None
    ) -> Chunk:
        due: list[Due] = []
        for item in found.items:
            row = sent.pop(item.feed_id, None)
            if row is None or self.force or _has_changed(row, item):
                due.append(_due(item, known=row is not None))
        unchanged = len(found.items) - len(due)
        # A source that could not be collected is not gone.
        gone = [row for row in sent.values() if row.source_entity_id not in found.failures]
        due += [_delete(self.indexer.feed, row) for row in gone if self.force or _is_alive(row)]
        # New items go first, as the exporter does; the sort keeps the order otherwise.
        due.sort(key=lambda entry: entry.known)
        return Chunk(due, sources, unchanged, found.failures, up_to_id)


def failed_sources(engine: Engine, feed: Feed) -> Iterator[int]:
    """The sources with items that are to be retried, ascending."""
    after_id = BEFORE_FIRST
    while True:
        with engine.connect() as connection:
            ids = feed_table.failed_sources_after(connection, feed, after_id, SOURCES_PER_CHUNK)
        yield from ids
        if len(ids) < SOURCES_PER_CHUNK:
            return
        after_id = ids[-1]


def count_sources(connection: Connection, indexer: Indexer, *, sent_before: bool) -> int:
    """How many sources a whole sync goes through."""
    if sent_before:
        return feed_table.count_sources(connection, indexer.feed)
    return indexer.count_sources(connection)


def batched(values: Iterable[T], size: int) -> Iterator[list[T]]:
    """The values in lists of this size; the last may be shorter."""
    some: list[T] = []
    for value in values:
        some.append(value)
        if len(some) == size:
            yield some
            some = []
    if some:
        yield some


def _due(item: Collected, *, known: bool) -> Due:
    return Due(item.feed_id, item.source_entity_id, item.item, item.feed_hash, known)


def _has_changed(row: FeedRow, item: Collected) -> bool:
    return row.is_deleted or row.feed_hash != item.feed_hash or not is_final(row.status)


def _delete(feed: Feed, row: FeedRow) -> Due:
    nulled = dict.fromkeys(feed.nulled_in_delete)
    item = {**row.feed_data, **nulled, "deleted": True}
    return Due(row.feed_id, row.source_entity_id, item, row.feed_hash, known=True)


def _is_alive(row: FeedRow) -> bool:
    return not row.is_deleted or row.status != ExportStatus.SUBMITTED
