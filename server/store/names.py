"""Which items a name of the catalog stands for: a SKU, an attribute code, a category's id.

A name is in every feed that speaks of the thing it names, under keys that nobody can compute who
does not know the store views, websites and customer groups. This index answers without a scan.
"""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from mcs.contract.dialects import ALL_FEEDS
from mcs.server.store.statements import insert_text, run_many
from mcs.server.store.tables import NAME_LENGTH, ItemNames
from mcs.server.store.values import AcceptedItem, RejectedItem

NEIGHBOURS = 20
ALIKE = 200
PREFIX_LENGTH = 3
_LAST_CHARACTER = "\U0010ffff"
_INSERT = (
    insert_text("item_names", ("data_space", "name", "feed", "key")) + " ON CONFLICT DO NOTHING"
)


def names_of(feed: str, items: Iterable[AcceptedItem | RejectedItem]) -> set[tuple[str, str]]:
    """The names of items, each with the key of the item."""
    paths = ALL_FEEDS[feed].entity
    return {
        (stored_name(item.identity[path]), item.key)
        for item in items
        if item.identity is not None and item.key is not None
        for path in paths
    }


def add_names(
    connection: Connection, data_space: str, feed: str, names: set[tuple[str, str]]
) -> None:
    """Notes names unless they are known."""
    # Sorted, so that two requests with the same items cannot lock each other out.
    run_many(connection, _INSERT, [(data_space, name, feed, key) for name, key in sorted(names)])


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
