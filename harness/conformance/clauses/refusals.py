"""Items that the service refuses: held back until they change, and they alone."""

from mcs.harness.conformance.clause import Clause
from mcs.harness.conformance.clauses.retrying import settled_later
from mcs.harness.conformance.clauses.syncing import is_same
from mcs.harness.conformance.observation import Fate, Observation, Posted
from mcs.harness.conformance.steps import StepKind
from mcs.harness.conformance.verdict import NOT_OBSERVED, Grade, Verdict, ruled

RETRYABLE = "items_limit_exceeded"

_ANSWERS = 'contract/wire.md, "What the exporter does per HTTP status"'


def _held_back(seen: Observation) -> Verdict:
    return _left_alone(seen, Fate.REFUSED)


def _unnamed_held_back(seen: Observation) -> Verdict:
    return _left_alone(seen, Fate.UNNAMED)


def _turned_down_held_back(seen: Observation) -> Verdict:
    return _left_alone(seen, Fate.TURNED_DOWN)


def _others_held_back(seen: Observation) -> Verdict:
    companions = [
        item
        for request in seen.requests
        if any(posted.fate is Fate.REFUSED for posted in request.posted)
        for item in request.posted
        if item.key and item.fate is Fate.TAKEN
    ]
    return _not_repeated(seen, companions, "items beside a refused one")


def _left_alone(seen: Observation, fate: Fate) -> Verdict:
    return _not_repeated(seen, [item for item in seen.posted if item.fate is fate], f"items {fate}")


def _not_repeated(seen: Observation, items: list[Posted], of_what: str) -> Verdict:
    if StepKind.RETRY not in seen.steps:
        items = []
    # A partial sync that sends more than what changed is SYNC-2's to judge.
    complaints = [
        f"{later} of {later.name[0]} comes unchanged, though it was {item.fate} in {item.request}"
        for item in items
        for later in seen.later(item)
        if seen.steps[later.request.step] is not StepKind.PARTIAL and is_same(item, later)
    ]
    return ruled(complaints, len(items), of_what)


def _sent_when_corrected(seen: Observation) -> Verdict:
    if StepKind.CORRECT not in seen.steps:
        return NOT_OBSERVED
    corrected = seen.steps.index(StepKind.CORRECT)
    refused = [
        item for item in seen.posted if item.fate is Fate.REFUSED and item.request.step < corrected
    ]
    complaints = [
        f"{item} of {item.name[0]} was refused, corrected, and never sent again"
        for item in refused
        if not any(later.request.step > corrected for later in seen.later(item))
    ]
    return ruled(complaints, len(refused), "items that were corrected")


def _retried(seen: Observation) -> Verdict:
    return settled_later(
        seen,
        [
            item
            for item in seen.posted
            if item.fate is Fate.UNSETTLED and item.error_code == RETRYABLE
        ],
    )


CLAUSES = (
    Clause(
        "REFUSE-1",
        "A refused item is not sent again before its content changes.",
        _ANSWERS,
        _held_back,
        scenarios=("rejected", "rejected-in-200"),
    ),
    Clause(
        "REFUSE-2",
        "A refused item is sent again once it is corrected.",
        "contract/support-cases.md, invalid-item-stuck",
        _sent_when_corrected,
        scenarios=("rejected", "rejected-in-200"),
    ),
    Clause(
        "REFUSE-3",
        "The items that a 400 does not name are not sent again either before they change.",
        _ANSWERS,
        _unnamed_held_back,
        scenarios=("rejected",),
        grade=Grade.ADVICE,
        why="whether the service keeps them is unknown, and one genuine exporter sends them again",
    ),
    Clause(
        "REFUSE-4",
        "The items that a 200 does not name are taken: they are not sent again.",
        _ANSWERS,
        _others_held_back,
        scenarios=("rejected-in-200",),
    ),
    Clause(
        "REFUSE-5",
        f"An item that is refused with {RETRYABLE} is sent again.",
        'contract/wire.md, "Bodies"',
        _retried,
        scenarios=("over-the-limit",),
    ),
    Clause(
        "REFUSE-6",
        "A batch that is answered 400 as a whole is not sent again before its items change.",
        _ANSWERS,
        _turned_down_held_back,
        scenarios=("bad-request",),
    ),
)
