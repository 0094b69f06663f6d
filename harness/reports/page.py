"""The frame of every HTML report: one file that refers to nothing outside itself.

A page is a title, a verdict, facts and sections of paragraphs, tables and charts. A report that
needs more extends `templates/page.html` and fills its block `more`.
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import IO, Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

import mcs
from mcs.harness.reports.parts import Cell, Chart, Table

CHUNK_PIECES = 200


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a page. anchor: unique on the page."""

    anchor: str
    title: str
    paragraphs: Sequence[str] = ()
    tables: Sequence[Table] = ()
    charts: Sequence[Chart] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """A whole page. facts: names with values, such as what was compared."""

    title: str
    verdict: Cell
    facts: Sequence[tuple[str, str]] = ()
    sections: Sequence[Section] = ()
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))


def write_page(page: Page, out: IO[bytes], template: str = "page.html", **more: Any) -> None:
    """Writes the page as HTML, piece by piece; `more` is what its template asks for beside it."""
    stream = _environment().get_template(template).stream(page=page, **more)
    stream.enable_buffering(CHUNK_PIECES)
    out.writelines(piece.encode("utf-8", "backslashreplace") for piece in stream)


@cache
def _environment() -> Environment:
    templates = PackageLoader("mcs.harness.reports")
    environment = Environment(
        loader=templates,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    css, script = (
        templates.get_source(environment, name)[0] for name in ("report.css", "report.js")
    )
    environment.globals.update(
        css=Markup(css),  # noqa: S704 - ours
        script=Markup(script),  # noqa: S704 - ours
        policy=_policy(css, script),
        version=mcs.__version__,
    )
    environment.filters.update(grouped=grouped, prose=prose)
    return environment


def grouped(text: str) -> str:
    """A whole number with its thousands apart, anything else as it is.

    >>> grouped("1234567"), grouped("12.5 s")
    ('1,234,567', '12.5 s')
    """
    return f"{int(text):,}" if text.isdecimal() else text


def prose(text: str) -> Markup:
    """The text, escaped, with what stands between backticks as code.

    >>> prose("run `mcs diff` & <look>")
    Markup('run <code>mcs diff</code> &amp; &lt;look&gt;')
    """
    parts = [escape(part) for part in text.split("`")]
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if place % 2 else part
        for place, part in enumerate(parts)
    )


def _policy(css: str, script: str) -> str:
    """What a browser may run of the page: our style and our script, nothing that an item holds."""
    return (
        "default-src 'none'; base-uri 'none'; form-action 'none'; "
        f"style-src '{_source(css)}'; script-src '{_source(script)}'"
    )


def _source(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
