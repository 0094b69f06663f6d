"""docs/benchmarks.md and its chart, made of figures."""

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mcs.harness.reports.charts import Series, bars
from mcs.loadtests.figures import Figure

PAGE, CHART = "benchmarks.md", "images/benchmarks.svg"
MARKS = {True: "✓", False: "✗", None: ""}
TOP = """\
# Benchmarks

`make bench` runs all of them and writes this page; `make bench BENCH=--full` takes large sizes, and
`make bench BENCH="--only ingest"` one alone. Each measures what it is compared with in the same
run, so a ratio means something on any machine. What they print besides is said in each program's
head, in [loadtests/](../loadtests).

This was measured on {machine}, {day}. Targets are meant for `full` sizes, which take an hour;
`quick` ones take minutes, and the start of a program weighs more in them. Where others are at work
on the same machine, what is measured by the clock is lower than it could be, and ratios scatter.

How much of each target was reached, in percent, 400 at most:

![{title}](images/benchmarks.svg)
"""
HEAD = "| what | measured | target | | made of |\n| --- | --- | --- | --- | --- |\n"
CHART_TITLE = "How much of each target was reached, in percent"
REACHED, MOST_SHOWN = 100, 400
WIDTH = 1100
STYLE = (
    "svg{background:#fff} text{font:13px sans-serif;fill:#1b2430} .background{fill:#fff} "
    ".axis path{stroke:#d9dde3;fill:none} .axis.y text{text-anchor:end} "
    ".axis.x text{text-anchor:middle} .tone-good rect{fill:#14703a} .tone-bad rect{fill:#b3261e}"
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A benchmark's figures. size: quick or full."""

    size: str
    took_s: int
    figures: tuple[Figure, ...]

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "Measured":
        """What was kept as JSON values."""
        figures = tuple(Figure(**one) for one in document["figures"])
        return cls(document["size"], document["took_s"], figures)


def write_page(measured: Mapping[str, Measured], docs: Path) -> None:
    """Writes the page and the chart below a folder."""
    (docs / CHART).parent.mkdir(parents=True, exist_ok=True)
    (docs / CHART).write_text(_chart(measured), "utf-8")
    (docs / PAGE).write_text(page(measured), "utf-8")


def page(measured: Mapping[str, Measured]) -> str:
    """The page as Markdown."""
    parts = [TOP.format(title=CHART_TITLE, machine=_machine(), day=f"{datetime.now(UTC):%Y-%m-%d}")]
    for name, one in measured.items():
        parts.append(f"## {name} ({one.size}, {one.took_s} s)\n")
        parts.append(HEAD + "".join(map(_row, one.figures)))
    return "\n".join(parts)


def share(figure: Figure) -> float | None:
    """How much of its target a figure reaches: 1 is just so; None without a target.

    >>> share(Figure("diff", "memory", 0.5, wanted=1, at_most=True))
    2.0
    """
    if not figure.wanted or not figure.value:
        return None
    return figure.wanted / figure.value if figure.at_most else figure.value / figure.wanted


def number(value: float) -> str:
    """A number with as many digits as say something.

    >>> number(14203.7), number(26.81), number(1.304)
    ('14,204', '26.8', '1.30')
    """
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _row(figure: Figure) -> str:
    target = ""
    if figure.wanted is not None:
        target = f"{'≤' if figure.at_most else '≥'} {number(figure.wanted)}"
    mark = MARKS[figure.met]
    what = f"{figure.stage}: {figure.what}"
    return f"| {what} | {number(figure.value)} | {target} | {mark} | {figure.basis} |\n"


def _chart(measured: Mapping[str, Measured]) -> str:
    shares = [
        (f"{figure.stage}: {figure.what}", min(round(100 * reached), MOST_SHOWN))
        for one in measured.values()
        for figure in one.figures
        if (reached := share(figure)) is not None
    ]
    good, bad = (
        [percent if (percent >= REACHED) == met else 0 for _, percent in shares]
        for met in (True, False)
    )
    series = [Series("reached", "good", good), Series("missed", "bad", bad)]
    svg = bars(CHART_TITLE, [label for label, _ in shares], series, width=WIDTH).svg
    # Inside a report a style sheet colours it; here it stands alone.
    return svg.replace(">", f"><style>{STYLE}</style>", 1) + "\n"


def _machine() -> str:
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), Python {sys.version.split()[0]}, "
        f"{platform.system()}"
    )
