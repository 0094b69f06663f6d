"""What rules make of the items of a batch while it is recorded. Pure."""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

from mcs.contract.canonical import canonical_json, content_hash
from mcs.contract.feeds import Feed
from mcs.server.consumers import TRUE_AS_SENT
from mcs.server.faults.actions import Part, Scope
from mcs.server.faults.candidates import Candidate, Candidates
from mcs.server.faults.content import (
    LIFE,
    Change,
    changed,
    chooses_field,
    corruption,
    has_content,
    is_corruptible,
)
from mcs.server.faults.counting import Queue, Tally, tried
from mcs.server.faults.matching import Suspect, matched, suspects
from mcs.server.faults.rules import Rule
from mcs.server.store.values import AcceptedItem

WHILE_RECORDING = frozenset({Part.CONTENT, Part.COPIES, Part.MOMENT, Part.ORDER, Part.REPLAY})
"""What is changed once the answer is decided."""


@dataclass(frozen=True, slots=True)
class Due:
    """When something delayed is recorded: some seconds or some requests later."""

    delay_s: float | None = None
    requests: int | None = None


@dataclass(frozen=True, slots=True)
class Strike:
    """One hit of a rule: the ground truth. candidate: None for the request; items: how many."""

    rule: Rule
    candidate: Candidate | None
    items: int
    change: Change | None = None
    due: Due | None = None


@dataclass(frozen=True, slots=True)
class Older:
    """A version of an item that an earlier request brought; content: its JSON value."""

    request: int
    accepted: AcceptedItem
    content: Any


class Write(NamedTuple):
    """An item to be recorded. request: the number of the one that brought it; None: this one."""

    accepted: AcceptedItem
    request: int | None = None


SINGLE_VALUES = (str, int, float)
AsItCame = int
"""The index of an item that is recorded as it came."""


@dataclass(frozen=True, slots=True)
class Delayed:
    """Items that are recorded later, all by one strike."""

    strike: Strike
    items: Sequence[AcceptedItem]


@dataclass(frozen=True, slots=True)
class Script:
    """What may become of a batch: its valid items, and the rules that match some of them.

    by_item: for each rule in order, those of them that it matches. by_batch: rules for the request.
    """

    feed: Feed
    candidates: Candidates
    by_item: Sequence[tuple[Rule, Candidates]]
    by_batch: Sequence[Suspect]

    @property
    def rules(self) -> list[Rule]:
        """All that may hit."""
        return [rule for rule, _ in self.by_item] + [suspect.rule for suspect in self.by_batch]

    @property
    def looks_back(self) -> bool:
        """True if what earlier requests brought may be written again."""
        return any(rule.action == "stale" for rule, _ in self.by_item)

    def passes(self) -> dict[int, list[str]]:
        """The keys that may pass a rule which counts attempts, by the rule's number."""
        keys = {
            rule.id: [_key(candidate) for candidate in matching]
            for rule, matching in self.by_item
            if rule.attempt is not None
        }
        return keys | {
            suspect.rule.id: [suspect.key]
            for suspect in self.by_batch
            if suspect.rule.attempt is not None
        }


@dataclass(slots=True)
class Played:
    """What becomes of a batch. altered: the content of items that is recorded instead."""

    writes: list[Write | AsItCame] = field(default_factory=list)
    strikes: list[Strike] = field(default_factory=list)
    delayed: list[Delayed] = field(default_factory=list)
    altered: dict[int, Any] = field(default_factory=dict)


Elders = Callable[[AcceptedItem], Older | None]
"""The newest version of an item that earlier requests brought, if its content differs."""
Kept = Callable[[int], AcceptedItem]
"""What is kept of an item, by its index."""


def script_for(
    rules: Sequence[Rule], feed: Feed, candidates: Candidates, accepted: Sequence[int]
) -> Script | None:
    """The script of a batch; None if no rule matches anything of it.

    rules: those in force that work while recording. candidates: all of the request. accepted: the
    indexes of those that are to be recorded.
    """
    valid = candidates.among(accepted)
    matching = [(rule, matched(rule, valid)) for rule in rules if rule.does.scope is Scope.ITEM]
    by_item = [(rule, found) for rule, found in matching if found]
    of_batch = [rule for rule in rules if rule.does.scope is Scope.REQUEST]
    by_batch = suspects(of_batch, candidates) if of_batch and valid else []
    if not by_item and not by_batch:
        return None
    return Script(feed, valid, by_item, by_batch)


def play(script: Script, kept: Kept, tally: Tally, elder: Elders) -> Played:
    """Lets the items pass the rules in order, then the batch those about its writes."""
    played = Played()
    groups: list[Sequence[Write | AsItCame]] = []
    indexes, done = script.candidates.indexes, 0
    for index in tried([_queue(*pair) for pair in script.by_item], tally):
        place = bisect_left(indexes, index)
        groups += _untouched(script, indexes[done:place])
        done = place + 1
        groups += _played_item(script, index, kept, tally, elder, played)
    groups += _untouched(script, indexes[done:])
    for suspect in script.by_batch:
        _rearrange(suspect, groups, kept, tally, played)
    played.writes = list(chain.from_iterable(groups))
    return played


def _untouched(script: Script, indexes: Sequence[int]) -> list[Sequence[Write | AsItCame]]:
    """The groups of items that nothing hit: of one each if they may be rearranged."""
    return [[index] for index in indexes] if script.by_batch else [indexes]


def _queue(rule: Rule, matching: Candidates) -> Queue:
    open_to = _EFFECTS[rule.action].open_to
    if open_to is None:
        return Queue(rule, matching.indexes, known=False)
    return Queue(rule, open_to(rule, matching).indexes)


def _played_item(
    script: Script, index: int, kept: Kept, tally: Tally, elder: Elders, played: Played
) -> list[Sequence[Write | AsItCame]]:
    """What is written of an item that may be hit, as a group unless it is nothing."""
    passage = _Passage(script.feed, script.candidates.at(index), kept)
    for rule, matching in script.by_item:
        if matching.get(index) is not None and not passage.lost:
            effect = _EFFECTS[rule.action]
            # What cannot be done to an item is not counted.
            possible = effect.possible(rule, passage, elder)
            if possible and tally.hits(rule, passage.candidate):
                effect.apply(rule, passage, possible)
    if not passage.strikes:
        return [[index]]
    played.strikes += passage.strikes
    if passage.altered:
        played.altered[index] = passage.content
    writes = _writes(passage)
    if passage.late is not None:
        played.delayed.append(Delayed(passage.late, [write.accepted for write in writes]))
        return []
    return [writes] if writes else []


class _Passage:
    """How far an item has come through the rules. Most come through untouched."""

    copies = 1
    altered = False
    lost = False
    late: Strike | None = None
    older: Older | None = None
    strikes: Sequence[Strike] = ()

    def __init__(self, feed: Feed, candidate: Candidate, kept: Kept) -> None:
        self.feed = feed
        self.candidate = candidate
        self._kept = kept

    @cached_property
    def content(self) -> Any:
        return self.candidate.item

    @cached_property
    def accepted(self) -> AcceptedItem:
        return self._kept(self.candidate.index)

    @property
    def has_its_moment(self) -> bool:
        return self.lost or self.late is not None or self.older is not None

    def is_struck(self, rule: Rule, change: Change | None = None, due: Due | None = None) -> Strike:
        strike = Strike(rule, self.candidate, 1, change, due)
        self.strikes = (*self.strikes, strike)
        return strike


@dataclass(frozen=True, slots=True)
class _Effect:
    """What becomes of an item that a rule hits.

    possible: false if the rule can do nothing to it; what it finds is given to apply.
    open_to: those of some items that no rule has hit to which it can do something; None if that
    cannot be told at a glance.
    """

    possible: Callable[[Rule, _Passage, Elders], Any]
    apply: Callable[[Rule, _Passage, Any], None]
    open_to: Callable[[Rule, Candidates], Candidates] | None = None


def _is_undecided(_: Rule, passage: _Passage, __: Elders) -> bool:
    return not passage.has_its_moment


def _is_undecided_delete(_: Rule, passage: _Passage, __: Elders) -> bool:
    return passage.accepted.deleted and not passage.has_its_moment


def _lose(rule: Rule, passage: _Passage, _: Any) -> None:
    passage.is_struck(rule)
    passage.lost = True


def _delay(rule: Rule, passage: _Passage, _: Any) -> None:
    due = Due(rule.parameters["delay_s"], rule.parameters["requests"])
    passage.late = passage.is_struck(rule, due=due)


def _older(_: Rule, passage: _Passage, elder: Elders) -> Older | None:
    return None if passage.has_its_moment else elder(passage.accepted)


def _bring_back(rule: Rule, passage: _Passage, older: Older) -> None:
    passage.is_struck(rule, Change("", passage.content, older.content))
    passage.older = older


def _always(_: Rule, __: _Passage, ___: Elders) -> bool:
    return True


def _all(_: Rule, matching: Candidates) -> Candidates:
    return matching


def _duplicate(rule: Rule, passage: _Passage, _: Any) -> None:
    passage.is_struck(rule)
    passage.copies += 1


def _is_corruptible(rule: Rule, passage: _Passage, _: Elders) -> bool:
    return _can_be_corrupted(rule, passage.candidate, passage.content)


def _corruptible(rule: Rule, matching: Candidates) -> Candidates:
    if chooses_field(rule.parameters) and has_content(matching.feed, matching.always_told):
        is_deleted = matching.values_at(LIFE)
        return matching.among([index for index in matching.indexes if not is_deleted[index]])
    name = (rule.parameters["pointer"] or "")[1:]
    # Of items that are read typed, a field at the top is told without parsing them.
    values = matching.values_at(name) if matching.always_told and name.isidentifier() else {}
    possible = [
        index
        for index in matching.indexes
        if (
            _has_another(rule, values[index])
            if values and _is_told(rule, values[index])
            else _can_be_corrupted(rule, matching.at(index), matching.at(index).item)
        )
    ]
    return matching.among(possible)


def _is_told(rule: Rule, value: Any) -> bool:
    """Whether what was read typed is enough: a null looks like a field that is not there."""
    return "value" not in rule.parameters or isinstance(value, SINGLE_VALUES)


def _has_another(rule: Rule, value: Any) -> bool:
    """Whether a rule has another value in the place of this one; of single ones alone there is one
    that is not given."""
    if "value" not in rule.parameters:
        return isinstance(value, SINGLE_VALUES)
    after = rule.parameters["value"]
    if isinstance(value, str):
        return bool(value != after)
    return canonical_json(value) != canonical_json(after)


def _can_be_corrupted(rule: Rule, candidate: Candidate, content: Any) -> bool:
    return isinstance(content, dict) and is_corruptible(
        candidate.feed, content, rule.parameters, rule.seed, lambda: _key(candidate)
    )


def _corrupt(rule: Rule, passage: _Passage, _: Any) -> None:
    feed, key = passage.feed, _key(passage.candidate)
    change = corruption(feed, passage.content, rule.parameters, rule.seed, key)
    if change is None:
        return
    passage.is_struck(rule, change)
    content = passage.content = changed(passage.content, change)
    passage.altered = True
    passage.accepted = passage.accepted._replace(
        hash=content_hash(feed, content), deleted=content.get("deleted") in TRUE_AS_SENT
    )


_EFFECTS: Mapping[str, _Effect] = {
    "lose": _Effect(_is_undecided, _lose, _all),
    "lose_delete": _Effect(_is_undecided_delete, _lose),
    "late": _Effect(_is_undecided, _delay, _all),
    "stale": _Effect(_older, _bring_back),
    "duplicate": _Effect(_always, _duplicate, _all),
    "corrupt": _Effect(_is_corruptible, _corrupt, _corruptible),
}


def _rearrange(
    suspect: Suspect,
    groups: list[Sequence[Write | AsItCame]],
    kept: Kept,
    tally: Tally,
    played: Played,
) -> None:
    rule = suspect.rule
    if any(strike.rule.does.part is rule.does.part for strike in played.strikes):
        return
    is_reorder = rule.does.part is Part.ORDER
    if len(groups) < (2 if is_reorder else 1) or not tally.hits(rule, suspect):
        return
    due = None if is_reorder else Due(requests=rule.parameters["requests"])
    strike = Strike(rule, None, items=len(groups), due=due)
    played.strikes.append(strike)
    if is_reorder:
        groups.reverse()
    else:
        again = [
            first.accepted if isinstance(first, Write) else kept(first) for first, *_ in groups
        ]
        played.delayed.append(Delayed(strike, again))


def _writes(passage: _Passage) -> list[Write]:
    if passage.lost:
        return []
    writes = [Write(passage.accepted)] * passage.copies
    if passage.older is not None:
        writes.append(Write(passage.older.accepted, passage.older.request))
    return writes


def _key(candidate: Candidate) -> str:
    return candidate.key or ""
