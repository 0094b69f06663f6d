"""Differences that are none to a reader: the same values in another order, or rounded."""

from collections import Counter
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

import orjson

from mcs.harness.fields import ABSENT, Difference

RELATIVE_LIMIT = Decimal("0.01")
"""Numbers further apart than this are two numbers, however they are rounded."""


class Likeness(StrEnum):
    """In what alone two items differ."""

    ORDER = "order"
    PRECISION = "precision"


def likeness(differences: Sequence[Difference]) -> Likeness | None:
    """In what alone the items differ; None if there is no difference, or any other.

    >>> likeness([Difference("/images/0", "a", "b"), Difference("/images/1", "b", "a")])
    <Likeness.ORDER: 'order'>
    >>> likeness([Difference("/regular", 12.499999, 12.5)])
    <Likeness.PRECISION: 'precision'>
    >>> likeness([Difference("/regular", 12, 13)]), likeness([Difference("/qty", 0.4, 0)])
    (None, None)
    """
    if not differences:
        return None
    if all(_is_rounded(place.sent, place.received) for place in differences):
        return Likeness.PRECISION
    return Likeness.ORDER if _is_reordered(differences) else None


def _is_rounded(one: Any, other: Any) -> bool:
    """True if both are the same number once each has the digits of the less precise."""
    if not (_is_number(one) and _is_number(other)):
        return False
    first, second = Decimal(str(one)), Decimal(str(other))
    if abs(first - second) > RELATIVE_LIMIT * max(abs(first), abs(second)):
        return False
    # Of two exponents the higher has the fewer decimals.
    digits = Decimal(1).scaleb(max(_exponent(first), _exponent(second)))
    return first.quantize(digits, ROUND_HALF_UP) == second.quantize(digits, ROUND_HALF_UP)


def _exponent(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return min(exponent, 0) if isinstance(exponent, int) else 0


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_reordered(differences: Sequence[Difference]) -> bool:
    """True if every difference is within a list, and each field of the lists has the same values
    on both sides, each as often."""
    sent: Counter[tuple[str, bytes]] = Counter()
    received: Counter[tuple[str, bytes]] = Counter()
    for place in differences:
        pattern = _without_positions(place.pointer)
        if pattern == place.pointer or ABSENT in (place.sent, place.received):
            return False
        sent[pattern, _text(place.sent)] += 1
        received[pattern, _text(place.received)] += 1
    return sent == received


def _without_positions(pointer: str) -> str:
    return "/".join("*" if step.isdecimal() else step for step in pointer.split("/"))


def _text(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
