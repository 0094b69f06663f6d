"""The sync of a feed: what is due is stamped, submitted in batches, and remembered.

Source: contract/lifecycle.md, "Full sync" and "Deletion".
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Engine

from mcs.contract.answer import Outcome
from mcs.contract.canonical import Item
from mcs.contract.feeds import ExportMode, Feed, TimeFormat
from mcs.contract.status import ExportStatus
from mcs.exporter import feed_table
from mcs.exporter.due import Chunk, Due, changes, count_resubmissions, resubmissions
from mcs.exporter.feed_table import STORED_TIME, FeedRow
from mcs.exporter.indexers.indexer import Indexer
from mcs.exporter.submit import Reply, Submit


@dataclass(slots=True)
class Progress:
    """How far the sync of one feed is. sources are catalog entities, the other counts are items.

    reasons: why items failed, with how many. stopped: why the sync ended before its end.
    """

    feed: Feed
    sources: int
    sources_done: int = 0
    submitted: int = 0
    deleted: int = 0
    failed: int = 0
    unchanged: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    stopped: str | None = None

    @property
    def clean(self) -> bool:
        """True if everything that was due has been taken by the service."""
        return not self.failed and self.stopped is None


@dataclass(frozen=True, slots=True)
class Sync:
    """What syncing needs beside a feed.

    watch: told the progress after each batch and chunk. on_batch: told each batch as it was sent,
    with its reply. persist_payload: keep whole items in the feed table.
    """

    engine: Engine
    submit: Submit
    clock: Callable[[], datetime]
    watch: Callable[[Progress], None]
    on_batch: Callable[[Feed, Sequence[Item], Reply], None]
    persist_payload: bool = False

    def full(self, indexer: Indexer, *, reindex: bool = True) -> Progress:
        """Sends all that is due of a feed; with `reindex` off, all that was ever sent."""
        with self.engine.connect() as connection:
            if reindex:
                sources = indexer.count_sources(connection)
            else:
                sources = count_resubmissions(connection, indexer.feed)
        chunks = changes(self.engine, indexer) if reindex else resubmissions(self.engine, indexer)
        progress = Progress(indexer.feed, sources)
        for batch in _batches(self._watched(chunks, progress), indexer.feed.batch_size):
            self._send(indexer.feed, batch, progress)
            self.watch(progress)
            if progress.stopped:
                break
        return progress

    def _watched(self, chunks: Iterator[Chunk], progress: Progress) -> Iterator[Due]:
        for chunk in chunks:
            yield from chunk.due
            progress.sources_done += chunk.sources
            progress.unchanged += chunk.unchanged
            self.watch(progress)

    def _send(self, feed: Feed, batch: list[Due], progress: Progress) -> None:
        now = self.clock()
        items = [stamped(feed, entry, now) for entry in batch]
        reply = self.submit(feed, items)
        rows = [
            self._row(feed, entry, item, outcome, reply.request_id, now)
            for entry, item, outcome in zip(batch, items, reply.outcomes, strict=True)
        ]
        with self.engine.begin() as connection:
            feed_table.save_rows(connection, feed, rows)
        self.on_batch(feed, items, reply)
        _count(progress, batch, reply)

    def _row(
        self,
        feed: Feed,
        entry: Due,
        item: Item,
        outcome: Outcome,
        request_id: str,
        now: datetime,
    ) -> FeedRow:
        whole = self.persist_payload or feed.export_mode is ExportMode.LEGACY
        kept = item if whole else {n: item[n] for n in feed.delete_payload if n in item}
        return FeedRow(
            feed_id=entry.feed_id,
            source_entity_id=entry.source_entity_id,
            feed_data=kept,
            feed_hash=entry.feed_hash,
            is_deleted=entry.deleted,
            modified_at=now,
            status=outcome.status,
            errors=outcome.error,
            request_id=request_id,
        )


def _batches(due: Iterator[Due], size: int) -> Iterator[list[Due]]:
    batch: list[Due] = []
    for entry in due:
        batch.append(entry)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def stamped(feed: Feed, entry: Due, now: datetime) -> Item:
    """The item with its time of sending. A delete of a feed that has only `updatedAt` repeats the
    time it was last sent with (contract/feeds.md, "updatedAt")."""
    if entry.deleted and feed.timestamp != "modifiedAt":
        return entry.item
    commerce = feed.timestamp_format is TimeFormat.COMMERCE
    text = now.strftime(STORED_TIME) if commerce else now.isoformat(timespec="seconds")
    return {**entry.item, feed.timestamp: text}


def _count(progress: Progress, batch: list[Due], reply: Reply) -> None:
    for entry, outcome in zip(batch, reply.outcomes, strict=True):
        if outcome.status == ExportStatus.SUBMITTED:
            progress.submitted += 1
            progress.deleted += entry.deleted
        else:
            progress.failed += 1
            reason = outcome.error or reply.reason
            progress.reasons[reason] = progress.reasons.get(reason, 0) + 1
    progress.stopped = reply.stop
