"""The words of a verdict: the kinds of discrepancy, one discrepancy, the counts, the result."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mcs.harness.fields import Difference


class DiscrepancyKind(StrEnum):
    """How the two sides disagree on one identity, in the order of reports.

    An identity has at most one of them, and DUPLICATED or LATE beside it.
    """

    MISSING = "missing"
    """Exported, or due, and not alive in the service."""
    UNEXPECTED = "unexpected"
    """Alive in the service, unknown to the exporter."""
    STALE = "stale"
    """An older write came last: the service had the sent content, then recorded another one over
    it; or it went back to content that it had held, replaced, and that is older than what was sent.
    """
    CHANGED = "changed"
    """The service never recorded the sent content and holds another one."""
    DUPLICATED = "duplicated"
    """One request carried the identity more than once, or unchanged content was sent again."""
    REJECTED = "rejected"
    """Refused by the service and not sent again until its content changes."""
    UNDELETED = "undeleted"
    """Deleted at the source, alive in the service."""
    MISROUTED = "misrouted"
    """The sent content is alive in another data space or under another scope, and not here.
    `received` then tells of there: its `data_space_id`, or its `identity` and `key`."""
    LATE = "late"
    """In order, but received longer after its modification than is allowed."""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One identity on which the sides disagree.

    identity: path to value; empty if neither side tells more than the key. explanation: what is
    the matter, and the next step. cause: the name of the rule that explains it, see
    `harness.causes`. log_code: what the exporter would log of it, such as CDE02-09, or None. story:
    what happened to the item in order of time, a sentence each. errors: why the service refused it,
    as `pointer`, `code` and `message`. sent, received: what each side knows of it besides its
    content, None if nothing.
    """

    feed: str
    identity: Mapping[str, str]
    key: str
    kind: DiscrepancyKind
    explanation: str
    differences: tuple[Difference, ...]
    sent: Mapping[str, Any] | None
    received: Mapping[str, Any] | None
    errors: tuple[Mapping[str, Any], ...]
    cause: str = ""
    log_code: str | None = None
    story: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from modified at the source to received, of the items in order; count: of them."""

    count: int
    p50_s: float
    p95_s: float
    p99_s: float
    max_s: float


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """sent: alive and exported with success. received: alive in the service. in_sync: identities
    that are alive on both sides with the same content. resent: writes that repeated unchanged
    content in a later request."""

    sent: int = 0
    received: int = 0
    in_sync: int = 0
    resent: int = 0

    def __add__(self, other: "FeedCounts") -> "FeedCounts":
        return FeedCounts(
            self.sent + other.sent,
            self.received + other.received,
            self.in_sync + other.in_sync,
            self.resent + other.resent,
        )


@dataclass(frozen=True, slots=True)
class DiffResult:
    """The verdict: counts by feed and every discrepancy, both in the order of an initial sync.

    latencies: by feed, where both times are known. sent_name, received_name: how the sides are
    called. proven: feeds whose bucket digests are equal on both sides, so that no row was listed.
    findings: what is to be known of the sides, such as what could not be read, a sentence each.
    nothing_to_compare: neither side knows an item of these feeds, not even a deleted one, so that
    being in sync says nothing.
    """

    feeds: Mapping[str, FeedCounts]
    discrepancies: tuple[Discrepancy, ...]
    latencies: Mapping[str, Latency] = field(default_factory=dict)
    sent_name: str = ""
    received_name: str = ""
    proven: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    nothing_to_compare: bool = False

    @property
    def in_sync(self) -> bool:
        """True if the sides agree on everything."""
        return not self.discrepancies
