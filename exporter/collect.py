"""Collecting items from the catalog, so that one bad source does not spoil the others."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from mcs.contract.canonical import Item, content_hash, identity_key
from mcs.contract.errors import MissingIdentity
from mcs.contract.feeds import Feed
from mcs.exporter.indexers.indexer import Indexer

# What bad data raises. Anything else, such as a database that is gone, is no matter of one source.
BAD_DATA = (ValueError, TypeError, LookupError, ArithmeticError, AttributeError, MissingIdentity)


@dataclass(frozen=True, slots=True)
class Collected:
    """One item as the catalog has it now."""

    source_entity_id: int
    item: Item
    feed_id: str
    feed_hash: str


@dataclass(frozen=True, slots=True)
class Collection:
    """What came of some sources. failures: why a source could not be collected, by its id."""

    items: list[Collected]
    failures: dict[int, str]


Collect = Callable[[Connection, Indexer, Sequence[int]], Collection]


def collect(connection: Connection, indexer: Indexer, ids: Sequence[int]) -> Collection:
    """The items of these sources. If they cannot be collected together, each is tried alone."""
    if not ids:
        return Collection([], {})
    try:
        return Collection(_items(connection, indexer, ids), {})
    except BAD_DATA as error:
        if len(ids) == 1:
            return Collection([], {ids[0]: f"{type(error).__name__}: {error}"})
        logging.getLogger(__name__).debug("sources are collected one by one", exc_info=error)
    parts = [collect(connection, indexer, [source_id]) for source_id in ids]
    failures: dict[int, str] = {}
    for part in parts:
        failures |= part.failures
    return Collection([item for part in parts for item in part.items], failures)


def _items(connection: Connection, indexer: Indexer, ids: Sequence[int]) -> list[Collected]:
    return [
        collected(indexer.feed, source_id, item)
        for source_id, item in indexer.items(connection, ids)
    ]


def collected(feed: Feed, source_id: int, item: Item) -> Collected:
    """An item with its name and its content's hash."""
    return Collected(source_id, item, identity_key(feed, item), content_hash(feed, item))
