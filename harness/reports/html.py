"""The verdict as one HTML file: numbers, charts, and every discrepancy with both sides beside.

The first of each feed and kind are told in full, the others in a line each, and the page says so:
a browser would not bear a hundred thousand in full.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import IO, Any

from mcs.harness.discrepancy import DiffResult, Discrepancy, DiscrepancyKind
from mcs.harness.reports.charts import Series, bars
from mcs.harness.reports.over_time import Timeline, timeline
from mcs.harness.reports.page import Page, Section, write_page
from mcs.harness.reports.parts import Cell, Chart, Tone, identity_text, printable
from mcs.harness.reports.report import Report
from mcs.harness.reports.side_by_side import Row, facts_beside, side_by_side
from mcs.harness.reports.summary import (
    anchor,
    by_kind,
    counts_table,
    headline,
    latency_table,
    notes,
)

TOLD_IN_FULL = 2000
TITLE = "Sent and received"
IN_SHORT = (
    "Of {found} discrepancies {full} are told in full, the first of each feed and kind; the others "
    "have a line each. A report as JSON tells all in full."
)
UNTIMED = "{untimed} of the discrepancies tell no time."
BY_FEED, BY_KIND = "Discrepancies by feed", "Discrepancies by kind"
OVER_TIME = "Discrepancies by time of modification (UTC), each bar one {width}"
ERROR_FIELDS = ("pointer", "code", "message")
FAILED = "Could not tell: there is no verdict."


@dataclass(frozen=True, slots=True)
class Place:
    """Where two contents differ, with the lines of both values."""

    pointer: str
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Entry:
    """A discrepancy as the page tells it in full. known: what each side knows of the item besides
    its content."""

    name: str
    explanation: str
    facts: Sequence[tuple[str, str]]
    story: Sequence[str]
    errors: Sequence[str]
    places: Sequence[Place]
    known: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Group:
    """The discrepancies of one kind in one feed: the first in full, the others by name and
    explanation. Both can be read once, in this order."""

    anchor: str
    feed: str
    kind: DiscrepancyKind
    count: int
    full: Iterator[Entry]
    short: Iterator[tuple[str, str]]


def write(report: Report, out: IO[bytes]) -> None:
    """Writes the page; what is told of a discrepancy is made when it is its turn."""
    result = report.result
    groups = _grouped(result)
    most = TOLD_IN_FULL // max(1, len(groups))
    full = sum(min(most, len(found)) for found in groups)
    in_short = IN_SHORT.format(found=len(result.discrepancies), full=full)
    write_page(
        _page(report),
        out,
        "diff.html",
        groups=(_group(found, most) for found in groups),
        feeds=list(dict.fromkeys(found[0].feed for found in groups)),
        kinds=[kind for kind, _ in by_kind(result)],
        found=len(result.discrepancies),
        note=in_short if full < len(result.discrepancies) else "",
    )


def write_failure(message: str, out: IO[bytes]) -> None:
    """Writes a page that says why there is no verdict."""
    why = Section("reason", "Why", [message])
    write_page(Page(TITLE, Cell(FAILED, Tone.BAD), sections=[why]), out)


def _page(report: Report) -> Page:
    result = report.result
    names = (("Sent", result.sent_name), ("Received", result.received_name))
    said = [*notes(result), *filter(None, [report.pass_text])]
    sections = [Section("counts", "Feeds", said, [counts_table(result)])]
    if latencies := latency_table(result):
        sections.append(Section("latencies", "From modified to received", tables=[latencies]))
    if not result.in_sync:
        sections.append(_charts(result))
    facts = [(side, printable(name)) for side, name in names if name]
    return Page(TITLE, headline(result), facts, sections, report.made_at)


def _charts(result: DiffResult) -> Section:
    kinds = list(by_kind(result))
    feeds = list(dict.fromkeys(one.feed for one in result.discrepancies))
    per_feed = [
        Series(kind, kind, [sum(one.feed == feed for one in found) for feed in feeds])
        for kind, found in kinds
    ]
    per_kind = [
        Series(kind, kind, [len(found) * (kind is other) for other, _ in kinds])
        for kind, found in kinds
    ]
    drawn = [
        bars(BY_FEED, feeds, per_feed),
        bars(BY_KIND, [kind for kind, _ in kinds], per_kind, legend=False),
    ]
    line = timeline(result.discrepancies)
    if line:
        drawn.append(_over_time(line))
    untold = line.untimed if line else len(result.discrepancies)
    said = [UNTIMED.format(untimed=untold)] if untold else []
    return Section("charts", "Where and when", said, charts=drawn)


def _over_time(line: Timeline) -> Chart:
    series = [Series(kind, kind, counts) for kind, counts in line.counts.items()]
    return bars(OVER_TIME.format(width=line.width), line.labels, series, upright=True)


def _grouped(result: DiffResult) -> list[list[Discrepancy]]:
    """The discrepancies of each feed and kind, in the order they are in."""
    grouped: dict[tuple[str, DiscrepancyKind], list[Discrepancy]] = {}
    for one in result.discrepancies:
        grouped.setdefault((one.feed, one.kind), []).append(one)
    return list(grouped.values())


def _group(found: Sequence[Discrepancy], most: int) -> Group:
    feed, kind = found[0].feed, found[0].kind
    return Group(
        anchor=anchor(feed, kind),
        feed=feed,
        kind=kind,
        count=len(found),
        full=map(_entry, found[:most]),
        short=((_name(one), printable(one.explanation)) for one in islice(found, most, None)),
    )


def _entry(one: Discrepancy) -> Entry:
    facts = (("cause", one.cause), ("logged as", one.log_code), ("key", one.key))
    return Entry(
        name=_name(one),
        explanation=printable(one.explanation),
        facts=[(name, printable(value)) for name, value in facts if value],
        story=[printable(told) for told in one.story],
        errors=[printable(_error(error)) for error in one.errors],
        places=[
            Place(printable(place.pointer), list(side_by_side(place.sent, place.received)))
            for place in one.differences
        ],
        known=list(facts_beside(one.sent, one.received)),
    )


def _name(one: Discrepancy) -> str:
    return identity_text(one.identity, one.key)


def _error(error: Mapping[str, Any]) -> str:
    return " · ".join(str(error[name]) for name in ERROR_FIELDS if error.get(name))
