"""How Sphinx builds docs/ as a site: `make site`. The pages stay plain Markdown."""

import re
from pathlib import Path

from sphinx.application import Sphinx

import mcs

DOCS = Path(__file__).parent
LINE = "\n\n```{{toctree}}\n:hidden:\n:caption: {caption}\n\n{pages}\n```\n"
PARTS = {
    "Begin": ["tutorials/contract-test", "tutorials/load-test", "tutorials/support-case"],
    "Use": [
        "adobe-commerce",
        "testing-your-exporter",
        "catalog-ingestion",
        "dashboard",
        "exporter",
        "generator",
        "reports",
        "scenarios",
        "support-cases",
        "case-library",
        "load-testing",
        "scaling",
        "benchmarks",
        "in-containers-and-ci",
    ],
}
LISTED = {"Reference": "reference", "Feeds": "feeds", "Decisions": "decisions"}
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(((?:\.\./)+[^)\s]+)\)")

project = "Mock Commerce Services"
version = release = mcs.__version__
extensions = ["myst_parser"]
exclude_patterns = ["examples"]
html_theme = "furo"
html_title = f"{project} {version}"
html_copy_source = False
html_show_sphinx = False
myst_heading_anchors = 4
nitpicky = True


def setup(app: Sphinx) -> None:
    """Gives the first page the table of contents, which plain Markdown has no word for."""
    app.connect("source-read", _add_contents)
    app.connect("source-read", _name_what_is_outside)


def _add_contents(_: Sphinx, name: str, source: list[str]) -> None:
    if name != "index":
        return
    parts = PARTS | {caption: _pages(folder) for caption, folder in LISTED.items()}
    shown = {page for pages in parts.values() for page in pages} | {"index"}
    further = [path.stem for path in sorted(DOCS.glob("*.md")) if path.stem not in shown]
    for caption, pages in (parts | {"Background": further}).items():
        source[0] += LINE.format(caption=caption, pages="\n".join(pages))


def _name_what_is_outside(_: Sphinx, name: str, source: list[str]) -> None:
    """Links to files of the repository that are no pages become their names."""
    folder = (DOCS / name).parent

    def named(link: re.Match[str]) -> str:
        target = (folder / link[2].partition("#")[0]).resolve()
        if target.is_relative_to(DOCS):
            return link[0]
        return f"`{target.relative_to(DOCS.parent)}`"

    source[0] = LINK.sub(named, source[0])


def _pages(folder: str) -> list[str]:
    return [f"{folder}/{path.stem}" for path in sorted((DOCS / folder).glob("*.md"))]
