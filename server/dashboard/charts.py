"""Charts as SVG, drawn on the server by pygal. Colours and type come from the pages' stylesheet."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree.ElementTree import Element, tostring

import pygal
from markupsafe import Markup

# pygal puts a finder there for plugins of its own; it is of a kind that Python warns of at each
# import, and where warnings are errors no import works any more.
sys.meta_path[:] = [f for f in sys.meta_path if type(f).__name__ != "PluginImportFixer"]

WIDTH, NARROW, HEIGHT = 480, 300, 150
FEW = 5
# Nothing inline: the pages' policy would refuse it, and the stylesheet knows light from dark.
_DROPPED = ("defs", "title")
# As thick as the line, which alone would not show a value between two gaps.
DOT = 1
_DOTS = "plot overlay"
_NAMESPACE = "{http://www.w3.org/2000/svg}"
_OPTIONS: Mapping[str, Any] = {
    "height": HEIGHT,
    "margin": 6,
    "spacing": 6,
    "show_legend": False,
    "js": (),
    "css": (),
    "x_labels_major_count": 5,
    "show_minor_x_labels": False,
    "max_scale": 5,
    "no_data_text": "",
    "truncate_label": 16,
    "value_formatter": lambda value: f"{value:,.0f}" if value == int(value) else "",
}
_NARROW: Mapping[str, Any] = {"x_labels_major_count": 3, "margin_right": 30}


def bars(
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
    *,
    narrow: bool = False,
) -> Markup:
    """A chart of stacked bars, one per label. title: read out instead of the picture.

    narrow: where several stand side by side.
    """
    width = NARROW if narrow else WIDTH
    chart = pygal.StackedBar(**{**_OPTIONS, **(_NARROW if narrow else {})}, width=width)
    peak = max((sum(values) for values in zip(*series.values(), strict=True)), default=0)
    if 0 < peak <= FEW:
        # The scale of so few would be in fractions, which nothing is counted in.
        chart.y_labels = list(range(int(peak) + 1))
    return _drawn(chart, width, title, labels, series)


def lines(
    title: str, labels: Sequence[str], series: Mapping[str, Sequence[float | None]]
) -> Markup:
    """A narrow chart of lines over the same labels; None makes a gap. title: as for `bars`."""
    chart = pygal.Line(
        **{**_OPTIONS, **_NARROW},
        width=NARROW,
        include_x_axis=True,
        allow_interruptions=True,
        dots_size=DOT,
    )
    return _drawn(chart, NARROW, title, labels, series, kept=_DOTS)


def _drawn(
    chart: Any,
    width: int,
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    kept: str = "",
) -> Markup:
    chart.x_labels = list(labels)
    for name, values in series.items():
        chart.add(name, list(values))
    root: Element = chart.render_tree()
    _strip(root, kept)
    root.attrib.clear()
    root.set("class", "chart")
    root.set("viewBox", f"0 0 {width} {HEIGHT}")
    root.set("role", "img")
    root.set("aria-label", title)
    # What came of data is escaped by the writer of the tree.
    return Markup(tostring(root, encoding="unicode"))  # noqa: S704 - made of a tree, not of text


def _strip(element: Element, kept: str) -> None:
    element.attrib.pop("style", None)
    for child in list(element):
        tag = child.tag if isinstance(child.tag, str) else "comment"
        name = tag.removeprefix(_NAMESPACE)
        layer = child.get("class", "")
        is_over = "overlay" in layer and layer != kept
        if is_over or name in (*_DROPPED, "comment", "desc"):
            element.remove(child)
            continue
        child.tag = name
        _strip(child, kept)
