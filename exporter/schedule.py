"""What cron does for the export, and when: pure rules of time, and one pass over all jobs.

Source: contract/lifecycle.md, "Partial sync", "Retry", "Deletion"; the hourly window is the seed's
("The catalog sync process automatically runs every hour").
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from mcs.contract.conversions import CONVERSIONS
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, SEED_FEEDS, Feed
from mcs.exporter import feed_table, flags
from mcs.exporter.commerce import change_log
from mcs.exporter.commerce.indexer_state import IndexerStatus, indexer_states
from mcs.exporter.locks import FeedLocked
from mcs.exporter.requested import Requested, requested_resyncs, tell_windows
from mcs.exporter.run import Exporter, Resync
from mcs.exporter.service import speaks_ingestion_api
from mcs.exporter.sync import Progress

MINUTE = timedelta(minutes=1)
RETRY_EVERY = 5 * MINUTE
WINDOW = timedelta(hours=1)
DAY = timedelta(days=1)
KEPT_DELETED = 7 * DAY
CLEANUP_AT = timedelta(hours=2)
LONGEST_PAUSE = timedelta(hours=1)
NOTHING_NAMED = (
    "none of the {count} items that were asked for was ever exported by {feed}; sync the feed."
)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Job:
    """Something that is done once in each period. offset: where in the period it falls."""

    name: str
    every: timedelta
    run: Callable[["CronPass"], None]
    offset: timedelta = timedelta(0)


def is_due(job: Job, now: datetime, last: datetime | None) -> bool:
    """True if a period has begun since the job last ran; a job that never ran is due.

    >>> job = Job("retry", RETRY_EVERY, lambda _: None)
    >>> at = datetime(2026, 11, 22, 19, 4, 59, tzinfo=UTC)
    >>> is_due(job, at, at - 4 * MINUTE), is_due(job, at + MINUTE, at - 4 * MINUTE)
    (False, True)
    """
    return last is None or _period(job, now) > _period(job, last)


def next_window(now: datetime, window: timedelta = WINDOW) -> datetime:
    """When the next catalog sync window opens.

    >>> next_window(datetime(2026, 11, 22, 19, 10, tzinfo=UTC)).isoformat()
    '2026-11-22T20:00:00+00:00'
    """
    return EPOCH + ((now - EPOCH) // window + 1) * window


@dataclass(slots=True)
class CronPass:
    """One pass: the jobs that are due, one after the other.

    at_once: jobs that run whether they are due or not. done: the syncs that ran, in order.
    skipped: what could not run, and why.
    """

    exporter: Exporter
    now: datetime
    window: timedelta = WINDOW
    at_once: frozenset[str] = frozenset()
    done: list[tuple[str, Progress]] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def run(self) -> "CronPass":
        """Runs what is due and remembers that it ran."""
        for job in jobs(self.window):
            code = flags.cron_run(job.name)
            with self.exporter.engine.connect() as connection:
                last = flags.read_flag(connection, code)
            due = is_due(job, self.now, datetime.fromisoformat(last) if last else None)
            if not due and job.name not in self.at_once:
                continue
            job.run(self)
            with self.exporter.engine.begin() as connection:
                flags.write_flag(connection, code, self.now.isoformat())
        return self

    def index(self) -> None:
        """A full sync of what needs a reindex, else a partial sync of what changed."""
        feeds = self._feeds()
        with self.exporter.engine.connect() as connection:
            states = indexer_states(connection)
            changed = change_log.changed_feeds(connection)
        for feed in feeds:
            with self._holding("index", feed):
                if states[feed.name].status is not IndexerStatus.VALID:
                    self._note("full sync", self.exporter.full(feed))
                elif feed.name in changed and (progress := self.exporter.partial(feed)):
                    self._note("partial sync", progress)

    def retry(self) -> None:
        """Sends again what failed, after ever longer pauses while a feed keeps failing."""
        for feed in self._feeds():
            with self.exporter.engine.connect() as connection:
                pause = flags.read_flag(connection, flags.retry_pause(feed.name)) or {}
            if pause and self.now < datetime.fromisoformat(pause["until"]):
                continue
            with self._holding("retry", feed):
                if progress := self.exporter.retry(feed):
                    self._note("retry failed items", progress)
                    self._set_pause(feed, progress, pause.get("failures", 0))

    def catalog_sync(self) -> None:
        """The window: resyncs that were asked for at the dashboard; it is told of the next one."""
        tell_windows(self.exporter, next_window(self.now, self.window), self.window)
        for request in requested_resyncs(self.exporter):
            self._serve(request)

    def resync_now(self) -> None:
        """Resyncs that were asked for at the dashboard and are not to wait for the window."""
        for request in requested_resyncs(self.exporter):
            if request.now:
                self._serve(request)

    def cleanup(self) -> None:
        """Forgets deleted items that the service has known of for a week, and used change logs."""
        with self.exporter.engine.begin() as connection:
            for feed in FEEDS.values():
                feed_table.purge_deleted(connection, feed, self.now - KEPT_DELETED)
                change_log.purge_processed(connection, feed.name)

    def _feeds(self) -> list[Feed]:
        """The seed's nine feeds, and others once a person has synced them."""
        with self.exporter.engine.connect() as connection:
            never_sent = feed_table.never_sent(connection)
        spoken = self._spoken()
        return [f for f in spoken if f in SEED_FEEDS or f.name not in never_sent]

    def _spoken(self) -> list[Feed]:
        """The feeds that are sent where the exporter is configured to send."""
        with self.exporter.engine.connect() as connection:
            all_of = not speaks_ingestion_api(connection)
        return [feed for feed in FEEDS.values() if all_of or feed.name in CONVERSIONS]

    def _serve(self, request: Requested) -> None:
        request.report("running")
        spoken = {feed.name for feed in self._spoken()}
        wanted = request.feeds or [feed.name for feed in SEED_FEEDS if feed.name in spoken]
        clean: list[str] = []
        for feed in FEEDS.values():
            if feed.name not in wanted:
                continue
            with self._holding("resync", feed):
                progress = self.exporter.resync(feed, self._options(feed, request))
                self._note("resync", progress)
                clean += [feed.name] if progress.clean else []
        request.report("done" if set(clean) == set(wanted) else "failed")

    def _options(self, feed: Feed, request: Requested) -> Resync:
        if request.ids is None:
            return Resync(force=True)
        with self.exporter.engine.connect() as connection:
            sources = feed_table.sources_of_items(connection, feed, request.ids)
        if not sources:
            raise UsageError(NOTHING_NAMED.format(count=len(request.ids), feed=feed.name))
        return Resync(by_ids=tuple(sources))

    def _note(self, operation: str, progress: Progress) -> None:
        self.done.append((operation, progress))

    @contextmanager
    def _holding(self, job: str, feed: Feed) -> Iterator[None]:
        try:
            yield
        except (FeedLocked, UsageError) as error:
            # One feed that cannot be synced does not hold up the others.
            self.skipped.append(f"{job} {feed.name}: {error}")

    def _set_pause(self, feed: Feed, progress: Progress, failures: int) -> None:
        code = flags.retry_pause(feed.name)
        with self.exporter.engine.begin() as connection:
            if not progress.failed and progress.stopped is None:
                flags.drop_flag(connection, code)
                return
            until = self.now + retry_pause(failures + 1, progress.retry_after_s)
            flags.write_flag(
                connection, code, {"failures": failures + 1, "until": until.isoformat()}
            )


def retry_pause(failures: int, retry_after_s: float | None) -> timedelta:
    """How long a feed's failed items rest after so many failures in a row.

    The pause doubles up to an hour; a longer one that the service asked for is kept.

    >>> [retry_pause(n, None) // MINUTE for n in (1, 2, 3, 9)], retry_pause(1, 7200) // MINUTE
    ([5, 10, 20, 60], 120)
    """
    doublings: int = min(failures - 1, 10)
    own = min(RETRY_EVERY * (1 << doublings), LONGEST_PAUSE)
    return max(own, timedelta(seconds=retry_after_s or 0))


def jobs(window: timedelta = WINDOW) -> tuple[Job, ...]:
    """All jobs, in the order of a pass."""
    return (
        Job("index", MINUTE, CronPass.index),
        Job("retry", RETRY_EVERY, CronPass.retry),
        Job("catalog_sync", window, CronPass.catalog_sync),
        Job("resync_now", MINUTE, CronPass.resync_now),
        Job("cleanup_deleted_feed_items", DAY, CronPass.cleanup, CLEANUP_AT),
    )


def run_forever(
    exporter: Exporter,
    *,
    window: timedelta = WINDOW,
    stop: Callable[[], bool] = lambda: False,
    on_pass: Callable[[CronPass], None] = lambda _: None,
) -> None:
    """A pass each minute by the exporter's own clock, until `stop` says so."""
    told = False
    while not stop():
        now = exporter.time.now()
        # Until it is taken: the service may be started later, or its windows be those of before.
        told = told or tell_windows(exporter, next_window(now, window), window)
        on_pass(CronPass(exporter, now, window).run())
        until_next_minute = MINUTE - (exporter.time.now() - EPOCH) % MINUTE
        exporter.time.sleep(until_next_minute.total_seconds())


def _period(job: Job, moment: datetime) -> int:
    return (moment - EPOCH - job.offset) // job.every
