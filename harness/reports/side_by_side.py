"""Two JSON values beside each other, line by line, with what differs marked."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from os.path import commonprefix
from typing import Any

import orjson

from mcs.harness.fields import ABSENT
from mcs.harness.reports.parts import NOTHING, printable, value_text

MOST_LINES = 200
MORE = "… {more} more lines"
LONGEST_FACT = 500
ALIKE = 0.5


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a line."""

    text: str
    differs: bool = False


Line = tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A line of each side, None where that side has none. name: of the field, in a row of facts."""

    sent: Line | None
    received: Line | None
    name: str = ""


def side_by_side(sent: Any, received: Any) -> Iterator[Row]:
    """The rows of both values, as indented JSON with sorted names; ABSENT is one line, "nothing".

    >>> [row.sent == row.received for row in side_by_side({"a": 1, "b": 2}, {"a": 1, "b": 3})]
    [True, True, False, True]
    """
    left, right = _lines(sent), _lines(received)
    # A comma at the end says only that the other side goes on.
    one, other = ([line.rstrip(",") for line in lines] for lines in (left, right))
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    for tag, from_left, to_left, from_right, to_right in matcher.get_opcodes():
        pairs = zip_longest(left[from_left:to_left], right[from_right:to_right])
        if tag == "equal":
            yield from (Row(_line(first), _line(second)) for first, second in pairs)
        else:
            yield from (Row(*_marked(*pair)) for pair in pairs)


def facts_beside(
    sent: Mapping[str, Any] | None, received: Mapping[str, Any] | None
) -> Iterator[Row]:
    """A row for each name that either side has; marked if both have it and differ."""
    for name in dict.fromkeys((*(sent or ()), *(received or ()))):
        one, other = (_fact(side, name) for side in (sent, received))
        differs = one is not None and other is not None and one != other
        yield Row(_line(one, differs=differs), _line(other, differs=differs), printable(name))


def _fact(side: Mapping[str, Any] | None, name: str) -> str | None:
    if side is None or name not in side:
        return None
    value = side[name]
    return printable(value) if isinstance(value, str) else value_text(value, LONGEST_FACT)


def _lines(value: Any) -> Sequence[str]:
    if value is ABSENT:
        return [NOTHING]
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    lines = [printable(line) for line in orjson.dumps(value, option=options).decode().split("\n")]
    if len(lines) > MOST_LINES:
        # Comparing lines costs their square.
        return [*lines[:MOST_LINES], MORE.format(more=len(lines) - MOST_LINES)]
    return lines


def _marked(one: str | None, other: str | None) -> tuple[Line | None, Line | None]:
    """Both lines with what differs between their common beginning and end; whole if they have
    little in common."""
    if one is None or other is None:
        return _line(one, differs=True), _line(other, differs=True)
    start = _alike(one, other)
    rest = min(len(one), len(other)) - start
    end = min(rest, _alike(one[::-1], other[::-1]))
    if start + end < ALIKE * max(len(one), len(other)):
        indent = start if one[:start].isspace() else 0
        return _cut(one, indent, 0), _cut(other, indent, 0)
    return _cut(one, start, end), _cut(other, start, end)


def _alike(one: str, other: str) -> int:
    return len(commonprefix((one, other)))  # noqa: RUF071 - character by character is meant


def _cut(line: str, start: int, end: int) -> Line:
    stop = len(line) - end
    pieces = (Piece(line[:start]), Piece(line[start:stop], differs=True), Piece(line[stop:]))
    return tuple(piece for piece in pieces if piece.text)


def _line(text: str | None, *, differs: bool = False) -> Line | None:
    return None if text is None else (Piece(text, differs),)
