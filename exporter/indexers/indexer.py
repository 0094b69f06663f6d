"""What every indexer is: which source entities there are, and the feed items of some of them."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import InstrumentedAttribute

from mcs.contract.canonical import Item
from mcs.contract.feeds import Feed

BEFORE_FIRST = -1
"""The `after_id` that starts with the first source entity: ids may be 0, as a group's is."""

SourceIds = Callable[[Connection, int, int], list[int]]
Items = Callable[[Connection, Sequence[int]], Iterable[tuple[int, Item]]]


@dataclass(frozen=True, slots=True)
class Indexer:
    """Makes the items of one feed.

    count_sources: how many source entities there are.
    source_ids: (connection, after_id, limit): the next ids, ascending; empty at the end.
    items: (connection, ids): pairs of source id and item, by ascending source id. An id that is
    no source any more gives no item. Items lack the feed's timestamp, which is set on sending;
    they may share inner values, so nothing inside an item is to be changed.
    """

    feed: Feed
    count_sources: Callable[[Connection], int]
    source_ids: SourceIds
    items: Items

    def pages(self, connection: Connection, size: int) -> Iterator[list[int]]:
        """All source ids, page by page."""
        after_id = BEFORE_FIRST
        while page := self.source_ids(connection, after_id, size):
            yield page
            after_id = page[-1]


def count_of(column: InstrumentedAttribute[int]) -> Callable[[Connection], int]:
    """Counts the different values of a column."""

    def count_sources(connection: Connection) -> int:
        return connection.scalar(select(func.count(column.distinct()))) or 0

    return count_sources


def ids_of(column: InstrumentedAttribute[int]) -> SourceIds:
    """Pages through the different values of a column."""

    def source_ids(connection: Connection, after_id: int, limit: int) -> list[int]:
        page = select(column).distinct().where(column > after_id).order_by(column).limit(limit)
        return list(connection.scalars(page))

    return source_ids
