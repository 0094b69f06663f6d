"""What two sides' contents of one identity differ in, and whether the service's one is older."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Literal

from mcs.contract.canonical import Item
from mcs.contract.feeds import Feed
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.fields import Difference, difference
from mcs.harness.moments import moment
from mcs.harness.sides import Version

EVERYWHERE = "/**"
ROUNDING = 0.005
"""What rounding to cents moves a number by, at most."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What counts as a difference of content, besides the feed's timestamps, which never do.

    ignore, order_free: pointers; tolerance: by pointer, in the number's own unit, since a price is
    exact to a cent whatever its size. See `harness.fields.difference`.
    """

    ignore: tuple[str, ...] = ()
    order_free: tuple[str, ...] = ()
    tolerance: Mapping[str, float] = field(default_factory=dict)
    null_is_absent: bool = False

    def differences(self, feed: Feed, sent: Item, received: Item) -> list[Difference]:
        """Every difference of two contents that counts."""
        unhashed = (f"/{name}" for name in feed.unhashed)
        return difference(
            sent,
            received,
            (*unhashed, *self.ignore),
            null_is_absent=self.null_is_absent,
            order_free=self.order_free,
            tolerance=self.tolerance,
        )


EXACT = Policy()


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a comparison came to.

    kind: STALE or CHANGED. differences: what counts; None if the sent item is nowhere to be had.
    only: "order" or "precision" if the contents differ in the order of lists, or by the rounding
    of numbers to cents, and in nothing else; whether that counts is up to the policy.
    """

    kind: DiscrepancyKind
    differences: tuple[Difference, ...] | None
    only: Literal["order", "precision"] | None = None


def compare(
    feed: Feed,
    sent_hash: str,
    kept: Item | None,
    versions: Sequence[Version],
    policy: Policy = EXACT,
    sent_modified_at: str | None = None,
) -> Comparison:
    """Compares what was sent with what the service holds now.

    kept: the sent item, if the exporter keeps payloads. versions: every write the service accepted
    of this identity, oldest first; may be empty if there was one only and nothing to compare it
    with.

    It is STALE if the service had the sent content before; or if it holds, modified before the sent
    content, what it had held once and replaced since: in both cases an older write came last.
    """
    same = [version for version in versions if version.hash == sent_hash]
    is_stale = bool(same) or _went_back(feed, versions, sent_modified_at)
    kind = DiscrepancyKind.STALE if is_stale else DiscrepancyKind.CHANGED
    sent = kept or (same[-1].item if same else None)
    if sent is None or not versions:
        return Comparison(kind, None)
    received = versions[-1].item
    found = policy.differences(feed, sent, received)
    return Comparison(kind, tuple(found), _only(feed, sent, received, policy))


def _went_back(feed: Feed, versions: Sequence[Version], sent_modified_at: str | None) -> bool:
    """True if the last write repeats an older one, over another, and is older than what was sent.

    A write repeated over itself is a resend: then the newer content was lost, not overwritten.
    """
    if not versions:
        return False
    last = versions[-1]
    held, wanted = moment(last.item.get(feed.timestamp)), moment(sent_modified_at)
    if held is None or wanted is None or held >= wanted:
        return False
    return any(before.hash == last.hash != after.hash for before, after in pairwise(versions))


def _only(
    feed: Feed, sent: Item, received: Item, policy: Policy
) -> Literal["order", "precision"] | None:
    exact = replace(policy, order_free=(), tolerance={})
    if not exact.differences(feed, sent, received):
        return None
    if not replace(exact, order_free=(EVERYWHERE,)).differences(feed, sent, received):
        return "order"
    if not replace(exact, tolerance={"": ROUNDING}).differences(feed, sent, received):
        return "precision"
    return None
