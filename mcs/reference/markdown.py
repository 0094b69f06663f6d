"""Tables and texts as Markdown. Pure."""

from collections.abc import Iterable, Sequence


def plain(text: str) -> str:
    """A text in which no sign means anything to Markdown or HTML.

    >>> plain("<feed> [x>=1] | a_b*")
    '&lt;feed&gt; &#91;x&gt;=1&#93; &#124; a_b&#42;'
    """
    for sign, instead in _MEANT:
        text = text.replace(sign, instead)
    return text


def code(text: str) -> str:
    """A text as code within a table's cell.

    >>> code("a|b")
    '`a\\\\|b`'
    """
    return f"`{text.replace('|', chr(92) + '|')}`" if text else ""


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table, with an empty one behind."""
    lines = [f"| {' | '.join(heads)} |", f"| {' | '.join('---' for _ in heads)} |"]
    lines += [f"| {' | '.join(' '.join(cell.split()) for cell in row)} |" for row in rows]
    return [*lines, ""]


_MEANT = (
    ("&", "&amp;"),
    ("<", "&lt;"),
    (">", "&gt;"),
    ("|", "&#124;"),
    ("[", "&#91;"),
    ("]", "&#93;"),
    ("*", "&#42;"),
)
