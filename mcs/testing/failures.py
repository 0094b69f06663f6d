"""What a failing `assert_in_sync` says: item, field, both values, why, and where to look."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from mcs.harness.causes.plain import LOOK_FOR_THE_BATCH
from mcs.harness.discrepancy import DiffResult, Discrepancy, DiscrepancyKind
from mcs.harness.reports.parts import identity_text
from mcs.testing.evidence import EVER, Evidence
from mcs.testing.wording import fields

NOT_IN_SYNC = "not in sync: {kinds}"
COUNTS = "{feed}: {in_sync} in sync, of {sent} sent and {received} received"
NOTHING_AT_ALL = (
    "nothing to compare: no living item was sent, and the service received nothing of {feeds}. A "
    "test that compares nothing proves nothing."
)
MORE = "… and {more} more {kind}; --mcs-shown N shows more"
# An exporter's own database tells more, so there the diff's own explanation stands. Of plain
# items nothing is known but that they were sent: what the service knows, then, unless that tells
# why, where to look.
EXPLANATIONS: Mapping[DiscrepancyKind, tuple[str, str]] = {
    DiscrepancyKind.UNEXPECTED: (
        "It is not among the items sent; request {request_id} brought it.",
        "Look for what makes it up, or for what the test leaves out.",
    ),
    DiscrepancyKind.STALE: (
        "The service had it as it was sent, then request {request_id} brought this other content.",
        "Look for an older item that is sent after a newer one.",
    ),
    DiscrepancyKind.CHANGED: (
        "The service holds another content, which request {request_id} brought.",
        "Look for where the exporter makes these fields.",
    ),
    DiscrepancyKind.DUPLICATED: (
        "{repeats} of its {versions} writes repeat one of the same request, such as {request_id}.",
        "Look for the same item twice in a batch.",
    ),
    DiscrepancyKind.UNDELETED: (
        "It was deleted, yet the service holds it alive since {received_at}.",
        "Look for a deletion not sent, or for request {request_id}, which may have come after it.",
    ),
}
NOT_THERE = "The service does not hold it."
DELETED_THERE = "The service holds it deleted since {received_at}; request {request_id} did it."
NOTHING_KNOWN = f"No request that the service took carried it. {LOOK_FOR_THE_BATCH}."


def out_of_sync(result: DiffResult, evidence: Evidence, shown: int, *, plain: bool) -> str:
    """Why the two sides do not agree: counts, `shown` items of each kind, what came of each feed.

    plain: the sent side is items without an exporter's notes.
    """
    kinds = Counter(found.kind for found in result.discrepancies)
    named = ", ".join(f"{kinds[kind]} {kind}" for kind in DiscrepancyKind if kinds[kind])
    lines = [NOT_IN_SYNC.format(kinds=named), *_counts(result)]
    for kind in DiscrepancyKind:
        found = [one for one in result.discrepancies if one.kind is kind]
        for one in found[:shown]:
            lines += ["", *_discrepancy(one, evidence, plain=plain)]
        if len(found) > shown:
            lines += ["", MORE.format(more=len(found) - shown, kind=kind)]
    disagreeing = dict.fromkeys(found.feed for found in result.discrepancies)
    return "\n".join([*lines, "", *map(evidence.summary, disagreeing)])


def nothing_compared(feeds: Sequence[str]) -> str:
    """Why a comparison of nothing with nothing fails."""
    return NOTHING_AT_ALL.format(feeds=", ".join(feeds))


def _counts(result: DiffResult) -> Iterator[str]:
    for name, counts in result.feeds.items():
        if counts.sent or counts.received:
            yield COUNTS.format(
                feed=name,
                in_sync=counts.in_sync,
                sent=counts.sent,
                received=counts.received,
            )


def _discrepancy(found: Discrepancy, evidence: Evidence, *, plain: bool) -> Iterator[str]:
    yield f"{found.kind}: {found.feed} {identity_text(found.identity, found.key)}"
    yield from fields(found.differences, "sent")
    for sentence in _explained(found, evidence) if plain else [found.explanation]:
        yield f"  {sentence}"


def _explained(found: Discrepancy, evidence: Evidence) -> Iterator[str]:
    """What is known of a plain item that is not in order."""
    held_since = datetime.fromisoformat(found.received["received_at"]) if found.received else EVER
    known = evidence.of_item(found.feed, found.key, held_since)
    if found.kind in EXPLANATIONS:
        fact, advice = (text.format_map(found.received or {}) for text in EXPLANATIONS[found.kind])
        yield from [fact, *(known or [advice])]
    elif found.kind is not DiscrepancyKind.MISSING:
        yield found.explanation
    elif found.received:
        yield from [DELETED_THERE.format_map(found.received), *known]
    else:
        yield from [NOT_THERE, *(known or evidence.of_feed(found.feed) or [NOTHING_KNOWN])]
