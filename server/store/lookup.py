"""What the record says of many requests or items at once, found by their ids, never by a scan."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Subquery, Text, func, literal, select

from mcs.server.store.reading import journalled
from mcs.server.store.tables import FaultEvents, Rejections, Requests
from mcs.server.store.values import Arrival, Hit, ItemHistory, JournalledRequest, Refusal, Write
from mcs.server.store.versions import Versions

LATEST = 20
"""How much of a history is told: an item may have been written any number of times."""


_ORDER: Mapping[Any, tuple[Any, Any]] = {
    Versions: (Versions.written, Versions.place),
    Rejections: (Rejections.request, Rejections.item_index),
}


def requests_by_id(
    connection: Connection, data_space: str, request_ids: Sequence[str]
) -> list[JournalledRequest]:
    """The journalled requests with these ids, oldest first."""
    columns = [getattr(Requests, field.name) for field in fields(Arrival)]
    query = (
        select(Requests.id, *columns)
        .where(Requests.data_space == data_space, Requests.request_id.in_(request_ids))
        .order_by(Requests.id)
    )
    return [journalled(row._mapping) for row in connection.execute(query)]


def histories(
    connection: Connection, data_space: str, feed: str, keys: Sequence[str]
) -> dict[str, ItemHistory]:
    """The latest writes, refusals and faults of these items, each oldest first."""
    found: dict[str, ItemHistory] = defaultdict(ItemHistory)
    content = (Versions.hash, Versions.deleted)
    for key, *write in _latest(connection, Versions, content, data_space, feed, keys):
        found[key].writes.append(Write(*write))
    reasons = (Rejections.identity, Rejections.errors)
    for key, *refusal in _latest(connection, Rejections, reasons, data_space, feed, keys):
        found[key].refusals.append(Refusal(*refusal))
    for key, *hit in connection.execute(_hits(data_space, feed, keys)):
        found[key].faults.append(Hit(*hit))
    for history in found.values():
        del history.faults[:-LATEST]
    return dict(found)


def _latest(
    connection: Connection,
    table: Any,
    columns: tuple[Any, ...],
    data_space: str,
    feed: str,
    keys: Sequence[str],
) -> list[Any]:
    """Key, the columns, received_at, request_id and index of these items' latest rows."""
    order = _ORDER[table]
    of_item = func.row_number().over(
        partition_by=table.key, order_by=[column.desc() for column in order]
    )
    # A fault may have written later than the request came.
    written_at = table.written_at if table is Versions else literal(None, Text)
    ranked: Subquery = (
        select(
            table.key,
            *columns,
            table.item_index,
            table.request,
            written_at.label("written_at"),
            of_item.label("age"),
            *(column.label(f"order_{place}") for place, column in enumerate(order)),
        )
        .where(table.key.in_(keys), table.feed == feed, table.data_space == data_space)
        .subquery()
    )
    query = (
        select(
            ranked.c.key,
            *(ranked.c[column.key] for column in columns),
            func.coalesce(ranked.c.written_at, Requests.received_at),
            Requests.request_id,
            ranked.c.item_index,
        )
        .join(Requests, Requests.id == ranked.c.request)
        .where(ranked.c.age <= LATEST)
        .order_by(ranked.c.order_0, ranked.c.order_1)
    )
    return list(connection.execute(query))


def _hits(data_space: str, feed: str, keys: Sequence[str]) -> Any:
    return (
        select(
            FaultEvents.key,
            FaultEvents.identity,
            FaultEvents.action,
            FaultEvents.request_id,
            FaultEvents.at,
        )
        .where(
            FaultEvents.key.in_(keys),
            FaultEvents.feed == feed,
            FaultEvents.data_space == data_space,
        )
        .order_by(FaultEvents.id)
    )
