"""Deletes: sent, minimal, and once."""

from mcs.contract.dialects import ALL_FEEDS
from mcs.harness.conformance.clause import Clause
from mcs.harness.conformance.clauses.syncing import SETTLED
from mcs.harness.conformance.observation import Fate, Observation, Posted
from mcs.harness.conformance.steps import StepKind
from mcs.harness.conformance.verdict import NOT_OBSERVED, Grade, Verdict, ruled

_DELETED = 'contract/feeds.md, "Conventions", deleted'


def _sent(seen: Observation) -> Verdict:
    if StepKind.PARTIAL not in seen.steps or not any(_is_alive(item) for item in seen.posted):
        return NOT_OBSERVED
    deletes = [item for item in _deletes(seen) if any(map(_is_alive, seen.earlier(item)))]
    complaints = [] if deletes else ["after a delete no known item came with deleted: true"]
    return ruled(complaints, len(deletes), "deletes of known items")


def _minimal(seen: Observation) -> Verdict:
    deletes = _deletes(seen)
    complaints = []
    for item in deletes:
        spare = sorted(set(item.item) - {*ALL_FEEDS[item.name[0]].delete_payload, "deleted"})
        if spare:
            complaints.append(f"{item} of {item.name[0]} carries {', '.join(spare)}, too")
    return ruled(complaints, len(deletes), "deletes")


def _once(seen: Observation) -> Verdict:
    deletes = [item for item in _deletes(seen) if item.fate is Fate.TAKEN]
    complaints = [
        f"{later} of {later.name[0]} comes after its delete in {item.request} was taken"
        for item in deletes
        for later in seen.later(item)
    ]
    return ruled(complaints, len(deletes), "deletes that were taken")


def _survives_an_outage(seen: Observation) -> Verdict:
    lost = [item for item in _deletes(seen) if item.fate is Fate.UNSETTLED]
    complaints = [
        f"{item} of {item.name[0]} was answered {item.request.status} and never sent again"
        for item in lost
        if not any(later.deleted and later.fate in SETTLED for later in seen.later(item))
    ]
    return ruled(complaints, len(lost), "deletes that failed")


def _deletes(seen: Observation) -> list[Posted]:
    return [item for item in seen.posted if item.deleted]


def _is_alive(item: Posted) -> bool:
    return item.fate is Fate.TAKEN and not item.deleted


CLAUSES = (
    Clause(
        "DEL-1",
        "What was deleted is sent with deleted: true, under the identity it had.",
        _DELETED,
        _sent,
        scenarios=("delete",),
    ),
    Clause(
        "DEL-2",
        "A delete carries the minimal payload of its feed.",
        _DELETED,
        _minimal,
        scenarios=("delete", "delete-in-outage"),
        grade=Grade.ADVICE,
        why="with PERSIST_EXPORTED_FEED=1 genuine exporters send the whole item",
    ),
    Clause(
        "DEL-3",
        "A delete that was taken is the last that is sent of its item.",
        'contract/lifecycle.md, "Deletion"',
        _once,
        scenarios=("delete",),
    ),
    Clause(
        "DEL-4",
        "A delete that failed is sent again.",
        "contract/support-cases.md, deleted-still-there",
        _survives_an_outage,
        scenarios=("delete-in-outage",),
    ),
)
