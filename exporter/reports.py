"""Tells a mock service how each sync goes, for its dashboard.

The real service has no such place: the first failure or refusal ends all telling for the run, and
nothing here makes a sync fail or wait for its batches. Reports are sent by a thread of their own,
at most one a second; what comes faster is left out, but for the end.
"""

from threading import Event, Thread
from typing import Any

import orjson
import urllib3

from mcs.contract.feeds import Feed
from mcs.exporter.service import Service
from mcs.exporter.sync import Progress

TIMEOUT = urllib3.Timeout(connect=2, read=2)
SECONDS_BETWEEN = 1.0
LONGEST_WAIT_S = 3.0
"""How long the end of a sync waits until it is told."""
REASON_LENGTH = 2_000
OK, CREATED = 200, 201

INTERRUPTED = "It was interrupted."
ITEMS_FAILED = "{count} items failed. The most frequent reason: {reason}"
NOT_COLLECTED = (
    "{count} sources could not be collected. See the log commerce-data-export-errors.log."
)

Report = dict[str, Any]


class RunReports:
    """The reports of one sync of one feed. token: for a service on another machine."""

    def __init__(
        self, service: Service, token: str | None, feed: Feed, operation: str, sources: int
    ) -> None:
        base = service.base_url.rstrip("/")
        self._url = f"{base}/control/data-spaces/{service.data_space_id}/runs"
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._begun: Report = {"feed": feed.name, "operation": operation, "sources": sources}
        self._latest: Report | None = None
        self.taken = False
        """Whether the service takes reports, as far as is known."""
        self._ended = Event()
        # A daemon: an exporter that is told to end does not wait for a service that hangs.
        self._thread = Thread(target=self._tell, name=f"reports {feed.name}", daemon=True)
        self._thread.start()

    def progress(self, progress: Progress) -> None:
        """Keeps how far the sync is, to be told when it is time."""
        self._latest = _counts(progress)

    def end(self, progress: Progress | None) -> None:
        """Tells how the sync ended. progress: None if it was cut short."""
        self._latest = _conclusion(progress)
        self._ended.set()
        self._thread.join(LONGEST_WAIT_S)

    def _tell(self) -> None:
        with urllib3.PoolManager(retries=False, timeout=TIMEOUT, headers=self._headers) as pool:
            begun = _sent(pool, "POST", self._url, self._begun, CREATED)
            self.taken = begun is not None
            while begun is not None:
                ended = self._ended.wait(SECONDS_BETWEEN)
                latest, self._latest = self._latest, None
                if latest and _sent(pool, "PUT", f"{self._url}/{begun['id']}", latest, OK) is None:
                    self.taken = False
                    return
                if ended:
                    return


def _sent(
    pool: urllib3.PoolManager, method: str, url: str, report: Report, expected: int
) -> Report | None:
    """What the service answered; None if it is away or has no such place."""
    try:
        answer = pool.request(method, url, json=report)
        told = orjson.loads(answer.data) if answer.status == expected else None
    except (urllib3.exceptions.HTTPError, orjson.JSONDecodeError):
        return None
    return told if isinstance(told, dict) and "id" in told else None


def _counts(progress: Progress) -> Report:
    return {
        "sources": progress.sources,
        "sources_done": progress.sources_done,
        "submitted": progress.submitted,
        "failed": progress.failed,
    }


def _conclusion(progress: Progress | None) -> Report:
    if progress is None:
        return {"state": "failed", "reason": INTERRUPTED}
    if progress.clean:
        return {**_counts(progress), "state": "success"}
    return {**_counts(progress), "state": "failed", "reason": _reason(progress)[:REASON_LENGTH]}


def _reason(progress: Progress) -> str:
    if progress.stopped:
        return progress.stopped
    if progress.reasons:
        reason = max(progress.reasons, key=lambda name: progress.reasons[name])
        return ITEMS_FAILED.format(count=progress.failed, reason=reason)
    return NOT_COLLECTED.format(count=len(progress.uncollected))
