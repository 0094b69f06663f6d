"""What the service saw of an exporter in one scenario, as plain values for pure judges."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from mcs.contract.catalog import ROOT
from mcs.contract.dialects import CATALOG_DIALECT, FEEDS_DIALECT
from mcs.harness.conformance.steps import StepKind

Name = tuple[str, str]
"""What names an item over all requests: its feed and its identity key."""


class Fate(StrEnum):
    """What an exporter was told of an item that it posted.

    taken: answered 200. refused: named as refused. unnamed: in a 400 that names others.
    turned_down: in a 400 that names none. unsettled: to be sent again.
    """

    TAKEN = "taken"
    REFUSED = "refused"
    UNNAMED = "unnamed"
    TURNED_DOWN = "turned down"
    UNSETTLED = "unsettled"


@dataclass(frozen=True, slots=True)
class Posted:
    """An item of a request. key, hash: None if nothing names it. foreign: it is another feed's."""

    request: "SeenRequest"
    index: int
    item: Any
    key: str | None
    hash: str | None
    deleted: bool
    fate: Fate
    error_code: str | None = None
    foreign: bool = False

    @property
    def name(self) -> Name:
        """Feed and key; only of an item that has one."""
        return self.request.feed or "", self.key or ""

    def __str__(self) -> str:
        return f"{self.request}, item {self.index}"


@dataclass(frozen=True, eq=False)
class SeenRequest:
    """A request in the service's journal. headers: by lower-case name, secrets cut off. step: the
    number of the step it came in. body: unpacked; None if it was not read that far."""

    number: int
    step: int
    at: datetime
    route: str
    headers: Mapping[str, str]
    status: int = 200
    feed: str | None = None
    code: str | None = None
    answered: bool = True
    faults: frozenset[str] = frozenset()
    signature: Mapping[str, Any] | None = None
    method: str = "POST"
    body_bytes: int = 0
    body: bytes | None = None
    posted: list[Posted] = field(default_factory=list)

    def __str__(self) -> str:
        return f"request {self.number}"

    @property
    def dialect(self) -> str:
        """The name of the API family that it speaks, told by its path."""
        path = self.route.lstrip("/")
        speaks = CATALOG_DIALECT if path.startswith(ROOT) else FEEDS_DIALECT
        return speaks.name

    @property
    def is_update(self) -> bool:
        """True if its items say no more than what is to change."""
        return self.method == "PATCH"

    @property
    def is_taken(self) -> bool:
        """True if the whole of a 200 reached the exporter."""
        return self.answered and self.status == 200


@dataclass(frozen=True)
class Observation:
    """One scenario's traffic, in order.

    shows: further scenarios whose faults were in force with it. steps: what was asked of the
    exporter, as far as it does it. stopped: why the scenario did not go to its end; "" if it did.
    catalog: the items that the exporter says it has; None if it does not say. secrets: what must
    stay out of bodies. parallel: how many requests are allowed at a time. virtual: time passes on
    the service's clock. held_s, retry_after_s: what the scenario's faults were told.
    """

    scenario: str
    steps: tuple[StepKind, ...]
    requests: Sequence[SeenRequest]
    stopped: str = ""
    catalog: Collection[Name] | None = None
    secrets: Mapping[str, str] = field(default_factory=dict)
    parallel: int = 1
    virtual: bool = False
    held_s: float = 0.0
    retry_after_s: float = 0.0
    shows: tuple[str, ...] = ()

    @cached_property
    def posted(self) -> list[Posted]:
        """Every item of every request that has a name, in order."""
        return [
            item for request in self.requests for item in request.posted if item.key is not None
        ]

    @cached_property
    def by_name(self) -> dict[Name, list[Posted]]:
        """What was posted of each item, in order."""
        grouped: dict[Name, list[Posted]] = {}
        for item in self.posted:
            grouped.setdefault(item.name, []).append(item)
        return grouped

    def hit_by(self, *faults: str) -> list[SeenRequest]:
        """The requests that one of these faults hit."""
        return [request for request in self.requests if request.faults & set(faults)]

    def in_steps(self, *kinds: StepKind) -> Iterator[Posted]:
        """The named items that were posted in steps of these kinds."""
        return (item for item in self.posted if self.steps[item.request.step] in kinds)

    def earlier(self, item: Posted) -> list[Posted]:
        """What was posted of the same item before."""
        return [
            other
            for other in self.by_name[item.name]
            if (other.request.number, other.index) < (item.request.number, item.index)
        ]

    def later(self, item: Posted) -> list[Posted]:
        """What was posted of the same item in later requests."""
        return [
            other for other in self.by_name[item.name] if other.request.number > item.request.number
        ]
