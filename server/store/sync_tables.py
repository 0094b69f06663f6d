"""What exporters are asked for, and what they say of their syncs."""

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from mcs.server.store.tables import Sorted, Table


class Resyncs(Table):
    """Resyncs that were asked for. feeds: JSON, a list of names or null for all."""

    __tablename__ = "resyncs"

    id: Mapped[int] = mapped_column(primary_key=True)
    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), index=True)
    feeds: Mapped[str]
    state: Mapped[str]
    requested_at: Mapped[str]
    updated_at: Mapped[str]
    at_once: Mapped[bool]
    ids: Mapped[str | None]


class SyncRuns(Table):
    """What exporters say of their syncs: one row per sync of a feed."""

    __tablename__ = "sync_runs"
    __table_args__ = (Index("sync_runs_by_data_space", "data_space", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"))
    feed: Mapped[str]
    operation: Mapped[str]
    state: Mapped[str]
    started_at: Mapped[str]
    updated_at: Mapped[str]
    finished_at: Mapped[str | None]
    sources: Mapped[int]
    sources_done: Mapped[int]
    submitted: Mapped[int]
    failed: Mapped[int]
    reason: Mapped[str | None]


class SyncSchedules(Table):
    """When the windows of an exporter open, as it told last. next_at: of one of them."""

    __tablename__ = "sync_schedules"

    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), primary_key=True)
    every_s: Mapped[int]
    next_at: Mapped[str]
    reported_at: Mapped[str]


class FeedReports(Table):
    """What an exporter said of a feed after its last run. items: JSON."""

    __tablename__ = "feed_reports"

    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), primary_key=True)
    feed: Mapped[str] = mapped_column(Sorted, primary_key=True)
    reported_at: Mapped[str]
    source_records: Mapped[int]
    sent: Mapped[int]
    failed: Mapped[int]
    waiting: Mapped[int]
    indexer: Mapped[str]
    items: Mapped[str]
