"""Which rules hit: first what they match, which needs no counter, then the counting. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from hashlib import blake2b, sha1
from struct import Struct
from typing import Any, Protocol

from mcs.contract.canonical import identity, key_of_values, value_at
from mcs.contract.errors import MissingIdentity
from mcs.contract.feeds import Feed
from mcs.server.faults.conditions import holds
from mcs.server.faults.rules import Rule
from mcs.server.unparsed import UnparsedItems

Pass = tuple[int, str]
"""A rule's number, and the key of what passes it."""


class Keyed(Protocol):
    """What passes a rule. key: by which a rule that counts attempts knows it again."""

    @property
    def key(self) -> str | None: ...


class Candidate:
    """An item of a batch that rules look at. What names it is found out when a rule asks."""

    def __init__(self, feed: Feed, index: int, items: Sequence[Any] | Mapping[int, Any]) -> None:
        self.feed, self.index, self._items = feed, index, items

    @cached_property
    def item(self) -> Any:
        """Its JSON value."""
        return self._items[self.index]

    def value_at(self, path: str) -> Any:
        """The single value at a dotted path of it; None where the path leads nowhere."""
        if isinstance(self._items, UnparsedItems):
            return self._items.value_at(self.index, path)
        return value_at(self.item, path)

    @property
    def always_told(self) -> frozenset[str]:
        """Some fields that it has, with a single value that is not null."""
        return self._items.always_told if isinstance(self._items, UnparsedItems) else frozenset()

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
        for path, value in wanted.items():
            # Most are told apart by this, and need no identity.
            found = self.value_at(path)
            if isinstance(found, str) and found != value:
                return False
        named = self.identity or {}
        return all(named.get(path) == value for path, value in wanted.items())


@dataclass(frozen=True)
class Suspect:
    """A rule that matches a request, by these of its items."""

    rule: Rule
    matching: Sequence[Candidate]

    @cached_property
    def key(self) -> str:
        """Names the items. Not all of the batch: one that is made up anew around the same item is
        that item's next try."""
        keys = sorted(candidate.key or "" for candidate in self.matching)
        return sha1("".join(keys).encode(), usedforsecurity=False).hexdigest()


def candidates_of(feed: Feed, items: Sequence[Any]) -> list[Candidate]:
    """The items of a batch as rules look at them, valid or not."""
    return [Candidate(feed, index, items) for index in range(len(items))]


def in_force(rule: Rule, feed: str, moment: datetime) -> bool:
    """True if a rule is about requests of a feed at a moment."""
    return (
        rule.enabled
        and rule.feed in (None, feed)
        and (rule.since is None or rule.since <= moment)
        and (rule.until is None or moment < rule.until)
    )


def matches(rule: Rule, candidate: Candidate) -> bool:
    """True if an item has the identity and place that a rule names and meets its condition.

    >>> from mcs.contract.feeds import FEEDS
    >>> bag = Candidate(FEEDS["products"], 0, [{"sku": "BAG", "storeViewCode": "fr", "weight": 3}])
    >>> matches(Rule("lose", identity={"sku": "BAG"}, where="@.weight < 4"), bag)
    True
    """
    if rule.identity is not None and not candidate.is_named(rule.identity):
        return False
    if rule.indexes is not None and candidate.index not in rule.indexes:
        return False
    return rule.where is None or holds(rule.where, candidate.item)


def matched(rule: Rule, candidates: Sequence[Candidate]) -> Sequence[Candidate]:
    """Those of the items that a rule matches, in order."""
    if rule.identity is None and rule.indexes is None and rule.where is None:
        return candidates
    return [candidate for candidate in candidates if matches(rule, candidate)]


def suspects(rules: Iterable[Rule], candidates: Sequence[Candidate]) -> list[Suspect]:
    """The rules that match at least one item of a request, in order."""
    found = []
    for rule in rules:
        matching = matched(rule, candidates)
        if matching:
            found.append(Suspect(rule, matching))
    return found


def different(seed: int, *said: object) -> int:
    """A number of 64 bits that is another for another seed or anything else that is said.

    >>> different(1, "a") == different(1, "a"), different(1, "a") == different(2, "a")
    (True, False)
    """
    text = "\0".join(str(part) for part in said)
    digest = blake2b(text.encode(), digest_size=8, key=str(seed).encode()).digest()
    return int.from_bytes(digest, "big")


class Tally:
    """The counters of some rules while a request passes them."""

    def __init__(self, rules: Iterable[Rule], passes: Mapping[Pass, int]) -> None:
        self._counters = {rule.id: _Counter(rule) for rule in rules}
        self._passes_before = dict(passes)
        self._passes = dict(passes)

    def hits(self, rule: Rule, passing: Keyed) -> bool:
        """Counts something that matches a rule; True if the rule hits it.

        A rule that is gone or switched off meanwhile counts nothing.
        """
        counter = self._counters.get(rule.id)
        if counter is None or not counter.rule.enabled:
            return False
        if rule.attempt is not None and not self._is_its_attempt(rule, passing.key or ""):
            return False
        return counter.hits()

    def may_hit(self, rule: Rule, number: int) -> bool:
        """False if a rule surely hits none of so many; nothing is counted."""
        counter = self._counters.get(rule.id)
        if counter is None or not counter.rule.enabled:
            return False
        return rule.attempt is not None or counter.may_hit(number)

    def let_pass(self, rule: Rule, number: int) -> None:
        """Counts so many, none of which a rule may hit."""
        counter = self._counters.get(rule.id)
        if counter is not None and counter.rule.enabled:
            counter.seen += number

    def moved(self) -> list[tuple[int, int, int]]:
        """The counters that have moved: seen, applied, the rule's number."""
        return [
            (counter.seen, counter.applied, number)
            for number, counter in self._counters.items()
            if counter.seen != counter.rule.seen
        ]

    def moved_passes(self) -> dict[Pass, int]:
        """How often the keys passed that did so now."""
        return {
            each: passes
            for each, passes in self._passes.items()
            if passes != self._passes_before.get(each)
        }

    def is_new(self, rule: int, key: str) -> bool:
        """True if a key passed this rule for the first time now."""
        return (rule, key) not in self._passes_before

    def _is_its_attempt(self, rule: Rule, key: str) -> bool:
        passes = self._passes.get((rule.id, key), 0) + 1
        self._passes[rule.id, key] = passes
        return passes == rule.attempt


def struck(suspected: Iterable[Suspect], tally: Tally) -> list[Rule]:
    """The request rules that hit, in order; a part of the request's way is changed once.

    >>> rules = [Rule("throttle", id=1, every=2), Rule("maintenance", id=2)]
    >>> tally = Tally(rules, {})
    >>> [rule.id for rule in struck([Suspect(rule, []) for rule in rules], tally)]
    [2]
    >>> [rule.id for rule in struck([Suspect(rule, []) for rule in rules], tally)]
    [1]
    """
    taken = set()
    hit = []
    for suspect in suspected:
        part = suspect.rule.does.part
        if part not in taken and tally.hits(suspect.rule, suspect):
            taken.add(part)
            hit.append(suspect.rule)
    return hit


def struck_items(
    matched: Iterable[tuple[Candidate, Sequence[Rule]]], tally: Tally
) -> list[tuple[Candidate, Rule]]:
    """The items that are hit, each by the first of its rules that does."""
    found = []
    for candidate, rules in matched:
        hit = next((rule for rule in rules if tally.hits(rule, candidate)), None)
        if hit is not None:
            found.append((candidate, hit))
    return found


class _Counter:
    """How far a rule has come while a request passes."""

    __slots__ = ("applied", "rule", "seen")

    def __init__(self, rule: Rule) -> None:
        self.rule, self.seen, self.applied = rule, rule.seen, rule.applied

    def hits(self) -> bool:
        rule = self.rule
        self.seen = number = self.seen + 1
        if rule.count is not None and self.applied >= rule.count:
            return False
        if number % rule.every or (rule.nth is not None and number not in rule.nth):
            return False
        if rule.probability is not None and not _is_drawn(rule, number):
            return False
        self.applied += 1
        return True

    def may_hit(self, number: int) -> bool:
        rule, last = self.rule, self.seen + number
        if rule.count is not None and self.applied >= rule.count:
            return False
        if last // rule.every == self.seen // rule.every:
            return False
        if rule.nth is not None and not any(self.seen < one <= last for one in rule.nth):
            return False
        return rule.probability is None or any(
            min(_draws(rule.seed, block)) < rule.probability * DRAWN_FROM
            for block in range((self.seen + 1) // DRAWS, last // DRAWS + 1)
        )


DRAWS = 8
DRAWN_FROM = 2**64
_NUMBERS = Struct(f">{DRAWS}Q")


def _is_drawn(rule: Rule, number: int) -> bool:
    # The rule's own number has no say, so that a scenario put in force again hits the same.
    block, place = divmod(number, DRAWS)
    return _draws(rule.seed, block)[place] < (rule.probability or 0) * DRAWN_FROM


@lru_cache(maxsize=4096)
def _draws(seed: int, block: int) -> tuple[int, ...]:
    """The draws for the next few that a rule counts; one hash is enough for them all."""
    digest = blake2b(str(block).encode(), digest_size=_NUMBERS.size, key=str(seed).encode())
    return _NUMBERS.unpack(digest.digest())
