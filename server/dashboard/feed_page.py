"""Data Feed Sync Status as view models. Source: contract/admin-pages.md.

The sent side is what exporters report; where one reports nothing, only the service's own counts
are shown, and that is said.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mcs.contract.canonical import key_of_values
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.status import ExportStatus, is_final
from mcs.server.dashboard.filters import identity_text
from mcs.server.dashboard.query import link
from mcs.server.dashboard.table import Column, Pager, Table
from mcs.server.store.feed_status import PAGE_ROWS, FeedReport, HeldItem, ReportedItem
from mcs.server.store.journal import RefusedItem
from mcs.server.store.repository import Store

BACKLOG_ALARM = 1_000
"""Commerce shows a change log backlog above it in the colour of errors."""
REFUSALS_SHOWN = 50
KEY = re.compile("[0-9a-f]{1,40}")
READY = "Ready"

REPORTED = "The sent side is what the exporter reported after each run."
NOT_REPORTED = (
    "No exporter has reported on this data space, so only what the service knows is shown. An "
    "exporter that reports does so by PUT /control/data-spaces/{id}/feed-status/FEED."
)
COUNTING = "The received items are still being counted."
SOME_FAILED = "The newest {shown} of {failed} failed items are told."
INFERRED = "Inferred from what the service refused: no exporter has reported on this feed."
IDENTITY_HINT = "{names}, with commas between"

SUBMITTED, WILL_RETRY, ATTENTION, AWAITING = (
    "Submitted to service",
    "Failed, will retry",
    "Failed, require attention",
    "Awaiting submission",
)
TONES = {SUBMITTED: "good", WILL_RETRY: "busy", ATTENTION: "bad", AWAITING: "busy"}

FEED_COLUMNS = (
    Column("feed", "Feed name"),
    Column("source_records", "Source records", numeric=True),
    Column("sent", "Successfully sent", numeric=True),
    Column("failed", "Failed", numeric=True),
    Column("waiting", "Waiting", numeric=True),
    Column("received", "Received", numeric=True),
    Column("indexer", "Indexer"),
    Column("reported_at", "Reported"),
)
ITEM_COLUMNS = (
    Column("feed_id", "Feed item ID"),
    Column("entity_id", "Entity ID", numeric=True),
    Column("identity", "Feed identifiers"),
    Column("status", "Export status"),
    Column("synced_at", "Last sync date"),
    Column("deleted", "Deleted"),
    Column("request_id", "Request ID"),
    Column("error", "Error"),
)


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A feed. None where nobody has reported it. received: alive in the service."""

    feed: str
    received: int
    source_records: int | None = None
    sent: int | None = None
    failed: int | None = None
    waiting: int | None = None
    indexer: str = ""
    indexer_tone: str = "neutral"
    backlog_tone: str = "neutral"
    reported_at: str | None = None


@dataclass(frozen=True, slots=True)
class FeedsPage:
    """The feeds of a data space. note: where the numbers come from."""

    data_space: str
    note: str
    table: Table


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item. request: the number of its request, None if the journal does not say."""

    feed_id: str
    entity_id: int | None
    identity: str
    status: str
    tone: str
    synced_at: str | None
    deleted: bool
    request_id: str
    request: int | None
    error: str


@dataclass(frozen=True, slots=True)
class FeedPage:
    """The items of a feed. failed: those that are not submitted; held: those that are. note: what
    is to be known of the numbers."""

    data_space: str
    feed: FeedRow
    note: str
    search: str
    hint: str
    failed_note: str
    failed: Table
    held: Table
    pager: Pager


def feeds_page(store: Store, data_space: str, *, counted: bool) -> FeedsPage:
    """How every feed of a data space stands. counted: all that came is."""
    statuses = store.feed_statuses
    reports, alive = statuses.reports(data_space), statuses.alive(data_space)
    # Feeds of another dialect are shown where it is spoken.
    names = [name for name in ALL_FEEDS if name in FEEDS or name in alive]
    rows = [_feed_row(name, reports.get(name), alive) for name in names]
    note = REPORTED if reports else NOT_REPORTED.format(id=data_space)
    if not counted:
        note = f"{note} {COUNTING}"
    return FeedsPage(data_space, note, Table("Feeds", FEED_COLUMNS, rows))


def feed_page(
    store: Store, data_space: str, feed: Feed, url: str, query: Mapping[str, str], *, counted: bool
) -> FeedPage:
    """The items of a feed: those that failed, and a page of those that are held.

    counted: all that came is. Raises UsageError for a search that names nothing.
    """
    statuses, search = store.feed_statuses, query.get("q", "").strip()
    report = statuses.reports(data_space).get(feed.name)
    key, after = _wanted_key(feed, search), _place(query.get("after", ""))
    held = statuses.held(data_space, feed.name, after=after, key=key, limit=PAGE_ROWS + 1)
    failed, note = _failed(store, data_space, feed, report)
    following = held[PAGE_ROWS - 1].key if len(held) > PAGE_ROWS else None
    shown = [_held_row(item) for item in held[:PAGE_ROWS]]
    return FeedPage(
        data_space=data_space,
        feed=_feed_row(feed.name, report, statuses.alive(data_space)),
        note="" if counted else COUNTING,
        search=search,
        hint=IDENTITY_HINT.format(names=", ".join(feed.identity)),
        failed_note=note,
        failed=Table("Items that are not submitted", ITEM_COLUMNS, failed),
        held=Table("Items that the service holds", ITEM_COLUMNS, shown),
        pager=Pager(
            first_url=link(url, {"q": search}) if after else None,
            next_url=link(url, {"q": search, "after": following}) if following else None,
        ),
    )


def export_status(status: int) -> str:
    """What Commerce says of a value of the feed table.

    >>> export_status(200), export_status(2), export_status(400)
    ('Submitted to service', 'Failed, will retry', 'Failed, require attention')
    """
    if status == ExportStatus.SUBMITTED:
        return SUBMITTED
    if status == ExportStatus.AWAITING:
        return AWAITING
    return ATTENTION if is_final(status) else WILL_RETRY


def _feed_row(name: str, report: FeedReport | None, alive: Mapping[str, int]) -> FeedRow:
    received = alive.get(name, 0)
    if report is None:
        return FeedRow(name, received)
    return FeedRow(
        feed=name,
        received=received,
        source_records=report.source_records,
        sent=report.sent,
        failed=report.failed,
        waiting=report.waiting,
        indexer=report.indexer,
        indexer_tone="good" if report.indexer == READY else "busy",
        backlog_tone="bad" if report.waiting > BACKLOG_ALARM else "neutral",
        reported_at=report.reported_at,
    )


def _failed(
    store: Store, data_space: str, feed: Feed, report: FeedReport | None
) -> tuple[Sequence[ItemRow], str]:
    if report is None:
        refused = store.journalled.refused(data_space, feed=feed.name, limit=REFUSALS_SHOWN)
        return [_refused_row(item) for item in refused], INFERRED
    rows = [_reported_row(item) for item in report.items]
    if len(rows) >= report.failed:
        return rows, ""
    return rows, SOME_FAILED.format(shown=len(rows), failed=report.failed)


def _reported_row(item: ReportedItem) -> ItemRow:
    status = export_status(item.status)
    return ItemRow(
        feed_id=item.feed_id,
        entity_id=item.entity_id,
        identity=", ".join(f"{path} {value}" for path, value in item.identity.items()),
        status=status,
        tone=TONES[status],
        synced_at=item.modified_at,
        deleted=item.deleted,
        request_id=item.request_id,
        request=None,
        error=item.error,
    )


def _held_row(item: HeldItem) -> ItemRow:
    return ItemRow(
        feed_id=item.key,
        entity_id=None,
        identity=identity_text(item.identity),
        status=SUBMITTED,
        tone=TONES[SUBMITTED],
        synced_at=item.received_at,
        deleted=item.deleted,
        request_id=item.request_id,
        request=item.request,
        error="",
    )


def _refused_row(item: RefusedItem) -> ItemRow:
    return ItemRow(
        feed_id=item.key or "",
        entity_id=None,
        identity=identity_text(item.identity),
        status=ATTENTION,
        tone=TONES[ATTENTION],
        synced_at=item.received_at,
        deleted=False,
        request_id=item.request_id,
        request=item.request,
        error=item.errors,
    )


def _wanted_key(feed: Feed, search: str) -> str:
    """The key, or how it begins, that a search names: by itself, or by the values it is made of."""
    values = [part.strip() for part in search.split(",")]
    if len(values) == len(feed.identity) and (len(values) > 1 or not KEY.fullmatch(search)):
        return key_of_values(values) if search else ""
    if search and not KEY.fullmatch(search):
        hint = IDENTITY_HINT.format(names=", ".join(feed.identity))
        raise UsageError(f'q: "{search}" is neither how a feed item ID begins, nor {hint}.')
    return search


def _place(text: str) -> str:
    if text and not KEY.fullmatch(text):
        raise UsageError(f'after: got "{text}", expected a feed item ID.')
    return text
