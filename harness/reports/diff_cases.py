"""The verdict as cases of JUnit: one per feed and kind, so that a case is the same in every run.

A case per discrepancy would vanish when it is mended, and CI systems could not tell "mended" from
"not run"; a hundred thousand of them no CI system shows.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import IO

from mcs.harness.discrepancy import Discrepancy, DiscrepancyKind, FeedCounts
from mcs.harness.reports.junit import Case, Outcome, write_junit
from mcs.harness.reports.report import Report
from mcs.harness.reports.summary import anchor, counted
from mcs.harness.reports.text import discrepancy_lines

NAME = "mcs.diff"
TOLD_PER_CASE = 100
"""GitLab reads no file beyond 30 MB."""

CASE = "nothing {kind}"
FOUND = "{found} {kind} in {feed}"
TOLERATED = "{found}, which does no harm here"
MORE = "and {more} more; a report as JSON, NDJSON, CSV or HTML lists all"
NO_ITEMS = "neither side has an item of this feed"
SIDES, READ_WHOLE = "sides", "read whole"
VERDICT, IS_THERE = "verdict", "both sides could be compared"


def write(report: Report, out: IO[bytes]) -> None:
    """Writes the cases; they fail if the exit code is 1, and never otherwise."""
    write_junit(NAME, cases(report), out)


def write_failure(message: str, out: IO[bytes]) -> None:
    """Writes one case that is an error, so that no verdict is never taken for a good one."""
    write_junit(NAME, [Case(VERDICT, IS_THERE, Outcome.ERROR, message)], out)


def cases(report: Report) -> Iterator[Case]:
    """A case per feed and kind; discrepancies that do no harm are skipped, not failed."""
    result = report.result
    found: dict[str, list[Discrepancy]] = defaultdict(list)
    for one in result.discrepancies:
        found[anchor(one.feed, one.kind)].append(one)
    yield Case(VERDICT, IS_THERE)
    unread = "\n".join(result.findings)
    told = counted(len(result.findings), "place was not read", "places were not read")
    skipped = Outcome.SKIPPED if unread else Outcome.PASSED
    yield Case(SIDES, READ_WHOLE, skipped, told if unread else "", unread)
    for feed in dict.fromkeys((*result.feeds, *(one.feed for one in result.discrepancies))):
        counts = result.feeds.get(feed, FeedCounts())
        for kind in DiscrepancyKind:
            yield _case(feed, counts, kind, found[anchor(feed, kind)], report)


def _case(
    feed: str,
    counts: FeedCounts,
    kind: DiscrepancyKind,
    found: Sequence[Discrepancy],
    report: Report,
) -> Case:
    name = CASE.format(kind=kind)
    if found:
        message = FOUND.format(found=len(found), kind=kind, feed=feed)
        if report.passes or kind not in report.threshold.kinds:
            told = TOLERATED.format(found=message)
            return Case(feed, name, Outcome.SKIPPED, told, _text(found))
        return Case(feed, name, Outcome.FAILED, message, _text(found))
    if feed not in report.result.proven and not (counts.sent or counts.received):
        return Case(feed, name, Outcome.SKIPPED, NO_ITEMS)
    return Case(feed, name)


def _text(found: Sequence[Discrepancy]) -> str:
    lines = [line for one in found[:TOLD_PER_CASE] for line in discrepancy_lines(one, story=True)]
    if len(found) > TOLD_PER_CASE:
        lines.append(MORE.format(more=len(found) - TOLD_PER_CASE))
    return "\n".join(lines)
