"""What tells why, in a case: the diff, the catalog itself, explanations, the conformance suite."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from mcs.contract.feeds import FEEDS
from mcs.harness.causes import RULES
from mcs.harness.conformance.clauses import CLAUSES
from mcs.harness.conformance.scenarios import SCENARIOS
from mcs.harness.discrepancy import DiffResult, Discrepancy, DiscrepancyKind
from mcs.harness.reports.text import discrepancy_lines
from mcs.library import looking
from mcs.library.sight import SOME, Finding, Sight, all_of, each
from mcs.library.stage import Stage
from mcs.library.told import listed
from mcs.library.values import (
    CODE,
    FEED,
    PRODUCT,
    WHOLE,
    Argument,
    Misfit,
    arguments,
    list_of,
    one_of,
)

IN_SYNC = "in sync"
SHOWN_CAUSES = 3
SHOWN_EVIDENCE = 2
CAUSE = one_of(*(rule.name for rule in RULES))


class Group(NamedTuple):
    """What discrepancies have in common when a case counts them."""

    feed: str
    kind: str
    cause: str
    code: str | None

    def __str__(self) -> str:
        why = listed(filter(None, (self.cause, self.code and f"logged as {self.code}")))
        return f"{self.feed} {self.kind}" + (f" ({why})" if why else "")


_LINE = {
    "feed": Argument(FEED, required=True),
    "kind": Argument(one_of(*DiscrepancyKind), required=True),
    "cause": Argument(CAUSE),
    "code": Argument(CODE),
    "count": Argument(WHOLE),
}


def _read_diff(given: Any) -> list[dict[str, Any]]:
    if given == IN_SYNC:
        return []
    if not isinstance(given, list) or not given:
        raise Misfit(f'expected "{IN_SYNC}" or a list of discrepancies by feed and kind.')
    return [arguments(one, _LINE, "a discrepancy") for one in given]


def _diff(stage: Stage, lines: list[dict[str, Any]]) -> Finding:
    return _compared("diff", looking.exported_against_received(stage), lines)


def _catalog(stage: Stage, lines: list[dict[str, Any]]) -> Finding:
    result = looking.catalog_against_received(stage)
    # Why it is so, but for content alone, this comparison cannot know: nothing was noted as sent.
    plain = [
        one if one.cause in _OF_CONTENT else replace(one, cause="", explanation=NOT_THERE[one.kind])
        for one in result.discrepancies
    ]
    return _compared("catalog", replace(result, discrepancies=tuple(plain)), lines)


_OF_CONTENT = ("order_only", "precision_only")
NOT_THERE = defaultdict(
    lambda: "The service has something else than the catalog.",
    {
        DiscrepancyKind.MISSING: "It is in the catalog, and the service does not have it.",
        DiscrepancyKind.UNEXPECTED: "The service has it, and it is not in the catalog.",
        DiscrepancyKind.CHANGED: "The service holds another content than the catalog has now.",
        DiscrepancyKind.STALE: "The service holds another content than the catalog has now.",
    },
)


def _compared(name: str, result: DiffResult, lines: list[dict[str, Any]]) -> Finding:
    groups = Counter(map(_group, result.discrepancies))
    wanted = [[group for group in groups if _fits(group, line)] for line in lines]
    counts_fit = all(
        found and line.get("count", sum(groups[one] for one in found)) == _sum(groups, found)
        for line, found in zip(lines, wanted, strict=True)
    )
    named = {group for found in wanted for group in found}
    return Finding(
        name,
        listed(map(_shown_line, lines), "; ") or IN_SYNC,
        listed((f"{count} {group}" for group, count in groups.items()), "; ") or IN_SYNC,
        counts_fit and named == set(groups),
        list(_examples(result.discrepancies)),
    )


def _sum(groups: Mapping[Group, int], some: Iterable[Group]) -> int:
    return sum(groups[one] for one in some)


def _group(one: Discrepancy) -> Group:
    return Group(one.feed, one.kind, one.cause, one.log_code)


def _fits(group: Group, line: Mapping[str, Any]) -> bool:
    return all(line.get(name, mine) == mine for name, mine in group._asdict().items())


def _shown_line(line: Mapping[str, Any]) -> str:
    cause = f" ({line['cause']})" if "cause" in line else ""
    return f"{line.get('count', SOME)} {line['feed']} {line['kind']}{cause}"


def _examples(found: Sequence[Discrepancy]) -> Iterable[str]:
    """One of each kind and cause, as `mcs diff` prints it."""
    firsts: dict[tuple[str, str], Discrepancy] = {}
    for one in found:
        firsts.setdefault((one.kind, one.cause), one)
    for one in list(firsts.values())[:SHOWN_CAUSES]:
        yield from discrepancy_lines(one)


_EXPLAIN = {
    "product": Argument(PRODUCT, required=True),
    "cause": Argument(CAUSE, required=True),
    "feed": Argument(FEED),
}


def _explain(stage: Stage, values: Mapping[str, Any]) -> Finding:
    [sku] = stage.products(values["product"])
    feeds = (FEEDS[values["feed"]],) if "feed" in values else stage.case.feeds
    found = looking.timeline_of(stage, sku, feeds)
    told = {one.cause: one.explanation for item in found.items for one in item.discrepancies}
    told |= {item.note.cause: item.note.text for item in found.items if item.note}
    return Finding(
        "explain",
        f"{sku}: {values['cause']}",
        f"{sku}: {listed(told) or 'nothing to say'}",
        values["cause"] in told,
        [told[values["cause"]]] if values["cause"] in told else (),
    )


_CONFORMANCE = {
    "fails": Argument(list_of(one_of(*CLAUSES)), required=True),
    "as": Argument(one_of(*SCENARIOS)),
}


def _conformance(stage: Stage, values: Mapping[str, Any]) -> Finding:
    wanted = values["fails"]
    failed = looking.failed_clauses(stage, set(wanted), values.get("as"))
    told = [
        f"{clause}: {one}"
        for clause, evidence in failed.items()
        for one in evidence[:SHOWN_EVIDENCE]
    ]
    found = f"fails {listed(failed)}" if failed else f"passes {listed(wanted)}"
    return Finding(
        "conformance", f"fails {listed(wanted)}", found, set(wanted) == set(failed), told
    )


SIDES = (
    Sight(
        "diff",
        "mcs diff",
        f'What `mcs diff` finds: "{IN_SYNC}", or all discrepancies by feed, kind, cause, log code '
        "and count",
        _read_diff,
        _diff,
    ),
    Sight(
        "catalog",
        "the catalog against the service",
        "The same, of the catalog as a sound exporter reads it against what the service holds",
        _read_diff,
        _catalog,
    ),
    Sight(
        "explain",
        "mcs explain",
        "The cause that `mcs explain` names for a product",
        all_of(_EXPLAIN, "explain"),
        each(_explain),
    ),
    Sight(
        "conformance",
        "mcs conform",
        "The clauses that the traffic fails; `as` names the scenario that the steps stand for",
        lambda given: arguments(given, _CONFORMANCE, "conformance", "fails"),
        _conformance,
    ),
)
"""What tells why."""
