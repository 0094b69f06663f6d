"""A scenario: what goes wrong with a service over time, written in YAML, turned into fault rules.

Pure: a text goes in, rules come out. docs/scenarios.md tells how one is written.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mcs.harness.fault_actions import ACTIONS, Scope
from mcs.harness.yaml_part import Part, parsed_part

Rule = dict[str, Any]
"""A fault rule, as the control API takes it."""

LARGEST_WINDOW = 10_000
"""How many requests or items a window lists at most; one that is open ends after so many."""

SCENARIO, SCENARIO_KEYS = "a scenario", "title, description, seed and steps"
WRONG_COUNTER = (
    "{key} counts {counted}, yet {action} is about {scope}s. Give the window as {instead} or in "
    "time."
)
TOGETHER = "{first} and {second} contradict each other. Give one of them."
AFTER_END = "at: {at} is not before the scenario's end, which is after {lasts}."

NUMBERS = "a number, or several as in 3,5,10-20, of 1 or more, at most 10,000 in all"
DURATION = "a duration such as 90s, 5m, 1h30m or 2d"
TIME = "a time since the start as 00:10 (hours:minutes) or 5m"
_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_DURATION = re.compile(r"(?:\d+[dhms])+")
_TIME = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?")
_NUMBERS = re.compile(r"\d+(?:-\d+)?(?:\s*,\s*\d+(?:-\d+)?)*")

_TOP = ("title", "description", "seed", "lasts", "settings", "steps")
_WINDOWS = ("requests", "from_request", "items", "from_item", "at", "for")
_AS_GIVEN = (
    "action",
    "parameters",
    "note",
    "feed",
    "every",
    "probability",
    "seed",
    "identity",
    "where",
    "attempt",
    "count",
)
_STEP = (*_AS_GIVEN, *_WINDOWS)


@dataclass(frozen=True, slots=True)
class Step:
    """A fault and when it is in force.

    rule: the fault without the window. numbers: which matching requests or items it hits, None for
    all. at, lasts: the window in time since the start; lasts is None for one without an end.
    """

    place: str
    rule: Rule
    numbers: Sequence[int] | None
    at: timedelta
    lasts: timedelta | None
    timed: bool


@dataclass(frozen=True, slots=True)
class Scenario:
    """Faults over time. settings: of the data space, while it runs. lasts: None if it is open."""

    title: str
    description: str
    seed: int
    steps: Sequence[Step]
    lasts: timedelta | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def length(self) -> timedelta | None:
        """When the last step is over; None if a step has no end in time."""
        if self.lasts is not None:
            return self.lasts
        ends = [None if step.lasts is None else step.at + step.lasts for step in self.steps]
        return None if None in ends else max(end for end in ends if end is not None)

    def rules(self, start: datetime) -> list[Rule]:
        """The rules that make it happen from a moment on, one for each step."""
        return [self._rule(step, number, start) for number, step in enumerate(self.steps)]

    def _rule(self, step: Step, number: int, start: datetime) -> Rule:
        rule = dict(step.rule)
        if step.numbers is not None:
            rule["nth"] = list(step.numbers)
        # Chance differs from step to step, and is the same each time the scenario runs.
        if "seed" not in rule and ("probability" in rule or rule["action"] == "corrupt"):
            rule["seed"] = self.seed + number
        end = None if step.lasts is None else step.at + step.lasts
        if self.lasts is not None:
            end = self.lasts if end is None else min(end, self.lasts)
        if step.timed or end is not None:
            rule["from"] = (start + step.at).isoformat()
        if end is not None:
            rule["until"] = (start + end).isoformat()
        return rule


def read_scenario(text: str, name: str) -> Scenario:
    """The scenario in a YAML text. name: what messages call it.

    Raises UsageError with the line, and the step, of what is wrong.
    """
    top = parsed_part(text, name, SCENARIO, SCENARIO_KEYS)
    top.refuse_unknown(_TOP)
    lasts = _duration(top, "lasts")
    steps = list(_steps(top, lasts))
    return Scenario(
        title=top.text("title"),
        description=top.text("description").strip(),
        seed=top.whole("seed"),
        steps=steps,
        lasts=lasts,
        settings=top.mapping("settings"),
    )


def numbers_in(text: object) -> list[int] | None:
    """The numbers that a text such as 3,5,10-20 lists, ascending; None if it lists none so.

    >>> numbers_in("5,1-3"), numbers_in(7), numbers_in("0-2"), numbers_in("x")
    ([1, 2, 3, 5], [7], None, None)
    """
    if isinstance(text, bool) or not _NUMBERS.fullmatch(str(text)):
        return None
    found: set[int] = set()
    for part in str(text).split(","):
        first, _, last = part.partition("-")
        low, high = int(first), int(last or first)
        if not 1 <= low <= high < low + LARGEST_WINDOW:
            return None
        found.update(range(low, high + 1))
    return sorted(found) if len(found) <= LARGEST_WINDOW else None


def duration(text: object) -> timedelta | None:
    """The time that a text such as 1h30m means; None if it means none.

    >>> duration("1h30m"), duration("5"), duration("0s")
    (datetime.timedelta(seconds=5400), None, datetime.timedelta(0))
    """
    if not isinstance(text, str) or not _DURATION.fullmatch(text) or len(text) > 20:
        return None
    parts = re.findall(r"(\d+)([dhms])", text)
    seconds = sum(int(number) * _UNITS[unit] for number, unit in parts)
    return timedelta(seconds=seconds) if seconds <= 3660 * _UNITS["d"] else None


def time_since_start(text: object) -> timedelta | None:
    """The time that 00:10 or 10m means; None if it means none.

    >>> time_since_start("02:30") == time_since_start("2h30m")
    True
    """
    found = _TIME.fullmatch(text) if isinstance(text, str) else None
    if found is None:
        return duration(text)
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _steps(top: Part, lasts: timedelta | None) -> Iterator[Step]:
    for part in top.parts("steps", "step", "a mapping with an action"):
        yield _step(part, lasts)


def _step(part: Part, lasts: timedelta | None) -> Step:
    part.refuse_unknown(_STEP)
    action = part.values.get("action")
    if not isinstance(action, str) or action not in ACTIONS:
        raise part.misfit("action", f"one of: {', '.join(ACTIONS)}")
    rule = {key: part.plain(key) for key in _AS_GIVEN if key in part.values}
    numbers = _numbers(part, ACTIONS[action].scope)
    if numbers is not None and "every" in rule:
        numbers = numbers[_every(part) - 1 :: _every(part)]
        del rule["every"]
    at = _time(part)
    if lasts is not None and at >= lasts:
        raise part.wrong("at", AFTER_END.format(at=part.values["at"], lasts=lasts))
    timed = "at" in part.values or "for" in part.values
    return Step(part.place_of("action"), rule, numbers, at, _duration(part, "for"), timed)


def _numbers(part: Part, scope: Scope) -> list[int] | None:
    given = [
        key for key in ("requests", "from_request", "items", "from_item") if key in part.values
    ]
    if not given:
        return None
    if len(given) > 1:
        raise part.wrong(given[1], TOGETHER.format(first=given[0], second=given[1]))
    [key] = given
    counted = Scope.REQUEST if "request" in key else Scope.ITEM
    if counted is not scope:
        instead = key.replace(counted, scope)
        raise part.wrong(
            key,
            WRONG_COUNTER.format(
                key=key,
                counted=f"{counted}s",
                action=part.values["action"],
                scope=scope,
                instead=instead,
            ),
        )
    found = numbers_in(part.values[key])
    if found is None or (key.startswith("from_") and len(found) > 1):
        raise part.misfit(key, NUMBERS)
    return list(range(found[0], found[0] + LARGEST_WINDOW)) if key.startswith("from_") else found


def _every(part: Part) -> int:
    every = part.values["every"]
    if not isinstance(every, int) or isinstance(every, bool) or every < 1:
        raise part.misfit("every", "a whole number of 1 or more")
    return every


def _duration(part: Part, key: str) -> timedelta | None:
    if key not in part.values:
        return None
    found = duration(part.values[key])
    if not found:
        raise part.misfit(key, DURATION)
    return found


def _time(part: Part) -> timedelta:
    if "at" not in part.values:
        return timedelta(0)
    found = time_since_start(part.values["at"])
    if found is None:
        raise part.misfit("at", TIME)
    return found
