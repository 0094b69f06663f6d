"""A rule: one scripted misbehaviour, when it hits, and how far it has come."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import UsageError
from mcs.contract.feeds import Feed
from mcs.server.faults import checks
from mcs.server.faults.actions import ABSENT, ACTIONS, ONLY_ONE_DELAY, Action
from mcs.server.faults.checks import Check
from mcs.server.faults.conditions import condition

UNKNOWN_NAME = '"{name}" is no part of a fault. Take of: {names}.'
UNKNOWN_PARAMETER = 'parameters: "{name}" is no parameter of {action}. {possible}'
TAKE_OF = "Take of: {names}."
NONE_POSSIBLE = "It has none."
DOES_NOT_FIT = "{name}: got {value!r}, expected {expected}."
WINDOW_IS_EMPTY = "until: got {until}, expected a moment after from, which is {since}."
NO_IDENTITY = 'identity: "{path}" names no item of {whose}. Take of: {paths}.'
NO_CONTENT = (
    'parameters.pointer: "{pointer}" is not content alone of {feed}: the identity and the times '
    "of sending cannot be corrupted. Take another field, or limit the rule to another feed."
)


@dataclass(frozen=True, slots=True)
class Rule:
    """When something goes wrong, and what.

    parameters: all of the action's, by name; one without a default may be missing. feed, identity,
    where, indexes (places in the batch), since (inclusive), until (exclusive), attempt: what it
    matches; None: anything.
    nth, every, probability with seed, count: which of these it hits, and how many in all.
    seen: how many matched so far. applied: how many were hit.
    """

    action: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0
    enabled: bool = True
    note: str = ""
    feed: str | None = None
    nth: tuple[int, ...] | None = None
    every: int = 1
    probability: float | None = None
    seed: int = 0
    identity: Mapping[str, str] | None = None
    where: str | None = None
    indexes: tuple[int, ...] | None = None
    attempt: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    count: int | None = None
    seen: int = 0
    applied: int = 0

    @property
    def does(self) -> Action:
        """The entry of the table of actions."""
        return ACTIONS[self.action]

    @property
    def records(self) -> bool:
        """Whether what the rule hits is recorded.

        >>> Rule("reset", {"recorded": False}).records, Rule("late").records
        (False, True)
        """
        return bool(self.parameters.get("recorded", self.does.recorded))

    def as_json(self) -> dict[str, Any]:
        """The rule as the control API shows it."""
        definition = orjson.loads(self.definition())
        return {
            "id": self.id,
            "enabled": self.enabled,
            **definition,
            "seen": self.seen,
            "applied": self.applied,
        }

    def definition(self) -> str:
        """What is said of the rule once and for all, as JSON: all but id, enabled and counters."""
        said = {
            "action": self.action,
            "parameters": dict(self.parameters),
            "note": self.note,
            "feed": self.feed,
            "nth": self.nth,
            "every": self.every,
            "probability": self.probability,
            "seed": self.seed,
            "identity": None if self.identity is None else dict(self.identity),
            "where": self.where,
            "indexes": self.indexes,
            "attempt": self.attempt,
            "from": _text(self.since),
            "until": _text(self.until),
            "count": self.count,
        }
        return orjson.dumps(said).decode()


def new_rule(given: Mapping[str, Any]) -> Rule:
    """The rule that a JSON object describes, without a number yet (0).

    Raises UsageError for an unknown name or a value that does not fit.

    >>> rule = new_rule({"action": "lose", "count": 2})
    >>> rule.every, rule.count, rule.feed
    (1, 2, None)
    """
    for name in given:
        if name not in _CHECKS:
            raise UsageError(UNKNOWN_NAME.format(name=name, names=", ".join(_CHECKS)))
    wanted = {"action": None, **given}
    for name, value in wanted.items():
        _refuse_unfit(name, value, _CHECKS[name])
    rule = Rule(
        action=wanted["action"],
        parameters=_parameters(ACTIONS[wanted["action"]], wanted.get("parameters") or {}),
        since=_moment(wanted.get("from")),
        until=_moment(wanted.get("until")),
        nth=_numbers(wanted.get("nth")),
        indexes=_numbers(wanted.get("indexes")),
        identity=_identity(wanted.get("identity"), wanted.get("feed")),
        **{name: wanted[name] for name in _AS_GIVEN if name in wanted},
    )
    _refuse_contradiction(rule)
    return rule


@lru_cache(maxsize=1024)
def defined_rule(definition: str) -> Rule:
    """The rule with this definition; many requests ask for the same."""
    return new_rule(orjson.loads(definition))


@lru_cache(maxsize=1024)
def numbered_rule(id: int, definition: str) -> Rule:
    """A rule that is in force, without how far it is; many requests ask for the same."""
    return replace(defined_rule(definition), id=id)


def stored_rule(id: int, definition: str, enabled: bool, seen: int, applied: int) -> Rule:
    """A rule as the store keeps it."""
    return replace(defined_rule(definition), id=id, enabled=enabled, seen=seen, applied=applied)


def _parameters(action: Action, given: Mapping[str, Any]) -> dict[str, Any]:
    names = [parameter.name for parameter in action.parameters]
    for name in given:
        if name not in names:
            possible = TAKE_OF.format(names=", ".join(names)) if names else NONE_POSSIBLE
            raise UsageError(
                UNKNOWN_PARAMETER.format(name=name, action=action.name, possible=possible)
            )
    values: dict[str, Any] = {}
    for parameter in action.parameters:
        value = given.get(parameter.name, parameter.default)
        if value is not ABSENT:
            _refuse_unfit(f"parameters.{parameter.name}", value, parameter.check)
            values[parameter.name] = value
    if action.name == "late":
        _choose_delay(values)
    return values


def _choose_delay(values: dict[str, Any]) -> None:
    if values["delay_s"] is not None and values["requests"] is not None:
        raise UsageError(ONLY_ONE_DELAY)
    if values["delay_s"] is None and values["requests"] is None:
        values["requests"] = 1


def _refuse_contradiction(rule: Rule) -> None:
    if rule.since is not None and rule.until is not None and rule.until <= rule.since:
        raise UsageError(WINDOW_IS_EMPTY.format(until=_text(rule.until), since=_text(rule.since)))
    if rule.where is not None:
        condition(rule.where)
    pointer = rule.parameters.get("pointer")
    if rule.action == "corrupt" and pointer is not None:
        for feed in _feeds(rule.feed):
            if not _is_content(feed, pointer):
                raise UsageError(NO_CONTENT.format(pointer=pointer, feed=feed.name))


def _is_content(feed: Feed, pointer: str) -> bool:
    naming = ["/" + path.replace(".", "/") for path in feed.identity]
    within = any(
        name == pointer or name.startswith(pointer + "/") or pointer.startswith(name + "/")
        for name in naming
    )
    return not within and pointer.split("/")[1] not in {*feed.unhashed, feed.timestamp}


def _identity(given: Mapping[str, Any] | None, feed: str | None) -> dict[str, str] | None:
    if given is None:
        return None
    paths = list(dict.fromkeys(path for each in _feeds(feed) for path in each.identity))
    for path in given:
        if path not in paths:
            whose = feed or "any feed"
            raise UsageError(NO_IDENTITY.format(path=path, whose=whose, paths=", ".join(paths)))
    return {path: str(value) for path, value in given.items()}


def _feeds(name: str | None) -> Sequence[Feed]:
    return list(ALL_FEEDS.values()) if name is None else [ALL_FEEDS[name]]


def _numbers(given: Any) -> tuple[int, ...] | None:
    if given is None:
        return None
    return tuple(sorted(set(given))) if isinstance(given, list) else (given,)


def _moment(given: str | None) -> datetime | None:
    if given is None:
        return None
    moment = datetime.fromisoformat(given)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _refuse_unfit(name: str, value: object, check: Check) -> None:
    if not check.fits(value):
        shown = DOES_NOT_FIT.format(name=name, value=value, expected=check.expected)
        raise UsageError(shown)


def _is_action(value: object) -> bool:
    return isinstance(value, str) and value in ACTIONS


def _is_feed(value: object) -> bool:
    return value is None or (isinstance(value, str) and value in ALL_FEEDS)


def _is_nth(value: object) -> bool:
    return value is None or _are_numbers(value if isinstance(value, list) else [value], least=1)


def _is_indexes(value: object) -> bool:
    return value is None or (isinstance(value, list) and _are_numbers(value, least=0))


def _are_numbers(numbers: Sequence[object], least: int) -> bool:
    return 0 < len(numbers) <= 10_000 and all(checks.is_whole(each, least) for each in numbers)


def _is_identity(value: object) -> bool:
    return value is None or (
        isinstance(value, dict)
        and bool(value)
        and all(checks.is_text(inner) or checks.is_whole(inner) for inner in value.values())
    )


def _is_moment(value: object) -> bool:
    if value is None:
        return True
    try:
        _moment(value if isinstance(value, str) else "")
    except (ValueError, OverflowError):
        return False
    return True


_NUMBER = "a whole number of 1 or more"
_MOMENT = Check('null or a moment such as "2026-11-22T10:00:00Z"', _is_moment)
_CHECKS: Mapping[str, Check] = {
    "action": Check("one of: " + ", ".join(ACTIONS), _is_action),
    "parameters": Check("an object", lambda value: isinstance(value, dict)),
    "enabled": checks.FLAG,
    "note": checks.TEXT,
    "feed": Check("null or one of: " + ", ".join(ALL_FEEDS), _is_feed),
    "nth": Check(f"null, {_NUMBER}, or a list of them", _is_nth),
    "every": checks.ONE_OR_MORE,
    "probability": Check(
        "null or a number from 0 to 1", lambda value: value is None or checks.is_number(value, 0, 1)
    ),
    "seed": checks.WHOLE,
    "identity": Check("null or an object of values by path", _is_identity),
    "where": checks.or_null(checks.TEXT),
    "indexes": Check("null or a list of whole numbers of 0 or more", _is_indexes),
    "attempt": checks.or_null(checks.ONE_OR_MORE),
    "from": _MOMENT,
    "until": _MOMENT,
    "count": checks.or_null(checks.ONE_OR_MORE),
}
_AS_GIVEN = (
    "enabled",
    "note",
    "feed",
    "every",
    "probability",
    "seed",
    "where",
    "attempt",
    "count",
)
