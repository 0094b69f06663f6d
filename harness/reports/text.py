"""The verdict as people read it on a terminal, and as a plain text file."""

from codecs import getwriter
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import IO, cast

from rich.console import Console
from rich.text import Text

from mcs.harness.discrepancy import DiffResult, Discrepancy, DiscrepancyKind
from mcs.harness.fields import Difference
from mcs.harness.reports.parts import Cell, Tone, identity_text, printable, value_text
from mcs.harness.reports.report import SHOWN_PER_KIND, Report
from mcs.harness.reports.summary import (
    by_kind,
    counts_table,
    headline,
    latency_table,
    notes,
)
from mcs.harness.reports.terminal import print_table, styled

FILE_WIDTH = 100
LATENCIES = "From modified to received"
MORE = "  and {more} more; --json lists all"
FAILURE = "Could not tell: {message}"


def render_text(
    result: DiffResult,
    console: Console,
    shown: int | None = SHOWN_PER_KIND,
    *,
    shown_in_all: int | None = None,
    stories: bool = False,
) -> None:
    """Prints counts per feed, the verdict, and the first `shown` discrepancies of each kind.

    shown_in_all: no more than these over all kinds. None lists all. stories: with what happened to
    each item, in order of time. Lines are longer than a narrow console rather than cut.
    """
    _print_summary(result, console)
    for line in _listing(result, shown, shown_in_all, stories=stories):
        console.print(Text.assemble(*map(styled, line)), soft_wrap=True)


def print_threshold(report: Report, console: Console) -> None:
    """Prints why it passes although the sides differ, if so."""
    if report.pass_text:
        console.print(Text(report.pass_text, style="green"), soft_wrap=True)


def write(report: Report, out: IO[bytes]) -> None:
    """Writes everything there is to say as plain text; nothing is left out."""
    # No TextIOWrapper: what it wraps, it closes.
    text = cast(IO[str], getwriter("utf-8")(out, "backslashreplace"))
    console = Console(file=text, width=FILE_WIDTH, color_system=None, force_terminal=False)
    _print_summary(report.result, console)
    for line in _listing(report.result, None, None, stories=True):
        text.write("".join(cell.text for cell in line) + "\n")
    print_threshold(report, console)


def write_failure(message: str, out: IO[bytes]) -> None:
    """Writes why there is no verdict."""
    out.write(f"{FAILURE.format(message=message)}\n".encode())


def discrepancy_lines(one: Discrepancy, *, story: bool = False) -> Iterator[str]:
    """One discrepancy in plain lines: its identity, then indented what is to be said of it."""
    yield f"{one.feed}  {identity_text(one.identity, one.key)}"
    yield f"  {printable(one.explanation)}"
    for place in one.differences:
        yield f"  {printable(place.pointer) or '(item)'}: {_change(place)}"
    if story:
        yield from (f"  {at}. {printable(told)}" for at, told in enumerate(one.story, 1))
        if one.log_code:
            yield f"  The exporter logs it as {printable(one.log_code)}."


def _print_summary(result: DiffResult, console: Console) -> None:
    print_table(console, counts_table(result))
    if latencies := latency_table(result):
        console.print(Text(LATENCIES))
        print_table(console, latencies)
    for note in notes(result):
        console.print(Text(printable(note)), soft_wrap=True)
    console.print(styled(headline(result)), soft_wrap=True)


def _listing(
    result: DiffResult, shown: int | None, shown_in_all: int | None, *, stories: bool
) -> Iterator[tuple[Cell, ...]]:
    """The lines of the list, each of one or more cells."""
    left = len(result.discrepancies) if shown_in_all is None else shown_in_all
    for kind, found in by_kind(result):
        most = left if shown is None else min(shown, left)
        yield from _section(kind, found, most, stories=stories)
        left -= min(most, len(found))


def _section(
    kind: DiscrepancyKind, found: Sequence[Discrepancy], most: int, *, stories: bool
) -> Iterator[tuple[Cell, ...]]:
    feeds = Counter(one.feed for one in found)
    per_feed = ", ".join(f"{feed} {count}" for feed, count in feeds.items())
    yield (Cell(f"\n{kind} ({len(found)})", Tone.HEADING), Cell(f"  {per_feed}", Tone.FAINT))
    for one in found[:most]:
        first, told, *rest = discrepancy_lines(one, story=stories)
        yield (Cell(f"  {first}"),)
        yield (Cell(f"  {told}", Tone.FAINT),)
        yield from ((Cell(f"  {line}"),) for line in rest)
    if len(found) > most:
        yield (Cell(MORE.format(more=len(found) - most)),)


def _change(place: Difference) -> str:
    return f"sent {value_text(place.sent)}, received {value_text(place.received)}"
