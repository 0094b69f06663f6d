"""What bucket digests prove before anything is listed: which feeds and buckets are equal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mcs.contract.digests import Digests, unequal
from mcs.harness.discrepancy import FeedCounts
from mcs.harness.options import Options
from mcs.harness.sides import DigestedReceived, DigestedSent, ReceivedSide, SentSide

FEWEST_ITEMS = 100_000
"""With fewer, listing all takes no time worth saving, and tells latencies too."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What need not be listed.

    unequal: of each feed with digests on the sent side, the buckets that are not proven equal; none
    if the whole feed is. counts: of what is proven, by feed. unknown: feeds that the received side
    alone has.
    """

    unequal: Mapping[str, Sequence[str]]
    counts: Mapping[str, FeedCounts]
    unknown: tuple[str, ...] = ()

    @property
    def proven(self) -> tuple[str, ...]:
        """The feeds of which nothing needs to be listed."""
        return tuple(feed for feed, buckets in self.unequal.items() if not buckets)


NOTHING_PROVEN = Proof({}, {})


def prove(sent: SentSide, received: ReceivedSide, options: Options) -> Proof:
    """Compares the digests that both sides keep.

    Proves nothing where a side keeps none, where the options ask for what only rows tell, or where
    there is too little to be worth it.
    """
    if not isinstance(sent, DigestedSent) or not isinstance(received, DigestedReceived):
        return NOTHING_PROVEN
    if not options.may_use_digests:
        return NOTHING_PROVEN
    ours = sent.digests(options.chosen)
    items = sum(bucket.alive for buckets in ours.values() for bucket in buckets.values())
    if not ours or (options.digests is None and items < FEWEST_ITEMS):
        return NOTHING_PROVEN
    theirs = received.digests(options.chosen_names)
    differing = {feed: unequal(ours[feed], theirs.get(feed, {})) for feed in ours}
    counts = {
        feed: _counts(ours[feed], theirs.get(feed, {}), set(buckets))
        for feed, buckets in differing.items()
        if feed in theirs or ours[feed]
    }
    return Proof(differing, counts, tuple(feed for feed in theirs if feed not in ours))


def _counts(sent: Digests, received: Digests, listed: set[str]) -> FeedCounts:
    alive = sum(bucket.alive for name, bucket in sent.items() if name not in listed)
    resent = sum(bucket.resent for name, bucket in received.items() if name not in listed)
    return FeedCounts(alive, alive, alive, resent)
