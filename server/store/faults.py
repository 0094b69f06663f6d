"""The statements that keep rules, their counters and what they did, in their caller's transaction.

A rule's row is locked while it counts, so that two requests cannot count the same thing twice;
SQLite has one writer anyway.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from mcs.server.faults.applying import Strike
from mcs.server.faults.candidates import Candidate, Candidates
from mcs.server.faults.counting import Count, Pass, Tally, struck, struck_items
from mcs.server.faults.matching import Suspect
from mcs.server.faults.rules import Rule, stored_rule
from mcs.server.store.statements import insert_text, run, run_many
from mcs.server.store.tables import FaultEvents, FaultPasses, Faults
from mcs.server.store.values import FaultEvent

KEYS_PER_QUERY = 500
FEW_EVENTS = 2
"""So many are kept one by one: a statement for many costs more than two of one."""


@dataclass(frozen=True, slots=True)
class Happening:
    """The request in which rules strike. items: how many it carries."""

    data_space: str
    feed: str
    request_id: str
    at: str
    items: int


def rules(
    connection: Connection,
    data_space: str,
    number: int | None = None,
) -> list[Rule]:
    """A data space's rules, oldest first; only the one with a number if that is given."""
    conditions = ["data_space = ?"]
    values: list[str | int] = [data_space]
    if number is not None:
        conditions.append("id = ?")
        values.append(number)
    text = f"{_RULES} WHERE {' AND '.join(conditions)} ORDER BY id"
    return [read_rule(*row) for row in run(connection, text, tuple(values))]


def read_rule(number: int, definition: str, enabled: bool, seen: int, applied: int) -> Rule:
    """A rule from its row."""
    return stored_rule(number, definition, bool(enabled), seen, applied)


def add_rule(connection: Connection, data_space: str, rule: Rule) -> int:
    """Keeps a new rule; returns its number."""
    row = {
        "data_space": data_space,
        "definition": rule.definition(),
        "enabled": rule.enabled,
        "seen": rule.seen,
        "applied": rule.applied,
    }
    return connection.execute(insert(Faults).returning(Faults.id), row).scalar_one()


def enable(connection: Connection, data_space: str, number: int, enabled: bool) -> None:
    """Switches a rule on or off; its counters stay."""
    own = (Faults.data_space == data_space, Faults.id == number)
    connection.execute(update(Faults).where(*own).values(enabled=enabled))


def end(connection: Connection, data_space: str, number: int | None = None) -> int:
    """Removes one rule, or all of them; what they did stays known. Returns how many there were."""
    own = [Faults.data_space == data_space]
    if number is not None:
        own.append(Faults.id == number)
    connection.execute(
        delete(FaultPasses).where(FaultPasses.fault.in_(select(Faults.id).where(*own)))
    )
    return int(connection.execute(delete(Faults).where(*own)).rowcount)


def strike_request(
    connection: Connection, happening: Happening, suspected: Sequence[Suspect]
) -> list[Rule]:
    """Counts a request at the rules that match it; notes and returns those that hit it."""
    counted = {
        suspect.rule.id: [suspect.key] for suspect in suspected if suspect.rule.attempt is not None
    }
    tally = open_tally(connection, [suspect.rule for suspect in suspected], counted)
    hit = struck(suspected, tally)
    close_tally(connection, tally)
    add_events(connection, happening, [Strike(rule, None, happening.items) for rule in hit])
    return hit


def strike_items(
    connection: Connection, happening: Happening, by_rule: Sequence[tuple[Rule, Candidates]]
) -> list[tuple[Candidate, Rule]]:
    """Counts items at the rules that match them; notes and returns those that are hit."""
    counted = {
        rule.id: [candidate.key or "" for candidate in matching]
        for rule, matching in by_rule
        if rule.attempt is not None
    }
    tally = open_tally(connection, [rule for rule, _ in by_rule], counted)
    hit = struck_items(by_rule, tally)
    close_tally(connection, tally)
    add_events(connection, happening, [Strike(rule, candidate, 1) for candidate, rule in hit])
    return hit


def open_tally(
    connection: Connection, wanted: Sequence[Rule], counted: Mapping[int, Sequence[str]]
) -> Tally:
    """The counters of rules, locked; counted: for rules that count attempts, the keys at hand.

    A rule that is gone or switched off meanwhile counts nothing.
    """
    counts = _locked_counts(connection, [rule.id for rule in wanted])
    passes: dict[Pass, int] = {}
    for number, keys in counted.items():
        for start in range(0, len(keys), KEYS_PER_QUERY):
            query = select(FaultPasses.key, FaultPasses.passes).where(
                FaultPasses.fault == number,
                FaultPasses.key.in_(keys[start : start + KEYS_PER_QUERY]),
            )
            passes |= {(number, row.key): row.passes for row in connection.execute(query)}
    return Tally(wanted, counts, passes)


def close_tally(connection: Connection, tally: Tally) -> None:
    """Keeps the counters that have moved."""
    run_many(connection, _MOVE_RULE, tally.moved())
    passed = tally.moved_passes().items()
    again = [
        {"of_fault": number, "of_key": key, "now": passes}
        for (number, key), passes in passed
        if not tally.is_new(number, key)
    ]
    first = [
        {"fault": number, "key": key, "passes": passes}
        for (number, key), passes in passed
        if tally.is_new(number, key)
    ]
    if again:
        connection.execute(_MOVE_PASSES, again)
    if first:
        connection.execute(insert(FaultPasses), first)


def add_events(
    connection: Connection, happening: Happening, strikes: Iterable[Strike]
) -> list[int]:
    """Notes what happened; returns the events' numbers, in order."""
    rows = [_event_row(happening, strike) for strike in strikes]
    if len(rows) <= FEW_EVENTS:
        found = [run(connection, _INSERT_ONE_EVENT, tuple(row.values())) for row in rows]
        return [number for [(number,)] in found]
    return list(connection.execute(_INSERT_EVENT, rows).scalars())


def events(connection: Connection, data_space: str) -> list[FaultEvent]:
    """What faults did, in order."""
    query = (
        select(
            FaultEvents.fault,
            FaultEvents.action,
            FaultEvents.feed,
            FaultEvents.key,
            FaultEvents.identity,
            FaultEvents.request_id,
            FaultEvents.item_index,
            FaultEvents.items,
            FaultEvents.recorded,
            FaultEvents.change,
            FaultEvents.due,
            FaultEvents.recorded_at,
            FaultEvents.at,
        )
        .where(FaultEvents.data_space == data_space)
        .order_by(FaultEvents.id)
    )
    return [FaultEvent(*tuple(row)) for row in connection.execute(query)]


_RULES = "SELECT id, definition, enabled, seen, applied FROM faults"
_COUNTS = "SELECT id, seen, applied FROM faults"
_MOVE_RULE = "UPDATE faults SET seen = ?, applied = ? WHERE id = ?"
_MOVE_PASSES = (
    update(FaultPasses)
    .where(FaultPasses.fault == bindparam("of_fault"), FaultPasses.key == bindparam("of_key"))
    .values(passes=bindparam("now"))
)
_EVENT_COLUMNS = (
    *("data_space", "fault", "action", "feed", "key", "identity", "request_id", "item_index"),
    *("items", "recorded", "change", "due", "recorded_at", "at"),
)
_INSERT_ONE_EVENT = insert_text("fault_events", _EVENT_COLUMNS) + " RETURNING id"
_INSERT_EVENT = insert(FaultEvents).returning(FaultEvents.id, sort_by_parameter_order=True)


def _locked_counts(connection: Connection, numbers: Sequence[int]) -> dict[int, Count]:
    """How far those of some rules are that are in force."""
    if not numbers:
        return {}
    text = f"{_COUNTS} WHERE id IN ({', '.join('?' * len(numbers))}) AND enabled ORDER BY id"
    if connection.dialect.name == "postgresql":
        text += " FOR UPDATE"
    rows = run(connection, text, tuple(numbers))
    return {number: Count(seen, applied) for number, seen, applied in rows}


def _event_row(happening: Happening, strike: Strike) -> dict[str, Any]:
    hit = strike.candidate
    values = (
        *(happening.data_space, strike.rule.id, strike.rule.action, happening.feed),
        *(hit and hit.key, _as_json(hit and hit.identity)),
        *(happening.request_id, hit and hit.index, strike.items, strike.rule.records),
        *(_as_json(strike.change), _as_json(strike.due), None, happening.at),
    )
    return dict(zip(_EVENT_COLUMNS, values, strict=True))


def _as_json(value: Any) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
