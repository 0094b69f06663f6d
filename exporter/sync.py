"""The sync of a feed: what is due is stamped, submitted in batches, and remembered.

Source: contract/lifecycle.md, "Full sync", "Partial sync", "Retry" and "Deletion".
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, Engine

from mcs.contract.answer import Outcome
from mcs.contract.canonical import Item
from mcs.contract.feeds import ExportMode, Feed, TimeFormat
from mcs.contract.status import ExportStatus
from mcs.exporter import feed_table
from mcs.exporter.due import Chunk, Due, batched
from mcs.exporter.feed_table import FeedRow, stored_time
from mcs.exporter.submit import Reply, Submit

Remembered = Callable[[Connection, Feed, list[FeedRow]], list[FeedRow]]


def as_they_are(_connection: Connection, _feed: Feed, rows: list[FeedRow]) -> list[FeedRow]:
    """The rows."""
    return rows


class Operation(StrEnum):
    """What a sync is for, in the words of Commerce's logs."""

    FULL = "full sync"
    PARTIAL = "partial sync"
    RETRY = "retry failed items"
    RESYNC = "resync"
    BY_IDS = "partial resync by ids"


@dataclass(slots=True)
class Progress:
    """How far the sync of one feed is. sources are catalog entities, the other counts are items.

    uncollected: sources that the catalog could not give, and why. reasons: why items failed, with
    how many. stopped: why the sync ended before its end. resume_id: every source up to it is done.
    retry_after_s: how long the service wants to be left alone.
    """

    feed: Feed
    sources: int
    sources_done: int = 0
    submitted: int = 0
    deleted: int = 0
    failed: int = 0
    unchanged: int = 0
    uncollected: dict[int, str] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    stopped: str | None = None
    resume_id: int | None = None
    retry_after_s: float | None = None

    @property
    def clean(self) -> bool:
        """True if everything that was due has been taken by the service."""
        return not self.failed and not self.uncollected and self.stopped is None


@dataclass(frozen=True, slots=True)
class Sync:
    """How a feed is sent.

    watch: told the progress after each batch and chunk. on_batch: told each batch as it was sent,
    with its reply. batched: puts what is due into batches of this size. threads: batches under way
    at once. persist_payload: keep whole items in the feed table. remembered: the rows as they are
    to be kept. dry_run: nothing is remembered.
    """

    engine: Engine
    submit: Submit
    clock: Callable[[], datetime]
    watch: Callable[[Progress], None]
    on_batch: Callable[[Feed, Sequence[Item], Reply], None]
    batch_size: int
    batched: Callable[[Iterable[Due], int], Iterator[list[Due]]] = batched
    threads: int = 1
    persist_payload: bool = False
    remembered: Remembered = as_they_are
    dry_run: bool = False

    def run(self, feed: Feed, chunks: Iterable[Chunk], sources: int) -> Progress:
        """Sends what is due, batch by batch; memory holds a few batches, never a feed."""
        progress = Progress(feed, sources)
        ends: deque[tuple[int, int]] = deque()
        under_way: deque[tuple[_Batch, Future[Reply]]] = deque()
        remembered = 0
        with ThreadPoolExecutor(self.threads, thread_name_prefix="submit") as threads:
            for due in self.batched(self._watched(chunks, progress, ends), self.batch_size):
                # Waited for only now, so that the next batch is collected while one is under way.
                if len(under_way) == self.threads:
                    remembered += self._finish(under_way, progress)
                    _note_resume_point(progress, ends, remembered)
                if progress.stopped:
                    break
                batch = self._stamped(feed, due)
                under_way.append((batch, threads.submit(self.submit, feed, batch.items)))
            while under_way:
                remembered += self._finish(under_way, progress)
        _note_resume_point(progress, ends, remembered)
        self.watch(progress)
        return progress

    def _watched(
        self, chunks: Iterable[Chunk], progress: Progress, ends: deque[tuple[int, int]]
    ) -> Iterator[Due]:
        """The entries of all chunks; notes at which entry each chunk's sources are done."""
        entries = 0
        for chunk in chunks:
            yield from chunk.due
            entries += len(chunk.due)
            progress.sources_done += chunk.sources
            progress.unchanged += chunk.unchanged
            progress.uncollected |= chunk.failures
            if chunk.up_to_id is not None:
                ends.append((entries, chunk.up_to_id))
            self.watch(progress)

    def _stamped(self, feed: Feed, due: list[Due]) -> "_Batch":
        now = self.clock()
        return _Batch(due, [stamped(feed, entry, now) for entry in due], now)

    def _finish(self, under_way: "deque[tuple[_Batch, Future[Reply]]]", progress: Progress) -> int:
        batch, future = under_way.popleft()
        reply = future.result()
        if not self.dry_run:
            rows = [
                self._row(progress.feed, entry, item, outcome, reply.request_id, batch.sent_at)
                for entry, item, outcome in zip(batch.due, batch.items, reply.outcomes, strict=True)
            ]
            with self.engine.begin() as connection:
                rows = self.remembered(connection, progress.feed, rows)
                feed_table.save_rows(connection, progress.feed, rows)
        self.on_batch(progress.feed, batch.items, reply)
        _count(progress, batch.due, reply)
        self.watch(progress)
        return len(batch.due)

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


def stamped(feed: Feed, entry: Due, now: datetime) -> Item:
    """The item with its time of sending.

    A delete of a feed that has only `updatedAt` repeats the time it was last sent with
    (contract/feeds.md, "updatedAt").
    """
    if entry.deleted and feed.timestamp != "modifiedAt":
        return entry.item
    commerce = feed.timestamp_format is TimeFormat.COMMERCE
    text = stored_time(now) if commerce else now.isoformat(timespec="seconds")
    return {**entry.item, feed.timestamp: text}


@dataclass(frozen=True, slots=True)
class _Batch:
    due: list[Due]
    items: list[Item]
    sent_at: datetime


def _note_resume_point(progress: Progress, ends: deque[tuple[int, int]], remembered: int) -> None:
    while ends and ends[0][0] <= remembered:
        progress.resume_id = ends.popleft()[1]


def _count(progress: Progress, due: list[Due], reply: Reply) -> None:
    for entry, outcome in zip(due, reply.outcomes, strict=True):
        if outcome.status in (ExportStatus.SUBMITTED, ExportStatus.SKIPPED):
            progress.submitted += 1
            progress.deleted += entry.deleted
        else:
            progress.failed += 1
            reason = outcome.error or reply.reason
            progress.reasons[reason] = progress.reasons.get(reason, 0) + 1
    progress.stopped = progress.stopped or reply.stop
    progress.retry_after_s = reply.retry_after_s
