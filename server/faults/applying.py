"""What rules make of the items of a batch while it is recorded. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mcs.contract.canonical import content_hash
from mcs.contract.feeds import Feed
from mcs.server.consumers import TRUE_AS_SENT
from mcs.server.faults.actions import Part, Scope
from mcs.server.faults.content import Change, changed, corruption, is_corruptible
from mcs.server.faults.matching import Candidate, Suspect, Tally, matches, suspects
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


@dataclass(frozen=True, slots=True)
class Write:
    """An item to be recorded. request: the number of the one that brought it; None: this one."""

    accepted: AcceptedItem
    request: int | None = None


@dataclass(frozen=True, slots=True)
class Delayed:
    """Items that are recorded later, all by one strike."""

    strike: Strike
    items: Sequence[AcceptedItem]


@dataclass(frozen=True, slots=True)
class Script:
    """What may become of a batch: its valid items, and the rules that match some of them.

    by_item: for each rule in order, the indexes that it matches. by_batch: rules for the request.
    """

    feed: Feed
    candidates: Mapping[int, Candidate]
    by_item: Sequence[tuple[Rule, frozenset[int]]]
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
            rule.id: [_key(self.candidates[index]) for index in sorted(indexes)]
            for rule, indexes in self.by_item
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

    writes: list[Write] = field(default_factory=list)
    strikes: list[Strike] = field(default_factory=list)
    delayed: list[Delayed] = field(default_factory=list)
    altered: dict[int, Any] = field(default_factory=dict)


Elders = Callable[[AcceptedItem], Older | None]
"""The newest version of an item that earlier requests brought, if its content differs."""


def script_for(
    rules: Sequence[Rule],
    feed: Feed,
    candidates: Sequence[Candidate],
    accepted: Sequence[AcceptedItem],
) -> Script | None:
    """The script of a batch; None if no rule matches anything of it.

    rules: those in force that work while recording. candidates: all items of the request.
    accepted: those of them that are to be recorded.
    """
    valid = {item.index: _named_alike(candidates[item.index], item) for item in accepted}
    by_item = []
    for rule in rules:
        if rule.does.scope is Scope.ITEM:
            indexes = frozenset(index for index, each in valid.items() if matches(rule, each))
            if indexes:
                by_item.append((rule, indexes))
    of_batch = [rule for rule in rules if rule.does.scope is Scope.REQUEST]
    by_batch = suspects(of_batch, candidates) if valid else []
    return Script(feed, valid, by_item, by_batch) if by_item or by_batch else None


def _named_alike(candidate: Candidate, item: AcceptedItem) -> Candidate:
    return candidate if candidate.key == item.key else replace(candidate, key=item.key)


def play(script: Script, accepted: Sequence[AcceptedItem], tally: Tally, elder: Elders) -> Played:
    """Lets the items pass the rules in order, then the batch those about its writes."""
    played = Played()
    groups: list[list[Write]] = []
    for item in accepted:
        passage = _passed(script, _Passage(item, script.candidates[item.index].item), tally, elder)
        played.strikes += passage.strikes
        if passage.altered:
            played.altered[item.index] = passage.content
        group = _writes(passage)
        if passage.late is not None:
            items = [write.accepted for write in group]
            played.delayed.append(Delayed(passage.late, items))
        elif group:
            groups.append(group)
    for suspect in script.by_batch:
        _rearrange(suspect, groups, tally, played)
    played.writes = [write for group in groups for write in group]
    return played


@dataclass(frozen=True, slots=True)
class _Passage:
    """How far an item has come through the rules."""

    accepted: AcceptedItem
    content: Any
    copies: int = 1
    altered: bool = False
    lost: bool = False
    late: Strike | None = None
    older: Older | None = None
    strikes: tuple[Strike, ...] = ()

    @property
    def has_its_moment(self) -> bool:
        return self.lost or self.late is not None or self.older is not None


def _passed(script: Script, passage: _Passage, tally: Tally, elder: Elders) -> _Passage:
    index = passage.accepted.index
    for rule, indexes in script.by_item:
        if index not in indexes:
            continue
        key = _key(script.candidates[index])
        if rule.action == "corrupt" and not tally.would_hit(rule, key):
            # It counts all the same, if it could be corrupted; what it would become is dear.
            if _is_corruptible(script, rule, passage.content, key):
                tally.hits(rule, key)
            continue
        attempted = _EFFECTS[rule.action](script, rule, passage, elder)
        if attempted is None or not tally.hits(rule, key):
            continue
        after, strike = attempted
        passage = replace(after, strikes=(*passage.strikes, strike))
        if passage.lost:
            break
    return passage


_Effect = tuple[_Passage, Strike]


def _lost(script: Script, rule: Rule, passage: _Passage, _: Elders) -> _Effect | None:
    if passage.has_its_moment:
        return None
    return replace(passage, lost=True), _strike(script, rule, passage)


def _lost_delete(script: Script, rule: Rule, passage: _Passage, elder: Elders) -> _Effect | None:
    return _lost(script, rule, passage, elder) if passage.accepted.deleted else None


def _late(script: Script, rule: Rule, passage: _Passage, _: Elders) -> _Effect | None:
    if passage.has_its_moment:
        return None
    due = Due(rule.parameters["delay_s"], rule.parameters["requests"])
    strike = replace(_strike(script, rule, passage), due=due)
    return replace(passage, late=strike), strike


def _stale(script: Script, rule: Rule, passage: _Passage, elder: Elders) -> _Effect | None:
    older = None if passage.has_its_moment else elder(passage.accepted)
    if older is None:
        return None
    change = Change("", passage.content, older.content)
    strike = replace(_strike(script, rule, passage), change=change)
    return replace(passage, older=older), strike


def _duplicated(script: Script, rule: Rule, passage: _Passage, _: Elders) -> _Effect | None:
    return replace(passage, copies=passage.copies + 1), _strike(script, rule, passage)


def _is_corruptible(script: Script, rule: Rule, content: Any, key: str) -> bool:
    return isinstance(content, dict) and is_corruptible(script.feed, content, rule.parameters, key)


def _corrupted(script: Script, rule: Rule, passage: _Passage, _: Elders) -> _Effect | None:
    key = _key(script.candidates[passage.accepted.index])
    if not isinstance(passage.content, dict):
        return None
    change = corruption(script.feed, passage.content, rule.parameters, rule.seed, key)
    if change is None:
        return None
    content = changed(passage.content, change)
    accepted = passage.accepted._replace(
        hash=content_hash(script.feed, content),
        deleted=content.get("deleted") in TRUE_AS_SENT,
    )
    after = replace(passage, accepted=accepted, content=content, altered=True)
    return after, replace(_strike(script, rule, passage), change=change)


_EFFECTS: Mapping[str, Callable[[Script, Rule, _Passage, Elders], _Effect | None]] = {
    "lose": _lost,
    "lose_delete": _lost_delete,
    "late": _late,
    "stale": _stale,
    "duplicate": _duplicated,
    "corrupt": _corrupted,
}
"""What becomes of an item that a rule hits; None if the rule can do nothing to it."""


def _rearrange(suspect: Suspect, groups: list[list[Write]], tally: Tally, played: Played) -> None:
    rule = suspect.rule
    if any(strike.rule.does.part is rule.does.part for strike in played.strikes):
        return
    is_reorder = rule.does.part is Part.ORDER
    if len(groups) < (2 if is_reorder else 1) or not tally.hits(rule, suspect.key):
        return
    due = None if is_reorder else Due(requests=rule.parameters["requests"])
    strike = Strike(rule, None, items=len(groups), due=due)
    played.strikes.append(strike)
    if is_reorder:
        groups.reverse()
    else:
        played.delayed.append(Delayed(strike, [group[0].accepted for group in groups]))


def _writes(passage: _Passage) -> list[Write]:
    if passage.lost:
        return []
    writes = [Write(passage.accepted)] * passage.copies
    if passage.older is not None:
        writes.append(Write(passage.older.accepted, passage.older.request))
    return writes


def _strike(script: Script, rule: Rule, passage: _Passage) -> Strike:
    return Strike(rule, script.candidates[passage.accepted.index], items=1)


def _key(candidate: Candidate) -> str:
    return candidate.key or ""
