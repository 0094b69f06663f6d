"""Chance that is the same each time: numbers drawn by a seed. Pure.

What a seed draws is what recorded cases and scenarios go by, so it never changes
(tests/server/test_fault_drawing.py).
"""

from functools import lru_cache
from hashlib import blake2b
from math import ceil

DRAWS = 8
"""How many numbers one hash is enough for."""
_BYTES = 8
_NUMBERS_AT_ONCE = 128
_DRAWN_FROM = 2**64


def different(seed: int, *said: object) -> int:
    """A number of 64 bits that is another for another seed or anything else that is said.

    >>> different(1, "a") == different(1, "a"), different(1, "a") == different(2, "a")
    (True, False)
    """
    text = "\0".join(str(part) for part in said)
    digest = blake2b(text.encode(), digest_size=_BYTES, key=str(seed).encode()).digest()
    return int.from_bytes(digest, "big")


def is_drawn(seed: int, probability: float, number: int) -> bool:
    """True if the number-th that a rule counts is drawn.

    >>> is_drawn(1, 1, 7), is_drawn(1, 0, 7)
    (True, False)
    """
    block, place = divmod(number, DRAWS)
    return _draw(_block(seed, block), place) < _limit(probability)


def first_drawn(seed: int, probability: float, numbers: range) -> int | None:
    """The first of some ascending numbers that is drawn; None if none is.

    >>> first_drawn(1, 1, range(3, 9, 2)), first_drawn(1, 0, range(3, 9, 2))
    (3, None)
    """
    if not probability:
        return None
    if numbers.step >= DRAWS:
        return next((each for each in numbers if is_drawn(seed, probability, each)), None)
    at_once = _NUMBERS_AT_ONCE // numbers.step
    for start in range(0, len(numbers), at_once):
        found = _first_drawn(seed, _limit(probability), numbers[start : start + at_once])
        if found is not None:
            return found
    return None


def _first_drawn(seed: int, limit: int, numbers: range) -> int | None:
    start = numbers[0] // DRAWS
    draws = b"".join([_block(seed, block) for block in range(start, numbers[-1] // DRAWS + 1)])
    # The first byte of a draw tells of most that it is too large.
    firsts, largest = draws[::_BYTES], (limit - 1) >> 56
    if min(firsts) > largest:
        return None
    places = range(numbers[0] - start * DRAWS, numbers[-1] - start * DRAWS + 1, numbers.step)
    for number, place in zip(numbers, places, strict=True):
        if firsts[place] <= largest and _draw(draws, place) < limit:
            return number
    return None


def _draw(blocks: bytes, place: int) -> int:
    return int.from_bytes(blocks[_BYTES * place : _BYTES * (place + 1)], "big")


def _limit(probability: float) -> int:
    return ceil(probability * _DRAWN_FROM)


@lru_cache(maxsize=4096)
def _block(seed: int, block: int) -> bytes:
    """The draws for the next few that a rule counts."""
    keyed = _keyed(seed).copy()
    keyed.update(b"%d" % block)
    return keyed.digest()


@lru_cache(maxsize=256)
def _keyed(seed: int) -> blake2b:
    return blake2b(digest_size=DRAWS * _BYTES, key=str(seed).encode())
