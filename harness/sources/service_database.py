"""A received side: the database of `mcs serve`, read while it runs or when it no longer does.

It is read by the tables data_spaces, items, item_versions, inbox (see service_inbox.py),
rejections, requests, payloads and altered_texts. Its table schema_version says how they are made;
any version but the known one is refused. A payload is the JSON array of a request, compressed by
zlib or as the gzip that came; an altered text stands for an item of it that was recorded otherwise
than it came.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, column, inspect, null, select, table, union_all

from mcs.contract.errors import UsageError
from mcs.harness.database import read_only_database
from mcs.harness.errors import CouldNotTell
from mcs.harness.sides import Elsewhere, RequestFacts, Version
from mcs.harness.sources.reading import MIXED, Reading
from mcs.harness.sources.service_inbox import (
    INBOX,
    PAYLOADS,
    Line,
    current,
    unpacked,
    unsorted_writes,
)

SCHEMA_VERSION = 8
ROWS_AT_ONCE = 5_000
ASKED_AT_ONCE = 500
UNREADABLE = (
    "{place}: the service's database cannot be read ({reason}). Give the path of its SQLite file, "
    "as in db:var/server.sqlite, or its SQLAlchemy URL; `mcs serve` makes it."
)
NO_SERVICE_DATABASE = (
    "{place}: it is no database of `mcs serve`: it has no table {table}. `mcs serve` prints which "
    "it uses."
)
OTHER_VERSION = (
    "{place}: its tables have version {version}, this reader knows {known}. Start the service and "
    "give its URL instead."
)
NO_DATA_SPACE = "{place}: it holds no data space {wanted}. It holds: {found}."

_SCHEMA_VERSION = table("schema_version", column("version"))
_DATA_SPACES = table("data_spaces", column("id"))
_REQUESTS = table(
    "requests",
    *map(
        column,
        [
            "id",
            "request_id",
            "received_at",
            "status",
            "data_space",
            "feed",
            "items",
            "accepted",
            "rejected",
            "code",
            "message",
            "fault",
        ],
    ),
)
_ITEMS = table(
    "items",
    *map(
        column,
        [
            "data_space",
            "feed",
            "key",
            "identity",
            "hash",
            "deleted",
            "modified_at",
            "received_at",
            "request",
            "item_index",
            "versions",
            "repeats",
            "resends",
        ],
    ),
)
_WRITE = ("place", "request", "item_index", "data_space", "feed", "key", "hash", "deleted")
_PAST = table("item_versions", *map(column, ("written", "written_at", *_WRITE)))
_CURRENT = table("items", *map(column, _WRITE))
# A current version stands in `items` alone where that says its place.
_VERSIONS = union_all(
    select(_PAST),
    select(_CURRENT.c.request.label("written"), null().label("written_at"), *_CURRENT.c).where(
        _CURRENT.c.place.is_not(None)
    ),
).subquery("versions")
_REJECTIONS = table(
    "rejections",
    *map(column, ("request", "item_index", "data_space", "feed", "key", "identity", "errors")),
)
_ALTERED = table("altered_texts", column("request"), column("item_index"), column("text"))


class ServiceDatabase:
    """A received side: one data space, or all of them as one if that was asked for."""

    def __init__(self, place: str, connection: Connection, reading: Reading) -> None:
        self._connection = connection
        # A comparison asks from several threads; a connection serves one at a time.
        self._lock = Lock()
        _check_version(place, connection)
        self._space = _data_space(place, connection, reading)
        self.name = f"data space {self._space} of {place}" if self._space else place

    def write_received(self, feeds: Sequence[str] | None, path: Path) -> None:
        """Writes one line per identity the service holds. Memory: some thousand rows."""
        with path.open("wb") as file:
            file.writelines(self.received_lines(feeds))

    def write_rejected(self, feeds: Sequence[str] | None, path: Path) -> None:
        """Writes one line per refused item, in order of arrival, without the item itself."""
        with path.open("wb") as file:
            file.writelines(self.rejected_lines(feeds))

    def received_lines(
        self, feeds: Sequence[str] | None, *, with_items: bool = False
    ) -> Iterator[bytes]:
        """The received lines; with_items: each with `item`, as it was received."""
        # Read first: what is sorted in meanwhile is then found twice, and counts once.
        writes = self._unsorted(feeds)
        order = (_ITEMS.c.feed, _ITEMS.c.key)
        pages = self._pages(self._received(feeds).order_by(*order))
        held = (dict(row._mapping) for rows in pages for row in rows)
        for lines in _in_pages(current(held, writes)):
            places = [(line["request"], line["item_index"]) for line in lines]
            items = self._items(places) if with_items else {}
            for line, place in zip(lines, places, strict=True):
                shown = _received_line(line)
                if with_items:
                    shown["item"] = items.get(place)
                yield orjson.dumps(shown, option=orjson.OPT_APPEND_NEWLINE)

    def rejected_lines(self, feeds: Sequence[str] | None) -> Iterator[bytes]:
        """The rejected lines, in order of arrival."""
        refused = _REJECTIONS.c
        query = (
            select(_REJECTIONS, _REQUESTS.c.received_at, _REQUESTS.c.request_id)
            .join_from(_REJECTIONS, _REQUESTS, _REQUESTS.c.id == refused.request)
            .order_by(refused.request, refused.item_index)
        )
        for rows in self._pages(self._limited(query, refused, feeds)):
            for row in rows:
                yield orjson.dumps(_rejected_line(row), option=orjson.OPT_APPEND_NEWLINE)

    def versions(self, feed: str, key: str) -> list[Version]:
        """Every accepted write of one identity that the journal still holds, oldest first."""
        written = _VERSIONS.c
        query = (
            select(_VERSIONS, _REQUESTS.c.received_at, _REQUESTS.c.request_id)
            .join_from(_VERSIONS, _REQUESTS, _REQUESTS.c.id == written.request)
            .where(written.key == key)
            .order_by(written.written, written.place)
        )
        with self._lock:
            waiting = [write for write in self._unsorted([feed]) if write["key"] == key]
            rows = self._connection.execute(self._limited(query, written, [feed])).all()
            last = rows[-1].written if rows else 0
            lines = [dict(row._mapping) for row in rows]
            lines += [write for write in waiting if write["written"] > last]
            items = self._items([(line["request"], line["item_index"]) for line in lines])
        return [
            Version(
                line["hash"],
                bool(line["deleted"]),
                line["written_at"] or line["received_at"],
                line["request_id"],
                item,
            )
            for line in lines
            if (item := items.get((line["request"], line["item_index"]))) is not None
        ]

    def elsewhere(self, feed: str, keys: Sequence[str]) -> list[Elsewhere]:
        """The other data spaces of this database that hold these identities alive."""
        held = _ITEMS.c
        # Items are found by data space first, so each of the others is looked into.
        spaces = select(_DATA_SPACES.c.id).where(_DATA_SPACES.c.id != self._space)
        query = (
            select(
                held.data_space,
                held.feed,
                held.key,
                held.hash,
                held.received_at,
                _REQUESTS.c.request_id,
                held.request,
                held.deleted,
                held.versions,
                held.repeats,
                held.resends,
            )
            .join_from(_ITEMS, _REQUESTS, _REQUESTS.c.id == held.request)
            .where(held.feed == feed, held.data_space.in_(spaces))
            .order_by(held.feed, held.key)
        )
        found: list[Elsewhere] = []
        with self._lock:
            others = (INBOX.c.data_space != self._space, INBOX.c.feed == feed)
            waiting = unsorted_writes(self._connection, *others) if self._space else []
        for some in _some(sorted(set(keys))) if self._space else ():
            with self._lock:
                rows = self._connection.execute(query.where(held.key.in_(some))).all()
            writes = [write for write in waiting if write["key"] in set(some)]
            lines = current((dict(row._mapping) for row in rows), writes)
            found += [_elsewhere(line) for line in lines if not line["deleted"]]
        return found

    def requests(self, request_ids: Sequence[str]) -> dict[str, RequestFacts]:
        """What the journal says of these requests."""
        asked = _REQUESTS.c
        found: dict[str, RequestFacts] = {}
        for some in _some(request_ids):
            query = select(_REQUESTS).where(asked.request_id.in_(some)).order_by(asked.id)
            if self._space:
                query = query.where(asked.data_space == self._space)
            with self._lock:
                rows = self._connection.execute(query).all()
            found |= {row.request_id: _facts(row._mapping) for row in rows}
        return found

    def _unsorted(self, feeds: Sequence[str] | None) -> list[Line]:
        conditions = [] if self._space is None else [INBOX.c.data_space == self._space]
        if feeds is not None:
            conditions.append(INBOX.c.feed.in_(list(feeds)))
        return unsorted_writes(self._connection, *conditions)

    def _received(self, feeds: Sequence[str] | None) -> Select[Any]:
        query = select(_ITEMS, _REQUESTS.c.request_id).join_from(
            _ITEMS, _REQUESTS, _REQUESTS.c.id == _ITEMS.c.request
        )
        return self._limited(query, _ITEMS.c, feeds)

    def _limited(self, query: Select[Any], of: Any, feeds: Sequence[str] | None) -> Select[Any]:
        if self._space:
            query = query.where(of.data_space == self._space)
        return query if feeds is None else query.where(of.feed.in_(list(feeds)))

    def _pages(self, query: Select[Any]) -> Iterator[Sequence[Row[Any]]]:
        streaming = self._connection.execution_options(yield_per=ROWS_AT_ONCE)
        yield from streaming.execute(query).partitions()

    def _items(self, places: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Any]:
        """The items at these places: the number of a request, and the index in its array."""
        wanted: dict[int, list[int]] = defaultdict(list)
        for number, index in places:
            wanted[number].append(index)
        found: dict[tuple[int, int], Any] = {}
        for some in _some(list(wanted)):
            bodies = select(PAYLOADS).where(PAYLOADS.c.request.in_(some))
            for number, body in self._connection.execute(bodies).all():
                items = unpacked(body)
                found.update({(number, index): items[index] for index in wanted[number]})
            altered = select(_ALTERED).where(_ALTERED.c.request.in_(some))
            for number, index, text in self._connection.execute(altered).all():
                if index in wanted[number]:
                    found[number, index] = orjson.loads(text)
        return found


@contextmanager
def opened(place: str, reading: Reading) -> Iterator[ServiceDatabase]:
    """The record in a SQLite file or behind a SQLAlchemy URL. Raises CouldNotTell."""
    with read_only_database(place, UNREADABLE) as connection:
        shown = connection.engine.url.render_as_string(hide_password=True)
        yield ServiceDatabase(shown if "://" in place else place, connection, reading)


def _check_version(place: str, connection: Connection) -> None:
    tables = set(inspect(connection).get_table_names())
    for one in (_SCHEMA_VERSION, _DATA_SPACES, _REQUESTS, _ITEMS, _PAST, _REJECTIONS):
        if one.name not in tables:
            raise CouldNotTell(NO_SERVICE_DATABASE.format(place=place, table=one.name))
    version = connection.scalar(select(_SCHEMA_VERSION.c.version))
    if version != SCHEMA_VERSION:
        raise CouldNotTell(OTHER_VERSION.format(place=place, version=version, known=SCHEMA_VERSION))


def _data_space(place: str, connection: Connection, reading: Reading) -> str | None:
    """The data space to read; None: all. Raises UsageError if it is not clear which."""
    if reading.mixed:
        return None
    found: list[str] = sorted(connection.scalars(select(_DATA_SPACES.c.id)))
    wanted = reading.data_space_id
    if wanted is not None and wanted.lower() in found:
        return wanted.lower()
    listed = ", ".join(found) or "none"
    if wanted is not None or not found:
        raise CouldNotTell(NO_DATA_SPACE.format(place=place, wanted=wanted or "", found=listed))
    if len(found) > 1:
        raise UsageError(MIXED.format(place=place, found=listed))
    return found[0]


def _some(values: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(values), ASKED_AT_ONCE):
        yield values[start : start + ASKED_AT_ONCE]


def _place(row: Row[Any]) -> tuple[int, int]:
    return row.request, row.item_index


def _in_pages(lines: Iterator[Line]) -> Iterator[list[Line]]:
    while page := list(islice(lines, ROWS_AT_ONCE)):
        yield page


def _elsewhere(line: Line) -> Elsewhere:
    names = ("data_space", "feed", "key", "hash", "received_at", "request_id")
    return Elsewhere(*(line[name] for name in names))


def _received_line(row: Line) -> dict[str, Any]:
    line = dict(row)
    line["index"] = line.pop("item_index")
    line["data_space_id"] = line.pop("data_space")
    line["identity"] = _embedded(line["identity"])
    line["deleted"] = bool(line["deleted"])
    del line["request"]
    return line


def _rejected_line(row: Row[Any]) -> dict[str, Any]:
    return {
        "feed": row.feed,
        "key": row.key,
        "identity": _embedded(row.identity),
        "received_at": row.received_at,
        "request_id": row.request_id,
        "index": row.item_index,
        "errors": _embedded(row.errors),
        "data_space_id": row.data_space,
    }


def _embedded(text: str | None) -> Any:
    return None if text is None else orjson.Fragment(text)


def _facts(row: Mapping[Any, Any]) -> RequestFacts:
    return RequestFacts(
        request_id=row["request_id"],
        feed=row["feed"],
        received_at=row["received_at"],
        status=row["status"],
        items=row["items"],
        accepted=row["accepted"],
        rejected=row["rejected"],
        code=row["code"],
        message=row["message"],
        fault=_names_of_faults(row.get("fault")),
    )


def _names_of_faults(listed: Any) -> tuple[str, ...]:
    faults = orjson.loads(listed) if isinstance(listed, str) else listed
    return tuple(
        str(fault.get("action", fault)) if isinstance(fault, dict) else str(fault)
        for fault in faults or ()
    )
