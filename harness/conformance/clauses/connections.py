"""Connections that break: what got no whole answer is sent again, what got one is not."""

from mcs.harness.conformance.clause import Clause
from mcs.harness.conformance.clauses.retrying import sent_again
from mcs.harness.conformance.clauses.syncing import is_same
from mcs.harness.conformance.observation import Fate, Observation
from mcs.harness.conformance.verdict import Grade, Verdict, ruled

_UNANSWERED = 'contract/wire.md, "What the exporter does per HTTP status", network error'


def _counts_as_taken(seen: Observation) -> Verdict:
    """Whether the items of a 200 that was hard to read were left alone afterwards."""
    taken = [
        item
        for request in seen.hit_by("trickle", "malform")
        for item in request.posted
        if item.key and item.fate is Fate.TAKEN
    ]
    complaints = [
        f"{later} of {later.name[0]} was answered 200 in {item.request} already"
        for item in taken
        for later in seen.later(item)
        if is_same(item, later)
    ]
    return ruled(complaints, len(taken), "items that were answered 200")


CLAUSES = (
    Clause(
        "CONN-1",
        "A batch that is answered late, and then not wholly, is sent again.",
        _UNANSWERED,
        sent_again("stall"),
        scenarios=("stall",),
    ),
    Clause(
        "CONN-2",
        "An answer that trickles in is read to its end, and counts.",
        'contract/wire.md, "Bodies"',
        _counts_as_taken,
        scenarios=("trickle",),
    ),
    Clause(
        "CONN-3",
        "A 200 with a body that is no JSON is success: its items are not sent again.",
        'contract/wire.md, "Bodies"',
        _counts_as_taken,
        scenarios=("malform",),
        grade=Grade.ADVICE,
        why="to send them again is only a waste",
    ),
    *(
        Clause(
            f"CONN-{number}",
            f"{sentence} is sent again, for nobody knows whether it was recorded.",
            _UNANSWERED,
            sent_again(fault),
            scenarios=(f"{name}-recorded", f"{name}-lost"),
        )
        for number, fault, name, sentence in (
            (4, "reset", "reset", "A batch whose connection is reset"),
            (5, "close", "close", "A batch whose connection closes without an answer"),
            (6, "half_close", "half-close", "A batch that gets an answer's headers alone"),
            (
                7,
                "truncate",
                "truncate",
                "A batch that gets less of an answer than its length promises",
            ),
        )
    ),
)
