"""The reconciliation: two lists of identities go in, those on which they disagree come out.

What makes a discrepancy is defined in `harness.verdict`; an engine of `harness.engines` runs it, in
memory that is bounded by a setting.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mcs.harness import verdict
from mcs.harness.discrepancy import DiscrepancyKind, FeedCounts, Latency
from mcs.harness.engines.engine import Engine
from mcs.harness.options import Options


@dataclass(frozen=True, slots=True)
class Lists:
    """The files that a reconciliation reads: lines as `harness.sides` describes them, NDJSON, or
    Parquet with the same columns, objects and lists as JSON texts."""

    sent: Path
    received: Path
    rejected: Path


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One identity that is not in order.

    kind: None if only duplicated or late; CHANGED stands for STALE too, MISSING and UNEXPECTED for
    MISROUTED, which the lists cannot tell apart. locator: of the sent row. sent: hash, deleted,
    modified_at, request_id, status, errors. received: hash, deleted, modified_at, received_at,
    request_id, index, versions, repeats, resends. reasons: why the service refused the item the
    last time it did. late_s: seconds from modified to received, if they are too many.
    """

    feed: str
    key: str
    identity: dict[str, str]
    kind: DiscrepancyKind | None
    duplicated: bool
    late_s: float | None
    reasons: tuple[dict[str, Any], ...]
    locator: str | None
    sent: dict[str, Any] | None
    received: dict[str, Any] | None

    @property
    def name(self) -> tuple[str, str]:
        """Feed and key."""
        return self.feed, self.key


class Reconciliation:
    """Both lists loaded into an engine and joined.

    Raises CouldNotTell if a file holds anything but the documented lines; so do the questions.
    """

    def __init__(self, engine: Engine, lists: Lists, options: Options) -> None:
        self._engine = engine
        verdict.define_sides(engine, lists.sent, lists.received, lists.rejected)
        verdict.define_verdict(engine, options)

    def counts(self) -> dict[str, FeedCounts]:
        """The counts of every feed that either side knows an identity of."""
        return {feed: FeedCounts(*counts) for feed, *counts in self._engine.rows(verdict.COUNTS)}

    def latencies(self) -> dict[str, Latency]:
        """How long the items in order took, by feed; each figure is that of an item."""
        return {feed: Latency(*found) for feed, *found in self._engine.rows(verdict.LATENCIES)}

    def disagreements(self, *kinds: DiscrepancyKind) -> Iterator[Disagreement]:
        """Every identity that is not in order, or only those of some kinds, by feed and key."""
        return map(_disagreement, self._engine.rows(verdict.told(kinds)))

    def kinds(self) -> Collection[tuple[str, DiscrepancyKind]]:
        """Which kinds each feed has."""
        found = self._engine.rows(verdict.KINDS)
        return {(feed, DiscrepancyKind(kind)) for feed, kind in found}


def _disagreement(row: tuple[Any, ...]) -> Disagreement:
    feed, key, identity, kind, is_duplicated, late_s, reasons, locator, *sides = row
    has_sent, *sent = sides[: len(_SENT_FIELDS) + 1]
    has_received, *received = sides[len(_SENT_FIELDS) + 1 :]
    return Disagreement(
        feed=feed,
        key=key,
        # Either may be absent, and either may be a JSON null.
        identity=orjson.loads(identity or "{}") or {},
        kind=DiscrepancyKind(kind) if kind else None,
        duplicated=is_duplicated,
        late_s=late_s,
        reasons=tuple(orjson.loads(reasons or "[]") or ()),
        locator=locator,
        sent=dict(zip(_SENT_FIELDS, sent, strict=True)) if has_sent else None,
        received=dict(zip(_RECEIVED_FIELDS, received, strict=True)) if has_received else None,
    )


_SENT_FIELDS = ("hash", "deleted", "modified_at", "request_id", "status", "errors")
_RECEIVED_FIELDS = (
    "hash",
    "deleted",
    "modified_at",
    "received_at",
    "request_id",
    "index",
    "versions",
    "repeats",
    "resends",
)
