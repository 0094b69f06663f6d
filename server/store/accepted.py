"""The accepted items of a batch, looked up by their indexes, hashed only if somebody asks."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from mcs.contract.calls import Call
from mcs.contract.kept import kept
from mcs.server.store.values import AcceptedItem


class AsTheyCame(Collection[AcceptedItem]):
    """All items of a batch, each valid. What is kept of one is found out when it is asked for.

    Hashing items takes as long as judging them, and most are recorded without: the inbox notes that
    they stand in the body of the request, and who sorts in reads them there.
    """

    def __init__(self, call: Call, items: Sequence[Any]) -> None:
        self._call = call
        self._items = items
        self._found: dict[int, AcceptedItem] = {}

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[AcceptedItem]:
        return map(self.at, range(len(self._items)))

    def __contains__(self, item: object) -> bool:
        return any(item == each for each in self)

    def at(self, index: int) -> AcceptedItem:
        """The item with this index."""
        found = self._found.get(index)
        if found is None:
            of_item = kept(self._call.feed, self._call.operation, self._items[index])
            found = self._found[index] = AcceptedItem(index, *of_item)
        return found


def indexes_of(accepted: Collection[AcceptedItem]) -> Sequence[int]:
    """The indexes of accepted items in their batch, ascending."""
    if isinstance(accepted, AsTheyCame):
        return range(len(accepted))
    return [item.index for item in accepted]


def by_index(accepted: Collection[AcceptedItem]) -> Callable[[int], AcceptedItem]:
    """What tells an accepted item by its index."""
    if isinstance(accepted, AsTheyCame):
        return accepted.at
    return {item.index: item for item in accepted}.__getitem__
