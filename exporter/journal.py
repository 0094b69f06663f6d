"""commerce-data-export.log: how a sync of a feed goes, what could not be collected, and profiles.

Source: contract/lifecycle.md, "Logs" and "Environment variables"; seed, Profiling.
"""

import math
import os
import resource
import sys
import time
from collections.abc import Sequence

from sqlalchemy import Connection

from mcs.contract.feeds import Feed
from mcs.exporter.collect import Collect, Collection
from mcs.exporter.indexers.indexer import Indexer
from mcs.exporter.logs import LogFile, php_json
from mcs.exporter.sync import Progress

CALLER_WORDS = 6
KIB_PER_MB = 1000
DAY_S = 86_400


class SyncJournal:
    """The lines of one sync. batch_size, threads: as the sync was started with.

    interval_s: how often progress is written; None for Commerce's own rule.
    """

    def __init__(
        self,
        file: LogFile,
        feed: Feed,
        operation: str,
        *,
        batch_size: int,
        threads: int,
        interval_s: float | None,
    ) -> None:
        self._file = file
        self._feed = feed
        self._operation = operation
        self._batch_size = batch_size
        self._threads = threads
        self._interval_s = interval_s
        self._started = time.monotonic()
        self._written = self._started
        self._write("Initialize")

    @property
    def operation(self) -> str:
        """What the sync is for."""
        return str(self._operation)

    def begin(self, sources: int) -> None:
        """Notes how much there is to do."""
        iterations = math.ceil(sources / self._batch_size)
        if self._interval_s is None:
            self._interval_s = _interval_s(iterations / self._threads)
        text = f"start processing `{sources}` items in `{self._threads}` threads"
        self._write(f"{text} with `{self._batch_size}` batch size")

    def progress(self, progress: Progress) -> None:
        """Notes how far the sync is, if it is time to."""
        if time.monotonic() - self._written >= (self._interval_s or 0):
            self._write(self._how_far(progress))

    def end(self, progress: Progress) -> None:
        """Notes the last state, what could not be collected, and the end."""
        for source_id, reason in progress.uncollected.items():
            context = {"feed": self._feed.name, "source_entity_id": source_id, "reason": reason}
            self._file.error(f"CDE01-01 A source could not be collected. {php_json(context)} []")
        self._write(self._how_far(progress))
        self._write(progress.stopped or "Complete")

    def skipped(self, reason: str) -> None:
        """Notes that the sync does not run, since another process holds the feed."""
        self._write(reason)

    def _how_far(self, progress: Progress) -> str:
        done = f"processed {progress.sources_done}, synced {progress.submitted}"
        iterations = math.ceil(progress.sources / self._batch_size)
        done_iterations = math.ceil(progress.sources_done / self._batch_size)
        return f"Progress {done_iterations}/{iterations}, {done}" if progress.sources else done

    def _write(self, status: str) -> None:
        self._written = time.monotonic()
        pid = str(os.getpid()) if self._threads == 1 else f"main({os.getpid()})"
        line = {
            "feed": self._feed.name,
            "operation": self._operation,
            "status": status,
            "elapsed": elapsed_text(self._written - self._started),
            "pid": pid,
            "caller": " ".join(sys.argv[:CALLER_WORDS]),
        }
        self._file.info(f"{php_json(line)} [] []")


def profiled(file: LogFile, collect: Collect) -> Collect:
    """A collect function that writes what each call took: provider, entities, ms, peak MB."""

    def collect_and_measure(
        connection: Connection, indexer: Indexer, ids: Sequence[int]
    ) -> Collection:
        started = time.perf_counter()
        found = collect(connection, indexer, ids)
        taken_ms = (time.perf_counter() - started) * 1000
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIB_PER_MB
        provider = f"mcs.exporter.indexers.{indexer.feed.name}"
        file.info(f"{provider}, {len(ids)}, {taken_ms:.2f}, {peak_mb:.2f}")
        return found

    return collect_and_measure


def elapsed_text(seconds: float) -> str:
    """A duration as Commerce's log writes it.

    >>> elapsed_text(0.383), elapsed_text(2.625), elapsed_text(93784)
    ('383 ms', '00:00:02 625 ms', '1 day(s) 02:03:04')
    """
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    days, rest_s = divmod(int(seconds), DAY_S)
    clock = f"{rest_s // 3600:02}:{rest_s // 60 % 60:02}:{rest_s % 60:02}"
    if days:
        return f"{days} day(s) {clock}"
    return f"{clock} {int(seconds % 1 * 1000)} ms"


def _interval_s(iterations_per_thread: float) -> float:
    if not iterations_per_thread:
        return 30
    if iterations_per_thread < 1000:
        return 60
    return 120 if iterations_per_thread < 10_000 else 600
