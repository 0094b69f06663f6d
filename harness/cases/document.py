"""case.yaml: what a case is about, and its steps, as a person reads and edits it. Pure.

Steps name requests by their numbers in requests.ndjson, singly or as a range; their order is the
order of replay.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mcs.contract.errors import UsageError
from mcs.harness.cases.symptom import SAME, Symptom, symptom_of
from mcs.yaml_text import NotYaml, load_yaml

FORMAT = 1
STEPS_SHOWN_SINGLY = 500
LONGEST_TEXT_BYTES = 4 << 20

HEADING = """\
# A support case. `mcs case replay` plays its steps against a fresh data space and looks for the
# symptom: "{same}", or conditions such as "discrepancy missing products" or
# "answer 429". Edit title, symptom, expectation and steps freely; a step may give another at_s
# (seconds since the first request). The other files of the case are bound by checksums.txt.
"""
NO_YAML = "{name}: line {line}: {reason}. Expected the case.yaml of a case in YAML."
NO_CASE = "{name}: expected a mapping with format, title, symptom and steps."
OTHER_FORMAT = (
    "{name}: it is a case of format {found!r}, and this release reads format {known}. Update "
    "mock-commerce-services, or capture the case again."
)
UNKNOWN = "{name}: {key!r} is not known here. Take of: {known}."
DOES_NOT_FIT = "{name}: {key}: got {value!r}, expected {expected}."
NO_STEP = (
    '{name}: steps[{index}]: got {value!r}, expected {{request: 3}} or {{requests: "3-10"}}, '
    "numbers of lines of requests.ndjson."
)
TOO_LONG = "{name}: it is longer than {limit} MiB, so it is no case.yaml that a person could read."

_RANGE = re.compile(r"(\d{1,9})-(\d{1,9})")
_OF_A_STEP = ("request", "requests", "at_s", "feed", "route", "items", "status", "faults")


@dataclass(frozen=True, slots=True)
class Step:
    """Some requests in a row. first, last: their numbers. at_s: when to send the first, in seconds
    since the case began; None for when it came. shown: what else the file says of it."""

    first: int
    last: int
    at_s: float | None = None
    shown: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """What is known of a case besides its payloads.

    seed: of the generated catalog, if it came from one. began_at, ended_at: ISO 8601, of its first
    request and of its capture. settings: of the data space. counts: for people. discrepancies: how
    many there were, by kind and feed. redacted: what was replaced. reduced: whether requests or
    items were taken out of it.
    """

    title: str
    symptom: Symptom = SAME
    expectation: str = ""
    origin: str = ""
    seed: int | None = None
    began_at: str | None = None
    ended_at: str | None = None
    reduced: bool = False
    redacted: Sequence[str] = ()
    versions: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    discrepancies: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    notes: Sequence[str] = ()
    steps: Sequence[Step] = ()

    def numbers(self) -> Iterator[tuple[int, float | None]]:
        """The requests in the order of replay, each with the time that its step gives it."""
        for step in self.steps:
            for number in range(step.first, step.last + 1):
                yield number, step.at_s if number == step.first else None


def case_text(case: Case) -> str:
    """The case as YAML."""
    lines = [HEADING.format(same=SAME), f"format: {FORMAT}"]
    for name in _PLAIN:
        value = getattr(case, name)
        lines.append(f"{name}: {_json(str(value) if name == 'symptom' else value)}")
    for name in _MAPPINGS:
        lines.append(f"{name}:" + ("" if getattr(case, name) else " {}"))
        lines += [f"  {key}: {_json(value)}" for key, value in getattr(case, name).items()]
    lines.append("notes:" + ("" if case.notes else " []"))
    lines += [f"- {_json(note)}" for note in case.notes]
    lines.append("steps:" + ("" if case.steps else " []"))
    for step in case.steps:
        said = ", ".join(f"{key}: {_json(value)}" for key, value in _shown(step).items())
        lines.append(f"- {{{said}}}")
    return "\n".join([*lines, ""])


def parsed_case(text: bytes, name: str) -> Case:
    """The case in a text. name: what messages call it. Raises UsageError."""
    top = _mapping(text, name)
    if top.get("format") != FORMAT:
        raise UsageError(
            OTHER_FORMAT.format(name=name, found=top.get("format", "unknown"), known=FORMAT)
        )
    for key in top:
        if key not in _EXPECTED:
            raise UsageError(UNKNOWN.format(name=name, key=key, known=", ".join(_EXPECTED)))
    for key, (kinds, expected) in _EXPECTED.items():
        value = top.get(key)
        # A bool is an int, and is none here.
        fits = isinstance(value, kinds) and (bool in kinds or not isinstance(value, bool))
        if value is not None and not fits:
            raise UsageError(
                DOES_NOT_FIT.format(name=name, key=key, value=value, expected=expected)
            )
    known = {key: value for key, value in top.items() if value is not None}
    known |= {key: tuple(value) for key, value in known.items() if isinstance(value, list)}
    del known["format"]
    known["title"] = known.get("title", "")
    known["symptom"] = symptom_of(known.get("symptom", str(SAME)))
    given = enumerate(known.get("steps", ()))
    known["steps"] = tuple(_step(index, value, name) for index, value in given)
    return Case(**known)


def steps_of(requests: Sequence[tuple[int, Mapping[str, Any]]]) -> tuple[Step, ...]:
    """The steps of requests in their order, each with what is to be shown of it: single ones while
    a person can still read them, else ranges.

    >>> steps_of([(1, {}), (2, {})])[1].first
    2
    """
    if len(requests) <= STEPS_SHOWN_SINGLY:
        return tuple(Step(number, number, shown=shown) for number, shown in requests)
    steps: list[Step] = []
    for number, _ in requests:
        if steps and steps[-1].last == number - 1:
            steps[-1] = Step(steps[-1].first, number)
        else:
            steps.append(Step(number, number))
    return tuple(steps)


def _shown(step: Step) -> dict[str, Any]:
    which: dict[str, Any] = (
        {"request": step.first}
        if step.first == step.last
        else {"requests": f"{step.first}-{step.last}"}
    )
    if step.at_s is not None:
        which["at_s"] = step.at_s
    return {**which, **step.shown}


def _step(index: int, value: Any, name: str) -> Step:
    wrong = UsageError(NO_STEP.format(name=name, index=index, value=value))
    if not isinstance(value, dict) or any(key not in _OF_A_STEP for key in value):
        raise wrong
    request, span, at_s = value.get("request"), value.get("requests"), value.get("at_s")
    if at_s is not None and (not isinstance(at_s, int | float) or isinstance(at_s, bool)):
        raise wrong
    shown = {key: given for key, given in value.items() if key in _OF_A_STEP[3:]}
    if isinstance(request, int) and not isinstance(request, bool) and request > 0 and not span:
        return Step(request, request, at_s, shown)
    match = _RANGE.fullmatch(span) if isinstance(span, str) and request is None else None
    if match is None or not 0 < int(match[1]) <= int(match[2]):
        raise wrong
    return Step(int(match[1]), int(match[2]), at_s, shown)


def _mapping(text: bytes, name: str) -> dict[str, Any]:
    if len(text) > LONGEST_TEXT_BYTES:
        raise UsageError(TOO_LONG.format(name=name, limit=LONGEST_TEXT_BYTES >> 20))
    try:
        parsed = load_yaml(text.decode(), "safe")
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1
        reason = "it is not UTF-8"
        raise UsageError(NO_YAML.format(name=name, line=line, reason=reason)) from None
    except NotYaml as error:
        told = NO_YAML.format(name=name, line=error.line, reason=error.reason)
        raise UsageError(told) from None
    if not isinstance(parsed, dict):
        raise UsageError(NO_CASE.format(name=name))
    return parsed


def _json(value: Any) -> str:
    # JSON is YAML as long as a space stands behind the colons.
    return json.dumps(value, ensure_ascii=False)


_PLAIN = (
    "title",
    "symptom",
    "expectation",
    "origin",
    "seed",
    "began_at",
    "ended_at",
    "reduced",
    "redacted",
)
_MAPPINGS = ("versions", "settings", "counts", "discrepancies")
_TEXT = ((str,), "a text")
_LIST = ((list,), "a list")
_OBJECT = ((dict,), "a mapping")
_EXPECTED: Mapping[str, tuple[tuple[type, ...], str]] = {
    "format": ((int,), "a whole number"),
    "title": _TEXT,
    "symptom": _TEXT,
    "expectation": _TEXT,
    "origin": _TEXT,
    "seed": ((int,), "a whole number"),
    "began_at": _TEXT,
    "ended_at": _TEXT,
    "reduced": ((bool,), "true or false"),
    "redacted": _LIST,
    "versions": _OBJECT,
    "settings": _OBJECT,
    "counts": _OBJECT,
    "discrepancies": _OBJECT,
    "notes": _LIST,
    "steps": _LIST,
}
