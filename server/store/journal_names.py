"""The requests that carried what a name of the catalog stands for, such as a SKU, by index."""

from typing import Any

from sqlalchemy import ColumnElement, Select, select, union

from mcs.server.store import names
from mcs.server.store.journal import EntryPage, Filter, Journal
from mcs.server.store.tables import FaultEvents, Rejections, Requests
from mcs.server.store.versions import Versions

MOST_ITEMS = 500
"""Per name: one SKU stands for an item per feed, store view and customer group."""


def carrying(journal: Journal, data_space: str, name: str, wanted: Filter) -> EntryPage | None:
    """The newest requests that pass a filter and carried items of this name, whatever became of
    those; None if nothing was ever called so."""
    with journal.database.record(data_space) as connection:
        places = names.named(connection, data_space, name, wanted.feed)[:MOST_ITEMS]
    if not places:
        return None
    return journal.page(data_space, wanted, among=_numbers(data_space, places))


def _numbers(data_space: str, places: list[tuple[str, str]]) -> Select[tuple[int]]:
    feeds, keys = ({place[part] for place in places} for part in (0, 1))

    def of_these(table: Any) -> tuple[ColumnElement[bool], ...]:
        # Not as pairs, for which SQLite reads the table whole. The same key in two feeds is made
        # of the same names.
        return table.data_space == data_space, table.feed.in_(feeds), table.key.in_(keys)

    recorded = select(Versions.request).where(*of_these(Versions))
    refused = select(Rejections.request).where(*of_these(Rejections))
    # An item that a fault lost is nowhere but in the fault's own record.
    lost = select(Requests.id).where(
        Requests.data_space == data_space,
        Requests.request_id.in_(select(FaultEvents.request_id).where(*of_these(FaultEvents))),
    )
    found = union(recorded, refused, lost).subquery()
    return select(found.c[0])
