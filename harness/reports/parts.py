"""What every report is drawn from, on a terminal as in HTML: tables, tones, and names as text."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from mcs.harness.fields import ABSENT

NOTHING = "nothing"
LONGEST_VALUE = 80


class Tone(StrEnum):
    """What a text means; a terminal and a page each have a colour for it."""

    PLAIN = "plain"
    HEADING = "heading"
    GOOD = "good"
    BAD = "bad"
    FAINT = "faint"


@dataclass(frozen=True, slots=True)
class Cell:
    """A text in its tone. link: the anchor on the same page it leads to, or nothing."""

    text: str
    tone: Tone = Tone.PLAIN
    link: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings. names: how many columns, from the left, are no numbers."""

    headings: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    names: int = 1


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing under a title. svg: a whole `<svg>` element, safe to stand in a page as it is.
    legend: names with the tones they are drawn in."""

    title: str
    svg: str
    legend: tuple[tuple[str, str], ...] = ()


def printable(text: str) -> str:
    r"""The text with all that would not show, or would steer a terminal, written as an escape.

    >>> printable("A\n\x1b[2Jé")
    'A\\n\\x1b[2Jé'
    """
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else _escaped(one) for one in text)


def identity_text(identity: Mapping[str, str], key: str = "") -> str:
    """The identity as people write it; the key if nothing else is known.

    >>> identity_text({"sku": "A", "storeViewCode": "default"})
    'sku=A, storeViewCode=default'
    """
    named = ", ".join(f"{path}={value}" for path, value in identity.items())
    return printable(named or f"key {key}")


def value_text(value: Any, longest: int = LONGEST_VALUE) -> str:
    """A JSON value in one line, cut where it is longer than `longest`; ABSENT is "nothing".

    >>> value_text({"regular": 10}), value_text("0123456789", 6), value_text(ABSENT)
    ('{"regular":10}', '"0123…', 'nothing')
    """
    if value is ABSENT:
        return NOTHING
    text = orjson.dumps(value).decode()
    return printable(text if len(text) <= longest else f"{text[: longest - 1]}…")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()
