"""Cuts the elements of a JSON array out of its text, exactly as they were written. Pure."""

import re
from collections.abc import Iterator
from json import JSONDecoder
from typing import Any


def _unread(_: str) -> None:
    return None


# Numbers are not turned into values: Python refuses integers of more than 4,300 digits.
_DECODER = JSONDecoder(parse_int=_unread, parse_float=_unread, parse_constant=_unread)
_GAP = re.compile(r"[ \t\n\r]*")


def slices(text: str) -> Iterator[str]:
    r"""The text of each element of a JSON array, in order.

    `text` must be valid JSON with an array at its top.

    >>> list(slices('[ 34.0,{"a" :"\\u00e9"} ]'))
    ['34.0', '{"a" :"\\u00e9"}']
    """
    position = _after_gap(text, _after_gap(text, 0) + 1)
    while text[position] != "]":
        _, end = _DECODER.raw_decode(text, position)
        yield text[position:end]
        position = _after_gap(text, end)
        if text[position] == ",":
            position = _after_gap(text, position + 1)


def cut(body: bytes, wanted: set[int]) -> dict[int, str]:
    """The texts of the wanted elements by index; reads no further than the last of them."""
    found: dict[int, str] = {}
    last = max(wanted, default=-1)
    for index, text in enumerate(slices(body.decode()) if wanted else ()):
        if index in wanted:
            found[index] = text
        if index == last:
            break
    return found


def _after_gap(text: str, position: int) -> int:
    gap: Any = _GAP.match(text, position)
    end: int = gap.end()
    return end
