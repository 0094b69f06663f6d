"""The items of a batch as rules look at them; what names one is found out if asked for. Pure."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, overload

from mcs.contract.canonical import identity, key_of_values, value_at
from mcs.contract.errors import MissingIdentity
from mcs.contract.feeds import Feed
from mcs.server.unparsed import UnparsedItems


class Candidate:
    """An item of a batch. index: its place there."""

    def __init__(self, feed: Feed, index: int, items: Sequence[Any] | Mapping[int, Any]) -> None:
        self.feed, self.index, self._items = feed, index, items

    @cached_property
    def item(self) -> Any:
        """Its JSON value."""
        return self._items[self.index]

    @cached_property
    def identity(self) -> Mapping[str, str] | None:
        """The values that name it, by path; None if nothing does."""
        try:
            return identity(self.feed, self.item)
        except MissingIdentity:
            return None

    @cached_property
    def key(self) -> str | None:
        """Its identity key; None if nothing names it."""
        return None if self.identity is None else key_of_values(self.identity.values())

    def is_named(self, wanted: Mapping[str, str]) -> bool:
        """True if it has these values, by path, in its identity."""
        named = self.identity or {}
        return all(named.get(path) == value for path, value in wanted.items())


class Candidates(Sequence[Candidate]):
    """Items of a batch. indexes: their places in it, ascending.

    Rules ask for one value of all of them, and for few of them whole: an item is made a candidate
    of when somebody takes it, and then is the same for all rules.
    """

    def __init__(
        self,
        feed: Feed,
        items: Sequence[Any] | Mapping[int, Any],
        indexes: Sequence[int],
        shared: "_Shared | None" = None,
    ) -> None:
        self.feed, self.indexes = feed, indexes
        self._items, self._shared = items, shared or _Shared()

    def __len__(self) -> int:
        return len(self.indexes)

    @overload
    def __getitem__(self, place: int) -> Candidate: ...
    @overload
    def __getitem__(self, place: slice) -> "Candidates": ...
    def __getitem__(self, place: int | slice) -> "Candidate | Candidates":
        if isinstance(place, slice):
            return self.among(self.indexes[place])
        return self.at(self.indexes[place])

    def at(self, index: int) -> Candidate:
        """The item with this index in the batch."""
        found = self._shared.made.get(index)
        if found is None:
            found = self._shared.made[index] = Candidate(self.feed, index, self._items)
        return found

    def get(self, index: int) -> Candidate | None:
        """The item with this index in the batch; None if it is not among these."""
        place = bisect_left(self.indexes, index)
        is_here = place < len(self.indexes) and self.indexes[place] == index
        return self.at(index) if is_here else None

    def among(self, indexes: Sequence[int]) -> "Candidates":
        """Those of the items that have these indexes."""
        return Candidates(self.feed, self._items, indexes, self._shared)

    def named(self, wanted: Mapping[str, str]) -> "Candidates":
        """Those of the items that have these values, by path, in their identity."""
        indexes = self.indexes
        for path, value in wanted.items():
            # Most are told apart by this, and need no identity.
            found = self.values_at(path)
            indexes = [
                index
                for index in indexes
                if found[index] == value or not isinstance(found[index], str)
            ]
        return self.among([index for index in indexes if self.at(index).is_named(wanted)])

    def values_at(self, path: str) -> Sequence[Any] | Mapping[int, Any]:
        """The single value at a dotted path of each item, by its index; None where there is none.

        Of an item that is read typed, what is no single value may be told otherwise than as JSON.
        """
        found = self._shared.values.get(path)
        if found is None:
            found = self._shared.values[path] = self._values_at(path)
        return found

    @property
    def always_told(self) -> frozenset[str]:
        """Some fields that each has, with a single value that is not null."""
        return self._items.always_told if isinstance(self._items, UnparsedItems) else frozenset()

    def _values_at(self, path: str) -> Sequence[Any] | Mapping[int, Any]:
        if isinstance(self._items, UnparsedItems):
            return self._items.values_at(path)
        if isinstance(self._items, Mapping):
            return {index: value_at(item, path) for index, item in self._items.items()}
        return [value_at(item, path) for item in self._items]


class _Shared:
    """What was found out about a batch."""

    __slots__ = ("made", "values")

    def __init__(self) -> None:
        self.made: dict[int, Candidate] = {}
        self.values: dict[str, Sequence[Any] | Mapping[int, Any]] = {}


def candidates_of(feed: Feed, items: Sequence[Any]) -> Candidates:
    """The items of a batch, valid or not."""
    return Candidates(feed, items, range(len(items)))
