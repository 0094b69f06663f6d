"""Where two items differ, field by field. Pure: JSON values in, differences out."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Self

from mcs.contract.canonical import canonical_json


class Absent(Enum):
    """The type of ABSENT: what stands where an item has no such field or list position."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"


ABSENT: Final = Absent.ABSENT
_NOTHING = (None, ABSENT)


@dataclass(frozen=True, slots=True)
class Difference:
    """One place with what each side has there: a JSON value, or ABSENT.

    pointer: JSON Pointer (RFC 6901) from the item's root; into the sent item, if an order-free
    list has the place elsewhere in the received one.
    """

    pointer: str
    sent: Any
    received: Any


Pattern = tuple[str, ...]
"""The steps of a place; `*` stands for any one name or position, `**` for any number of them."""

# Beyond this, elements of an order-free list that have no equal are paired by position.
_MOST_COMPARED_PAIRS = 10_000


def difference(
    sent: Any,
    received: Any,
    ignore: Iterable[str] = (),
    *,
    null_is_absent: bool = False,
    order_free: Iterable[str] = (),
    tolerance: Mapping[str, float] | None = None,
) -> list[Difference]:
    """Every place where the items differ, ordered by field name and list position.

    Numbers are compared by value, the order of fields does not matter, lists are compared position
    by position. Places are given by pointers in which `*` stands for any one step and `**` for any
    number of them. ignore: places that do not count, with all below them. order_free: lists whose
    order does not count. tolerance: by place, with all below it, how far numbers may be apart as
    they are written; of several places the innermost counts. Depth is bounded by memory alone.

    >>> difference({"price": 1, "images": [{"label": "a"}]}, {"images": [], "price": 1.0})
    [Difference(pointer='/images/0', sent={'label': 'a'}, received=ABSENT)]
    >>> difference({"images": [{"label": "a"}]}, {"images": [{"label": "b"}]}, ["/images/*/label"])
    []
    >>> difference({"a": None}, {}), difference({"a": None}, {}, null_is_absent=True)
    ([Difference(pointer='/a', sent=None, received=ABSENT)], [])
    >>> difference({"a": [1, 2.004]}, {"a": [2, 1]}, order_free=["/a"], tolerance={"": 0.005})
    []
    """
    allowed = tuple((_steps(pointer), limit) for pointer, limit in (tolerance or {}).items())
    rules = _Rules(
        ignore=tuple(map(_steps, ignore)),
        order_free=tuple(map(_steps, order_free)),
        tolerance=allowed,
        null_is_absent=null_is_absent,
    )
    return list(_difference(sent, received, rules.at_root()))


@dataclass(frozen=True, slots=True)
class _Rules:
    """What counts at a place. The patterns are what is left of them below it."""

    ignore: tuple[Pattern, ...]
    order_free: tuple[Pattern, ...]
    tolerance: tuple[tuple[Pattern, float], ...]
    null_is_absent: bool
    limit: float = 0.0

    def at_root(self) -> Self:
        return self._with_limit(self.ignore, self.order_free, self.tolerance)

    def below(self, step: str) -> Self:
        """The rules one step further in; most often there are none, and nothing to be made."""
        if not (self.ignore or self.order_free or self.tolerance):
            return self
        return self._with_limit(
            tuple(rest for pattern in self.ignore for rest in _rests(pattern, step)),
            tuple(rest for pattern in self.order_free for rest in _rests(pattern, step)),
            tuple(
                (rest, limit) for pattern, limit in self.tolerance for rest in _rests(pattern, step)
            ),
        )

    @property
    def ignores(self) -> bool:
        return any(map(_matches, self.ignore))

    @property
    def frees_order(self) -> bool:
        return any(map(_matches, self.order_free))

    def equal(self, left: Any, right: Any) -> bool:
        """True if two values that are not both objects, nor both lists, count as one."""
        if self.null_is_absent and left in _NOTHING and right in _NOTHING:
            return True
        # To Python True is 1; in JSON they are two things.
        if isinstance(left, bool) or isinstance(right, bool):
            return left is right
        if isinstance(left, dict | list) or isinstance(right, dict | list):
            return False
        if left == right:
            return True
        return self.limit > 0 and _within(left, right, self.limit)

    def _with_limit(
        self,
        ignore: tuple[Pattern, ...],
        order_free: tuple[Pattern, ...],
        tolerance: tuple[tuple[Pattern, float], ...],
    ) -> Self:
        here = [limit for pattern, limit in tolerance if _matches(pattern)]
        limit = max(here, default=self.limit)
        return type(self)(ignore, order_free, tolerance, self.null_is_absent, limit)


def _difference(sent: Any, received: Any, rules: _Rules) -> Iterator[Difference]:
    # A stack of our own: items may be nested deeper than Python calls may be.
    pending = [("", sent, received, rules)]
    while pending:
        pointer, left, right, here = pending.pop()
        if left is right or here.ignores:
            continue
        places = _places(left, right, here)
        if places is not None:
            inner = [
                (f"{pointer}/{_escaped(step)}", one, other, here.below(step))
                for step, one, other in places
            ]
            pending.extend(reversed(inner))
        elif not here.equal(left, right):
            yield Difference(pointer, left, right)


def _places(left: Any, right: Any, rules: _Rules) -> Iterator[tuple[str, Any, Any]] | None:
    """The places inside two values of one shape; None if they are to be compared as they are."""
    if isinstance(left, dict) and isinstance(right, dict):
        names = sorted(left.keys() | right.keys())
        return ((name, left.get(name, ABSENT), right.get(name, ABSENT)) for name in names)
    if isinstance(left, list) and isinstance(right, list):
        if rules.frees_order:
            return _unmatched(left, right, rules)
        positions = range(max(len(left), len(right)))
        return ((str(at), _position(left, at), _position(right, at)) for at in positions)
    return None


def _unmatched(left: list[Any], right: list[Any], rules: _Rules) -> Iterator[tuple[str, Any, Any]]:
    """The elements of an order-free list that have no equal on the other side, in pairs."""
    ours, theirs = _without_equals(left, right)
    if len(ours) * len(theirs) <= _MOST_COMPARED_PAIRS:
        for at in list(ours):
            below = rules.below(str(at))
            for other in theirs:
                if next(_difference(left[at], right[other], below), None) is None:
                    ours.remove(at)
                    theirs.remove(other)
                    break
    for place in range(max(len(ours), len(theirs))):
        here, there = _position(ours, place), _position(theirs, place)
        yield (
            str(there if here is ABSENT else here),
            ABSENT if here is ABSENT else left[here],
            ABSENT if there is ABSENT else right[there],
        )


def _without_equals(left: list[Any], right: list[Any]) -> tuple[list[int], list[int]]:
    """The positions of elements that stand, with the very same content, on one side alone."""
    by_content = defaultdict(list)
    for at, value in enumerate(right):
        by_content[canonical_json(value)].append(at)
    ours = []
    for at, value in enumerate(left):
        if equals := by_content[canonical_json(value)]:
            equals.pop()
        else:
            ours.append(at)
    return ours, sorted(at for rest in by_content.values() for at in rest)


def _position(values: list[Any], at: int) -> Any:
    return values[at] if at < len(values) else ABSENT


def _within(left: Any, right: Any, limit: float) -> bool:
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        return False
    # As they are written: 10.005 and 10.01 are 0.005 apart, to a float a little more.
    return abs(Decimal(repr(left)) - Decimal(repr(right))) <= Decimal(repr(limit))


def _rests(pattern: Pattern, step: str) -> Iterator[Pattern]:
    """What is left of a pattern after a step; nothing if it does not lead there."""
    if not pattern:
        # A place that is free of order, or within a limit, ends there; what is ignored is not
        # looked into at all.
        return
    if pattern[0] == "**":
        yield pattern
        yield from _rests(pattern[1:], step)
    elif pattern[0] in ("*", step):
        yield pattern[1:]


def _matches(pattern: Pattern) -> bool:
    return all(step == "**" for step in pattern)


def _steps(pointer: str) -> Pattern:
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
