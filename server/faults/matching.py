"""Which rules hit: first what they match, which needs no counter, then the counting. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b, sha1
from typing import Any, NamedTuple

from mcs.server.faults.conditions import holds
from mcs.server.faults.rules import Rule

Pass = tuple[int, str]
"""A rule's number, and the key of what passes it."""


class Candidate(NamedTuple):
    """An item of a batch that rules look at. key, identity: None if nothing names it."""

    index: int  # type: ignore[assignment]  # of the item in its batch, not of a value in here
    key: str | None
    identity: Mapping[str, str] | None
    item: Any


@dataclass(frozen=True, slots=True)
class Suspect:
    """A rule that matches a request. key: names those of its items that the rule matches."""

    rule: Rule
    key: str


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

    >>> bag = Candidate(0, "key", {"sku": "BAG", "storeViewCode": "fr"}, {"weight": 3})
    >>> matches(Rule("lose", identity={"sku": "BAG"}, where="@.weight < 4"), bag)
    True
    """
    if rule.identity is not None:
        named = candidate.identity or {}
        for path, value in rule.identity.items():
            if named.get(path) != value:
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
            found.append(Suspect(rule, _batch_key(matching)))
    return found


def different(seed: int, *said: object) -> int:
    """A number of 64 bits that is another for another seed or anything else that is said.

    >>> different(1, "a") == different(1, "a"), different(1, "a") == different(2, "a")
    (True, False)
    """
    return _number(_keyed(seed), "\0".join(str(part) for part in said))


class Tally:
    """The counters of some rules while a request passes them."""

    def __init__(self, rules: Iterable[Rule], passes: Mapping[Pass, int]) -> None:
        self._counters = {rule.id: _Counter(rule) for rule in rules}
        self._passes_before = dict(passes)
        self._passes = dict(passes)

    def hits(self, rule: Rule, key: str) -> bool:
        """Counts something that matches a rule; True if the rule hits it.

        A rule that is gone or switched off meanwhile counts nothing.
        """
        counter = self._counters.get(rule.id)
        if counter is None or not counter.rule.enabled:
            return False
        if counter.rule.attempt is not None and not self._is_its_attempt(counter.rule, key):
            return False
        return counter.hits(key)

    def rules(self) -> list[Rule]:
        """The rules, as far as they have come."""
        return [
            replace(counter.rule, seen=counter.seen, applied=counter.applied)
            for counter in self._counters.values()
        ]

    def moved_rules(self) -> list[Rule]:
        """The rules whose counters have moved."""
        return [rule for rule in self.rules() if rule.seen != self._counters[rule.id].rule.seen]

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
    >>> [rule.id for rule in struck([Suspect(rule, "batch") for rule in rules], tally)]
    [2]
    >>> [rule.id for rule in struck([Suspect(rule, "batch") for rule in rules], tally)]
    [1]
    """
    taken = set()
    hit = []
    for suspect in suspected:
        part = suspect.rule.does.part
        if part not in taken and tally.hits(suspect.rule, suspect.key):
            taken.add(part)
            hit.append(suspect.rule)
    return hit


def struck_items(
    matched: Iterable[tuple[Candidate, Sequence[Rule]]], tally: Tally
) -> list[tuple[Candidate, Rule]]:
    """The items that are hit, each by the first of its rules that does."""
    found = []
    for candidate, rules in matched:
        hit = next((rule for rule in rules if tally.hits(rule, candidate.key or "")), None)
        if hit is not None:
            found.append((candidate, hit))
    return found


class _Counter:
    """How far a rule has come while a request passes."""

    __slots__ = ("_keyed", "applied", "rule", "seen")

    def __init__(self, rule: Rule) -> None:
        self.rule, self.seen, self.applied = rule, rule.seen, rule.applied
        self._keyed = None if rule.probability is None else _keyed(rule.seed)

    def hits(self, key: str) -> bool:
        rule = self.rule
        self.seen = number = self.seen + 1
        if rule.count is not None and self.applied >= rule.count:
            return False
        if number % rule.every or (rule.nth is not None and number not in rule.nth):
            return False
        # The rule's own number has no say, so that a scenario put in force again hits the same.
        if self._keyed is not None and not (
            _number(self._keyed, f"{number}\0{key}") < (rule.probability or 0) * 2**64
        ):
            return False
        self.applied += 1
        return True


def _keyed(seed: int) -> Any:
    return blake2b(digest_size=8, key=str(seed).encode())


def _number(keyed: Any, text: str) -> int:
    digest = keyed.copy()
    digest.update(text.encode())
    return int.from_bytes(digest.digest(), "big")


def _batch_key(matching: Sequence[Candidate]) -> str:
    # Not of all items: a batch that is made up anew around the same item is that item's next try.
    keys = sorted(candidate.key or "" for candidate in matching)
    return sha1("".join(keys).encode(), usedforsecurity=False).hexdigest()
