"""docs/discrepancies.md: every kind and every cause, generated from the rules."""

from collections.abc import Iterator

from mcs.contract.reference import GENERATED
from mcs.harness.causes import RULES
from mcs.harness.causes.plain import PLAIN
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.remedies import OF_COMMERCE
from mcs.harness.rule import Rule

INTRODUCTION = """\
`mcs diff` compares what the exporter noted with what the service recorded, names the kind of each
discrepancy, and looks for its cause: the rules below are tried in this order, and the first that
fits the evidence (the feed table's row, the service's record, the requests and refusals in its
journal) is told, with the next step. `mcs explain SKU` tells it of one item with all its history.
A side that is a file has no journal; what it cannot tell, the explanation does not claim.
"""
MEANINGS = {
    DiscrepancyKind.MISSING: "exported, or due, and not alive in the service",
    DiscrepancyKind.UNEXPECTED: "alive in the service, unknown to the exporter",
    DiscrepancyKind.STALE: "the service had the sent content, then recorded another one over it",
    DiscrepancyKind.CHANGED: "the service never recorded the sent content and holds another one",
    DiscrepancyKind.DUPLICATED: "several times in one request, or sent again unchanged",
    DiscrepancyKind.REJECTED: "refused, and not sent again until its content changes",
    DiscrepancyKind.UNDELETED: "deleted at the source, alive in the service",
    DiscrepancyKind.MISROUTED: "alive in another data space or under another scope, not here",
    DiscrepancyKind.LATE: "in order, but received later than is allowed",
}
OF_ANY_EXPORTER = "next step where nothing shows that Commerce sent it"
IN_ORDER = "none, but `mcs explain` tells of it"
_WORDS = {
    "feed": "FEED",
    "sync": OF_COMMERCE.sync("FEED"),
    "resend": OF_COMMERCE.resend("FEED", {}),
    "force": OF_COMMERCE.force("FEED"),
    "cleanup": OF_COMMERCE.cleanup("FEED"),
}


def discrepancies_page() -> str:
    """The kinds with their causes, then each cause with its next step."""
    return "\n".join([*_kinds(), *_causes()]) + "\n"


def _kinds() -> Iterator[str]:
    yield from ("# Discrepancies and their causes", "", GENERATED, "", INTRODUCTION)
    yield from ("| kind | means | causes |", "| --- | --- | --- |")
    for kind, meaning in MEANINGS.items():
        causes = ", ".join(f"[{rule.name}](#{rule.name})" for rule in RULES if kind in rule.kinds)
        yield f"| {kind} | {meaning} | {causes} |"
    yield from (
        "",
        "Order of lists and precision of numbers can be told only where both contents are at hand:",
        "run the exporter with PERSIST_EXPORTED_FEED=1.",
    )


def _causes() -> Iterator[str]:
    for rule in RULES:
        yield from ("", f"## {rule.name}", "", _sentence(rule.title), "")
        yield f"- kind: {', '.join(IN_ORDER if kind is None else kind for kind in rule.kinds)}"
        yield f"- next step: {rule.next_step.format_map(_WORDS)}"
        if rule.name in PLAIN:
            yield f"- {OF_ANY_EXPORTER}: {PLAIN[rule.name].next_step}"
        yield f"- the exporter logs: {_log(rule)}"
        yield f"- known from: {rule.source}"


def _log(rule: Rule) -> str:
    return f"`{rule.log_code}` in saas-export.log" if rule.log_code else "nothing"


def _sentence(title: str) -> str:
    return f"{title[0].upper()}{title[1:]}."
