"""What can be seen in a case: a closed vocabulary. docs/case-library.md is made of this table."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce import change_log
from mcs.exporter.commerce.indexer_state import IndexerStatus, indexer_states
from mcs.harness.discrepancy import DiffResult, Discrepancy, DiscrepancyKind
from mcs.harness.reports.text import discrepancy_lines
from mcs.library import looking
from mcs.library.case import Fact
from mcs.library.stage import Stage
from mcs.library.told import listed
from mcs.library.values import (
    DURATION,
    FEED,
    MAPPING,
    PRODUCT,
    PRODUCTS,
    TEXT,
    TRUTH,
    WHOLE,
    Argument,
    Kind,
    Misfit,
    arguments,
    list_of,
    one_of,
    value,
)

IN_SYNC = "in sync"
SOME = "some"
SHOWN_CAUSES = 3
SHOWN_EVIDENCE = 2


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a fact was seen. told: what the product itself says of it, such as the sentence with
    the cause."""

    fact: str
    expected: str
    found: str
    holds: bool
    told: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """A fact as a kind.

    label: how the story calls it. help: what it is, without a full stop. read: what the YAML gives,
    as `look` takes it; raises Misfit. names_cause: whether it tells why.
    """

    name: str
    label: str
    help: str
    read: Callable[[Any], Any]
    look: Callable[[Stage, Any], Finding]
    names_cause: bool = False


class Group(NamedTuple):
    """What discrepancies have in common when a case counts them."""

    feed: str
    kind: str
    cause: str
    code: str | None

    def __str__(self) -> str:
        why = listed(filter(None, (self.cause, self.code and f"logged as {self.code}")))
        return f"{self.feed} {self.kind}" + (f" ({why})" if why else "")


# Both sides

_LINE = {
    "feed": Argument(FEED, required=True),
    "kind": Argument(one_of(*DiscrepancyKind), required=True),
    "cause": Argument(TEXT),
    "code": Argument(TEXT),
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
    "cause": Argument(TEXT, required=True),
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
    "fails": Argument(list_of(TEXT), required=True),
    "as": Argument(TEXT),
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


# The exporter


def _counts(given: Any, keys: Iterable[str], of: str) -> dict[str, Any]:
    table = {key: Argument(_COUNT) for key in keys}
    return arguments({str(key): one for key, one in _mapping(given, of).items()}, table, of)


def _mapping(given: Any, of: str) -> dict[Any, Any]:
    found: dict[Any, Any] = value(given, MAPPING, of)
    return found


def _read_count(given: Any) -> Any:
    return given if given == SOME else WHOLE.read(given)


_COUNT = Kind(f"a number, or {SOME}", _read_count)


def _counted(name: str, wanted: Mapping[str, Any], found: Mapping[str, int]) -> Finding:
    holds = all(
        found.get(key, 0) > 0 if count == SOME else found.get(key, 0) == count
        for key, count in wanted.items()
    )
    shown = {key: found.get(key, 0) for key in {**wanted, **found}}
    return Finding(name, _pairs(wanted), _pairs(shown), holds)


def _pairs(counts: Mapping[str, Any]) -> str:
    return listed(f"{key} {count}" for key, count in counts.items()) or "none"


def _backlog(stage: Stage, wanted: Mapping[str, Any]) -> Finding:
    with stage.engine.connect() as connection:
        found = {feed: change_log.backlog(connection, feed) for feed in wanted}
    return _counted("backlog", wanted, found)


def _indexer(stage: Stage, wanted: Mapping[str, str]) -> Finding:
    with stage.engine.connect() as connection:
        states = indexer_states(connection)
    found = {feed: states[feed].status.value for feed in wanted}
    return Finding("indexer", _pairs(wanted), _pairs(found), found == dict(wanted))


def _read_indexer(given: Any) -> dict[str, str]:
    table = {name: Argument(one_of(*IndexerStatus)) for name in FEEDS}
    return arguments(_mapping(given, "indexer"), table, "indexer")


def _sent(stage: Stage, wanted: Mapping[str, Any]) -> Finding:
    found: Counter[str] = Counter()
    for progress in stage.last.done:
        found[progress.feed.name] += progress.submitted
    return _counted("sent", wanted, found)


def _log(stage: Stage, codes: list[str]) -> Finding:
    found = sorted(set(looking.CODE.findall(looking.logged(stage))))
    holds = set(codes) <= set(found)
    return Finding("log", listed(codes), listed(found) or "no code", holds)


def _log_says(stage: Stage, texts: list[str]) -> Finding:
    log = looking.logged(stage)
    found = [text for text in texts if text in log]
    return Finding("log_says", listed(texts), listed(found) or "nothing of it", found == texts)


def _took(stage: Stage, values: Mapping[str, Any]) -> Finding:
    took = stage.last.took
    holds = values.get("at_least", took) <= took <= values.get("at_most", took)
    expected = listed(f"{name.replace('_', ' ')} {wanted}" for name, wanted in values.items())
    return Finding("took", expected, str(took), holds)


# The service


def _answers(stage: Stage, wanted: Mapping[str, Any]) -> Finding:
    entries = looking.requests_since(stage, stage.last.requests_after)
    return _counted("answers", wanted, Counter(str(entry["status"]) for entry in entries))


def _requests(stage: Stage, wanted: Mapping[str, Any]) -> Finding:
    entries = looking.requests_since(stage, stage.last.requests_after)
    return _counted("requests", wanted, Counter(entry["feed"] for entry in entries))


_HELD = {
    "feed": Argument(FEED, required=True),
    "product": Argument(PRODUCTS, required=True),
    "scope": Argument(TEXT),
    "having": Argument(MAPPING),
    "absent": Argument(TRUTH),
}
_SERVICES = ("catalog_service", "live_search", "product_recommendations")
_SHOWN = {"service": Argument(one_of(*_SERVICES), required=True), **_HELD}


def _held(stage: Stage, values: Mapping[str, Any]) -> Finding:
    found = {
        sku: looking.items_held(stage, values["feed"], sku, values.get("scope"))
        for sku in stage.products(values["product"])
    }
    return _as_wanted("held", values, found)


def _shown(stage: Stage, values: Mapping[str, Any]) -> Finding:
    found = {
        sku: looking.items_shown(stage, values["service"], values["feed"], sku, values.get("scope"))
        for sku in stage.products(values["product"])
    }
    return _as_wanted("shown", values, found)


def _as_wanted(
    name: str, values: Mapping[str, Any], found: Mapping[str, list[dict[str, Any]]]
) -> Finding:
    where = f" in {values['service']}" if "service" in values else ""
    of = f"{values['feed']} of {listed(found)}{where}"
    if values.get("absent"):
        count = sum(map(len, found.values()))
        return Finding(name, f"{of}: none", f"{of}: {count or 'none'}", not count)
    having = values.get("having", {})
    seen = [{key: item.get(key) for key in having} for items in found.values() for item in items]
    distinct = [one for at, one in enumerate(seen) if one not in seen[:at]]
    shown = listed(map(_pairs, distinct), "; ") if distinct else "none"
    holds = all(found.values()) and all(one == having for one in seen)
    return Finding(name, f"{of}: {_pairs(having)}", f"{of}: {shown}", holds)


def _all_of(table: Mapping[str, Argument], name: str) -> Callable[[Any], list[dict[str, Any]]]:
    def read(given: Any) -> list[dict[str, Any]]:
        several = given if isinstance(given, list) else [given]
        return [arguments(one, table, name) for one in several]

    return read


def _each(look: Callable[[Stage, Any], Finding]) -> Callable[[Stage, list[Any]], Finding]:
    """Looks for several facts of a kind as for one."""

    def look_for_all(stage: Stage, several: list[Any]) -> Finding:
        found = [look(stage, one) for one in several]
        return Finding(
            found[0].fact,
            listed((one.expected for one in found), "; "),
            listed((one.found for one in found), "; "),
            all(one.holds for one in found),
            [line for one in found for line in one.told],
        )

    return look_for_all


def _texts(name: str) -> Callable[[Any], Any]:
    return lambda given: value(given, list_of(TEXT), name)


_SIGHTS = (
    Sight(
        "diff",
        "mcs diff",
        f'What `mcs diff` finds: "{IN_SYNC}", or all discrepancies by feed, kind, cause, log code '
        "and count",
        _read_diff,
        _diff,
        names_cause=True,
    ),
    Sight(
        "catalog",
        "the catalog against the service",
        "The same, of the catalog as a sound exporter reads it against what the service holds",
        _read_diff,
        _catalog,
        names_cause=True,
    ),
    Sight(
        "explain",
        "mcs explain",
        "The cause that `mcs explain` names for a product",
        _all_of(_EXPLAIN, "explain"),
        _each(_explain),
        names_cause=True,
    ),
    Sight(
        "conformance",
        "mcs conform",
        "The clauses that the traffic fails; `as` names the scenario that the steps stand for",
        lambda given: arguments(given, _CONFORMANCE, "conformance", "fails"),
        _conformance,
        names_cause=True,
    ),
    Sight(
        "held",
        "the service holds",
        "What the service holds of products: fields of their items, or that there is none; `scope` "
        "chooses a store view, website or customer group",
        _all_of(_HELD, "held"),
        _each(_held),
    ),
    Sight(
        "shown",
        "shoppers see",
        "The same of what a consuming service shows",
        _all_of(_SHOWN, "shown"),
        _each(_shown),
    ),
    Sight(
        "backlog",
        "waiting in the change log",
        "Changes by feed that wait in the change log (`bin/magento indexer:status`)",
        lambda given: _counts(given, FEEDS, "backlog"),
        _backlog,
    ),
    Sight("indexer", "indexers", "The state of indexers by feed", _read_indexer, _indexer),
    Sight(
        "sent",
        "sent in the last step",
        "Items by feed that the latest step sent with success",
        lambda given: _counts(given, FEEDS, "sent"),
        _sent,
    ),
    Sight(
        "answers",
        "answers in the last step",
        "Requests by HTTP status in the latest step that exports",
        lambda given: _counts(given, map(str, range(100, 600)), "answers"),
        _answers,
    ),
    Sight(
        "requests",
        "requests in the last step",
        "Requests by feed in that step",
        lambda given: _counts(given, FEEDS, "requests"),
        _requests,
    ),
    Sight("log", "codes in the logs", "Codes in the exporter's logs", _texts("log"), _log),
    Sight(
        "log_says", "the logs say", "Texts in the exporter's logs", _texts("log_says"), _log_says
    ),
    Sight(
        "took",
        "the last step took",
        "How long the latest step that exports took, in virtual time",
        lambda given: arguments(
            given, {"at_least": Argument(DURATION), "at_most": Argument(DURATION)}, "took"
        ),
        _took,
    ),
)

FACTS: Mapping[str, Sight] = {sight.name: sight for sight in _SIGHTS}
"""Everything that can be seen, by name."""
NAMING = [sight.name for sight in _SIGHTS if sight.names_cause]
"""What tells why; each case has one of them."""
BOTH_IN_SYNC = (Fact("diff", [], ""), Fact("catalog", [], ""))
"""What must be seen after each fix: what was exported and what the catalog has is there."""


def look(stage: Stage, fact: Fact) -> Finding:
    """Looks for a fact."""
    return FACTS[fact.name].look(stage, fact.expected)
