"""What the service saw, as values: requests, refused items, what faults did."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mcs.contract.canonical import Item
from mcs.contract.dialects import any_feed_by_cli_name
from mcs.contract.errors import UsageError
from mcs.contract.feeds import Feed
from mcs.testing.told import in_own_words, speaks_for_itself

__tracebackhide__ = speaks_for_itself

NOT_OF_IDENTITY = (
    '"{name}" does not name items of {feed}. Take of: {known}. For other fields of an item use '
    "having={{...}}."
)


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """One POST as the service journalled it, answered with success or not.

    number: higher for later ones. feed: None if it came to no feed's route. status: of the answer.
    items, accepted, rejected: counts. code, message: why the request was refused as a whole.
    headers: as they came; keys and signatures are left out. entry: all that the journal says.
    """

    number: int
    request_id: str
    received_at: datetime
    feed: str | None
    status: int
    items: int
    accepted: int
    rejected: int
    body_bytes: int
    code: str | None
    message: str | None
    headers: Mapping[str, str] = field(repr=False)
    entry: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ItemFault:
    """What is wrong with one place of a refused item. pointer: "" means all of it."""

    pointer: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """An item that the service refused, once.

    identity: empty if it has none. index: its place in the request. errors: every reason.
    """

    feed: str
    identity: Mapping[str, str]
    key: str | None
    request_id: str
    index: int
    received_at: datetime
    errors: tuple[ItemFault, ...]
    item: Item | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class FaultEvent:
    """One hit of a fault: the ground truth that a test can compare with.

    identity and key are None if the fault hit a whole request. entry: all that the journal says.
    """

    fault: int
    action: str
    feed: str | None
    identity: Mapping[str, str] | None
    key: str | None
    request_id: str
    at: datetime
    entry: Mapping[str, Any] = field(repr=False)


def feed_named(name: str) -> Feed:
    """The feed of this name. Raises UsageError, with the names there are, for any other."""
    return in_own_words(lambda: any_feed_by_cli_name(name))


def seen_request(entry: Mapping[str, Any]) -> SeenRequest:
    """An entry of the journal as the control API gives it."""
    return SeenRequest(
        number=entry["id"],
        request_id=entry["request_id"],
        received_at=datetime.fromisoformat(entry["received_at"]),
        feed=entry["feed"],
        status=entry["status"],
        items=entry["items"],
        accepted=entry["accepted"],
        rejected=entry["rejected"],
        body_bytes=entry["body_bytes"],
        code=entry["code"],
        message=entry["message"],
        headers=entry["headers"],
        entry=entry,
    )


def refused_item(line: Mapping[str, Any]) -> RefusedItem:
    """A line of the list of refused items."""
    return RefusedItem(
        feed=line["feed"],
        identity=line["identity"] or {},
        key=line["key"],
        request_id=line["request_id"],
        index=line["index"],
        received_at=datetime.fromisoformat(line["received_at"]),
        errors=tuple(
            ItemFault(error["pointer"], error["code"], error["message"]) for error in line["errors"]
        ),
        item=line.get("item"),
    )


def fault_event(entry: Mapping[str, Any]) -> FaultEvent:
    """An entry of the faults' journal."""
    return FaultEvent(
        fault=entry["fault_id"],
        action=entry["action"],
        feed=entry["feed"],
        identity=entry["identity"],
        key=entry["key"],
        request_id=entry["request_id"],
        at=datetime.fromisoformat(entry["at"]),
        entry=entry,
    )


def wanted_identity(feed: Feed, named: Mapping[str, object]) -> dict[str, str]:
    """What a test names an item by, by path; of a path the last step will do.

    Raises UsageError for a name that is no part of the feed's identity.

    >>> from mcs.contract.feeds import FEEDS
    >>> wanted_identity(FEEDS["scopesWebsite"], {"websiteId": 1})
    {'website.websiteId': '1'}
    """
    paths = {path.rpartition(".")[2]: path for path in feed.identity}
    for name in named:
        if name not in paths:
            raise UsageError(
                NOT_OF_IDENTITY.format(name=name, feed=feed.name, known=", ".join(paths))
            )
    return {paths[name]: str(value) for name, value in named.items()}


def is_named(identity: Mapping[str, str] | None, wanted: Mapping[str, str]) -> bool:
    """True if an identity has all the wanted values.

    >>> is_named({"sku": "A", "storeViewCode": "de"}, {"sku": "A"})
    True
    """
    return all((identity or {}).get(path) == value for path, value in wanted.items())


def reasons(errors: Iterable[ItemFault]) -> str:
    """Why an item was refused, in the service's sentences."""
    return " ".join(error.message for error in errors)
