"""A scenario: what goes wrong with a service over time, written in YAML, turned into fault rules.

Pure: a text goes in, rules come out. docs/scenarios.md tells how one is written.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from mcs.contract.errors import UsageError
from mcs.harness.fault_actions import ACTIONS, Scope

Rule = dict[str, Any]
"""A fault rule, as the control API takes it."""

LARGEST_WINDOW = 10_000
"""How many requests or items a window lists at most; one that is open ends after so many."""
DEEPEST = 50

NO_YAML = "{name}: line {line}: {reason}. Expected a scenario in YAML."
NO_SCENARIO = (
    "{name}: got {found}, expected a scenario: a mapping with title, description, seed and steps."
)
AT = "{name}: line {line}{step}: {what}"
UNKNOWN = '"{key}" is not known here. Take of: {known}.'
MISSING = "{key} is missing. {hint}"
WRONG = "{key}: got {value!r}, expected {expected}."
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
    top = _Part(_parsed(text, name), name)
    top.refuse_unknown(_TOP)
    lasts = top.duration("lasts")
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


@dataclass(frozen=True, slots=True)
class _Part:
    """A mapping of the file, that can say where it is. step: 0 for the scenario itself."""

    values: CommentedMap
    name: str
    step: int = 0

    def refuse_unknown(self, known: Sequence[str]) -> None:
        for key in self.values:
            if key not in known:
                raise self.wrong(key, UNKNOWN.format(key=key, known=", ".join(known)))

    def wrong(self, key: object, what: str) -> UsageError:
        place = self.values.lc.data.get(key) if key in self.values else None
        line = (place[0] if place else self.values.lc.line) + 1
        step = f", step {self.step}" if self.step else ""
        return UsageError(AT.format(name=self.name, line=line, step=step, what=what))

    def misfit(self, key: str, expected: str) -> UsageError:
        found = self.values.get(key)
        return self.wrong(key, WRONG.format(key=key, value=found, expected=expected))

    def text(self, key: str) -> str:
        value = self.values.get(key)
        if not isinstance(value, str) or not value.strip():
            raise self.misfit(key, "a text")
        return str(value)

    def whole(self, key: str) -> int:
        value = self.values.get(key, 0)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
            raise self.misfit(key, "a whole number of 0 or more")
        return int(value)

    def mapping(self, key: str) -> dict[str, Any]:
        value = self.plain(key) if key in self.values else {}
        if not isinstance(value, dict):
            raise self.misfit(key, "a mapping of values by name")
        return value

    def plain(self, key: str) -> Any:
        try:
            return _plain(self.values[key])
        except TypeError as error:
            raise self.wrong(key, f"{key}: {error}") from None

    def duration(self, key: str) -> timedelta | None:
        if key not in self.values:
            return None
        found = duration(self.values[key])
        if not found:
            raise self.misfit(key, DURATION)
        return found


def _parsed(text: str, name: str) -> CommentedMap:
    try:
        # YAML 1.2, in which 10:30 is a text and no number of minutes.
        parsed = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise UsageError(NO_YAML.format(name=name, line=line, reason=error.problem)) from None
    except (YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] or type(error).__name__
        raise UsageError(NO_YAML.format(name=name, line=1, reason=reason)) from None
    if not isinstance(parsed, CommentedMap):
        found = "nothing" if parsed is None else f"a {_kind(parsed)}"
        raise UsageError(NO_SCENARIO.format(name=name, found=found))
    return parsed


def _steps(top: _Part, lasts: timedelta | None) -> Iterator[Step]:
    steps = top.values.get("steps")
    if not isinstance(steps, CommentedSeq) or not steps:
        raise top.wrong("steps", MISSING.format(key="steps", hint="Give a list of steps."))
    for number, values in enumerate(steps, start=1):
        if not isinstance(values, CommentedMap):
            line = steps.lc.data[number - 1][0] + 1
            what = f"got a {_kind(values)}, expected a mapping with an action."
            raise UsageError(
                AT.format(name=top.name, line=line, step=f", step {number}", what=what)
            )
        yield _step(_Part(values, top.name, number), lasts)


def _step(part: _Part, lasts: timedelta | None) -> Step:
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
    line = part.values.lc.line + 1
    place = AT.format(name=part.name, line=line, step=f", step {part.step}", what="")
    timed = "at" in part.values or "for" in part.values
    return Step(place.rstrip(": "), rule, numbers, at, part.duration("for"), timed)


def _numbers(part: _Part, scope: Scope) -> list[int] | None:
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


def _every(part: _Part) -> int:
    every = part.values["every"]
    if not isinstance(every, int) or isinstance(every, bool) or every < 1:
        raise part.misfit("every", "a whole number of 1 or more")
    return every


def _time(part: _Part) -> timedelta:
    if "at" not in part.values:
        return timedelta(0)
    found = time_since_start(part.values["at"])
    if found is None:
        raise part.misfit("at", TIME)
    return found


def _plain(value: Any, depth: int = 0) -> Any:
    """A value of YAML as one of JSON. Raises TypeError for what JSON has no word for."""
    if depth > DEEPEST:
        raise TypeError("it is nested too deep")
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, list):
        return [_plain(inner, depth + 1) for inner in value]
    if isinstance(value, dict):
        return {str(key): _plain(inner, depth + 1) for key, inner in value.items()}
    raise TypeError(f"a {_kind(value)} is not possible here; write it as a text in quotes")


def _kind(value: object) -> str:
    if isinstance(value, CommentedMap):
        return "mapping"
    return "list" if isinstance(value, CommentedSeq) else type(value).__name__
