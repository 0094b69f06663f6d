"""What failed is sent again: later, in its newest content, and without haste."""

from itertools import pairwise

from mcs.harness.conformance.clause import Clause, Judge
from mcs.harness.conformance.clauses.authentication import is_strangers
from mcs.harness.conformance.clauses.syncing import SETTLED, is_same
from mcs.harness.conformance.observation import Fate, Name, Observation, Posted, SeenRequest
from mcs.harness.conformance.scenarios import OUTAGE_S
from mcs.harness.conformance.verdict import NOT_OBSERVED, Grade, Ruling, Verdict, ruled

SHORTEST_PAUSE_S = 1.0
TOLERANCE_S = 1.0
"""What measuring may be wrong by."""

_STATUSES = 'contract/wire.md, "What the exporter does per HTTP status"'
_ASSUMED = "nothing tells what the service asks for; genuine exporters wait for their cron"


def sent_again(*faults: str) -> Judge:
    """A judge of whether every item of the requests that these faults hit is settled later on."""

    def judge(seen: Observation) -> Verdict:
        hit = [
            item
            for request in seen.hit_by(*faults)
            if not is_strangers(request)
            for item in request.posted
            if item.key
        ]
        return settled_later(seen, [item for item in hit if item.fate is Fate.UNSETTLED])

    return judge


def _outlasts_an_outage(seen: Observation) -> Verdict:
    verdict = sent_again("maintenance")(seen)
    hit = seen.hit_by("maintenance")
    lasted_s = _gap_s(hit[0], seen.requests[-1]) if hit else 0.0
    # In real time nobody waits for so long; who gives up after some minutes would not show.
    too_short = verdict.ruling is Ruling.PASS and lasted_s < OUTAGE_S
    return NOT_OBSERVED if too_short else verdict


def settled_later(seen: Observation, due: list[Posted]) -> Verdict:
    """Whether items that failed were all sent again until they were settled."""
    lost: dict[Name, Posted] = {
        item.name: item
        for item in due
        if not any(later.fate in SETTLED for later in seen.later(item))
    }
    complaints = [
        f"{item} of {item.name[0]} {_told(item.request)}, and was never sent again until it was"
        " taken"
        for item in lost.values()
    ]
    return ruled(complaints, len({item.name for item in due}), "items that had to be sent again")


def _told(request: SeenRequest) -> str:
    return f"was answered {request.status}" if request.answered else "got no whole answer"


def _waits_as_asked(seen: Observation) -> Verdict:
    asked = [
        (request, following)
        for request, following in pairwise(seen.requests)
        if "throttle" in request.faults and (seen.virtual or request.step == following.step)
    ]
    complaints = [
        f"{following} came {gap:.0f} s after {request}, which was answered 429 with "
        f"Retry-After: {seen.retry_after_s:.0f}"
        for request, following in asked
        if (gap := _gap_s(request, following)) < seen.retry_after_s - TOLERANCE_S
    ]
    return ruled(complaints, len(asked), "waits after 429")


def _without_haste(seen: Observation) -> Verdict:
    looked_at, complaints = 0, []
    for attempts in _attempts(seen):
        gaps = [
            (one, other, _gap_s(one, other))
            for one, other in pairwise(attempts)
            if seen.virtual or one.step == other.step
        ]
        looked_at += len(gaps)
        complaints += [
            f"{other} repeats {one} after {gap:.1f} s"
            for one, other, gap in gaps
            if gap < SHORTEST_PAUSE_S
        ]
        complaints += [
            f"{after[1]} repeats {after[0]} after {after[2]:.0f} s, the time before it was "
            f"{before[2]:.0f} s"
            for before, after in pairwise(gaps)
            if after[0].step == after[1].step == before[0].step
            and after[2] < before[2] - TOLERANCE_S
        ]
    return ruled(complaints, looked_at, "pauses between attempts")


def _attempts(seen: Observation) -> list[list[SeenRequest]]:
    """The requests with the same items, where the first of them failed."""
    same: dict[tuple[object, ...], list[SeenRequest]] = {}
    for request in seen.requests:
        keys = tuple(sorted(item.key for item in request.posted if item.key))
        if keys:
            same.setdefault((request.feed, *keys), []).append(request)
    return [
        attempts
        for attempts in same.values()
        if len(attempts) > 1 and all(not attempt.is_taken for attempt in attempts[:-1])
    ]


def _gap_s(one: SeenRequest, other: SeenRequest) -> float:
    return (other.at - one.at).total_seconds()


def _newest_content(seen: Observation) -> Verdict:
    failures = [item for item in seen.posted if item.fate is Fate.UNSETTLED]
    if not failures:
        return NOT_OBSERVED
    complaints = [
        f"{item} of {item.name[0]} has the content of {old.request} again, after {newer.request} "
        "had another one"
        for posted in seen.by_name.values()
        for item in posted
        if (replayed := _replayed(posted, item)) is not None
        for old, newer in [replayed]
    ]
    return ruled(complaints, len({item.name for item in failures}), "items that failed once")


def _replayed(posted: list[Posted], item: Posted) -> tuple[Posted, Posted] | None:
    before = posted[: posted.index(item)]
    for place, old in enumerate(before):
        if is_same(old, item):
            for newer in before[place + 1 :]:
                if not is_same(newer, item):
                    return old, newer
    return None


CLAUSES = (
    Clause(
        "RETRY-1",
        "What is answered 5xx is sent again.",
        _STATUSES,
        sent_again("maintenance", "answer"),
        scenarios=("unavailable",),
    ),
    Clause(
        "RETRY-2",
        "What is answered 429 is sent again.",
        _STATUSES,
        sent_again("throttle"),
        scenarios=("throttled",),
    ),
    Clause(
        "RETRY-3",
        "What is answered 401, 403, 404 or 413 is sent again at a later sync.",
        _STATUSES,
        sent_again("skew", "answer"),
        scenarios=("turned-away",),
    ),
    Clause(
        "RETRY-4",
        "After 429 nothing is sent until the time in Retry-After is over.",
        'contract/wire.md, "Limits"',
        _waits_as_asked,
        scenarios=("throttled",),
        grade=Grade.ADVICE,
        why="whether the service sends Retry-After is unknown, genuine exporters do not read it",
    ),
    Clause(
        "RETRY-5",
        "A batch is not repeated at once, and within a sync at pauses that do not get shorter.",
        'contract/lifecycle.md, "Retry"',
        _without_haste,
        scenarios=("unavailable", "outage"),
        grade=Grade.ADVICE,
        why=_ASSUMED,
    ),
    Clause(
        "RETRY-6",
        "Only 200 is success: what is answered 202 is sent again.",
        _STATUSES,
        sent_again("answer"),
        scenarios=("accepted",),
        grade=Grade.ADVICE,
        why="the service answers 200; small public clients take any 2xx",
    ),
    Clause(
        "RETRY-7",
        "After an outage of half an hour all that was due arrives.",
        _STATUSES,
        _outlasts_an_outage,
        scenarios=("outage",),
    ),
    Clause(
        "RETRY-8",
        "What failed goes in its newest content: old content is never sent over newer.",
        'contract/lifecycle.md, "Retry"',
        _newest_content,
        scenarios=("overtaken",),
    ),
)
