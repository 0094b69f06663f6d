"""A timeline as JSON values, for programs."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from mcs.harness.explain import Explanation
from mcs.harness.fields import ABSENT, Difference
from mcs.harness.timeline import ItemTimeline, Step, Timeline


def timeline_document(found: Timeline) -> dict[str, Any]:
    """The whole timeline as JSON values; nothing is left out."""
    return {
        "name": found.name,
        "in_sync": found.in_sync,
        "compared": found.is_compared,
        "near": list(found.near),
        "items": [_item_document(item) for item in found.items],
    }


def _item_document(item: ItemTimeline) -> dict[str, Any]:
    return {
        "feed": item.feed,
        "identity": dict(item.identity),
        "key": item.key,
        "sent": item.sent,
        "received": item.received,
        "versions": [_step_document(step) for step in item.steps],
        "refusals": [asdict(refusal) for refusal in item.refusals],
        "faults": [asdict(hit) for hit in item.faults],
        "requests": [asdict(request) for request in item.requests.values()],
        "visibility": [asdict(one) for one in item.visibility],
        "wrong_since": item.wrong_since,
        "note": _note_document(item.note),
        "discrepancies": [
            {
                "kind": found.kind,
                "cause": found.cause,
                "log_code": found.log_code,
                "explanation": found.explanation,
                "story": found.story,
                "differences": _places(found.differences, "sent", "received"),
                "errors": found.errors,
            }
            for found in item.discrepancies
        ],
    }


def _step_document(step: Step) -> dict[str, Any]:
    changes = step.differences
    return {
        "number": step.number,
        **asdict(step.version),
        "is_sent": step.is_sent,
        "is_wrong": step.is_wrong,
        "differences": None if changes is None else _places(changes, "before", "after"),
    }


def _note_document(note: Explanation | None) -> dict[str, Any] | None:
    if note is None:
        return None
    return {"cause": note.cause, "log_code": note.log_code, "explanation": note.text}


def _places(places: Sequence[Difference], left: str, right: str) -> list[dict[str, Any]]:
    """Where only one side has a field, `absent` names the other."""
    entries = []
    for place in places:
        entry: dict[str, Any] = {"pointer": place.pointer}
        for name, value in ((left, place.sent), (right, place.received)):
            entry[name] = None if value is ABSENT else value
            if value is ABSENT:
                entry["absent"] = name
        entries.append(entry)
    return entries
