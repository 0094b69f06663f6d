"""docs/benchmarks.md and its chart, made of figures."""

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pygal
from pygal.style import Style

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

![How much of each target was reached](images/benchmarks.svg)
"""
HEAD = "| what | measured | target | | made of |\n| --- | --- | --- | --- | --- |\n"
CHART_TITLE = "Reached, as a share of the target (1 = the target)"
MOST_SHOWN = 4.0
GOOD, BAD = "#14703a", "#b3261e"


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
    parts = [TOP.format(machine=_machine(), day=f"{datetime.now(UTC):%Y-%m-%d}")]
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
    bars = [
        (f"{figure.stage}: {figure.what}", reached)
        for one in measured.values()
        for figure in one.figures
        if (reached := share(figure)) is not None
    ]
    chart = pygal.HorizontalBar(
        title=CHART_TITLE,
        width=1000,
        height=90 + 28 * len(bars),
        show_legend=False,
        truncate_label=-1,
        range=(0, MOST_SHOWN),
        js=(),
        value_formatter=lambda value: f"{value:.1f}",
        style=Style(background="white", plot_background="white", font_family="sans-serif"),
        no_prefix=True,
    )
    chart.x_labels = [label for label, _ in reversed(bars)]
    chart.y_labels = [0, 1, 2, 3, MOST_SHOWN]
    values = [
        {"value": min(reached, MOST_SHOWN), "color": GOOD if reached >= 1 else BAD}
        for _, reached in reversed(bars)
    ]
    chart.add("reached", values)
    svg = ElementTree.fromstring(chart.render(is_unicode=True))  # noqa: S314 - made a line above
    for parent in svg.iter():
        for script in [child for child in parent if child.tag.endswith("script")]:
            parent.remove(script)
    ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
    return ElementTree.tostring(svg, encoding="unicode") + "\n"


def _machine() -> str:
    return (
        f"{os.cpu_count()} cores ({platform.machine()}), Python {sys.version.split()[0]}, "
        f"{platform.system()}"
    )
