"""How many users there are in the course of a run: pure functions of the time since its start."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ShapeName(StrEnum):
    """The shapes there are."""

    FLAT = "flat"
    RAMP = "ramp"
    SPIKE = "spike"
    SOAK = "soak"


@dataclass(frozen=True, slots=True)
class Shape:
    """A shape with its measure. over_s: how long a ramp rises, or until a spike comes and how long
    it stays; a soak spreads its rounds of updates over it."""

    name: str = ShapeName.FLAT
    over_s: float = 60


FLAT = Shape()
TITLES: Mapping[ShapeName, str] = {
    ShapeName.FLAT: "all users from the start",
    ShapeName.RAMP: "one by one, evenly over the time given",
    ShapeName.SPIKE: "a quarter, then all for the time given, then a quarter again",
    ShapeName.SOAK: "half of them all along, updates spread over the time given",
}


def users_at(shape: Shape, elapsed_s: float, users: int, fewest: int = 1) -> int:
    """How many users there are. users: the most; fewest: the least.

    >>> [users_at(Shape("ramp", 60), at, 8) for at in (0, 30, 60, 90)]
    [1, 4, 8, 8]
    >>> [users_at(Shape("spike", 10), at, 8) for at in (0, 10, 19, 20)]
    [2, 8, 8, 2]
    >>> users_at(Shape("soak"), 5, 8)
    4
    """
    wanted = users
    if shape.name == ShapeName.RAMP:
        wanted = int(users * elapsed_s / max(shape.over_s, 1e-9))
    elif shape.name == ShapeName.SPIKE:
        in_spike = shape.over_s <= elapsed_s < 2 * shape.over_s
        wanted = users if in_spike else users // 4
    elif shape.name == ShapeName.SOAK:
        wanted = users // 2
    return min(users, max(fewest, wanted))
