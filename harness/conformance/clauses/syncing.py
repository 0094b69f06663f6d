"""What a sync sends: all of it at first, then what changed, and nothing else."""

from collections.abc import Iterable, Iterator

from mcs.contract.canonical import canonical_json
from mcs.contract.feeds import FEEDS
from mcs.harness.conformance.clause import Clause, Judge
from mcs.harness.conformance.observation import Fate, Name, Observation, Posted
from mcs.harness.conformance.steps import StepKind
from mcs.harness.conformance.verdict import NOT_OBSERVED, Grade, Verdict, ruled

SETTLED = (Fate.TAKEN, Fate.REFUSED, Fate.UNNAMED, Fate.TURNED_DOWN)
ORDERS = (
    tuple(FEEDS),
    (
        "scopesWebsite",
        "scopesCustomerGroup",
        "productAttributes",
        "categories",
        "products",
        "prices",
        "variants",
        "productOverrides",
    ),
    (
        "productAttributes",
        "products",
        "scopesCustomerGroup",
        "scopesWebsite",
        "prices",
        "productOverrides",
        "variants",
        "categories",
        "categoryPermissions",
    ),
)
"""The orders of a first sync that were ever documented (contract/lifecycle.md)."""

_LIFE = 'contract/lifecycle.md, "Exporter life cycle"'


def _not_resent(seen: Observation) -> Verdict:
    return _unchanged(seen, StepKind.AGAIN, StepKind.INITIAL)


def _partial_alone(seen: Observation) -> Verdict:
    return _unchanged(seen, StepKind.PARTIAL)


def _unchanged(seen: Observation, step: StepKind, *more: StepKind) -> Verdict:
    """Whether something was sent again unchanged in a step, or in more of them, which alone show
    nothing."""
    before = _taken_before(seen, step)
    resent = [
        f"{item} of {item.name[0]} was taken with this content in {known.request} already"
        for item in (seen.in_steps(step, *more) if before else ())
        if (known := _known(seen, item)) and is_same(known, item)
    ]
    return ruled(resent, len(before), "items that were taken before")


def _known(seen: Observation, item: Posted) -> Posted | None:
    """What was taken last of an item in earlier requests."""
    taken = [
        other
        for other in seen.by_name[item.name]
        if other.fate is Fate.TAKEN and other.request.number < item.request.number
    ]
    return taken[-1] if taken else None


def _nothing_of_itself(seen: Observation) -> Verdict:
    before = _taken_before(seen, StepKind.AGAIN)
    changed = [
        f"{item} of {item.name[0]} {_difference(known, item)}"
        for item in seen.in_steps(StepKind.AGAIN)
        if (known := before.get(item.name)) and not is_same(known, item)
    ]
    return ruled(changed, len(before), "items that nobody changed")


def _difference(known: Posted, item: Posted) -> str:
    if _sorted(known.item) == _sorted(item.item):
        return f"came as in {known.request}, but for the order of its lists"
    return f"has other content than in {known.request}, though nobody changed it"


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {name: _sorted(inner) for name, inner in value.items() if name not in _TIMES}
    if isinstance(value, list):
        return sorted((_sorted(inner) for inner in value), key=canonical_json)
    return value


_TIMES = frozenset({"modifiedAt", "updatedAt"})


def _edit_arrives(seen: Observation) -> Verdict:
    before = _taken_before(seen, StepKind.PARTIAL)
    if not before:
        return NOT_OBSERVED
    changed = [
        item
        for item in seen.in_steps(StepKind.PARTIAL)
        if item.fate is Fate.TAKEN
        and not ((known := before.get(item.name)) and is_same(known, item))
    ]
    complaints = [] if changed else ["after an edit no item came with other content"]
    return ruled(complaints, len(changed), "changed items")


def _identity_kept(seen: Observation) -> Verdict:
    sent = list(seen.in_steps(StepKind.PARTIAL))
    if not _taken_before(seen, StepKind.PARTIAL):
        return NOT_OBSERVED
    complaints = [
        f"{item} of {item.name[0]} has an identity that was not there before the edit"
        for item in sent
        if not item.deleted
        and not any(other.request.step < item.request.step for other in seen.by_name[item.name])
    ]
    complaints += [
        f"{item} of {item.name[0]} deletes an identity, though nothing was deleted"
        for item in sent
        if item.deleted
    ]
    return ruled(complaints, len(sent), "items after an edit")


def _order(seen: Observation) -> Verdict:
    first = list(
        dict.fromkeys(
            request.feed
            for request in seen.requests
            if seen.steps[request.step] is StepKind.INITIAL and request.feed in FEEDS
        )
    )
    fits = any(
        first == sorted(first, key=order.index) for order in ORDERS if set(first) <= set(order)
    )
    complaints = [] if fits else [f"feeds began in the order {', '.join(map(str, first))}"]
    return ruled(complaints, len(first) if len(first) > 1 else 0, "feeds in order")


def _complete(seen: Observation) -> Verdict:
    """All that the exporter says it has was taken, or settled otherwise."""
    settled = {item.name for item in seen.posted if item.fate in SETTLED}
    catalog = set(seen.catalog or ()) if settled else set()
    return ruled(_never_came(catalog - settled), len(catalog), "items of the catalog")


def _goes_on_after(fate: Fate) -> Judge:
    """A judge of whether the other batches came, be they taken or not, when one met a fate."""

    def judge(seen: Observation) -> Verdict:
        met = (item.request for item in seen.posted if item.fate is fate)
        first = next(met, None)
        if first is None:
            return NOT_OBSERVED
        others = set(seen.catalog or ()) - {item.name for item in first.posted if item.key}
        missing = others - set(seen.by_name)
        return ruled(_never_came(missing), len(others), "items of other batches")

    return judge


def _never_came(missing: Iterable[Name]) -> list[str]:
    return [
        f"{feed}: the item with key {key[:12]}… is in the catalog and never came"
        for feed, key in sorted(missing)
    ]


def is_same(one: Posted, other: Posted) -> bool:
    """True if both say the same but for the times of sending."""
    return one.hash == other.hash and one.deleted == other.deleted


def _taken_before(seen: Observation, step: StepKind) -> dict[Name, Posted]:
    """What was taken last of each item before the first step of a kind."""
    if step not in seen.steps:
        return {}
    first = seen.steps.index(step)
    return {item.name: item for item in _taken(seen) if item.request.step < first}


def _taken(seen: Observation) -> Iterator[Posted]:
    return (item for item in seen.posted if item.fate is Fate.TAKEN)


CLAUSES = (
    Clause(
        "SYNC-1",
        "What was taken is not sent again without a change, in the same sync or in the next.",
        'contract/feeds.md, "Conventions", Hash',
        _not_resent,
        scenarios=("again",),
    ),
    Clause(
        "SYNC-2",
        "A partial sync sends what changed and leaves the rest alone.",
        _LIFE,
        _partial_alone,
        scenarios=("edit",),
    ),
    Clause(
        "SYNC-3",
        "What nobody changed does not change: not even the order of a list.",
        "contract/support-cases.md, phantom-changes",
        _nothing_of_itself,
        scenarios=("again",),
    ),
    Clause(
        "SYNC-4",
        "An edit is sent with the next partial sync.",
        _LIFE,
        _edit_arrives,
        scenarios=("edit",),
    ),
    Clause(
        "SYNC-5",
        "An item keeps its identity when it is edited.",
        'contract/feeds.md, "The feeds"',
        _identity_kept,
        scenarios=("edit",),
    ),
    Clause(
        "SYNC-6",
        "A first sync sends the feeds in a documented order.",
        'contract/lifecycle.md, "Documented first-sync order"',
        _order,
        scenarios=("initial",),
        grade=Grade.ADVICE,
        why="the newest documentation says that any order does",
    ),
    Clause(
        "SYNC-7",
        "A first sync sends every item of the catalog, the last batch included.",
        _LIFE,
        _complete,
        scenarios=("initial",),
    ),
    Clause(
        "SYNC-8",
        "A refused batch does not keep the others from being sent.",
        "contract/support-cases.md, poison-item",
        _goes_on_after(Fate.TURNED_DOWN),
        scenarios=("bad-request",),
    ),
    Clause(
        "SYNC-9",
        "A batch that failed does not keep the others from being sent, at once or later.",
        'contract/wire.md, "What the exporter does per HTTP status"',
        _goes_on_after(Fate.UNSETTLED),
        scenarios=(
            "throttled",
            "turned-away",
            "outage",
            "stall",
            "reset-lost",
            "close-lost",
            "half-close-lost",
            "truncate-lost",
        ),
    ),
)
