"""The words of a verdict: the kinds of discrepancy, one discrepancy, the counts, the result."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mcs.harness.fields import Difference


class DiscrepancyKind(StrEnum):
    """How the two sides disagree on one identity, in the order of reports.

    An identity has at most one of them, and DUPLICATED beside it.
    """

    MISSING = "missing"
    """Exported, or due, and not alive in the service."""
    UNEXPECTED = "unexpected"
    """Alive in the service, unknown to the exporter."""
    STALE = "stale"
    """The service had the sent content, then recorded another one over it."""
    CHANGED = "changed"
    """The service never recorded the sent content and holds another one."""
    DUPLICATED = "duplicated"
    """One request carried the identity more than once."""
    REJECTED = "rejected"
    """Refused by the service and not sent again until its content changes."""
    UNDELETED = "undeleted"
    """Deleted at the source, alive in the service."""


@dataclass(frozen=True, slots=True)
class Discrepancy:
    """One identity on which the sides disagree.

    identity: path to value; empty if neither side tells more than the key. explanation: what is
    the matter, and the next step. errors: why the service refused it, as `pointer`, `code` and
    `message`. sent, received: what each side knows of it besides its content, None if nothing.
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


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """sent: alive and exported with success. received: alive in the service. in_sync: identities
    that are alive on both sides with the same content."""

    sent: int = 0
    received: int = 0
    in_sync: int = 0


@dataclass(frozen=True, slots=True)
class DiffResult:
    """The verdict: counts by feed and every discrepancy, both in the order of an initial sync."""

    feeds: Mapping[str, FeedCounts]
    discrepancies: tuple[Discrepancy, ...]

    @property
    def in_sync(self) -> bool:
        """True if the sides agree on everything."""
        return not self.discrepancies
