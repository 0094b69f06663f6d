"""Values, fields and lists as failing assertions write them."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

import orjson

from mcs.harness.fields import ABSENT, Difference
from mcs.testing.seen import ItemFault

T = TypeVar("T")

LONGEST_VALUE = 120
MOST_FIELDS = 20
MOST_LINES = 10


def value_text(value: Any) -> str:
    """A JSON value on one line, cut if it is long.

    >>> value_text({"regular": 34.0}), value_text(ABSENT)
    ('{"regular":34.0}', 'nothing')
    """
    if value is ABSENT:
        return "nothing"
    text = orjson.dumps(value).decode()
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"


def fields(differences: Sequence[Difference], ours: str) -> Iterator[str]:
    """A line per place where two items differ. ours: what the first item is called."""
    for place in differences[:MOST_FIELDS]:
        left, right = value_text(place.sent), value_text(place.received)
        yield f"  {place.pointer or '(item)'}: {ours} {left}, received {right}"
    if len(differences) > MOST_FIELDS:
        yield f"  … and {len(differences) - MOST_FIELDS} more fields"


def faults(errors: Sequence[ItemFault]) -> str:
    """What is wrong with a refused item, with the codes that a test may name.

    >>> faults([ItemFault("/regular", "invalid", "/regular is not a number.")])
    '/regular is not a number. (pointer "/regular", code "invalid")'
    """
    return "; ".join(
        f'{error.message} (pointer "{error.pointer}", code "{error.code}")' for error in errors
    )


def listed(head: str, found: Sequence[T], line: Callable[[T], str]) -> list[str]:
    """Lines below a heading, the first ten; nothing if there are none."""
    if not found:
        return []
    more = [f"    … and {len(found) - MOST_LINES} more"] if len(found) > MOST_LINES else []
    return [f"  {head}", *(f"    {line(one)}" for one in found[:MOST_LINES]), *more]
