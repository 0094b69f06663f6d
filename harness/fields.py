"""Where two items differ, field by field. Pure: JSON values in, differences out."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final


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

    pointer: JSON Pointer (RFC 6901) from the item's root.
    """

    pointer: str
    sent: Any
    received: Any


Pattern = tuple[str, ...]
"""The steps of an ignored place; `*` stands for any one name or position."""


def difference(
    sent: Any, received: Any, ignore: Iterable[str] = (), *, null_is_absent: bool = False
) -> list[Difference]:
    """Every place where the items differ, ordered by field name and list position.

    Numbers are compared by value, the order of fields does not matter, lists are compared position
    by position. ignore: pointers whose places, with all below them, do not count; `*` stands for
    any one step. Depth is bounded by memory alone.

    >>> difference({"price": 1, "images": [{"label": "a"}]}, {"images": [], "price": 1.0})
    [Difference(pointer='/images/0', sent={'label': 'a'}, received=ABSENT)]
    >>> difference({"images": [{"label": "a"}]}, {"images": [{"label": "b"}]}, ["/images/*/label"])
    []
    >>> difference({"a": None}, {}), difference({"a": None}, {}, null_is_absent=True)
    ([Difference(pointer='/a', sent=None, received=ABSENT)], [])
    """
    found: list[Difference] = []
    # A stack of our own: items may be nested deeper than Python calls may be.
    pending = [("", sent, received, tuple(_steps(pointer) for pointer in ignore))]
    while pending:
        pointer, left, right, patterns = pending.pop()
        if left is right or () in patterns:
            continue
        places = _places(left, right)
        if places is not None:
            inner = [
                (f"{pointer}/{_escaped(step)}", one, other, _below(patterns, step))
                for step, one, other in places
            ]
            pending.extend(reversed(inner))
        elif not _equal(left, right, null_is_absent):
            found.append(Difference(pointer, left, right))
    return found


def _places(left: Any, right: Any) -> Iterator[tuple[str, Any, Any]] | None:
    """The places inside two values of one shape; None if they are to be compared as they are."""
    if isinstance(left, dict) and isinstance(right, dict):
        names = sorted(left.keys() | right.keys())
        return ((name, left.get(name, ABSENT), right.get(name, ABSENT)) for name in names)
    if isinstance(left, list) and isinstance(right, list):
        positions = range(max(len(left), len(right)))
        return ((str(at), _position(left, at), _position(right, at)) for at in positions)
    return None


def _position(values: list[Any], at: int) -> Any:
    return values[at] if at < len(values) else ABSENT


def _equal(left: Any, right: Any, null_is_absent: bool) -> bool:
    if null_is_absent and left in _NOTHING and right in _NOTHING:
        return True
    # To Python True is 1; in JSON they are two things.
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict | list) or isinstance(right, dict | list):
        return False
    return bool(left == right)


def _below(patterns: tuple[Pattern, ...], step: str) -> tuple[Pattern, ...]:
    return tuple(pattern[1:] for pattern in patterns if pattern[0] in ("*", step))


def _steps(pointer: str) -> Pattern:
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:])


def _escaped(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
