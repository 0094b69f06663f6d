"""The tables, for SQLite and PostgreSQL. Times are ISO 8601 texts in UTC."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA_VERSION = 2

# Listings are ordered by these; on every database by code point.
Sorted = String(64).with_variant(String(64, collation="C"), "postgresql")


class Table(DeclarativeBase):
    """The root of all tables."""

    metadata = MetaData()
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        # SQLite numbers rows by itself only where the type is plain INTEGER.
        int: BigInteger().with_variant(Integer, "sqlite"),
    }


class SchemaVersion(Table):
    """One row: the version of these tables that the database was made with."""

    __tablename__ = "schema_version"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class DataSpaces(Table):
    """The tenants. settings: JSON."""

    __tablename__ = "data_spaces"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str]
    settings: Mapped[str]
    created_at: Mapped[str]


class ApiKeys(Table):
    """Which API key may send to which data space. The key itself is kept nowhere."""

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), index=True)
    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"))
    public_key: Mapped[str]
    created_at: Mapped[str]


class Requests(Table):
    """The journal: one row per request, answered well or not. headers: JSON, secrets left out."""

    __tablename__ = "requests"
    __table_args__ = (
        Index("requests_by_data_space", "data_space", "id"),
        Index("requests_by_feed", "data_space", "feed", "id"),
        # A number that is given twice would mix the items of two requests.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[str]
    received_at: Mapped[str]
    route: Mapped[str]
    headers: Mapped[str]
    status: Mapped[int]
    data_space: Mapped[str | None] = mapped_column(ForeignKey("data_spaces.id"))
    feed: Mapped[str | None]
    items: Mapped[int]
    accepted: Mapped[int]
    rejected: Mapped[int]
    body_bytes: Mapped[int]
    decoded_bytes: Mapped[int]
    duration_ms: Mapped[float]
    code: Mapped[str | None]
    message: Mapped[str | None]


class Payloads(Table):
    """The decoded body of a request, zlib-compressed: the record of what was received."""

    __tablename__ = "payloads"

    request: Mapped[int] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class Items(Table):
    """The current version of each item; (request, item_index) says where its JSON text is."""

    __tablename__ = "items"
    __table_args__ = ({"sqlite_with_rowid": False},)

    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), primary_key=True)
    feed: Mapped[str] = mapped_column(Sorted, primary_key=True)
    key: Mapped[str] = mapped_column(Sorted, primary_key=True)
    identity: Mapped[str | None]
    hash: Mapped[str] = mapped_column(String(40))
    deleted: Mapped[bool]
    modified_at: Mapped[str | None]
    received_at: Mapped[str]
    request: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    item_index: Mapped[int]
    versions: Mapped[int]
    repeats: Mapped[int]


class ItemVersions(Table):
    """Every accepted write, in the order of arrival."""

    __tablename__ = "item_versions"
    __table_args__ = (
        Index("item_versions_by_key", "key", "feed", "data_space"),
        {"sqlite_with_rowid": False},
    )

    request: Mapped[int] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    item_index: Mapped[int] = mapped_column(primary_key=True)
    data_space: Mapped[str] = mapped_column(String(36))
    feed: Mapped[str] = mapped_column(Sorted)
    key: Mapped[str] = mapped_column(Sorted)
    hash: Mapped[str] = mapped_column(String(40))
    deleted: Mapped[bool]


class Rejections(Table):
    """Every refused item, in the order of arrival. errors: JSON."""

    __tablename__ = "rejections"
    __table_args__ = (
        Index("rejections_by_data_space", "data_space", "request", "item_index"),
        Index("rejections_by_key", "key", "request"),
    )

    request: Mapped[int] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    item_index: Mapped[int] = mapped_column(primary_key=True)
    data_space: Mapped[str] = mapped_column(String(36))
    feed: Mapped[str] = mapped_column(Sorted)
    key: Mapped[str | None]
    identity: Mapped[str | None]
    errors: Mapped[str]


class Faults(Table):
    """The scripted misbehaviour of a data space, with how far each has come."""

    __tablename__ = "faults"

    id: Mapped[int] = mapped_column(primary_key=True)
    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), index=True)
    action: Mapped[str]
    feed: Mapped[str | None]
    every: Mapped[int]
    count: Mapped[int | None]
    seen: Mapped[int]
    applied: Mapped[int]


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


class FaultEvents(Table):
    """What the faults did. It outlives the faults and the requests: it is the ground truth."""

    __tablename__ = "fault_events"

    id: Mapped[int] = mapped_column(primary_key=True)
    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), index=True)
    fault: Mapped[int]
    action: Mapped[str]
    feed: Mapped[str]
    key: Mapped[str]
    identity: Mapped[str | None]
    request_id: Mapped[str]
    item_index: Mapped[int]
    at: Mapped[str]


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
