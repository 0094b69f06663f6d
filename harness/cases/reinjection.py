"""What faults did to a request, as rules that do exactly that again. Pure.

The journal of faults is the ground truth: not the rules that were in force are put in force again,
but one rule for each hit, bound to the items that were hit, for this one request.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from mcs.harness.cases.requests import Event, Request
from mcs.harness.fault_actions import ACTIONS, Scope

_WAITS = {"stall": "seconds", "trickle": "pause_s"}
_CUTS = ("reset", "close", "half_close", "truncate")
_OF_THE_RULE = ("stall", "trickle", "throttle", "maintenance", "malform", "answer", "skew")
SKEWED_S = 3600.0


def event_of(
    entry: Mapping[str, Any],
    rule: Mapping[str, Any] | None,
    request: Mapping[str, Any],
    refusal: Mapping[str, Any] | None,
) -> Event:
    """What is kept of an entry of the fault journal.

    rule: the fault, if it is still known; an ended one leaves only what it did. request: as the
    journal has it. refusal: the first error of the item, if it was refused.
    """
    return Event(
        rule=entry["fault_id"],
        action=entry["action"],
        index=entry["index"],
        key=entry["key"],
        recorded=entry["recorded"],
        settled=entry["recorded_at"] is not None,
        parameters=_parameters(entry, rule, request, refusal),
    )


def rules_for(
    request: Request, pace: float | None, *, by_time: bool = False
) -> list[dict[str, Any]]:
    """The rules to put in force while a request is played, in order.

    pace: what waits are divided by; None leaves them out. by_time: what was held back until further
    requests came, and was recorded then, is held back for no time, since these may be gone.
    """
    grouped: dict[tuple[int, str, bytes], list[Event]] = defaultdict(list)
    for event in sorted(request.events, key=lambda one: one.rule):
        parameters = _paced(event, pace)
        if by_time and event.settled and "requests" in parameters and event.action == "late":
            parameters = {"delay_s": 0}
        said = orjson.dumps(parameters, option=orjson.OPT_SORT_KEYS)
        grouped[event.rule, event.action, said].append(event)
    return [
        _rule(request.feed, action, said, events) for (_, action, said), events in grouped.items()
    ]


def _rule(
    feed: str | None, action: str, parameters: bytes, events: Sequence[Event]
) -> dict[str, Any]:
    rule: dict[str, Any] = {"action": action, "parameters": orjson.loads(parameters), "feed": feed}
    if ACTIONS[action].scope is Scope.ITEM:
        rule["indexes"] = sorted({event.index for event in events if event.index is not None})
    return rule


def _parameters(
    entry: Mapping[str, Any],
    rule: Mapping[str, Any] | None,
    request: Mapping[str, Any],
    refusal: Mapping[str, Any] | None,
) -> dict[str, Any]:
    action, change, due = entry["action"], entry.get("change"), entry.get("due")
    known = dict(rule["parameters"]) if rule else {}
    if action == "corrupt" and change:
        return {"pointer": change["pointer"], "value": change["after"]}
    if action in ("late", "replay") and due:
        return {name: value for name, value in due.items() if value is not None}
    if action == "reject":
        said = refusal or {}
        error = {name: said[name] for name in ("pointer", "code", "message") if name in said}
        return known | error
    if action in _CUTS:
        return known | {"recorded": entry["recorded"]}
    if action == "answer" and not known:
        return {"status": request["status"]}
    if action == "skew" and not known:
        return {"seconds": SKEWED_S if request["status"] == 401 else 0}
    return known if action in _OF_THE_RULE else {}


def _paced(event: Event, pace: float | None) -> dict[str, Any]:
    name = _WAITS.get(event.action)
    if name is None:
        return dict(event.parameters)
    usual = ACTIONS[event.action].parameters[name]
    waited = float(event.parameters.get(name, usual))
    parameters = {**event.parameters, name: waited / pace if pace else 0}
    if event.action == "trickle" and not pace:
        # Byte by byte would take its time even without pauses.
        parameters["piece_bytes"] = 1 << 20
    return parameters
