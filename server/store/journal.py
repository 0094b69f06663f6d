"""The journal as people read it: pages of requests, what was refused, samples for charts.

Everything is bounded. A filter that hardly anything passes looks at the newest requests only, and
says how far it looked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, func, or_, select, tuple_

from mcs.server.store import lookup, reading
from mcs.server.store.database import Database
from mcs.server.store.tables import FaultEvents, Rejections, Requests
from mcs.server.store.values import JournalledRequest
from mcs.server.store.versions import Versions

PAGE_ROWS = 50
SCANNED_REQUESTS = 20_000
SAMPLES = 5_000


class Show(StrEnum):
    """Which requests are wanted."""

    ALL = "all"
    FAILED = "failed"
    """Refused whole or in part, or cut off."""
    FAULTY = "faulty"
    """Hit by a fault, whatever became of it."""


@dataclass(frozen=True, slots=True)
class Filter:
    """before: only requests with lower numbers."""

    feed: str | None = None
    show: Show = Show.ALL
    status: int | None = None
    before: int | None = None
    limit: int = PAGE_ROWS

    @property
    def is_narrow(self) -> bool:
        """True if many requests may be passed over before one is found."""
        return self.show is not Show.ALL or self.status is not None


@dataclass(frozen=True, slots=True)
class Entry:
    """A request as lists show it. fault, signature: as the journal has them."""

    id: int
    request_id: str
    received_at: str
    method: str
    route: str
    feed: str | None
    status: int
    items: int
    accepted: int
    rejected: int
    body_bytes: int
    decoded_bytes: int
    duration_ms: float
    code: str | None
    message: str | None
    answered: bool
    fault: Any
    signature: Any


@dataclass(frozen=True, slots=True)
class EntryPage:
    """Newest first. next: the `before` of the page after. exhausted: False if the look ended
    before the journal did, so that `next` goes on looking."""

    entries: list[Entry]
    next: int | None
    exhausted: bool = True


@dataclass(frozen=True, slots=True)
class Sample:
    """One request as charts count it."""

    received_at: str
    accepted: int
    rejected: int
    body_bytes: int
    duration_ms: float


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """A refused item. request: its request's number; identity, errors: JSON."""

    request: int
    index: int
    request_id: str
    received_at: str
    feed: str
    key: str | None
    identity: str | None
    errors: str


@dataclass(frozen=True, slots=True)
class Recorded:
    """An item as its request's write recorded it."""

    index: int
    key: str
    deleted: bool


@dataclass(frozen=True, slots=True)
class Event:
    """What a fault did. identity: JSON; index: None if it hit the request."""

    id: int
    fault: int
    action: str
    feed: str
    identity: str | None
    request_id: str
    index: int | None
    items: int
    recorded: bool
    change: str | None
    recorded_at: str | None
    at: str


class Journal:
    """The requests of all data spaces, as they came."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def page(
        self, data_space: str, wanted: Filter, *, among: Select[tuple[int]] | None = None
    ) -> EntryPage:
        """The newest requests that pass a filter. among: their numbers, if they are known."""
        with self.database.reading() as connection:
            own = [Requests.data_space == data_space, *_conditions(wanted)]
            floor = None
            if among is not None:
                own.append(Requests.id.in_(among))
            elif wanted.is_narrow:
                floor = connection.scalar(_floor(data_space, wanted))
            if floor is not None:
                own.append(Requests.id >= floor)
            query = _ENTRIES.where(*own).order_by(Requests.id.desc()).limit(wanted.limit + 1)
            found = [_entry(row) for row in connection.execute(query)]
        if len(found) > wanted.limit:
            return EntryPage(found[: wanted.limit], found[wanted.limit - 1].id)
        return EntryPage(found, floor, exhausted=floor is None)

    def entry(self, data_space: str, number: int) -> Entry | None:
        """One request, or None."""
        own = (Requests.data_space == data_space, Requests.id == number)
        with self.database.reading() as connection:
            row = connection.execute(_ENTRIES.where(*own)).one_or_none()
        return None if row is None else _entry(row)

    def number_of(self, data_space: str, request_id: str) -> int | None:
        """The number of the newest request with this id."""
        query = select(Requests.id).where(
            Requests.data_space == data_space, Requests.request_id == request_id
        )
        with self.database.reading() as connection:
            return connection.scalar(query.order_by(Requests.id.desc()).limit(1))

    def samples(self, data_space: str, limit: int = SAMPLES) -> list[Sample]:
        """The newest requests, newest first, as charts count them."""
        columns = [getattr(Requests, field.name) for field in fields(Sample)]
        query = select(*columns).where(Requests.data_space == data_space)
        with self.database.reading() as connection:
            found = connection.execute(query.order_by(Requests.id.desc()).limit(limit))
            return [Sample(*row) for row in found]

    def size(self, data_space: str) -> int:
        """How many requests of a data space are remembered."""
        query = select(func.count()).where(Requests.data_space == data_space)
        with self.database.reading() as connection:
            return connection.scalar(query) or 0

    def recorded(self, data_space: str, number: int) -> list[Recorded]:
        """What was recorded of a request when it came, in the order of its items."""
        query = select(Versions.item_index, Versions.key, Versions.deleted).where(
            Versions.written == number,
            Versions.request == number,
            Versions.data_space == data_space,
        )
        with self.database.record(data_space) as connection:
            return [Recorded(*row) for row in connection.execute(query.order_by("item_index"))]

    def refused(
        self,
        data_space: str,
        *,
        feed: str | None = None,
        request: int | None = None,
        before: tuple[int, int] | None = None,
        limit: int = PAGE_ROWS,
    ) -> list[RefusedItem]:
        """Refused items, newest request first; before: below that request's number and index."""
        query = _REFUSED.where(Rejections.data_space == data_space).limit(limit)
        if feed is not None:
            query = query.where(Rejections.feed == feed)
        if request is not None:
            query = query.where(Rejections.request == request)
        if before is not None:
            query = query.where(tuple_(Rejections.request, Rejections.item_index) < before)
        newest = (Rejections.request.desc(), Rejections.item_index.desc())
        with self.database.reading() as connection:
            return [RefusedItem(*row) for row in connection.execute(query.order_by(*newest))]

    def events(
        self, data_space: str, request_id: str | None = None, limit: int = 100
    ) -> list[Event]:
        """What faults did, newest first; to one request if that is named."""
        query = _EVENTS.where(FaultEvents.data_space == data_space).limit(limit)
        if request_id is not None:
            query = query.where(FaultEvents.request_id == request_id)
        with self.database.reading() as connection:
            found = connection.execute(query.order_by(FaultEvents.id.desc()))
            return [Event(*tuple(row)) for row in found]

    def requests(
        self,
        data_space: str | None,
        feed: str | None = None,
        *,
        before: int | None = None,
        limit: int = 100,
    ) -> list[JournalledRequest]:
        """Requests to a data space, or to none that there is, newest first, below `before`."""
        with self.database.reading() as connection:
            return reading.requests(connection, data_space, feed, before, limit)

    def request(self, data_space: str, number: int) -> JournalledRequest | None:
        """One request to a data space, or None."""
        with self.database.reading() as connection:
            return reading.request(connection, data_space, number)

    def body(self, data_space: str, number: int) -> bytes | None:
        """The decoded body of a request; None if there is none, or it was never read."""
        with self.database.reading() as connection:
            return reading.body(connection, data_space, number)

    def batch(self, data_space: str, number: int) -> tuple[str, bytes] | None:
        """The feed and the decoded body of a request; None if there is none that was a batch."""
        with self.database.reading() as connection:
            return reading.batch(connection, data_space, number)

    def requests_by_id(
        self, data_space: str, request_ids: Sequence[str]
    ) -> list[JournalledRequest]:
        """The journalled requests with these ids, oldest first; an id may be used again."""
        with self.database.reading() as connection:
            return lookup.requests_by_id(connection, data_space, request_ids)


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.feed is not None:
        conditions.append(Requests.feed == wanted.feed)
    if wanted.status is not None:
        conditions.append(Requests.status == wanted.status)
    if wanted.before is not None:
        conditions.append(Requests.id < wanted.before)
    if wanted.show is Show.FAILED:
        conditions.append(
            or_(Requests.status >= 400, Requests.rejected > 0, Requests.answered.is_(False))
        )
    elif wanted.show is Show.FAULTY:
        conditions.append(Requests.fault.is_not(None))
    return conditions


def _floor(data_space: str, wanted: Filter) -> Any:
    """The number of the oldest request that is looked at."""
    query = select(Requests.id).where(Requests.data_space == data_space)
    if wanted.feed is not None:
        query = query.where(Requests.feed == wanted.feed)
    if wanted.before is not None:
        query = query.where(Requests.id < wanted.before)
    return query.order_by(Requests.id.desc()).offset(SCANNED_REQUESTS - 1).limit(1)


def _entry(row: Any) -> Entry:
    values = dict(row._mapping)
    for name in ("fault", "signature"):
        values[name] = None if values[name] is None else orjson.loads(values[name])
    return Entry(**values)


def _columns(table: Any, names: Sequence[str]) -> list[Any]:
    return [getattr(table, name) for name in names]


_ENTRIES = select(*_columns(Requests, [field.name for field in fields(Entry)]))
_REFUSED = select(
    Rejections.request,
    Rejections.item_index,
    Requests.request_id,
    Requests.received_at,
    *_columns(Rejections, ("feed", "key", "identity", "errors")),
).join(Requests, Requests.id == Rejections.request)
_EVENTS = select(
    *_columns(FaultEvents, ("id", "fault", "action", "feed", "identity", "request_id")),
    FaultEvents.item_index,
    *_columns(FaultEvents, ("items", "recorded", "change", "recorded_at", "at")),
)
