"""Charts as inline SVG, made here, without script, style or reference: the page's CSS colours them.

The library's own SVG brings a script, a style sheet and random ids; only its shapes are taken.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from xml.etree import ElementTree

import pygal
from pygal.style import Style

from mcs.harness.reports.parts import Chart, printable

# At its import pygal leaves a finder of modules behind, for plugins of its own, of a kind that
# Python warns of at each later import.
sys.meta_path[:] = [
    finder for finder in sys.meta_path if not isinstance(finder, pygal.PluginImportFixer)
]

FONT_SIZE = 13
WIDTH, WIDE = 640, 1300
UPRIGHT_HEIGHT, AXIS_HEIGHT, ROW_HEIGHT = 260, 40, 28
MOST_LEVEL_LABELS = 16
MOST_STEPS = 7

_NAMESPACE = "http://www.w3.org/2000/svg"
_DROPPED = ("script", "style", "defs", "title")
_OVERLAYS = ("titles", "plot overlay", "plot text-overlay", "plot tooltip-overlay")


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers by label. tone: the name of a colour; its shapes get the class `tone-<tone>`."""

    name: str
    tone: str
    values: Sequence[int]


def bars(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    upright: bool = False,
    legend: bool = True,
    width: int | None = None,
) -> Chart:
    """Bars by label, the series stacked on each other; upright and wide for time, lying for
    names. width: where names are long."""
    shape = pygal.StackedBar if upright else pygal.HorizontalStackedBar
    chart = shape(
        width=width or (WIDE if upright else WIDTH),
        height=UPRIGHT_HEIGHT if upright else AXIS_HEIGHT + ROW_HEIGHT * len(labels),
        margin=6,
        spacing=10,
        show_legend=False,
        truncate_label=-1,
        x_label_rotation=40 if upright and len(labels) > MOST_LEVEL_LABELS else 0,
        value_formatter=lambda value: f"{value:,.0f}",
        style=Style(label_font_size=FONT_SIZE, major_label_font_size=FONT_SIZE),
        js=(),
    )
    # Names are read from the top, bars are drawn from the bottom.
    step = 1 if upright else -1
    chart.x_labels = [printable(label) for label in labels][::step]
    totals = [sum(numbers) for numbers in zip(*(one.values for one in series), strict=True)]
    chart.y_labels = _ticks(max(totals, default=0))
    for one in series:
        chart.add(printable(one.name), list(one.values)[::step])
    svg = ElementTree.fromstring(chart.render(is_unicode=True))  # noqa: S314 - made a line above
    named = tuple((one.name, one.tone) for one in series) if legend else ()
    return Chart(title, _plain(svg, title, [one.tone for one in series]), named)


def _ticks(largest: int) -> list[int]:
    """Whole numbers for an axis of counts, a round step apart.

    >>> _ticks(0), _ticks(3), _ticks(130)
    ([0, 1], [0, 1, 2, 3], [0, 20, 40, 60, 80, 100, 120])
    """
    steps = (round_one * 10**power for power in count() for round_one in (1, 2, 5))
    step = next(step for step in steps if largest <= MOST_STEPS * step)
    return list(range(0, max(largest, 1) + 1, step))


def _plain(svg: ElementTree.Element, title: str, tones: Sequence[str]) -> str:
    for parent in list(svg.iter()):
        for child in list(parent):
            if _tag(child) in _DROPPED or child.get("class") in _OVERLAYS:
                parent.remove(child)
        _tell_by_hovering(parent)
    for element in svg.iter():
        element.attrib.pop("id", None)
        element.attrib.pop("style", None)
        if names := element.get("class"):
            element.set("class", " ".join(_toned(name, tones) for name in names.split()))
    svg.set("role", "img")
    svg.set("aria-label", title)
    ElementTree.register_namespace("", _NAMESPACE)
    return ElementTree.tostring(svg, encoding="unicode")


def _tell_by_hovering(parent: ElementTree.Element) -> None:
    """Turns the descriptions a script would show into a title, which browsers show themselves."""
    told = {child.get("class"): child for child in list(parent) if _tag(child) == "desc"}
    for child in told.values():
        parent.remove(child)
    if "value" in told and "x_label" in told:
        title = ElementTree.SubElement(parent, f"{{{_NAMESPACE}}}title")
        title.text = f"{told['x_label'].text}: {told['value'].text}"


def _tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def _toned(name: str, tones: Sequence[str]) -> str:
    """The class of the library that numbers a series, as one that names its tone."""
    number = name.removeprefix("color-")
    return f"tone-{tones[int(number)]}" if number != name else name
