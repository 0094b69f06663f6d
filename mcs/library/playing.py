"""Goes through a case: its steps, what is seen, the fix, and what is seen then."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from mcs.contract.errors import UsageError
from mcs.library.case import Case, Fact, Step
from mcs.library.facts import BOTH_IN_SYNC, FACTS, look
from mcs.library.sight import Finding
from mcs.library.stage import Stage, set_stage
from mcs.library.verbs import SEE, act

AT = "{place}: {reason}"


class Part(StrEnum):
    """The parts of a story, in order."""

    STORY = "story"
    SEEN = "seen"
    FIX = "fix"
    HEALED = "healed"


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing of a story, when it was done or seen. finding: None for a step."""

    part: Part
    note: str
    did: str
    came: str
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """A case that was gone through."""

    case: Case
    happened: Sequence[Happened]
    data_spaces: Sequence[str]

    @property
    def reproduced(self) -> bool:
        """True if everything was seen that the case says, before the fix."""
        return self._holds(Part.STORY, Part.SEEN)

    @property
    def healed(self) -> bool:
        """True if the fix did what the case says, and both sides are in sync."""
        return self._holds(Part.FIX, Part.HEALED)

    @property
    def as_told(self) -> bool:
        """True if the case is as it says."""
        return self.reproduced and self.healed

    def _holds(self, *parts: Part) -> bool:
        return all(one.finding.holds for one in self.happened if one.finding and one.part in parts)

    def document(self) -> dict[str, Any]:
        """The story as JSON values."""
        return {
            "case": self.case.name,
            "title": self.case.title,
            "symptom": self.case.symptom,
            "cause": self.case.cause,
            "fix": self.case.fix,
            "look_at": list(self.case.look_at),
            "evidence": list(self.case.evidence),
            "reproduced": self.reproduced,
            "healed": self.healed,
            "story": [_document(one) for one in self.happened],
        }


def play(
    case: Case,
    url: str,
    home: Path,
    watch: Callable[[Happened], None] = lambda _: None,
    before_fix: Callable[[Stage], None] = lambda _: None,
) -> Played:
    """Goes through a case at a service. watch: told each thing when it happened.

    url, home: as `set_stage` takes them. Raises UsageError for a step that cannot be done, with
    its place, and CouldNotTell if the service goes away.
    """
    happened: list[Happened] = []
    with set_stage(case, url, home) as stage:
        for one in _all(case, stage, before_fix):
            happened.append(one)
            watch(one)
        return Played(case, happened, stage.spaces)


def _all(case: Case, stage: Stage, before_fix: Callable[[Stage], None]) -> Iterator[Happened]:
    yield from _steps(stage, Part.STORY, case.steps)
    yield from _facts(stage, Part.SEEN, case.seen)
    before_fix(stage)
    yield from _steps(stage, Part.FIX, case.fix_steps)
    yield from _facts(stage, Part.HEALED, (*BOTH_IN_SYNC, *case.healed))


def _steps(stage: Stage, part: Part, steps: Sequence[Step]) -> Iterator[Happened]:
    for step in steps:
        with _placed(step.place):
            told = act(stage, step.verb, step.values)
        if step.verb != SEE:
            yield Happened(part, step.note, told.did, told.came)
            continue
        if step.note:
            yield Happened(part, step.note, told.did, told.came)
        yield from _facts(stage, part, step.values["facts"])


def _facts(stage: Stage, part: Part, facts: Sequence[Fact]) -> Iterator[Happened]:
    for fact in facts:
        with _placed(fact.place):
            finding = look(stage, fact)
        yield Happened(part, "", f"look at {FACTS[finding.fact].label}", finding.found, finding)


@contextmanager
def _placed(place: str) -> Iterator[None]:
    """Says of what is wrong where it is."""
    try:
        yield
    except UsageError as error:
        raise UsageError(AT.format(place=place, reason=error)) from None


def _document(one: Happened) -> dict[str, Any]:
    told: dict[str, Any] = {"part": one.part, "note": one.note, "did": one.did, "came": one.came}
    if one.finding:
        finding = one.finding
        told["seen"] = {
            "what": finding.fact,
            "expected": finding.expected,
            "found": finding.found,
            "holds": finding.holds,
            "told": list(finding.told),
        }
    return told
