"""The statements that forget what a data space received."""

from typing import Any

from sqlalchemy import Connection, delete, select

from mcs.server.store import cascades, digests, faults, inbox, projection, recording
from mcs.server.store.sync_tables import FeedReports, SyncRuns
from mcs.server.store.tables import (
    AlteredTexts,
    DelayedWrites,
    FaultEvents,
    ItemNames,
    Items,
    ItemVersions,
    Payloads,
    Rejections,
    Requests,
)
from mcs.server.store.values import Forgotten

_SIMPLY_DELETED = (
    ItemVersions,
    ItemNames,
    Rejections,
    DelayedWrites,
    FaultEvents,
    SyncRuns,
    FeedReports,
)


def forget_all(connection: Connection, data_space: str) -> Forgotten:
    """Forgets all that came for a data space; returns how many items and requests there were."""
    recording.hold_data_space(connection, data_space, exclusively=True)
    inbox.sort_in_all(connection, data_space)
    projection.forget(connection, data_space)
    items = _deleted(connection, Items, data_space)
    digests.forget(connection, data_space)
    cascades.forget(connection, data_space)
    faults.end(connection, data_space)
    for table in _SIMPLY_DELETED:
        _deleted(connection, table, data_space)
    own = select(Requests.id).where(Requests.data_space == data_space)
    for of_requests in (Payloads, AlteredTexts):
        connection.execute(delete(of_requests).where(of_requests.request.in_(own)))
    return Forgotten(items, _deleted(connection, Requests, data_space))


def _deleted(connection: Connection, table: Any, data_space: str) -> int:
    deleted = connection.execute(delete(table).where(table.data_space == data_space))
    return int(deleted.rowcount)
