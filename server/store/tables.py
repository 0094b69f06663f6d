"""The tables, for SQLite and PostgreSQL. Times are ISO 8601 texts in UTC."""

from typing import Any, ClassVar

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA_VERSION = 8

# Listings are ordered by these; on every database by code point.
Sorted = String(64).with_variant(String(64, collation="C"), "postgresql")
NAME_LENGTH = 200
SortedName = String(NAME_LENGTH).with_variant(String(NAME_LENGTH, collation="C"), "postgresql")
# What grows with the items is in partitions (partitions.py), and points to no other table.
BY_DATA_SPACE = {"sqlite_with_rowid": False, "postgresql_partition_by": "HASH (data_space)"}


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
    """The tenants. settings: JSON. keys_retired: how many keys of it are good no more."""

    __tablename__ = "data_spaces"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str]
    settings: Mapped[str]
    created_at: Mapped[str]
    keys_retired: Mapped[int] = mapped_column(default=0, server_default="0")


class ApiKeys(Table):
    """Which API key may send to which data space. The key itself is kept nowhere.

    shown: how it begins, as the journal shows it; null where an earlier version registered it.
    retired_at: null while it is good. last_used_at: of a request that it signed well, to within
    a minute; null if there was none since that is noted.
    """

    __tablename__ = "api_keys"

    id: Mapped[int] = mapped_column(primary_key=True)
    key_hash: Mapped[str] = mapped_column(String(64), index=True)
    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"))
    public_key: Mapped[str]
    created_at: Mapped[str]
    shown: Mapped[str | None]
    retired_at: Mapped[str | None]
    last_used_at: Mapped[str | None]


class Buckets(Table):
    """The tokens of data spaces whose requests per minute are limited (throttle.py)."""

    __tablename__ = "buckets"

    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), primary_key=True)
    tokens: Mapped[float]
    at: Mapped[str]


class Requests(Table):
    """The journal: one row per request, answered well or not.

    headers: JSON, secrets left out. answered: False if a fault cut the connection. fault: JSON,
    what hit the request or its items. signature: JSON, what its token said, without the token.
    """

    __tablename__ = "requests"
    __table_args__ = (
        Index("requests_by_data_space", "data_space", "id"),
        Index("requests_by_request_id", "data_space", "request_id"),
        Index("requests_by_feed", "data_space", "feed", "id"),
        # A number that is given twice would mix the items of two requests.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    request_id: Mapped[str]
    received_at: Mapped[str]
    method: Mapped[str]
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
    answered: Mapped[bool]
    fault: Mapped[str | None]
    signature: Mapped[str | None]


class Payloads(Table):
    """The body of a request, compressed (payloads.py): the record of what was received."""

    __tablename__ = "payloads"

    request: Mapped[int] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class AlteredTexts(Table):
    """The JSON text of an item that a fault let be recorded otherwise than it came."""

    __tablename__ = "altered_texts"

    request: Mapped[int] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    item_index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str]


class Items(Table):
    """The current version of each item; (request, item_index) says where its JSON text is.

    place: among what that request wrote; null if the version stands in `item_versions` as well, as
    it does where another request wrote it, or an earlier version of these tables.
    """

    __tablename__ = "items"
    __table_args__ = (BY_DATA_SPACE,)

    data_space: Mapped[str] = mapped_column(String(36), primary_key=True)
    feed: Mapped[str] = mapped_column(Sorted, primary_key=True)
    key: Mapped[str] = mapped_column(Sorted, primary_key=True)
    identity: Mapped[str | None]
    hash: Mapped[str] = mapped_column(String(40))
    deleted: Mapped[bool]
    modified_at: Mapped[str | None]
    received_at: Mapped[str]
    request: Mapped[int] = mapped_column(index=True)
    item_index: Mapped[int]
    versions: Mapped[int]
    repeats: Mapped[int]
    resends: Mapped[int]
    digested: Mapped[str | None]
    place: Mapped[int | None]


class Inbox(Table):
    """The writes of requests that are not sorted into `items` and `item_versions` yet.

    at: when they were made. writes: JSON, a list of [request, index, key, identity, hash, deleted,
    modified_at], request as in `ItemVersions`; or the index alone of an item that is written as it
    stands in the body of this request. operation: what the request does to those; null where an
    earlier version knew of none.
    """

    __tablename__ = "inbox"
    __table_args__ = (BY_DATA_SPACE,)

    data_space: Mapped[str] = mapped_column(String(36), primary_key=True)
    request: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    feed: Mapped[str]
    at: Mapped[str]
    items: Mapped[int]
    operation: Mapped[str | None]
    writes: Mapped[bytes] = mapped_column(LargeBinary)


class ItemDigests(Table):
    """Bucket digests of what is alive, as far as they are folded (contract/digests.py)."""

    __tablename__ = "item_digests"
    __table_args__ = (BY_DATA_SPACE,)

    data_space: Mapped[str] = mapped_column(String(36), primary_key=True)
    feed: Mapped[str] = mapped_column(Sorted, primary_key=True)
    bucket: Mapped[str] = mapped_column(Sorted, primary_key=True)
    alive: Mapped[int]
    total: Mapped[int]
    unsettled: Mapped[int]
    resent: Mapped[int]


class DigestMarks(Table):
    """Up to which request's items the digests of a data space are folded."""

    __tablename__ = "digest_marks"

    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), primary_key=True)
    request: Mapped[int]


class ItemVersions(Table):
    """The accepted writes that are no longer current, or that were not made as they came.

    All of them, and where to read them: versions.py. written: the request with which it was
    written, and its place there. (request, item_index): the one that brought it, which is another
    where a fault writes later. written_at: null if it was written when that request came.
    """

    __tablename__ = "item_versions"
    __table_args__ = (
        # A key is in few feeds and data spaces: the index that is larger by them is slower.
        Index("item_versions_by_key", "key"),
        BY_DATA_SPACE,
    )

    written: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    # Part of the key for PostgreSQL's partitions; last, or else SQLite reads a data space whole.
    data_space: Mapped[str] = mapped_column(String(36), primary_key=True)
    request: Mapped[int]
    item_index: Mapped[int]
    feed: Mapped[str] = mapped_column(Sorted)
    key: Mapped[str] = mapped_column(Sorted)
    hash: Mapped[str] = mapped_column(String(40))
    deleted: Mapped[bool]
    written_at: Mapped[str | None]


class Rejections(Table):
    """Every refused item, in the order of arrival. errors: JSON."""

    __tablename__ = "rejections"
    __table_args__ = (
        Index("rejections_by_data_space", "data_space", "request", "item_index"),
        Index("rejections_by_key", "key", "feed", "data_space"),
    )

    request: Mapped[int] = mapped_column(ForeignKey("requests.id"), primary_key=True)
    item_index: Mapped[int] = mapped_column(primary_key=True)
    data_space: Mapped[str] = mapped_column(String(36))
    feed: Mapped[str] = mapped_column(Sorted)
    key: Mapped[str | None]
    identity: Mapped[str | None]
    errors: Mapped[str]


class ItemNames(Table):
    """Which items a name of the catalog, such as a SKU, stands for: kept, refused, or lost.

    name: a value of `Feed.entity`, shortened. It outlives the refusals that brought it.
    """

    __tablename__ = "item_names"
    __table_args__ = (BY_DATA_SPACE,)

    data_space: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(SortedName, primary_key=True)
    feed: Mapped[str] = mapped_column(Sorted, primary_key=True)
    key: Mapped[str] = mapped_column(Sorted, primary_key=True)


class Faults(Table):
    """The rules of a data space's misbehaviour, and how far each has come. definition: JSON."""

    __tablename__ = "faults"
    # A number that is given twice would mix the events of two rules.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), index=True)
    definition: Mapped[str]
    enabled: Mapped[bool]
    seen: Mapped[int]
    applied: Mapped[int]


class FaultPasses(Table):
    """How often something passed a rule that counts attempts. key: an item's, or a batch's."""

    __tablename__ = "fault_passes"

    fault: Mapped[int] = mapped_column(
        ForeignKey("faults.id", ondelete="CASCADE"), primary_key=True
    )
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    passes: Mapped[int]


class FaultEvents(Table):
    """What the faults did. It outlives the faults and the requests: it is the ground truth.

    key, identity, item_index: null if the request was hit. recorded: False if this fault kept what
    it hit from being recorded; another one, or a refusal, may have done so as well. change, due:
    JSON. recorded_at: when what was delayed was recorded.
    """

    __tablename__ = "fault_events"
    __table_args__ = (Index("fault_events_by_key", "key", "feed", "data_space"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), index=True)
    fault: Mapped[int]
    action: Mapped[str]
    feed: Mapped[str]
    key: Mapped[str | None]
    identity: Mapped[str | None]
    request_id: Mapped[str]
    item_index: Mapped[int | None]
    items: Mapped[int]
    recorded: Mapped[bool]
    change: Mapped[str | None]
    due: Mapped[str | None]
    recorded_at: Mapped[str | None]
    at: Mapped[str]


class DelayedWrites(Table):
    """Items that a fault holds back, or will write again, in the order of writing.

    due_at: a moment, or else requests_left: how many further requests it still waits for.
    """

    __tablename__ = "delayed_writes"

    id: Mapped[int] = mapped_column(primary_key=True)
    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), index=True)
    event: Mapped[int] = mapped_column(ForeignKey("fault_events.id"))
    due_at: Mapped[str | None]
    requests_left: Mapped[int | None]
    feed: Mapped[str] = mapped_column(Sorted)
    key: Mapped[str] = mapped_column(Sorted)
    identity: Mapped[str | None]
    hash: Mapped[str] = mapped_column(String(40))
    deleted: Mapped[bool]
    modified_at: Mapped[str | None]
    request: Mapped[int] = mapped_column(ForeignKey("requests.id"), index=True)
    item_index: Mapped[int]
