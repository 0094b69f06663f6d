"""Delta debugging: the smallest part of something that still shows what the whole does. Pure.

Source: A. Zeller, R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", 2002.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

Part = TypeVar("Part")

Shows = Callable[[Sequence[Part]], bool]


def smallest(whole: Sequence[Part], shows: Shows[Part]) -> list[Part]:
    """Parts of the whole, in its order, that still show it, where no single one can be left out.

    shows: asked of parts, never twice of the same; not of the whole, which is known to.

    >>> smallest(range(100), lambda parts: 13 in parts and 77 in parts)
    [13, 77]
    """
    asked: dict[tuple[int, ...], bool] = {}

    def holds(chosen: Sequence[int]) -> bool:
        name = tuple(chosen)
        if name not in asked:
            asked[name] = shows([whole[place] for place in name])
        return asked[name]

    left = list(range(len(whole)))
    if left and holds([]):
        return []
    pieces = 2
    while len(left) > 1:
        cut = _cut(left, pieces)
        if found := next((piece for piece in cut if holds(piece)), None):
            left, pieces = found, 2
            continue
        # With two pieces the rest of the one is the other.
        rests = ([one for one in left if one not in set(piece)] for piece in cut)
        rest = next((rest for rest in rests if holds(rest)), None) if pieces > 2 else None
        if rest is not None:
            left, pieces = rest, max(pieces - 1, 2)
        elif pieces < len(left):
            pieces = min(pieces * 2, len(left))
        else:
            break
    return [whole[place] for place in left]


def _cut(parts: list[int], pieces: int) -> list[list[int]]:
    size, more = divmod(len(parts), pieces)
    cut, begin = [], 0
    for number in range(pieces):
        end = begin + size + (number < more)
        cut.append(parts[begin:end])
        begin = end
    return cut
