"""What two sides' contents of one identity differ in, and whether the service's one is older."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mcs.contract.canonical import Item
from mcs.contract.feeds import Feed
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.fields import Difference, difference
from mcs.harness.sides import Version


@dataclass(frozen=True, slots=True)
class Comparison:
    """kind: STALE or CHANGED. differences: None if the sent item is nowhere to be had."""

    kind: DiscrepancyKind
    differences: tuple[Difference, ...] | None


def compare(
    feed: Feed,
    sent_hash: str,
    kept: Item | None,
    versions: Sequence[Version],
    ignore: Iterable[str] = (),
) -> Comparison:
    """Compares what was sent with what the service holds now.

    kept: the sent item, if the exporter keeps payloads. versions: every write the service accepted
    of this identity, oldest first; may be empty if there was one only and nothing to compare it
    with. ignore: pointers that do not count, besides the feed's timestamps.
    """
    same = [version for version in versions if version.hash == sent_hash]
    kind = DiscrepancyKind.STALE if same else DiscrepancyKind.CHANGED
    sent = kept or (same[-1].item if same else None)
    if sent is None or not versions:
        return Comparison(kind, None)
    unhashed = (f"/{name}" for name in feed.unhashed)
    found = difference(sent, versions[-1].item, (*unhashed, *ignore))
    return Comparison(kind, tuple(found))
