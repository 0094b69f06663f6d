"""What a support case is: a story in steps, what is seen of it, and what heals it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mcs.contract.feeds import FEEDS, Feed


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is done. values: of the verb's arguments, by name. note: why, for readers."""

    verb: str
    values: Mapping[str, Any]
    note: str
    place: str


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that must be seen. expected: as the fact of this name takes it."""

    name: str
    expected: Any
    place: str


@dataclass(frozen=True, slots=True)
class Case:
    """A support case.

    symptom: in a customer's words. cause, fix: in ours. evidence: where it is known from. feeds:
    those that the shop exports and that are compared. settings: of the data space. look_at: where a
    support engineer looks, in order. seen: before the fix; healed: after it, besides that both
    sides are in sync then.
    """

    name: str
    title: str
    symptom: str
    cause: str
    evidence: Sequence[str]
    seed: int
    products: int
    feeds: tuple[Feed, ...]
    steps: Sequence[Step]
    seen: Sequence[Fact]
    look_at: Sequence[str]
    fix: str
    fix_steps: Sequence[Step]
    settings: Mapping[str, Any] = field(default_factory=dict)
    healed: Sequence[Fact] = ()


def feeds_named(names: Sequence[str]) -> tuple[Feed, ...]:
    """The feeds of these names, in the order of an initial sync."""
    return tuple(feed for name, feed in FEEDS.items() if name in names)
