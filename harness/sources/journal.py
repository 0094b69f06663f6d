"""What a service's journal answers, as values. Pure: parsed JSON in."""

from collections.abc import Mapping
from typing import Any

from mcs.harness.evidence import History, Hit, Refusal, Visibility, Write
from mcs.harness.known import KnownItem
from mcs.harness.sides import RequestFacts, Version


def request_facts(entry: Mapping[str, Any]) -> RequestFacts:
    """A request in the journal. `fault`: absent, or a list of names or of objects with an action.

    Raises LookupError if a field is missing.
    """
    return RequestFacts(
        request_id=entry["request_id"],
        feed=entry["feed"],
        received_at=entry["received_at"],
        status=entry["status"],
        items=entry["items"],
        accepted=entry["accepted"],
        rejected=entry["rejected"],
        code=entry["code"],
        message=entry["message"],
        fault=tuple(map(_action, entry.get("fault") or ())),
    )


def history(entry: Mapping[str, Any]) -> History:
    """The history of one item. Raises LookupError if a field is missing."""
    return History(
        writes=tuple(
            Write(one["hash"], one["deleted"], one["received_at"], one["request_id"], one["index"])
            for one in entry["writes"]
        ),
        refusals=tuple(
            Refusal(one["received_at"], one["request_id"], one["index"], tuple(one["errors"]))
            for one in entry["refusals"]
        ),
        faults=tuple(Hit(one["action"], one["request_id"], one["at"]) for one in entry["faults"]),
    )


def version(entry: Mapping[str, Any]) -> Version:
    """One accepted write with its item. Raises LookupError if a field is missing."""
    return Version(
        entry["hash"], entry["deleted"], entry["received_at"], entry["request_id"], entry["item"]
    )


def known_item(entry: Mapping[str, Any]) -> KnownItem:
    """All that the service knows of one identity. Raises LookupError if a field is missing."""
    received = entry["received"]
    return KnownItem(
        entry["feed"],
        entry["key"],
        entry["identity"] or {},
        received,
        tuple(map(version, entry["versions"])),
        history(entry),
    )


# Answers. Each raises LookupError or TypeError if the answer is none of its kind


def requests_in(answer: Any) -> list[RequestFacts]:
    """The requests that were found."""
    return [request_facts(entry) for entry in answer["requests"]]


def histories_in(answer: Any) -> dict[str, History]:
    """The histories that were found, by key."""
    return {entry["key"]: history(entry) for entry in answer["items"]}


def versions_in(answer: Any) -> list[Version]:
    """Every accepted write of one identity, oldest first."""
    return [version(entry) for entry in answer["versions"]]


def names_in(answer: Any) -> list[str]:
    """Names in use."""
    return list(answer["names"])


def visibilities_in(answer: Any) -> list[Visibility]:
    """What each consuming service shows of an item, and since or from when on."""
    return [
        Visibility(name, entry["visible"], entry["since"] or entry["from"])
        for name, entry in answer["services"].items()
    ]


def _action(fault: Any) -> str:
    return str(fault["action"] if isinstance(fault, Mapping) else fault)
