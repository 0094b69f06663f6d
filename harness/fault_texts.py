"""Faults and what they did, as people read it. Pure."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from mcs.harness.reports.parts import identity_text

SHOWN_NUMBERS = 5


def conditions_text(fault: Mapping[str, Any]) -> str:
    """When a fault hits and with what, in the order of reading; what is usual is left out.

    >>> conditions_text({"action": "lose", "feed": "prices", "every": 2, "count": None})
    'feed prices, every 2'
    """
    parts = [
        write(fault[name])
        for name, write in _TEXTS.items()
        if fault.get(name) not in (None, {}, "") and (name, fault[name]) != ("every", 1)
    ]
    if "probability" in fault and fault["probability"] is not None:
        parts.append(f"seed {fault.get('seed', 0)}")
    return ", ".join(parts)


def event_text(event: Mapping[str, Any]) -> str:
    """What one fault did to one item or request, on one line."""
    whom = "the whole request"
    if event.get("key"):
        whom = identity_text(event.get("identity") or {}, event["key"])
    at = f", item {event['index']}" if event.get("index") is not None else ""
    text = (
        f"{event['at']} fault {event['fault_id']} {event['action']} {event['feed'] or '-'} {whom} "
        f"(request {event['request_id']}{at})"
    )
    return text + _change_text(event)


def _change_text(event: Mapping[str, Any]) -> str:
    change = event.get("change") or event
    if "before" not in change or change.get("before") == change.get("after"):
        return ""
    before, after = (_json(change.get(name)) for name in ("before", "after"))
    return f": {change.get('pointer') or ''} {before} became {after}"


def _listed(given: Any) -> str:
    numbers = given if isinstance(given, list) else [given]
    shown = ", ".join(str(number) for number in numbers[:SHOWN_NUMBERS])
    return f"{shown}{f' … {numbers[-1]}' if len(numbers) > SHOWN_NUMBERS else ''}"


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


_TEXTS: Mapping[str, Callable[[Any], str]] = {
    "note": str,
    "feed": lambda feed: f"feed {feed}",
    "identity": lambda identity: identity_text(identity),
    "where": lambda where: f"where {where}",
    "indexes": lambda indexes: f"place {_listed(indexes)} of the batch",
    "attempt": lambda attempt: f"attempt {attempt}",
    "nth": lambda nth: f"number {_listed(nth)}",
    "every": lambda every: f"every {every}",
    "probability": lambda chance: f"probability {chance}",
    "count": lambda count: f"{count} in all",
    "from": lambda moment: f"from {moment}",
    "until": lambda moment: f"until {moment}",
    "parameters": lambda values: ", ".join(f"{name}={_json(v)}" for name, v in values.items()),
}
