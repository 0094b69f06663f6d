"""Faults as a view model, and the rule that the form on their page describes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import UsageError
from mcs.server.dashboard.table import Column, Table
from mcs.server.faults.actions import ABSENT, ACTIONS, Action
from mcs.server.faults.rules import Rule, new_rule
from mcs.server.store.journal import Journal
from mcs.server.store.repository import Store

EVENTS_SHOWN = 100
NO_JSON = "{name}: this is no JSON object: {text}. Write it as in {example}."
NO_NUMBER = '{name}: got "{text}", expected a number.'
EXAMPLES = {"parameters": '{"status": 500}', "identity": '{"sku": "24-MB01"}'}

RULE_COLUMNS = (
    Column("id", "Fault", numeric=True),
    Column("action", "Does"),
    Column("hits", "Hits"),
    Column("seen", "Seen", numeric=True),
    Column("applied", "Hit", numeric=True),
    Column("enabled", "On"),
)
EVENT_COLUMNS = (
    Column("at", "When"),
    Column("fault", "Fault", numeric=True),
    Column("action", "Did"),
    Column("feed", "Feed"),
    Column("identity", "Item"),
    Column("items", "Items", numeric=True),
    Column("request_id", "Request"),
)
ACTION_COLUMNS = (
    Column("name", "Action"),
    Column("scope", "Hits a"),
    Column("help", "What happens"),
    Column("parameters", "Parameters"),
)


@dataclass(frozen=True, slots=True)
class FaultRow:
    """A rule. hits: what it hits, in words."""

    id: int
    action: str
    help: str
    hits: str
    parameters: str
    note: str
    seen: int
    applied: int
    enabled: bool


@dataclass(frozen=True, slots=True)
class ActionRow:
    """Something that can go wrong. parameters: with their defaults."""

    name: str
    scope: str
    help: str
    parameters: str


@dataclass(frozen=True, slots=True)
class FaultPage:
    """The faults of a data space, what they did, and what others there are."""

    data_space: str
    rules: Table
    events: Table
    actions: Table
    feeds: tuple[str, ...]


def fault_page(store: Store, data_space: str) -> FaultPage:
    """The faults of a data space."""
    return FaultPage(
        data_space=data_space,
        rules=Table(
            "Faults", RULE_COLUMNS, [_row(rule) for rule in store.faults.rules(data_space)]
        ),
        events=_events(store.journalled, data_space),
        actions=Table("What can go wrong", ACTION_COLUMNS, [_action(a) for a in ACTIONS.values()]),
        feeds=tuple(ALL_FEEDS),
    )


def rule_of_form(form: Mapping[str, str]) -> Rule:
    """The rule that a filled form describes; what is left empty does not count.

    Raises UsageError.

    >>> rule_of_form({"action": "lose", "feed": "", "count": "2"}).count
    2
    """
    given: dict[str, Any] = {}
    for name, text in form.items():
        text = text.strip()
        if text and name in _READERS:
            given[name] = _READERS[name](name, text)
    return new_rule(given)


def _row(rule: Rule) -> FaultRow:
    return FaultRow(
        id=rule.id,
        action=rule.action,
        help=rule.does.help,
        hits=_hits(rule),
        parameters=orjson.dumps(dict(rule.parameters)).decode() if rule.parameters else "",
        note=rule.note,
        seen=rule.seen,
        applied=rule.applied,
        enabled=rule.enabled,
    )


def _hits(rule: Rule) -> str:
    said = (
        (rule.feed, rule.feed),
        (rule.identity, _names(rule.identity or {})),
        (rule.where, f"where {rule.where}"),
        (rule.indexes, f"at place {', '.join(map(str, rule.indexes or ()))} of the batch"),
        (rule.attempt, f"at attempt {rule.attempt}"),
        (rule.nth, f"number {', '.join(map(str, rule.nth or ()))}"),
        (rule.every > 1, f"one in {rule.every}"),
        (rule.probability is not None, f"with probability {rule.probability} (seed {rule.seed})"),
        (rule.count, f"at most {rule.count}"),
        (rule.since, f"from {rule.since}"),
        (rule.until, f"until {rule.until}"),
    )
    return "; ".join(str(text) for applies, text in said if applies) or f"every {rule.does.scope}"


def _names(identity: Mapping[str, str]) -> str:
    return ", ".join(f"{path} {value}" for path, value in identity.items())


def _action(action: Action) -> ActionRow:
    parameters = ", ".join(
        p.name if p.default is ABSENT else f"{p.name} = {orjson.dumps(p.default).decode()}"
        for p in action.parameters
    )
    return ActionRow(action.name, action.scope, action.help, parameters)


def _events(journal: Journal, data_space: str) -> Table:
    events = journal.events(data_space, limit=EVENTS_SHOWN)
    return Table("What they did, newest first", EVENT_COLUMNS, events)


def _text(_: str, text: str) -> str:
    return text


def _whole(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise UsageError(NO_NUMBER.format(name=name, text=text)) from None


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(NO_NUMBER.format(name=name, text=text)) from None


def _object(name: str, text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise UsageError(NO_JSON.format(name=name, text=text, example=EXAMPLES[name]))
    return found


_READERS: Mapping[str, Any] = {
    "action": _text,
    "feed": _text,
    "note": _text,
    "where": _text,
    "count": _whole,
    "every": _whole,
    "nth": _whole,
    "attempt": _whole,
    "seed": _whole,
    "probability": _number,
    "parameters": _object,
    "identity": _object,
}
