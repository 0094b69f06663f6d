"""Asks both sides of a stage: the diff, the catalog as a sound exporter reads it, journal, logs."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mcs.contract.canonical import Item
from mcs.contract.feeds import FEEDS, Feed
from mcs.exporter.due import Comparison
from mcs.exporter.indexers import INDEXERS
from mcs.harness.conformance.clauses import CLAUSES
from mcs.harness.conformance.judging import Jury
from mcs.harness.conformance.listening import LISTENING
from mcs.harness.conformance.observation import Observation
from mcs.harness.conformance.seen import refusals, seen_request
from mcs.harness.conformance.service import LiveService
from mcs.harness.conformance.steps import StepKind
from mcs.harness.diff import diff
from mcs.harness.discrepancy import DiffResult
from mcs.harness.known import Wanted
from mcs.harness.options import Options
from mcs.harness.sources.exporter_database import opened
from mcs.harness.sources.items import SentItems
from mcs.harness.sources.service import Service
from mcs.harness.timeline import Timeline, timeline
from mcs.library.stage import Stage

LOGS = (
    "commerce-data-export.log",
    "commerce-data-export-errors.log",
    "saas-export.log",
    "saas-export-errors.log",
)
CODE = re.compile(r"CDE\d\d-\d\d")
_STEP_KINDS: Mapping[str, StepKind] = {"cron": StepKind.RECOVER, "sync": StepKind.AGAIN}


def exported_against_received(stage: Stage) -> DiffResult:
    """What the feed tables say against what the service holds: `mcs diff`."""
    with opened(stage.settings.database) as sent, _service(stage) as received:
        return diff(sent, received, Options(stage.case.feeds))


def catalog_against_received(stage: Stage) -> DiffResult:
    """What the catalog has now, read by a sound exporter, against what the service holds."""
    items = {feed: catalog_items(stage, feed) for feed in stage.case.feeds}
    with SentItems(items, "the catalog") as sent, _service(stage) as received:
        return diff(sent, received, Options(stage.case.feeds))


def catalog_items(stage: Stage, feed: Feed) -> Iterator[Item]:
    """The items of a feed as the catalog has them now; what cannot be read is left out."""
    for chunk in Comparison(stage.engine, INDEXERS[feed.name], force=True).everything():
        yield from (entry.item for entry in chunk.due if not entry.deleted)


def timeline_of(stage: Stage, sku: str, feeds: tuple[Feed, ...]) -> Timeline:
    """The whole timeline of a SKU: `mcs explain`."""
    with opened(stage.settings.database) as sent, _service(stage) as received:
        return timeline(sent, received, Wanted(feeds, sku))


def requests_since(stage: Stage, number: int) -> list[dict[str, Any]]:
    """The journal's entries of the present data space after one, in order."""
    with LiveService(stage.url) as service:
        return service.requests(stage.data_space["id"], after=number)


def items_held(stage: Stage, feed: str, sku: str, scope: str | None) -> list[Item]:
    """The living items of a SKU that the service holds; scope: only those of it."""
    lines = stage.control.lines(f"{stage.space_path}/received", feed=feed, payload="1")
    return [
        line["item"] for line in lines if not line["deleted"] and _is_of(line, feed, sku, scope)
    ]


def items_shown(stage: Stage, service: str, feed: str, sku: str, scope: str | None) -> list[Item]:
    """The items of a SKU that a consuming service shows now."""
    path = f"{stage.space_path}/visible"
    lines = stage.control.lines(path, service=service, feed=feed, payload="1")
    return [line["item"] for line in lines if _is_of(line, feed, sku, scope)]


def logged(stage: Stage) -> str:
    """All that the exporter wrote into its logs."""
    paths = [stage.settings.log_dir / name for name in LOGS]
    return "".join(path.read_text("utf-8") for path in paths if path.exists())


def failed_clauses(stage: Stage, ids: set[str], scenario: str | None) -> dict[str, tuple[str, ...]]:
    """Those of these clauses that all traffic so far fails, with the evidence.

    scenario: of the conformance suite, that the steps stand for; None for all traffic as such.
    """
    jury = Jury([clause for clause in CLAUSES.values() if clause.id in ids])
    jury.hear(_observation(stage, scenario or LISTENING))
    return {
        one.clause.id: one.verdict.evidence
        for one in jury.outcome({}).judged
        if one.ruling == "fail"
    }


def _observation(stage: Stage, scenario: str) -> Observation:
    space = stage.data_space["id"]
    with LiveService(stage.url) as service:
        refused = refusals(service.rejected(space))
        requests = [
            seen_request(
                entry, service.body(space, entry["id"]), _step_of(stage, entry["id"]), refused
            )
            for entry in service.requests(space)
        ]
    return Observation(scenario, tuple(_step_kinds(stage)), requests, virtual=True)


def _step_of(stage: Stage, number: int) -> int:
    return max(at for at, (_, after) in enumerate(stage.marks) if after < number)


def _step_kinds(stage: Stage) -> Iterator[StepKind]:
    """What the steps are to the conformance suite: the first that exports is the initial sync."""
    exported = False
    for verb, _ in stage.marks:
        kind = _STEP_KINDS.get(verb, StepKind.EDIT)
        if kind is not StepKind.EDIT and not exported:
            exported, kind = True, StepKind.INITIAL
        yield kind


def _service(stage: Stage) -> Service:
    return Service(stage.url, stage.data_space["id"])


def _is_of(line: Mapping[str, Any], feed: str, sku: str, scope: str | None) -> bool:
    identity = line["identity"]
    is_named = sku in [identity.get(path) for path in FEEDS[feed].entity]
    return is_named and (scope is None or scope in identity.values())
