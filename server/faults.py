"""Scripted misbehaviour, as data. Pure: what becomes of passing items, never how it is stored."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from mcs.contract.errors import UsageError


@dataclass(frozen=True, slots=True)
class Action:
    """A way to misbehave. recorded: whether an item that it hits is kept all the same."""

    name: str
    help: str
    recorded: bool


ACTIONS: Mapping[str, Action] = {
    action.name: action
    for action in (Action("lose", "answered as accepted, yet not recorded", recorded=False),)
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One scripted misbehaviour and how far it has come.

    feed: None for every feed. every: it hits each Nth item that passes. count: how many it hits
    in all, None for no end. seen: items that passed so far. applied: items hit so far.
    """

    id: int
    action: str
    feed: str | None
    every: int
    count: int | None
    seen: int = 0
    applied: int = 0


@dataclass(frozen=True, slots=True)
class Passing:
    """A valid item on its way into the record."""

    index: int
    feed: str
    key: str
    identity: Mapping[str, str] | None


@dataclass(frozen=True, slots=True)
class Effect:
    """One item hit by one fault: the ground truth that a harness must find again."""

    fault_id: int
    action: str
    item: Passing


def apply(
    faults: Sequence[Fault], items: Iterable[Passing]
) -> tuple[list[Fault], list[Effect], set[int]]:
    """The faults with their new counters, what they did, and the indexes of items that are lost.

    Items pass the faults in order; one that is lost passes no further fault.

    >>> fault = Fault(id=1, action="lose", feed=None, every=2, count=1)
    >>> passing = [Passing(index, "products", f"key{index}", None) for index in range(4)]
    >>> [fault], _, lost = apply([fault], passing)
    >>> fault.seen, fault.applied, lost
    (4, 1, {1})
    """
    current = list(faults)
    effects: list[Effect] = []
    lost: set[int] = set()
    for item in items:
        for position, fault in enumerate(current):
            if fault.feed not in (None, item.feed):
                continue
            hit = _is_next(fault)
            current[position] = replace(
                fault, seen=fault.seen + 1, applied=fault.applied + (1 if hit else 0)
            )
            if not hit:
                continue
            effects.append(Effect(fault.id, fault.action, item))
            if not ACTIONS[fault.action].recorded:
                lost.add(item.index)
                break
    return current, effects, lost


def new_fault(given: Mapping[str, object], feeds: Iterable[str]) -> Fault:
    """The fault that a JSON object describes, without a number yet (0).

    Raises UsageError for an unknown name or a value that does not fit.

    >>> new_fault({"action": "lose", "count": 2}, ["products"])
    Fault(id=0, action='lose', feed=None, every=1, count=2, seen=0, applied=0)
    """
    for name in given:
        if name not in _FAULT_NAMES:
            raise UsageError(f'"{name}" is no part of a fault. Take of: {", ".join(_FAULT_NAMES)}.')
    known = (None, *feeds)
    action, feed = given.get("action"), given.get("feed")
    if not isinstance(action, str) or action not in ACTIONS:
        raise UsageError(f"action: got {action!r}, expected one of: {', '.join(ACTIONS)}.")
    if feed is not None and (not isinstance(feed, str) or feed not in known):
        names = ", ".join(name for name in known if name)
        raise UsageError(f"feed: got {feed!r}, expected null or one of: {names}.")
    count = given.get("count")
    every = _at_least_one("every", given.get("every", 1))
    return Fault(0, action, feed, every, None if count is None else _at_least_one("count", count))


_FAULT_NAMES = ("action", "every", "count", "feed")


def _is_next(fault: Fault) -> bool:
    exhausted = fault.count is not None and fault.applied >= fault.count
    return not exhausted and (fault.seen + 1) % fault.every == 0


def _at_least_one(name: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value < 2**53:
        return value
    raise UsageError(f"{name}: got {value!r}, expected a whole number of 1 or more.")
