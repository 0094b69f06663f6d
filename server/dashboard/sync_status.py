"""How the last sync went, from what the exporter reports or else from its traffic. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.feeds import FEEDS
from mcs.server.store.runs import RunState, SyncRun
from mcs.server.store.traffic import RECENT_REQUESTS, Delivery

PAUSE = timedelta(seconds=60)
"""A longer one stands between two syncs."""
SILENCE = timedelta(minutes=5)
"""An exporter that says nothing for longer is gone; it waits two minutes at most by itself."""
UNDER_WAY = timedelta(seconds=15)
RATE_OVER = timedelta(seconds=30)
PRODUCTS = "products"

SILENT = "The exporter has not been heard of since. Look whether it still runs, and at its logs."
REFUSED_ITEMS = "{count} items were refused. Their errors are in the answers and in the journal."
RUN_FAILED = "{feed}: {reason}"
NO_REASON = "{failed} items failed. Look into the exporter's var/log/saas-export.log."


class SyncState(StrEnum):
    """The statuses of the seed, and one for before the first sync."""

    IN_PROGRESS = "In progress"
    SUCCESS = "Success"
    FAILED = "Failed"
    NEVER = "Never synced"


@dataclass(frozen=True, slots=True)
class Going:
    """A sync under way. total: None where the exporter does not report; then only items count.

    eta_s: seconds that are left at the present rate.
    """

    feed: str
    operation: str
    done: int
    total: int | None
    submitted: int
    failed: int
    items_per_s: float
    eta_s: float | None


@dataclass(frozen=True, slots=True)
class LastSync:
    """The last sync. at: when it ended well, or was attempted, or began. reported: the exporter
    says so itself. products_updated: products submitted in it; at_least: and maybe more."""

    state: SyncState
    reported: bool
    at: str | None = None
    last_success_at: str | None = None
    products_updated: int | None = None
    at_least: bool = False
    reason: str | None = None
    going: Going | None = None

    @property
    def tone(self) -> str:
        """The colour of its badge."""
        return _TONES[self.state]


_TONES = {
    SyncState.IN_PROGRESS: "busy",
    SyncState.SUCCESS: "good",
    SyncState.FAILED: "bad",
    SyncState.NEVER: "neutral",
}


def last_sync(runs: Sequence[SyncRun], deliveries: Sequence[Delivery], now: datetime) -> LastSync:
    """The status of a data space; both lists are newest first."""
    if runs and not _has_traffic_since(runs[0], deliveries):
        return _reported(runs, now)
    if deliveries:
        return _inferred(deliveries, now)
    return LastSync(SyncState.NEVER, reported=False)


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """What is known of one feed. state: of its last run, or of its last request."""

    feed: str
    state: str
    tone: str
    operation: str | None
    submitted: int | None
    failed: int | None
    last_request_at: str | None
    quiet_for_s: float | None
    refusal: str | None


def feed_statuses(
    runs: Sequence[SyncRun], last: dict[str, Delivery], now: datetime
) -> tuple[FeedStatus, ...]:
    """A line per feed, in the order of an initial sync. runs: newest first."""
    newest: dict[str, SyncRun] = {}
    for run in runs:
        newest.setdefault(run.feed, run)
    spoken = [feed for feed in ALL_FEEDS if feed in FEEDS or feed in last]
    return tuple(_feed_status(feed, newest.get(feed), last.get(feed), now) for feed in spoken)


def _feed_status(
    feed: str, run: SyncRun | None, last: Delivery | None, now: datetime
) -> FeedStatus:
    refusal = (last.message or _refused_items(last)) if last and last.refused else None
    state, tone = _state_of(run, last, now)
    return FeedStatus(
        feed=feed,
        state=state,
        tone=tone,
        operation=run.operation if run else None,
        submitted=run.submitted if run else None,
        failed=run.failed if run else None,
        last_request_at=last.received_at if last else None,
        quiet_for_s=(now - _moment(last.received_at)).total_seconds() if last else None,
        refusal=(run.reason if run and run.reason else None) or refusal,
    )


def _state_of(run: SyncRun | None, last: Delivery | None, now: datetime) -> tuple[str, str]:
    if run is not None:
        state = RunState.FAILED if _is_silent(run, now) else run.state
        return _RUN_STATES[state]
    if last is None:
        return "Never sent", "neutral"
    return ("Refused", "bad") if last.refused else ("Received", "good")


_RUN_STATES = {
    RunState.RUNNING: (SyncState.IN_PROGRESS.value, "busy"),
    RunState.SUCCESS: (SyncState.SUCCESS.value, "good"),
    RunState.FAILED: (SyncState.FAILED.value, "bad"),
}


def _has_traffic_since(run: SyncRun, deliveries: Sequence[Delivery]) -> bool:
    # Then another exporter sends now, one that does not report.
    if not deliveries:
        return False
    return _moment(deliveries[0].received_at) > _moment(run.updated_at) + PAUSE


def _reported(runs: Sequence[SyncRun], now: datetime) -> LastSync:
    syncs = list(_syncs(runs))
    present, succeeded = syncs[0], [sync for sync in syncs if _is_success(sync, now)]
    last_success = max((_end(run) for run in succeeded[0]), default=None) if succeeded else None
    running = [run for run in present if run.state is RunState.RUNNING]
    updated = sum(run.submitted for run in present if run.feed == PRODUCTS)
    if failed := _failed_run(present, now):
        reason = SILENT if _is_silent(failed, now) else _reason(failed)
        return LastSync(
            SyncState.FAILED,
            reported=True,
            at=failed.started_at,
            last_success_at=last_success,
            products_updated=updated,
            reason=reason,
        )
    if running:
        began = min(run.started_at for run in present)
        going = _going(running[0])
        return LastSync(SyncState.IN_PROGRESS, True, began, last_success, updated, going=going)
    return LastSync(SyncState.SUCCESS, True, last_success, last_success, updated)


def _syncs(runs: Sequence[SyncRun]) -> Iterator[list[SyncRun]]:
    """The runs of each sync, newest first: feeds follow one another without a pause."""
    sync: list[SyncRun] = []
    for run in runs:
        if sync and _moment(sync[-1].started_at) - _moment(_end(run)) > PAUSE:
            yield sync
            sync = []
        sync.append(run)
    if sync:
        yield sync


def _failed_run(sync: Sequence[SyncRun], now: datetime) -> SyncRun | None:
    """The newest failure of a feed that was not made good by a later run."""
    seen: set[str] = set()
    for run in sync:
        if run.feed not in seen and (run.state is RunState.FAILED or _is_silent(run, now)):
            return run
        seen.add(run.feed)
    return None


def _is_success(sync: Sequence[SyncRun], now: datetime) -> bool:
    return _failed_run(sync, now) is None and all(r.state is not RunState.RUNNING for r in sync)


def _is_silent(run: SyncRun, now: datetime) -> bool:
    return run.state is RunState.RUNNING and now - _moment(run.updated_at) > SILENCE


def _going(run: SyncRun) -> Going:
    passed_s = (_moment(run.updated_at) - _moment(run.started_at)).total_seconds()
    left = max(0, run.sources - run.sources_done)
    knows_pace = run.sources_done > 0 and passed_s > 0
    return Going(
        feed=run.feed,
        operation=run.operation,
        done=run.sources_done,
        total=run.sources,
        submitted=run.submitted,
        failed=run.failed,
        items_per_s=run.submitted / passed_s if passed_s > 0 else 0.0,
        eta_s=left * passed_s / run.sources_done if knows_pace else None,
    )


def _reason(run: SyncRun) -> str:
    reason = run.reason or NO_REASON.format(failed=run.failed)
    return RUN_FAILED.format(feed=run.feed, reason=reason)


def _inferred(deliveries: Sequence[Delivery], now: datetime) -> LastSync:
    present = _together(deliveries)
    at_least = len(present) >= RECENT_REQUESTS
    earlier = [entry for entry in deliveries[len(present) :] if not entry.refused]
    before = earlier[0].received_at if earlier else None
    updated = sum(entry.accepted for entry in present if entry.feed == PRODUCTS)
    newest, oldest = present[0], present[-1]
    refused = [entry for entry in present if entry.refused]
    if now - _moment(newest.received_at) < UNDER_WAY:
        going = _inferred_going(present, now)
        return LastSync(
            SyncState.IN_PROGRESS, False, oldest.received_at, before, updated, at_least, going=going
        )
    if refused:
        reason = refused[0].message or _refused_items(refused[0])
        return LastSync(
            SyncState.FAILED, False, oldest.received_at, before, updated, at_least, reason
        )
    success = newest.received_at
    return LastSync(SyncState.SUCCESS, False, success, success, updated, at_least)


def _together(deliveries: Sequence[Delivery]) -> list[Delivery]:
    present = [deliveries[0]]
    for entry in deliveries[1:]:
        if _moment(present[-1].received_at) - _moment(entry.received_at) > PAUSE:
            break
        present.append(entry)
    return present


def _inferred_going(present: Sequence[Delivery], now: datetime) -> Going:
    lately = [entry for entry in present if now - _moment(entry.received_at) <= RATE_OVER]
    span_s = max(1.0, (now - _moment(lately[-1].received_at)).total_seconds())
    accepted = sum(entry.accepted for entry in present)
    return Going(
        feed=present[0].feed or "unknown feed",
        operation="sync",
        done=accepted,
        total=None,
        submitted=accepted,
        failed=sum(entry.rejected for entry in present),
        items_per_s=sum(entry.accepted for entry in lately) / span_s,
        eta_s=None,
    )


def _refused_items(entry: Delivery) -> str:
    return REFUSED_ITEMS.format(count=entry.rejected)


def _end(run: SyncRun) -> str:
    return run.finished_at or run.updated_at


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
