"""What `mcs serve` has recorded and not sorted into its tables of items yet: its table inbox.

A row is a request of a data space and a feed, `at` a moment; `writes` is the JSON array of its
writes, [request, index, key, identity, hash, deleted, modified_at] each, in order. request is
another than the row's where a fault has brought back what an earlier request had brought. An index
alone is an item that is written as it stands in the request's body; `operation` is what the request
does to it.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import merge
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Connection, column, select, table

from mcs.contract.calls import Operation
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.kept import kept

INBOX = table("inbox", *map(column, ("data_space", "request", "feed", "at", "operation", "writes")))
PAYLOADS = table("payloads", column("request"), column("body"))
REQUEST_IDS = table("requests", column("id"), column("request_id"))
FIELDS = ("request", "item_index", "key", "identity", "hash", "deleted", "modified_at")

ANY_WINDOW = 47
"""What zlib wants to be told in order to read gzip as well as its own format."""

Line = dict[str, Any]
"""A row of the table items, with the id of its request."""


def unsorted_writes(connection: Connection, *which: ColumnElement[bool]) -> list[Line]:
    """The writes that wait, in order; which: conditions on INBOX.

    Each has FIELDS, data_space, feed, request_id, written (the row's request), written_at, and
    is_repeat: whether that request has carried its key before.
    """
    rows = connection.execute(select(INBOX).where(*which).order_by(INBOX.c.request)).all()
    written = [(row, _writes(connection, row)) for row in rows]
    ids = {
        number: request_id
        for _, writes in written
        for number, request_id in connection.execute(
            select(REQUEST_IDS).where(REQUEST_IDS.c.id.in_({write[0] for write in writes}))
        ).all()
    }
    return [line for row, writes in written for line in _lines(row, writes, ids)]


def unpacked(body: bytes) -> Any:
    """The JSON array in a payload."""
    return orjson.loads(zlib.decompress(body, ANY_WINDOW))


def current(held: Iterable[Line], writes: Sequence[Line]) -> Iterator[Line]:
    """What is held once the writes are sorted in, by feed and key. held: in that order."""
    by_name = sorted(writes, key=_name)
    together = merge(((0, line) for line in held), ((1, w) for w in by_name), key=_place)
    for _, lines in groupby(together, key=_place):
        found: dict[str, Line] = {}
        sorted_in: dict[str, int] = {}
        for is_write, line in lines:
            space = line["data_space"]
            if not is_write:
                found[space], sorted_in[space] = line, line["request"]
            # Not what was sorted in between the two looks.
            elif line["written"] > sorted_in.get(space, 0):
                found[space] = _written(found.get(space), line)
        yield from found.values()


def _written(before: Line | None, write: Line) -> Line:
    counted = before or {"versions": 0, "repeats": 0, "resends": 0}
    is_same = before is not None and all(
        before[name] == write[name] for name in ("hash", "deleted")
    )
    line = {name: write[name] for name in (*FIELDS, "data_space", "feed", "request_id")}
    identity = write["identity"]
    return line | {
        "identity": None if identity is None else orjson.dumps(identity).decode(),
        "received_at": write["written_at"],
        "versions": counted["versions"] + 1,
        "repeats": counted["repeats"] + write["is_repeat"],
        "resends": counted["resends"] + (is_same and not write["is_repeat"]),
    }


def _writes(connection: Connection, row: Any) -> list[Sequence[Any]]:
    told = orjson.loads(row.writes)
    as_they_came = [one for one in told if isinstance(one, int)]
    if not as_they_came:
        return list(told)
    body = select(PAYLOADS.c.body).where(PAYLOADS.c.request == row.request)
    items = unpacked(connection.execute(body).scalar_one())
    feed, operation = ALL_FEEDS[row.feed], Operation(row.operation)
    found = {
        index: (row.request, index, *kept(feed, operation, items[index])) for index in as_they_came
    }
    return [found[one] if isinstance(one, int) else one for one in told]


def _lines(row: Any, writes: Sequence[Sequence[Any]], ids: Mapping[int, str]) -> Iterator[Line]:
    carried = set()
    for write in writes:
        line: Line = dict(zip(FIELDS, write, strict=True))
        came = line["request"] == row.request
        line["is_repeat"] = came and line["key"] in carried
        carried.add(line["key"])
        yield line | {
            "data_space": row.data_space,
            "feed": row.feed,
            "written": row.request,
            "written_at": row.at,
            "request_id": ids[line["request"]],
        }


def _name(line: Line) -> tuple[str, str]:
    return line["feed"], line["key"]


def _place(entry: tuple[int, Line]) -> tuple[str, str]:
    return _name(entry[1])
