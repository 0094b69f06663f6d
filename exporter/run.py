"""Wiring: the syncs of a feed against the configured service, each with its lock and its logs."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

import urllib3
from sqlalchemy import Connection, Engine

from mcs.contract.conversions import CONVERSIONS
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.signature import sign
from mcs.exporter import feed_table, flags
from mcs.exporter.commerce import change_log
from mcs.exporter.commerce.database import read_config
from mcs.exporter.commerce.indexer_state import (
    IndexerStatus,
    indexer_states,
    invalidate,
    set_status,
)
from mcs.exporter.connector import connector
from mcs.exporter.due import Chunk, Comparison, count_sources, failed_sources
from mcs.exporter.feed_digests import bring_up_to_date
from mcs.exporter.feed_status import tell_feed_status
from mcs.exporter.indexers import INDEXERS
from mcs.exporter.indexers.indexer import BEFORE_FIRST
from mcs.exporter.journal import SyncJournal, profiled
from mcs.exporter.locks import FeedLocked, feed_lock
from mcs.exporter.logs import LogFile, TransmissionLog
from mcs.exporter.renames import owing
from mcs.exporter.reports import RunReports
from mcs.exporter.service import Service, configured_service
from mcs.exporter.settings import Settings
from mcs.exporter.submit import Submit, dry_run, patient
from mcs.exporter.surroundings import surroundings_of_batch
from mcs.exporter.sync import Operation, Progress, Sync, as_they_are
from mcs.exporter.ways import Ways

CHANGES_PER_READ = 10_000
NOT_CONVERTED = (
    "{feed} is not sent to the catalog data ingestion API. What is: {feeds}. To send signed feeds "
    "again, clear aco_exporter/general/tenant_id."
)

Watch = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Time:
    """The clock and the waiting of an exporter; tests turn it as they like."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Resync:
    """The options of `saas:resync` (contract/lifecycle.md, "saas:resync options").

    by_ids: source ids; everything of them is sent. batch_size, threads: None for what is
    configured, else the feed's own.
    """

    reindex: bool = True
    cleanup: bool = False
    force: bool = False
    resume: bool = False
    dry_run: bool = False
    by_ids: tuple[int, ...] | None = None
    batch_size: int | None = None
    threads: int | None = None


@dataclass(frozen=True, slots=True)
class Exporter:
    """Runs syncs. Every method raises UsageError if the exporter is not configured, and FeedLocked
    if another process syncs the feed; nothing is changed then."""

    engine: Engine
    settings: Settings
    time: Time = field(default_factory=Time)
    ways: Ways = field(default_factory=Ways)

    def resync(self, feed: Feed, options: Resync, watch: Watch = lambda _: None) -> Progress:
        """Syncs a whole feed, or some of its sources."""
        operation = Operation.BY_IDS if options.by_ids is not None else Operation.RESYNC
        with self._session(feed, operation, options) as session:
            if options.by_ids is not None:
                chunks = session.comparison(force=True).of_sources(options.by_ids)
                return session.run(chunks, len(options.by_ids), watch)
            return self._whole(session, options, watch)

    def full(self, feed: Feed, watch: Watch = lambda _: None) -> Progress:
        """Collects the whole catalog for a feed and sends what is due."""
        with self._session(feed, Operation.FULL, Resync()) as session:
            return self._whole(session, Resync(), watch)

    def partial(self, feed: Feed, watch: Watch = lambda _: None) -> Progress | None:
        """Sends what is due of the sources that changed; None if none did."""
        with self.engine.connect() as connection:
            if not change_log.backlog(connection, feed.name):
                return None
        with self._session(feed, Operation.PARTIAL, Resync()) as session:
            return self._drain(session, watch)

    def retry(self, feed: Feed, watch: Watch = lambda _: None) -> Progress | None:
        """Sends again what failed and may be retried; None if nothing did."""
        failed = list(failed_sources(self.engine, feed))
        if not failed:
            return None
        with self._session(feed, Operation.RETRY, Resync()) as session:
            chunks = session.comparison(force=False).of_sources(failed)
            return session.run(chunks, len(failed), watch)

    def _whole(self, session: "_Session", options: Resync, watch: Watch) -> Progress:
        feed, indexer = session.feed, INDEXERS[session.feed.name]
        with self.engine.begin() as connection:
            sources = count_sources(connection, indexer, sent_before=not options.reindex)
            due = bool(flags.read_flag(connection, flags.full_resync_due(feed.name)))
            start = self._start(connection, feed, options)
        force = options.force or due or (options.cleanup and options.dry_run)
        comparison = session.comparison(force=force)
        if not options.reindex:
            return session.run(comparison.sent_before(), sources, watch)
        if options.dry_run:
            return session.run(comparison.everything(start.source_id), sources, watch)
        noted = start.source_id

        def watch_and_remember(progress: Progress) -> None:
            nonlocal noted
            if progress.resume_id is not None and progress.resume_id != noted:
                noted = progress.resume_id
                with self.engine.begin() as connection:
                    flags.write_flag(
                        connection, flags.resume_point(feed.name), [noted, start.covered]
                    )
            watch(progress)

        chunks = comparison.everything(start.source_id)
        progress = session.run(chunks, sources, watch_and_remember)
        with self.engine.begin() as connection:
            self._conclude(connection, progress, start)
        return progress

    def _start(self, connection: Connection, feed: Feed, options: Resync) -> "_Start":
        """Where a whole sync begins, and the marks it sets before it does."""
        resume = flags.resume_point(feed.name)
        was_valid = indexer_states(connection)[feed.name].status is not IndexerStatus.INVALID
        start = _Start(BEFORE_FIRST, change_log.latest_version(connection, feed.name), True)
        point = flags.read_flag(connection, resume) if options.resume else None
        if point is not None:
            # What changed since the interrupted sync began may lie before the point it reached.
            start = _Start(point[0], point[1], was_valid)
        if options.dry_run:
            return start
        if point is None:
            flags.drop_flag(connection, resume)
        if options.cleanup:
            feed_table.empty_feed_table(connection, feed)
        if options.reindex:
            set_status(connection, feed.name, IndexerStatus.WORKING, self.time.now())
        return start

    def _conclude(self, connection: Connection, progress: Progress, start: "_Start") -> None:
        name = progress.feed.name
        # An edit may have demanded a reindex meanwhile; that stands.
        undisturbed = indexer_states(connection)[name].status is IndexerStatus.WORKING
        if progress.stopped or progress.uncollected or not start.covers_all:
            invalidate(connection, [name], self.time.now())
        elif undisturbed:
            set_status(connection, name, IndexerStatus.VALID, self.time.now())
        if progress.stopped or progress.uncollected:
            return
        flags.drop_flag(connection, flags.resume_point(name))
        change_log.mark_processed(connection, name, start.covered)
        flags.drop_flag(connection, flags.full_resync_due(name))

    def _drain(self, session: "_Session", watch: Watch) -> Progress:
        name = session.feed.name
        total: Progress | None = None
        while True:
            with self.engine.begin() as connection:
                pending = change_log.pending_changes(connection, name, CHANGES_PER_READ)
            if pending is None:
                break
            ids = pending.entity_ids
            chunks = session.comparison(force=False).of_sources(ids)
            progress = session.run(chunks, len(ids), watch)
            if progress.stopped:
                # The log stays as it is: the same changes come with the next partial sync.
                return progress
            with self.engine.begin() as connection:
                change_log.mark_processed(connection, name, pending.up_to_version)
                change_log.put_back(connection, name, progress.uncollected)
            total = _sum(total, progress)
            if progress.uncollected:
                break
        return total or Progress(session.feed, 0)

    def _tell_status(self, session: "_Session") -> None:
        if any(reports.taken for reports in session.reports):
            with self.engine.connect() as connection:
                token = self.settings.control_token
                tell_feed_status(connection, session.feed, session.service, token)

    @contextmanager
    def _session(self, feed: Feed, operation: Operation, options: Resync) -> "Iterator[_Session]":
        with self.engine.begin() as connection:
            service = configured_service(connection, list(FEEDS))
            options = _with_configured_size(connection, feed, options)
        if service.client is None:
            # A key that cannot sign is said before anything is changed.
            sign(service.private_key, self.time.now())
        elif feed.name not in CONVERSIONS:
            raise UsageError(NOT_CONVERTED.format(feed=feed.name, feeds=", ".join(CONVERSIONS)))
        collecting = LogFile(self.settings.log_dir, "commerce-data-export")
        transmitting = LogFile(self.settings.log_dir, "saas-export")
        journal = SyncJournal(
            collecting,
            feed,
            operation,
            batch_size=options.batch_size or feed.batch_size,
            threads=options.threads or 1,
            interval_s=self.settings.log_interval_s,
        )
        pool = urllib3.PoolManager(maxsize=options.threads or 1)
        try:
            with feed_lock(self.settings.lock_dir, feed, operation):
                session = _Session(self, feed, service, options, pool, journal)
                yield replace(session, files=(collecting, transmitting))
                bring_up_to_date(self.engine, feed)
                self._tell_status(session)
        except FeedLocked as locked:
            journal.skipped(str(locked))
            raise
        finally:
            pool.clear()
            collecting.close()
            transmitting.close()


@dataclass(frozen=True, slots=True)
class _Start:
    """source_id: after which a whole sync begins. covered: the change log's version that it takes
    in. covers_all: False if the catalog as a whole changed since the sync that it continues."""

    source_id: int
    covered: int
    covers_all: bool


@dataclass(frozen=True, slots=True)
class _Session:
    """One sync of one feed while it holds the feed's lock."""

    exporter: Exporter
    feed: Feed
    service: Service
    options: Resync
    pool: urllib3.PoolManager
    journal: SyncJournal
    files: tuple[LogFile, ...] = ()
    reports: list[RunReports] = field(default_factory=list)

    def comparison(self, *, force: bool) -> Comparison:
        """How this sync reads the catalog."""
        reading = self.exporter.ways.collect
        if self.exporter.settings.profiler:
            reading = profiled(self.files[0], reading)
        return Comparison(self.exporter.engine, INDEXERS[self.feed.name], force, reading)

    def run(self, chunks: Iterable[Chunk], sources: int, watch: Watch) -> Progress:
        """Sends the chunks, with logs."""
        settings, wait, ways = self.exporter.settings, self.exporter.time, self.exporter.ways
        log = TransmissionLog(self.files[1], self.service, extended=settings.extended_log)

        post = self._submitter()
        self.journal.begin(sources)
        with self._reported(sources, watch) as watch_and_tell:
            progress = Sync(
                engine=self.exporter.engine,
                submit=dry_run if self.options.dry_run else patient(post, wait.sleep),
                clock=wait.now,
                watch=watch_and_tell,
                on_batch=log.batch,
                batch_size=self.options.batch_size or self.feed.batch_size,
                batched=ways.batched,
                threads=self.options.threads or 1,
                # What names a deleted item there is not in the feed's own delete payload.
                persist_payload=settings.persist_payload or self.service.client is not None,
                remembered=owing if self.service.client else as_they_are,
                dry_run=self.options.dry_run,
            ).run(self.feed, chunks, sources)
        self.journal.end(progress)
        return progress

    def _submitter(self) -> Submit:
        clock = self.exporter.time.now
        if self.service.client is None:
            return self.exporter.ways.submitter(self.service, self.pool, clock)
        around = partial(surroundings_of_batch, self.exporter.engine)
        return connector(self.service, self.pool, clock, around)

    @contextmanager
    def _reported(self, sources: int, watch: Watch) -> Iterator[Watch]:
        """Yields what to tell each progress: it goes into the log, and to the service's dashboard
        if that takes it."""
        token, latest = self.exporter.settings.control_token, None
        reports = (
            None
            if self.options.dry_run
            else RunReports(self.service, token, self.feed, self.journal.operation, sources)
        )

        def watch_and_tell(progress: Progress) -> None:
            nonlocal latest
            latest = progress
            self.journal.progress(progress)
            if reports:
                reports.progress(progress)
            watch(progress)

        done = False
        try:
            yield watch_and_tell
            done = True
        finally:
            if reports:
                reports.end(latest if done else None)
                self.reports.append(reports)


def _with_configured_size(connection: Connection, feed: Feed, options: Resync) -> Resync:
    return replace(
        options,
        batch_size=options.batch_size or _configured(connection, feed, "batch_size"),
        threads=options.threads or _configured(connection, feed, "thread_count"),
    )


def _configured(connection: Connection, feed: Feed, name: str) -> int | None:
    path = f"commerce_data_export/feeds/{feed.name}/{name}"
    text = read_config(connection, path)
    if not text:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise UsageError(f'{path} is "{text}"; set it to a number of 1 or more.')
    return int(text)


def _sum(total: Progress | None, more: Progress) -> Progress:
    if total is None:
        return more
    total.sources += more.sources
    total.sources_done += more.sources_done
    total.submitted += more.submitted
    total.deleted += more.deleted
    total.failed += more.failed
    total.unchanged += more.unchanged
    total.uncollected |= more.uncollected
    for reason, count in more.reasons.items():
        total.reasons[reason] = total.reasons.get(reason, 0) + count
    total.retry_after_s = more.retry_after_s
    return total
