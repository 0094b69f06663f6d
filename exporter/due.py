"""Which items of a feed have to be sent: what the catalog says now against what was sent before."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from mcs.contract.canonical import Item, content_hash, identity_key
from mcs.contract.feeds import Feed
from mcs.contract.status import ExportStatus, is_final
from mcs.exporter import feed_table
from mcs.exporter.feed_table import FeedRow
from mcs.exporter.indexers.indexer import BEFORE_FIRST, Indexer

SOURCES_PER_CHUNK = 100


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
    """What is due of the next few sources. unchanged: items that need no sending."""

    due: list[Due]
    sources: int
    unchanged: int


def changes(engine: Engine, indexer: Indexer) -> Iterator[Chunk]:
    """Chunks of all that is new, changed, not finally answered, or gone from the catalog.

    Sources come in ascending order, so a row whose source lies between the last chunk and this
    one and that was not collected again belongs to something that is gone.
    """
    after_id = BEFORE_FIRST
    while True:
        with engine.connect() as connection:
            ids = indexer.source_ids(connection, after_id, SOURCES_PER_CHUNK)
            up_to_id = ids[-1] if len(ids) == SOURCES_PER_CHUNK else None
            collected = list(indexer.items(connection, ids)) if ids else []
            sent = feed_table.rows_between(connection, indexer.feed, after_id, up_to_id)
        yield _compared(indexer.feed, collected, sent, len(ids))
        if up_to_id is None:
            return
        after_id = up_to_id


def resubmissions(engine: Engine, indexer: Indexer) -> Iterator[Chunk]:
    """Chunks of all that was sent before and still exists, changed or not.

    The catalog is read again for it: feed tables keep only what a delete needs.
    """
    after_id = BEFORE_FIRST
    while True:
        with engine.connect() as connection:
            ids = feed_table.source_ids_after(connection, indexer.feed, after_id, SOURCES_PER_CHUNK)
            if not ids:
                return
            sent = feed_table.rows_between(connection, indexer.feed, after_id, ids[-1])
            collected = [
                _due(indexer.feed, source_id, item, known=True)
                for source_id, item in indexer.items(connection, ids)
            ]
        due = [entry for entry in collected if _was_sent(sent, entry)]
        yield Chunk(due, len(ids), unchanged=0)
        after_id = ids[-1]


def count_resubmissions(connection: Connection, feed: Feed) -> int:
    """How many sources `resubmissions` will go through."""
    return feed_table.count_sources(connection, feed)


def _compared(
    feed: Feed, collected: list[tuple[int, Item]], sent: dict[str, FeedRow], sources: int
) -> Chunk:
    due: list[Due] = []
    for source_id, item in collected:
        entry = _due(feed, source_id, item, known=True)
        row = sent.pop(entry.feed_id, None)
        if row is None:
            due.append(_due(feed, source_id, item, known=False))
        elif row.is_deleted or row.feed_hash != entry.feed_hash or not is_final(row.status):
            due.append(entry)
    unchanged = len(collected) - len(due)
    due += [_delete(feed, row) for row in sent.values() if _is_alive(row)]
    # New items go first, as the exporter does; the sort keeps the order otherwise.
    return Chunk(sorted(due, key=lambda entry: entry.known), sources, unchanged)


def _due(feed: Feed, source_id: int, item: Item, *, known: bool) -> Due:
    return Due(identity_key(feed, item), source_id, item, content_hash(feed, item), known)


def _delete(feed: Feed, row: FeedRow) -> Due:
    nulled = dict.fromkeys(feed.nulled_in_delete)
    item = {**row.feed_data, **nulled, "deleted": True}
    return Due(row.feed_id, row.source_entity_id, item, row.feed_hash, known=True)


def _is_alive(row: FeedRow) -> bool:
    return not row.is_deleted or row.status != ExportStatus.SUBMITTED


def _was_sent(sent: dict[str, FeedRow], entry: Due) -> bool:
    row = sent.get(entry.feed_id)
    return row is not None and not row.is_deleted
