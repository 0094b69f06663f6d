"""Which rules hit: first what they match, which needs no counter, then the counting. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import blake2b, sha1
from typing import Any

from mcs.server.faults.conditions import holds
from mcs.server.faults.rules import Rule

Pass = tuple[int, str]
"""A rule's number, and the key of what passes it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item of a batch that rules look at. key, identity: None if nothing names it."""

    index: int
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
        if any(named.get(path) != value for path, value in rule.identity.items()):
            return False
    if rule.indexes is not None and candidate.index not in rule.indexes:
        return False
    return rule.where is None or holds(rule.where, candidate.item)


def suspects(rules: Iterable[Rule], candidates: Sequence[Candidate]) -> list[Suspect]:
    """The rules that match at least one item of a request, in order."""
    found = []
    for rule in rules:
        matching = [candidate for candidate in candidates if matches(rule, candidate)]
        if matching:
            found.append(Suspect(rule, _batch_key(matching)))
    return found


def different(seed: int, *said: object) -> int:
    """A number of 64 bits that is another for another seed or anything else that is said.

    >>> different(1, "a") == different(1, "a"), different(1, "a") == different(2, "a")
    (True, False)
    """
    text = "\0".join(str(part) for part in said).encode()
    digest = blake2b(text, digest_size=8, key=str(seed).encode()).digest()
    return int.from_bytes(digest, "big")


class Tally:
    """The counters of some rules while a request passes them."""

    def __init__(self, rules: Iterable[Rule], passes: Mapping[Pass, int]) -> None:
        self._rules = {rule.id: rule for rule in rules}
        self._progress = {rule.id: (rule.seen, rule.applied) for rule in self._rules.values()}
        self._passes_before = dict(passes)
        self._passes = dict(passes)

    def hits(self, rule: Rule, key: str) -> bool:
        """Counts something that matches a rule; True if the rule hits it.

        A rule that is gone or switched off meanwhile counts nothing.
        """
        current = self._rules.get(rule.id)
        if current is None or not current.enabled or not self._is_its_attempt(current, key):
            return False
        seen, applied = self._progress[rule.id]
        hit = _is_chosen(current, seen + 1, applied, key)
        self._progress[rule.id] = (seen + 1, applied + hit)
        return hit

    def would_hit(self, rule: Rule, key: str) -> bool:
        """What `hits` would say, without counting."""
        current = self._rules.get(rule.id)
        if current is None or not current.enabled:
            return False
        passes = self._passes.get((rule.id, key), 0) + 1
        if current.attempt is not None and passes != current.attempt:
            return False
        seen, applied = self._progress[rule.id]
        return _is_chosen(current, seen + 1, applied, key)

    def rules(self) -> list[Rule]:
        """The rules, as far as they have come."""
        return [
            replace(rule, seen=self._progress[rule.id][0], applied=self._progress[rule.id][1])
            for rule in self._rules.values()
        ]

    def moved_rules(self) -> list[Rule]:
        """The rules whose counters have moved."""
        return [rule for rule in self.rules() if rule.seen != self._rules[rule.id].seen]

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
        if rule.attempt is None:
            return True
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


def _is_chosen(rule: Rule, number: int, applied: int, key: str) -> bool:
    if rule.count is not None and applied >= rule.count:
        return False
    if number % rule.every or (rule.nth is not None and number not in rule.nth):
        return False
    return rule.probability is None or _is_likely(rule, number, key)


def _is_likely(rule: Rule, number: int, key: str) -> bool:
    # The rule's own number has no say, so that a scenario put in force again hits the same.
    return different(rule.seed, number, key) < (rule.probability or 0) * 2**64


def _batch_key(matching: Sequence[Candidate]) -> str:
    # Not of all items: a batch that is made up anew around the same item is that item's next try.
    keys = sorted(candidate.key or "" for candidate in matching)
    return sha1("".join(keys).encode(), usedforsecurity=False).hexdigest()
