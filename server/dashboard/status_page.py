"""The view models of Catalog Sync's status and Settings, filled from the store."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mcs.called import MAGENTO
from mcs.contract.feeds import FEEDS
from mcs.server.activity import MINUTE_S, MINUTES_KEPT, Minute
from mcs.server.dashboard.filters import plural
from mcs.server.dashboard.schedule import schedule
from mcs.server.dashboard.sync_status import (
    FeedStatus,
    LastSync,
    SyncState,
    feed_statuses,
    last_sync,
)
from mcs.server.dashboard.table import Column, Table
from mcs.server.dashboard.windows import Windows, windows_of
from mcs.server.service import Service
from mcs.server.store.catalog import StoreView
from mcs.server.store.repository import timestamp
from mcs.server.store.resyncs import ResyncRequest, ResyncState
from mcs.server.store.values import DataSpace

RESYNCS_SHOWN = 10
RUNS_LOOKED_AT = 500

REPORTING = (
    "The exporter asks for this at its next window, and reports how far it is. There, cron must "
    f'call "{MAGENTO} cron:run", or "mcs exporter run" must be running.'
)
NOT_REPORTING = (
    "This exporter does not report to the service, so it may never ask for resyncs. Run there:"
)
NOT_HEARD_OF = (
    "No exporter was heard of yet. One that reports to the service asks for this at its next "
    "window; for any other, run there:"
)
COMMAND = f"{MAGENTO} saas:resync --feed {{feed}}"

FEED_COLUMNS = (
    Column("feed", "Feed"),
    Column("state", "Status"),
    Column("operation", "Last run"),
    Column("submitted", "Submitted", numeric=True),
    Column("failed", "Failed", numeric=True),
    Column("last_request_at", "Last request"),
    Column("refusal", "Why"),
)
RESYNC_COLUMNS = (
    Column("requested_at", "Asked for"),
    Column("what", "Feeds"),
    Column("when", "When"),
    Column("state", "State"),
    Column("updated_at", "Since"),
)
_TONES = {
    ResyncState.REQUESTED: "busy",
    ResyncState.RUNNING: "busy",
    ResyncState.DONE: "good",
    ResyncState.FAILED: "bad",
}


@dataclass(frozen=True, slots=True)
class Chart:
    """Items that came in by the minute, over the last hour."""

    title: str
    labels: tuple[str, ...]
    accepted: tuple[int, ...]
    rejected: tuple[int, ...]

    @property
    def is_empty(self) -> bool:
        """True if nothing came in."""
        return not any(self.accepted) and not any(self.rejected)


@dataclass(frozen=True, slots=True)
class ResyncRow:
    """A resync that was asked for."""

    id: int
    what: str
    when: str
    state: str
    tone: str
    requested_at: str
    updated_at: str


@dataclass(frozen=True, slots=True)
class NextWindow:
    """When the next window opens. within_s: at the longest. told: by the exporter, not guessed."""

    opens_at: str
    within_s: float
    told: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """The status part of Catalog Sync.

    products: how many each store view has; products_synced: the most that any has, since a product
    comes once per store view. listed_share: of the requests, 1 once all are in the list of
    products. waiting: resyncs that are not done yet.
    """

    data_space: str
    name: str
    last_sync: LastSync
    products_synced: int
    products: tuple[StoreView, ...]
    listed_share: float
    next_window: NextWindow
    waiting: tuple[ResyncRow, ...]
    activity: Chart


@dataclass(frozen=True, slots=True)
class SettingsPage:
    """Settings. commands: what to run where the exporter does not report."""

    data_space: str
    name: str
    next_window: NextWindow
    reported: bool
    how: str
    commands: str
    feed_names: tuple[str, ...]
    feeds: Table
    resyncs: Table
    schedule: Table


def overview(service: Service, space: DataSpace) -> Overview:
    """How the sync of a data space goes. Bounded reads only: it is looked up four times a second
    while somebody watches."""
    store, now = service.store, service.clock()
    runs = store.runs.newest(space.id)
    status = last_sync(runs, store.traffic.recent(space.id), now)
    open_states = (ResyncState.REQUESTED, ResyncState.RUNNING)
    views = store.catalog.store_views(space.id)
    listed, newest = store.catalog.requests_behind(space.id)
    waiting = [r for state in open_states for r in store.resyncs.asked(space.id, state)]
    return Overview(
        data_space=space.id,
        name=space.name,
        last_sync=status,
        products_synced=max((view.products for view in views), default=0),
        products=tuple(views),
        listed_share=listed / newest if newest else 1.0,
        next_window=_next_window(windows_of(store.schedules.of(space.id)), now),
        waiting=tuple(_resync(request) for request in waiting[-RESYNCS_SHOWN:]),
        activity=_chart(service, space.id, now),
    )


def settings(service: Service, space: DataSpace) -> SettingsPage:
    """The feeds and the resyncs of a data space."""
    store, now = service.store, service.clock()
    runs = store.runs.newest(space.id, limit=RUNS_LOOKED_AT)
    traffic = store.traffic.recent(space.id)
    statuses = feed_statuses(runs, store.traffic.last_by_feed(space.id), now)
    asked = store.resyncs.asked(space.id)[-RESYNCS_SHOWN:]
    waiting = [_what(r) for r in asked if r.state is ResyncState.REQUESTED and not r.now]
    sync = last_sync(runs, traffic, now)
    windows = windows_of(store.schedules.of(space.id))
    return SettingsPage(
        data_space=space.id,
        name=space.name,
        next_window=_next_window(windows, now),
        reported=sync.reported,
        how=_how(sync),
        commands="\n".join(COMMAND.format(feed=feed.cli_names[-1]) for feed in FEEDS.values()),
        feed_names=tuple(FEEDS),
        feeds=_feeds(statuses),
        resyncs=Table(
            "Resyncs that were asked for", RESYNC_COLUMNS, [_resync(r) for r in reversed(asked)]
        ),
        schedule=schedule(runs, traffic, waiting, windows, now, reported=sync.reported),
    )


def _next_window(windows: Windows, now: datetime) -> NextWindow:
    within_s = windows.every.total_seconds()
    return NextWindow(_text(windows.next_after(now)), within_s, windows.told)


def _how(sync: LastSync) -> str:
    if sync.state is SyncState.NEVER:
        return NOT_HEARD_OF
    return REPORTING if sync.reported else NOT_REPORTING


def _feeds(statuses: Sequence[FeedStatus]) -> Table:
    return Table("Status of each feed", FEED_COLUMNS, statuses)


def _resync(request: ResyncRequest) -> ResyncRow:
    return ResyncRow(
        request.id,
        _what(request),
        "at the next pass" if request.now else "at the next window",
        str(request.state),
        _TONES[request.state],
        request.requested_at,
        request.updated_at,
    )


def _what(request: ResyncRequest) -> str:
    feeds = ", ".join(request.feeds) if request.feeds else "all feeds"
    return f"{plural(len(request.ids), 'item')} of {feeds}" if request.ids else feeds


def _chart(service: Service, data_space: str, now: datetime) -> Chart:
    minutes = service.activity.last_hour(data_space, now)
    if service.config.workers > 1:
        # Each process counts what it took itself; the journal knows all.
        since = timestamp(now - timedelta(minutes=MINUTES_KEPT))
        counted = service.store.traffic.by_minute(data_space, since)
        minutes = [Minute(each.minute, *counted.get(_minute(each), (0, 0))) for each in minutes]
    return Chart(
        "Items received per minute over the last hour",
        tuple(f"{datetime.fromtimestamp(m.minute * 60, UTC):%H:%M}" for m in minutes),
        tuple(minute.accepted for minute in minutes),
        tuple(minute.rejected for minute in minutes),
    )


def _minute(minute: Minute) -> str:
    return f"{datetime.fromtimestamp(minute.minute * MINUTE_S, UTC):%Y-%m-%dT%H:%M}"


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
