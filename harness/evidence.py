"""What is known of one identity when its discrepancy is explained, gathered for many at once.

A side that keeps a journal tells what happened to items and requests; of any other side, such as a
file, only the two rows are known, and explanations say less.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Protocol, runtime_checkable

from mcs.contract.answer import reason_phrase
from mcs.contract.status import ExportStatus
from mcs.harness.discrepancy import Discrepancy, DiscrepancyKind
from mcs.harness.fault_actions import ACTIONS, Scope
from mcs.harness.likeness import Likeness, likeness
from mcs.harness.sides import ReceivedSide, RequestFacts

# 413 was renamed twice; exporters note the phrase of whatever answered them.
_STATUS_OF_PHRASE = {reason_phrase(status): int(status) for status in HTTPStatus} | {
    "Request Entity Too Large": 413,
    "Payload Too Large": 413,
    "Content Too Large": 413,
}


@dataclass(frozen=True, slots=True)
class Write:
    """One accepted write of an item. index: None if the side does not tell it."""

    hash: str
    deleted: bool
    received_at: str
    request_id: str
    index: int | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """One refused write of an item. errors: each has pointer, code and message."""

    received_at: str
    request_id: str
    index: int
    errors: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Hit:
    """A fault of the mock that hit an item."""

    action: str
    request_id: str
    at: str


@dataclass(frozen=True, slots=True)
class History:
    """What happened to an item at the service, oldest first; of much only the latest."""

    writes: tuple[Write, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    faults: tuple[Hit, ...] = ()


@runtime_checkable
class Journal(Protocol):
    """A received side that remembers how its items came to be as they are."""

    def histories(self, feed: str, keys: Sequence[str]) -> Mapping[str, History]:
        """What happened to these items, by key; those that never came are left out."""

    def requests(self, request_ids: Sequence[str]) -> Mapping[str, RequestFacts]:
        """What is known of these requests, by request id; those it does not know are left out."""

    def is_empty(self, feed: str) -> bool:
        """True if it holds nothing of this feed, not even deletions."""


@dataclass(frozen=True, slots=True)
class Visibility:
    """Whether a consuming service shows an item. since: ISO 8601, from when on it does or will."""

    service: str
    visible: bool
    since: str | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that is known of one identity.

    kind: None if the sides agree. errors: why the service refused what was sent last. likeness: in
    what alone the contents differ. journalled: whether the service was asked for its history, so
    that a request that is not in `requests` never came. feed_is_empty: whether the service holds
    nothing of the feed. visibility: by consuming service, empty if nobody knows. plain: whether
    nothing shows that Commerce exports (`sides.is_plain`).
    """

    feed: str
    identity: Mapping[str, str]
    key: str
    kind: DiscrepancyKind | None
    sent: Mapping[str, Any] | None = None
    received: Mapping[str, Any] | None = None
    errors: Sequence[Mapping[str, Any]] = ()
    likeness: Likeness | None = None
    history: History = field(default_factory=History)
    requests: Mapping[str, RequestFacts] = field(default_factory=dict)
    journalled: bool = False
    feed_is_empty: bool = False
    visibility: Sequence[Visibility] = ()
    plain: bool = False

    @property
    def status(self) -> int | None:
        """The export status that the exporter noted."""
        return self.sent["status"] if self.sent else None

    @property
    def is_submitted(self) -> bool:
        """True if the exporter noted it as sent with success."""
        return self.status == ExportStatus.SUBMITTED

    @property
    def noted(self) -> str:
        """The error text that the exporter noted."""
        return str(self.sent["errors"] or "") if self.sent else ""

    @property
    def sent_request_id(self) -> str | None:
        """The request that the exporter sent it with last."""
        return self.sent["request_id"] if self.sent else None

    @property
    def sent_request(self) -> RequestFacts | None:
        """What the service knows of that request."""
        return self.requests.get(self.sent_request_id or "")

    @property
    def http_status(self) -> int | None:
        """How that request was answered: as the service says, else as the noted phrase says."""
        request = self.sent_request
        return request.status if request else _STATUS_OF_PHRASE.get(self.noted)

    @property
    def never_came(self) -> bool:
        """True if the service is sure that it never had that request."""
        return self.journalled and bool(self.sent_request_id) and self.sent_request is None

    @property
    def refusal(self) -> Refusal | None:
        """The refusal of what was sent last."""
        own = [one for one in self.history.refusals if one.request_id == self.sent_request_id]
        latest = own or (self.history.refusals if self.errors else ())
        return latest[-1] if latest else None

    @property
    def faults(self) -> tuple[str, ...]:
        """The faults of the mock that hit it, or its request, when it was sent last."""
        hits = [one for one in self.history.faults if one.request_id == self.sent_request_id]
        request = self.sent_request
        whole = faults_of_all(request) if request else []
        return tuple(dict.fromkeys([*(hit.action for hit in hits), *whole]))

    def has_code(self, code: str) -> bool:
        """True if the service refused it with this code, or the exporter noted it."""
        refusal = self.refusal
        errors = (*self.errors, *(refusal.errors if refusal else ()))
        return code in self.noted or any(error.get("code") == code for error in errors)


def faults_of_all(request: RequestFacts) -> list[str]:
    """The faults that hit a request as such; those of some of its items say nothing of others."""
    return [name for name in request.fault if not _is_of_items(name)]


def gathered(
    found: Sequence[Discrepancy],
    service: ReceivedSide,
    only: Mapping[tuple[str, str], str | None] | None = None,
    *,
    plain: bool = False,
) -> list[Evidence]:
    """The evidence of each discrepancy: one question per feed and one for all their requests.

    only: by feed and key, in what alone the contents differ (a value of Likeness), as far as that
    was found out when they were compared; else the differences tell. plain: see `Evidence`.
    """
    journal = service if isinstance(service, Journal) else None
    histories = _histories(found, journal)
    ids = {side["request_id"] for one in found for side in (one.sent, one.received) if side}
    requests = service.requests(sorted(filter(None, ids)))
    empty = _empty_feeds(found, journal)
    return [
        Evidence(
            feed=one.feed,
            identity=one.identity,
            key=one.key,
            kind=one.kind,
            sent=one.sent,
            received=one.received,
            errors=one.errors,
            likeness=_likeness(one, only or {}),
            history=histories.get((one.feed, one.key), NO_HISTORY),
            requests=requests,
            journalled=journal is not None,
            feed_is_empty=one.feed in empty,
            plain=plain,
        )
        for one in found
    ]


NO_HISTORY = History()
BEFORE_ALL = datetime.min.replace(tzinfo=UTC)
"""What stands for an unknown time where things are put into order."""
CACHED_TIMES = 4096
"""Thousands of items share the times of their requests."""


@lru_cache(CACHED_TIMES)
def moment(text: str | None) -> datetime | None:
    """A time as either side writes it; without a zone it is UTC. None if it is no time."""
    try:
        parsed = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _is_of_items(fault: str) -> bool:
    return fault in ACTIONS and ACTIONS[fault].scope is Scope.ITEM


def _likeness(one: Discrepancy, only: Mapping[tuple[str, str], str | None]) -> Likeness | None:
    known = only.get((one.feed, one.key))
    return Likeness(known) if known else likeness(one.differences)


def _empty_feeds(found: Iterable[Discrepancy], journal: Journal | None) -> set[str]:
    """The feeds of missing items of which the service never had anything."""
    if journal is None:
        return set()
    not_here = (DiscrepancyKind.MISSING, DiscrepancyKind.MISROUTED)
    feeds = {one.feed for one in found if one.kind in not_here and not _is_here(one)}
    return {feed for feed in feeds if journal.is_empty(feed)}


def _is_here(one: Discrepancy) -> bool:
    return one.received is not None and "data_space_id" not in one.received


def _histories(
    found: Iterable[Discrepancy], journal: Journal | None
) -> dict[tuple[str, str], History]:
    if journal is None:
        return {}
    keys: dict[str, set[str]] = defaultdict(set)
    for one in found:
        keys[one.feed].add(one.key)
    return {
        (feed, key): history
        for feed, asked in keys.items()
        for key, history in journal.histories(feed, sorted(asked)).items()
    }
