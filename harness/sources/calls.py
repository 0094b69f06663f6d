"""What calls of the ingestion API make of the items, one call after the other. Pure.

Source: contract/ingestion-api.md: updates merge; with a price book or a category goes what hangs
below it, and who creates it again within a week gets that back.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from mcs.contract.calls import Call, Operation
from mcs.contract.canonical import Item, identity_key
from mcs.contract.catalog import CATALOG_FEEDS, MERGES, SETTLES
from mcs.contract.errors import MissingIdentity
from mcs.contract.merging import merged
from mcs.contract.price_books import descendants

RESTORABLE_FOR = timedelta(days=7)
BOOKS, PRICES, CATEGORIES = (
    CATALOG_FEEDS[name] for name in ("catalogPriceBooks", "catalogPrices", "catalogCategories")
)
_Name = tuple[str, str]
"""An item by feed and key."""


class NothingKnown(Exception):
    """An update of an item that no call has created."""


class NoEffect(Exception):
    """An update of an item that is deleted."""


@dataclass(frozen=True, slots=True)
class Held:
    """An item as the last call left it. feed: its name."""

    feed: str
    item: Item
    deleted: bool


@dataclass(slots=True)
class Course:
    """What is held after the calls so far, as far as they tell. Memory: all items."""

    _held: dict[str, dict[str, Held]] = field(default_factory=lambda: defaultdict(dict))
    _gone: dict[_Name, tuple[_Name, datetime | None]] = field(default_factory=dict)

    def made_of(self, call: Call, item: Any) -> Any:
        """What the service holds if it takes this item of a call.

        Raises NothingKnown, NoEffect.
        """
        current = self._held[call.feed.name].get(_key(call, item))
        is_alive = current is not None and not current.deleted
        if call.operation is Operation.DELETE:
            return item
        if call.operation is Operation.MERGE:
            if current is None:
                raise NothingKnown
            if not is_alive:
                raise NoEffect
            item = merged(MERGES[call.feed.name], current.item, item)
        settles = SETTLES.get(call.feed.name)
        return settles(current.item, item) if settles and current and is_alive else item

    def take(self, call: Call, made: Any, at: datetime | None) -> Iterator[Held]:
        """Holds what `made_of` told; yields what goes and comes with it. at: of the call."""
        key = _key(call, made)
        if not key:
            return
        name = (call.feed.name, key)
        deleted = call.operation is Operation.DELETE
        # What is written by itself no longer comes and goes with another.
        self._gone.pop(name, None)
        held = Held(call.feed.name, made, deleted)
        self._held[call.feed.name][key] = held
        for other in list(self._below(held)) if deleted else self._restored(name, at):
            self._held[other[0]][other[1]] = after = replace(
                self._held[other[0]][other[1]], deleted=deleted
            )
            if deleted:
                self._gone[other] = (name, at)
            else:
                del self._gone[other]
            yield after

    def _restored(self, root: _Name, at: datetime | None) -> list[_Name]:
        mine = [(name, gone_at) for name, (other, gone_at) in self._gone.items() if other == root]
        for name, gone_at in mine:
            if at and gone_at and at - gone_at > RESTORABLE_FOR:
                del self._gone[name]
        return [name for name, _ in mine if name in self._gone]

    def _below(self, root: Held) -> Iterator[_Name]:
        if root.feed == BOOKS.name:
            books = {held.item["priceBookId"]: held.item for _, held in self._alive(BOOKS.name)}
            gone = {root.item["priceBookId"], *descendants(books, root.item["priceBookId"])}
            for feed in (BOOKS.name, PRICES.name):
                for key, held in self._alive(feed):
                    if held.item["priceBookId"] in gone:
                        yield feed, key
        elif root.feed == CATEGORIES.name:
            for key, held in self._alive(root.feed):
                is_below = str(held.item["slug"]).startswith(f"{root.item['slug']}/")
                if is_below and held.item["source"]["locale"] == root.item["source"]["locale"]:
                    yield root.feed, key

    def _alive(self, feed: str) -> list[tuple[str, Held]]:
        return [(key, held) for key, held in self._held[feed].items() if not held.deleted]


def _key(call: Call, item: Any) -> str:
    """The item's key; "" if it lacks what names it."""
    try:
        return identity_key(call.feed, item) if isinstance(item, dict) else ""
    except MissingIdentity:
        return ""
