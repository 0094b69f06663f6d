"""Which items a name of the catalog stands for: a SKU, an attribute code, a category's id.

A name is in every feed that speaks of the thing it names, under keys that nobody can compute who
does not know the store views, websites and customer groups. This index answers without a scan.
"""

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from mcs.contract.dialects import ALL_FEEDS
from mcs.server.store.tables import NAME_LENGTH, ItemNames
from mcs.server.store.values import AcceptedItem, Batch, RejectedItem

NEIGHBOURS = 20
ALIKE = 200
PREFIX_LENGTH = 3
_LAST_CHARACTER = "\U0010ffff"
_INSERT: Mapping[str, Any] = {
    "sqlite": sqlite.insert(ItemNames).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(ItemNames).on_conflict_do_nothing(),
}


def add_names(connection: Connection, data_space: str | None, batch: Batch) -> None:
    """Notes the names of all items of a batch, whatever becomes of them, unless they are known."""
    judged: Iterable[AcceptedItem | RejectedItem] = chain(batch.accepted, batch.rejected)
    paths = ALL_FEEDS[batch.feed].entity
    pairs = {
        (stored_name(item.identity[path]), item.key)
        for item in judged
        if item.identity is not None and item.key is not None
        for path in paths
    }
    if not pairs:
        return
    place = {"data_space": data_space, "feed": batch.feed}
    # Sorted, so that two requests with the same items cannot lock each other out.
    rows = [place | {"name": name, "key": key} for name, key in sorted(pairs)]
    connection.execute(_INSERT[connection.dialect.name], rows)


def named(
    connection: Connection, data_space: str, name: str, feed: str | None
) -> list[tuple[str, str]]:
    """Feed and key of each item that has this name."""
    query = select(ItemNames.feed, ItemNames.key).where(
        ItemNames.data_space == data_space, ItemNames.name == stored_name(name)
    )
    if feed is not None:
        query = query.where(ItemNames.feed == feed)
    rows = connection.execute(query.order_by(ItemNames.feed, ItemNames.key))
    return [(row.feed, row.key) for row in rows]


def near(connection: Connection, data_space: str, name: str, feed: str | None) -> list[str]:
    """The next names before and after this one, and those that begin as it does in any case."""
    names: Any = select(ItemNames.name).distinct().where(ItemNames.data_space == data_space)
    if feed is not None:
        names = names.where(ItemNames.feed == feed)
    wanted = stored_name(name)
    by_name, by_name_back = ItemNames.name, ItemNames.name.desc()
    queries = [
        names.where(ItemNames.name > wanted).order_by(by_name).limit(NEIGHBOURS),
        names.where(ItemNames.name < wanted).order_by(by_name_back).limit(NEIGHBOURS),
        *_beginning_alike(names, wanted[:PREFIX_LENGTH]),
    ]
    found = {name: None for query in queries for name in connection.scalars(query)}
    return [name for name in found if name != wanted]


def stored_name(value: str) -> str:
    """A name as it is kept: an index takes no NUL and no text of any length."""
    return value[:NAME_LENGTH].replace("\0", "\ufffd")


def _beginning_alike(names: Any, prefix: str) -> list[Any]:
    forms = dict.fromkeys((prefix, prefix.upper(), prefix.lower()))
    return [
        names.where(ItemNames.name >= form, ItemNames.name < form + _LAST_CHARACTER)
        .order_by(ItemNames.name)
        .limit(ALIKE)
        for form in forms
        if form
    ]
