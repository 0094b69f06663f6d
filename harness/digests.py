"""What bucket digests prove before anything is listed: which feeds and buckets are equal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mcs.contract.digests import Digests, unequal
from mcs.contract.feeds import Feed
from mcs.harness.discrepancy import FeedCounts
from mcs.harness.sides import DigestedReceived, DigestedSent, ReceivedSide, SentSide


@dataclass(frozen=True, slots=True)
class Proof:
    """What need not be listed.

    unequal: of each feed with digests on the sent side, the buckets that are not proven equal; none
    if the whole feed is. counts: of what is proven, by feed.
    """

    unequal: Mapping[str, Sequence[str]]
    counts: Mapping[str, FeedCounts]

    @property
    def proven(self) -> tuple[str, ...]:
        """The feeds of which nothing needs to be listed."""
        return tuple(feed for feed, buckets in self.unequal.items() if not buckets)


NOTHING_PROVEN = Proof({}, {})


def prove(
    sent: SentSide,
    received: ReceivedSide,
    feeds: Sequence[Feed],
    names: Sequence[str] | None = None,
) -> Proof:
    """Compares the digests that both sides keep; proves nothing where one keeps none.

    feeds: of the sent side. names: of the received side; None for all it has.
    """
    if not isinstance(sent, DigestedSent) or not isinstance(received, DigestedReceived):
        return NOTHING_PROVEN
    ours = sent.digests(feeds)
    if not ours:
        return NOTHING_PROVEN
    theirs = received.digests(names)
    differing = {feed: unequal(ours[feed], theirs.get(feed, {})) for feed in ours}
    counts = {
        feed: _counts(ours[feed], theirs.get(feed, {}), set(buckets))
        for feed, buckets in differing.items()
    }
    return Proof(differing, counts)


def _counts(sent: Digests, received: Digests, listed: set[str]) -> FeedCounts:
    alive = sum(bucket.alive for name, bucket in sent.items() if name not in listed)
    resent = sum(bucket.resent for name, bucket in received.items() if name not in listed)
    return FeedCounts(alive, alive, alive, resent)
