"""A case in memory, of which parts are taken: requests, items, fields. Pure.

A sent row stays while a request carries its item, or if none ever did: an item that is taken out
must not turn up as missing. One that updates made stays while all of them do, and says what they
make now: an update that is taken out must not turn up as lost.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property, partial, reduce
from typing import Any

from mcs.contract.calls import Operation
from mcs.contract.canonical import content_hash, identity_key
from mcs.contract.catalog import MERGES
from mcs.contract.dialects import ALL_FEEDS, call_at
from mcs.contract.errors import MissingIdentity
from mcs.contract.feeds import Feed
from mcs.contract.merging import merged
from mcs.contract.validation import Mode, validate
from mcs.harness.cases.requests import Request, with_items

Place = tuple[int, int]
"""An item: which request, and where in it. An orphan, a sent row without one: (-1, its number)."""
ORPHANS = -1


@dataclass(frozen=True)
class Whole:
    """A case to be made smaller. requests: in the order of replay. rows: sent lines."""

    requests: Sequence[tuple[Request, datetime]]
    rows: Sequence[Mapping[str, Any]]

    @cached_property
    def batches(self) -> list[list[Any] | None]:
        """The items of each request; None where the body is no batch, which stays as it is."""
        return [request.batch() for request, _ in self.requests]

    @cached_property
    def names(self) -> dict[Place, tuple[str, str]]:
        """Feed and key of each item that has one."""
        found = {}
        for number, batch in enumerate(self.batches):
            feed = ALL_FEEDS.get(self.requests[number][0].feed or "")
            for index, item in enumerate(batch or ()):
                key = _key(feed, item)
                if feed and key:
                    found[number, index] = (feed.name, key)
        return found

    @cached_property
    def made_by(self) -> dict[tuple[str, str], list[Place]]:
        """The items that an updated one was made of: the last whole one, and the updates since."""
        found: dict[tuple[str, str], list[Place]] = {}
        updated = set()
        for place, name in self.names.items():
            request, _ = self.requests[place[0]]
            call = call_at(request.method, request.route)
            if call is not None and call.operation is Operation.MERGE:
                found.setdefault(name, []).append(place)
                updated.add(name)
            else:
                found[name] = [place]
                updated.discard(name)
        return {name: found[name] for name in found if name in updated}

    @cached_property
    def orphans(self) -> list[Place]:
        """The sent rows that no request carried an item of."""
        carried = set(self.names.values())
        return [
            (ORPHANS, number)
            for number, row in enumerate(self.rows)
            if (row["feed"], row["key"]) not in carried
        ]

    @cached_property
    def rows_by_name(self) -> dict[tuple[str, str], list[int]]:
        """The sent rows of each identity."""
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for number, row in enumerate(self.rows):
            found[row["feed"], row["key"]].append(number)
        return found


@dataclass(frozen=True, slots=True)
class Part:
    """What is taken of a whole. items: their places; requests without items may be named too.

    fields: of items that are left with fewer fields, the names of those.
    """

    requests: tuple[int, ...]
    items: frozenset[Place]
    fields: Mapping[Place, frozenset[str]] = field(default_factory=dict)


def everything(whole: Whole) -> Part:
    """All of it."""
    places = [
        (number, index)
        for number, batch in enumerate(whole.batches)
        for index in range(len(batch or ()))
    ]
    numbers = [ORPHANS] if whole.orphans else []
    return Part((*numbers, *range(len(whole.requests))), frozenset([*places, *whole.orphans]))


def of_requests(part: Part, numbers: Iterable[int]) -> Part:
    """Only these requests of a part, with their items."""
    chosen = tuple(numbers)
    kept = set(chosen)
    return replace(
        part, requests=chosen, items=frozenset(one for one in part.items if one[0] in kept)
    )


def of_items(whole: Whole, part: Part, items: Iterable[Place]) -> Part:
    """Only these items of a part; a request that is left without any goes, too."""
    chosen = frozenset(items)
    filled = {number for number, _ in chosen}
    numbers = tuple(
        number
        for number in part.requests
        if number in filled or (number != ORPHANS and whole.batches[number] is None)
    )
    return replace(part, requests=numbers, items=chosen)


def of_fields(part: Part, place: Place, names: Iterable[str]) -> Part:
    """A part of which one item has only these fields."""
    return replace(part, fields={**part.fields, place: frozenset(names)})


def requests_of(whole: Whole, part: Part) -> Iterator[tuple[Request, datetime]]:
    """The requests of a part, those that lost items or fields written anew."""
    items: dict[int, list[int]] = defaultdict(list)
    for number, index in part.items:
        items[number].append(index)
    for number in part.requests:
        if number == ORPHANS:
            continue
        request, at = whole.requests[number]
        batch = whole.batches[number]
        if batch is None:
            yield request, at
            continue
        chosen = sorted(items[number])
        is_whole = len(chosen) == len(batch)
        if is_whole and not any((number, index) in part.fields for index in chosen):
            yield request, at
        else:
            kept = [(index, _item(whole, part, (number, index))) for index in chosen]
            yield with_items(request, kept), at


def rows_of(whole: Whole, part: Part) -> Iterator[dict[str, Any]]:
    """The sent rows of a part; a row follows the item whose content it had."""
    hashes: dict[tuple[str, str, str], str] = {}
    for place in part.fields:
        feed, key = whole.names[place]
        before, after = whole.batches[place[0]], _item(whole, part, place)
        if place in part.items and before:
            old = content_hash(ALL_FEEDS[feed], before[place[1]])
            hashes[feed, key, old] = content_hash(ALL_FEEDS[feed], after)
    names = {whole.names[place] for place in part.items if place in whole.names}
    numbers = {number for name in names for number in whole.rows_by_name.get(name, ())}
    numbers |= {number for kind, number in part.items if kind == ORPHANS}
    for number in sorted(numbers):
        row = dict(whole.rows[number])
        name = (row["feed"], row["key"])
        makers = whole.made_by.get(name)
        if makers and not part.items.issuperset(makers):
            continue
        new = _made(whole, part, makers) if makers else hashes.get((*name, row["hash"]))
        if new not in (None, row["hash"]):
            row["hash"] = new
            # The kept item would tell of fields that are gone.
            row.pop("item", None)
        yield row


def _made(whole: Whole, part: Part, makers: Sequence[Place]) -> str | None:
    """The hash of what calls make of an item; None if all their fields are there still."""
    if not any(place in part.fields for place in makers):
        return None
    feed = whole.names[makers[0]][0]
    first, *updates = (_item(whole, part, place) for place in makers)
    content = reduce(partial(merged, MERGES[feed]), updates, first)
    return content_hash(ALL_FEEDS[feed], content)


def removable(whole: Whole, place: Place) -> list[str]:
    """The fields of an item that do not name it."""
    batch = whole.batches[place[0]] if place[0] != ORPHANS else None
    item = batch[place[1]] if batch else None
    if place not in whole.names or not isinstance(item, dict):
        return []
    feed = ALL_FEEDS[whole.names[place][0]]
    naming = {path.partition(".")[0] for path in feed.identity}
    return [name for name in item if name not in naming]


def least_fields(whole: Whole, place: Place, mode: str) -> list[str]:
    """Fields without which the service would refuse the item, found by leaving out one by one."""
    removed = removable(whole, place)
    batch = whole.batches[place[0]] or []
    feed, item = ALL_FEEDS[whole.names[place][0]], dict(batch[place[1]])
    request = whole.requests[place[0]][0]
    call = call_at(request.method, request.route)
    schema = call.schema if call else None
    for name in removed:
        without = {other: value for other, value in item.items() if other != name}
        if not validate(feed, [without], Mode(mode), schema).errors:
            item = without
    return [name for name in removed if name in item]


def _item(whole: Whole, part: Part, place: Place) -> Any:
    batch = whole.batches[place[0]] or []
    item = batch[place[1]]
    names = part.fields.get(place)
    if names is None:
        return item
    gone = {name for name in removable(whole, place) if name not in names}
    return {name: value for name, value in item.items() if name not in gone}


def _key(feed: Feed | None, item: Any) -> str | None:
    if feed is None or not isinstance(item, dict):
        return None
    try:
        return identity_key(feed, item)
    except MissingIdentity:
        return None
