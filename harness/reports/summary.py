"""A verdict in short, the same on a terminal and in HTML: tables of numbers, and sentences."""

from collections import Counter
from collections.abc import Iterator, Sequence

from mcs.harness.discrepancy import (
    DiffResult,
    Discrepancy,
    DiscrepancyKind,
    Latency,
)
from mcs.harness.reports.parts import Cell, Table, Tone

IN_SYNC = "In sync: the service holds exactly what the exporter sent."
NOTHING_COMPARED = "Nothing to compare: neither side has an item of these feeds."
NOT_IN_SYNC = "Not in sync: {found} in {feeds}."
PROVEN = "Proven equal by digests, without listing a row: {feeds}."
FINDING = "To be known: {finding}"

_LATENCIES = ("p50_s", "p95_s", "p99_s", "max_s")


def headline(result: DiffResult) -> Cell:
    """The verdict in one sentence."""
    if result.nothing_to_compare:
        return Cell(NOTHING_COMPARED)
    if result.in_sync:
        return Cell(IN_SYNC, Tone.GOOD)
    feeds = len({one.feed for one in result.discrepancies})
    found = counted(len(result.discrepancies), "discrepancy", "discrepancies")
    return Cell(NOT_IN_SYNC.format(found=found, feeds=counted(feeds, "feed", "feeds")), Tone.BAD)


def counts_table(result: DiffResult) -> Table:
    """A row per feed, and a column for each kind that occurs; cells lead to `anchor`."""
    found = Counter((one.feed, one.kind) for one in result.discrepancies)
    occurring = [kind for kind in DiscrepancyKind if any(kind is other for _, other in found)]
    resent = any(counts.resent for counts in result.feeds.values())
    columns = ("sent", "received", "in sync", *(["resent"] if resent else []))
    rows = []
    for name, counts in result.feeds.items():
        numbers = (counts.sent, counts.received, counts.in_sync, counts.resent)
        cells = [Cell(str(number)) for number in numbers[: len(columns)]]
        kinds = [_count(found[name, kind], anchor(name, kind)) for kind in occurring]
        rows.append((Cell(name), *cells, *kinds))
    return Table(("feed", *columns, *occurring), tuple(rows))


def latency_table(result: DiffResult) -> Table | None:
    """How long items took from modified to received, a row per feed; None if it is not known."""
    if not result.latencies:
        return None
    headings = ("feed", "items", *(name.removesuffix("_s") for name in _LATENCIES))
    rows = [
        (Cell(feed), Cell(str(latency.count)), *map(Cell, _durations(latency)))
        for feed, latency in result.latencies.items()
    ]
    return Table(headings, tuple(rows))


def notes(result: DiffResult) -> Iterator[str]:
    """What else there is to say: what was proven, and what could not be read."""
    if result.proven:
        yield PROVEN.format(feeds=", ".join(result.proven))
    for finding in result.findings:
        yield FINDING.format(finding=finding)


def by_kind(result: DiffResult) -> Iterator[tuple[DiscrepancyKind, Sequence[Discrepancy]]]:
    """The discrepancies of each kind that occurs."""
    grouped: dict[DiscrepancyKind, list[Discrepancy]] = {kind: [] for kind in DiscrepancyKind}
    for one in result.discrepancies:
        grouped[one.kind].append(one)
    yield from ((kind, found) for kind, found in grouped.items() if found)


def anchor(feed: str, kind: DiscrepancyKind) -> str:
    """Where a page lists the discrepancies of a kind in a feed."""
    return f"{feed}-{kind}"


def counted(number: int, one: str, many: str) -> str:
    """The number with its noun.

    >>> counted(1, "feed", "feeds"), counted(0, "feed", "feeds")
    ('1 feed', '0 feeds')
    """
    return f"{number} {one if number == 1 else many}"


def duration_text(seconds: float) -> str:
    """A time span with the unit that suits it.

    >>> [duration_text(seconds) for seconds in (0.0123, 2, 119.4, 5400, 200000)]
    ['12 ms', '2.0 s', '119.4 s', '90 min', '55.6 h']
    """
    if abs(seconds) < 1:
        return f"{seconds * 1000:.0f} ms"
    if abs(seconds) < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if abs(seconds) < 7200 else f"{seconds / 3600:.1f} h"


def _count(found: int, link: str) -> Cell:
    return Cell(str(found), Tone.BAD, link) if found else Cell("0", Tone.FAINT)


def _durations(latency: Latency) -> Iterator[str]:
    return (duration_text(getattr(latency, name)) for name in _LATENCIES)
