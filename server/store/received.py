"""What was received: items as they are held, shown and refused, whole lists of them."""

from collections.abc import Iterator, Sequence
from itertools import chain

from mcs.contract.digests import Bucket
from mcs.server.store import digests, elsewhere, inbox, lookup, names, reading, visibility
from mcs.server.store.database import Database
from mcs.server.store.values import Holding, ItemHistory, ItemVersion, ReceivedItem, Rejection
from mcs.server.store.visibility import Question, VisibleItem


class Received:
    """What all data spaces received."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def items(
        self,
        data_space: str,
        feed: str | None = None,
        key: str | None = None,
        *,
        buckets: Sequence[str] | None = None,
        with_items: bool = False,
    ) -> Iterator[ReceivedItem]:
        """The current version of each item, by feed and key; with its JSON text if asked for.

        key: an identity key or how it begins. buckets: only keys that begin so.
        """
        self._database.settle(data_space)
        chosen = [key] if buckets is None else sorted(set(buckets))
        return chain.from_iterable(
            reading.received(self._database.engine, data_space, feed, prefix, with_items)
            for prefix in chosen
        )

    def digests(self, data_space: str, feed: str | None = None) -> dict[str, dict[str, Bucket]]:
        """The bucket digests of what is held now, by feed and bucket; empty buckets are left out.

        The first call after much was recorded takes its time; writers pass between its steps.
        """
        self._database.settle(data_space)
        more = True
        while more:
            with self._database.writing() as connection:
                more = digests.fold(connection, data_space)
                if not more:
                    found = digests.kept(connection, data_space, feed)
        return found

    def visible(self, data_space: str, asked: Question) -> Iterator[VisibleItem]:
        """What a consuming service shows, by feed and key."""
        self._database.settle(data_space)
        return visibility.visible(self._database.engine, data_space, asked)

    def versions(self, data_space: str, feed: str, key: str) -> list[ItemVersion]:
        """The accepted writes of one item that are remembered, oldest first."""
        self._database.settle(data_space)
        with self._database.reading() as connection:
            return reading.versions(connection, data_space, feed, key)

    def elsewhere(
        self, feed: str, keys: Sequence[str], except_data_space: str
    ) -> Iterator[Holding]:
        """Which other data spaces hold these items of a feed alive, by key and data space."""
        with self._database.reading() as connection:
            waiting = inbox.waiting(connection)
        for data_space in waiting:
            self._database.sort_in(data_space)
        return elsewhere.holdings(self._database.engine, feed, keys, except_data_space)

    def refused(self, data_space: str, feed: str | None = None) -> Iterator[Rejection]:
        """Every refused item that is remembered, in the order of arrival."""
        return reading.rejections(self._database.engine, data_space, feed)

    def histories(self, data_space: str, feed: str, keys: Sequence[str]) -> dict[str, ItemHistory]:
        """What happened to these items, by key; nothing for a key that never came."""
        with self._database.record(data_space) as connection:
            return lookup.histories(connection, data_space, feed, keys)

    def named(self, data_space: str, name: str, feed: str | None = None) -> list[tuple[str, str]]:
        """Feed and key of each item, kept or refused, that a name of the catalog stands for."""
        with self._database.record(data_space) as connection:
            return names.named(connection, data_space, name, feed)

    def names_near(self, data_space: str, name: str, feed: str | None = None) -> list[str]:
        """Names in use that stand beside this one or begin as it does, without it."""
        with self._database.record(data_space) as connection:
            return names.near(connection, data_space, name, feed)
