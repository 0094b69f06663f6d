"""The counters of rules: which of what a rule matches it hits. Pure."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from mcs.server.faults.candidates import Candidate, Candidates
from mcs.server.faults.drawing import first_drawn, is_drawn
from mcs.server.faults.matching import Suspect
from mcs.server.faults.rules import Rule

Pass = tuple[int, str]
"""A rule's number, and the key of what passes it."""


class Keyed(Protocol):
    """What passes a rule. key: by which a rule that counts attempts knows it again."""

    @property
    def key(self) -> str | None: ...


class Count(NamedTuple):
    """How far a rule has come: how many matched, how many it hit."""

    seen: int = 0
    applied: int = 0


class Tally:
    """The counters of some rules while a request passes them.

    counts: how far each is, by its number; one that is missing counts nothing. passes: how often
    keys passed rules that count attempts.
    """

    def __init__(
        self, rules: Iterable[Rule], counts: Mapping[int, Count], passes: Mapping[Pass, int]
    ) -> None:
        self._before = counts
        self._counters = {
            rule.id: _Counter(rule, *counts[rule.id]) for rule in rules if rule.id in counts
        }
        self._passes_before = dict(passes)
        self._passes = dict(passes)

    def hits(self, rule: Rule, passing: Keyed) -> bool:
        """Counts something that matches a rule; True if the rule hits it."""
        counter = self._counters.get(rule.id)
        if counter is None:
            return False
        if rule.attempt is not None and not self._is_its_attempt(rule, passing.key or ""):
            return False
        return counter.hits()

    def surely_pass(self, rule: Rule, number: int) -> int:
        """How many of the next so many a rule surely does not hit, before one that it may hit.

        Nothing is counted.
        """
        counter = self._counters.get(rule.id)
        if counter is None:
            return number
        return 0 if rule.attempt is not None else counter.until_hit(number)

    def let_pass(self, rule: Rule, number: int) -> None:
        """Counts so many that a rule surely does not hit."""
        counter = self._counters.get(rule.id)
        if counter is not None:
            counter.seen += number

    def moved(self) -> list[tuple[int, int, int]]:
        """The counters that have moved: seen, applied, the rule's number."""
        return [
            (counter.seen, counter.applied, number)
            for number, counter in self._counters.items()
            if counter.seen != self._before[number].seen
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
    >>> tally = Tally(rules, {1: Count(), 2: Count()}, {})
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
    by_rule: Sequence[tuple[Rule, Candidates]], tally: Tally
) -> list[tuple[Candidate, Rule]]:
    """The items that are hit, each by the first of its rules that does; rules in order."""
    found = []
    for index in tried([Queue(rule, matching.indexes) for rule, matching in by_rule], tally):
        for rule, matching in by_rule:
            candidate = matching.get(index)
            if candidate is not None and tally.hits(rule, candidate):
                found.append((candidate, rule))
                break
    return found


@dataclass(slots=True)
class Queue:
    """The items that wait to pass a rule, by their indexes, in order.

    known: whether each is surely counted by the rule, unless another rule hits it before.
    """

    rule: Rule
    indexes: Sequence[int]
    known: bool = True
    passed: int = 0

    def next_tried(self, tally: Tally) -> int | None:
        """The index of the next item that the rule may hit; None if it hits none."""
        waiting = len(self.indexes) - self.passed
        ahead = tally.surely_pass(self.rule, waiting) if self.known else 0
        return self.indexes[self.passed + ahead] if ahead < waiting else None

    def let_pass(self, tally: Tally, index: int | None) -> None:
        """Counts the items before one; all of them if None."""
        place = len(self.indexes) if index is None else bisect_left(self.indexes, index)
        if place > self.passed:
            tally.let_pass(self.rule, place - self.passed)
            self.passed = place

    def leave_out(self, index: int) -> None:
        """Has an item pass that was counted otherwise, if it waits."""
        if self.passed < len(self.indexes) and self.indexes[self.passed] == index:
            self.passed += 1


def tried(queues: Sequence[Queue], tally: Tally) -> Iterator[int]:
    """The indexes of the items that may be hit, in order; all others are counted meanwhile.

    Whoever takes an index has that item pass its rules before the next one is asked for.
    """
    while True:
        ahead = [index for queue in queues if (index := queue.next_tried(tally)) is not None]
        index = min(ahead, default=None)
        for queue in queues:
            queue.let_pass(tally, index)
        if index is None:
            return
        yield index
        for queue in queues:
            queue.leave_out(index)


class _Counter:
    """How far a rule has come while a request passes.

    next_hit: the next that it hits, as far as that was looked for; none_until: it hits none
    between that which it has seen and this one.
    """

    __slots__ = ("applied", "next_hit", "none_until", "rule", "seen")

    def __init__(self, rule: Rule, seen: int, applied: int) -> None:
        self.rule, self.seen, self.applied = rule, seen, applied
        self.next_hit, self.none_until = 0, seen

    def hits(self) -> bool:
        rule = self.rule
        self.seen = number = self.seen + 1
        if rule.count is not None and self.applied >= rule.count:
            return False
        if number % rule.every or (rule.nth is not None and number not in rule.nth):
            return False
        if not _is_drawn(rule, number):
            return False
        self.applied += 1
        return True

    def until_hit(self, most: int) -> int:
        """How many of the next ones it does not hit, before one that it does."""
        rule, last = self.rule, self.seen + most
        if rule.count is not None and self.applied >= rule.count:
            return most
        if self.next_hit <= self.seen and self.none_until < last:
            found = _first_hit(rule, max(self.seen, self.none_until) + 1, last)
            self.next_hit, self.none_until = found or 0, last if found is None else found - 1
        return most if self.next_hit <= self.seen else min(most, self.next_hit - self.seen - 1)


def _first_hit(rule: Rule, first: int, last: int) -> int | None:
    """The first of the numbers from one to another that a rule hits, whatever it hit before."""
    numbers = range(-(-first // rule.every) * rule.every, last + 1, rule.every)
    if rule.nth is not None:
        named = rule.nth[bisect_left(rule.nth, first) : bisect_right(rule.nth, last)]
        return next((each for each in named if each in numbers and _is_drawn(rule, each)), None)
    if rule.probability is not None:
        return first_drawn(rule.seed, rule.probability, numbers)
    return next(iter(numbers), None)


def _is_drawn(rule: Rule, number: int) -> bool:
    # The rule's own number has no say, so that a scenario put in force again hits the same.
    return rule.probability is None or is_drawn(rule.seed, rule.probability, number)
