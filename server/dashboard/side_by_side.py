"""What was sent beside what is held, line by line. Pure."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any


@dataclass(frozen=True, slots=True)
class Line:
    """A line of both texts. kind: same, changed, removed (sent only), added (received only), or gap
    where equal lines are left out."""

    kind: str
    sent: str
    received: str


CONTEXT_LINES = 4
GAP = Line("gap", "…", "…")


def side_by_side(sent: str, received: str) -> tuple[Line, ...]:
    """Two texts line by line, equal lines beside each other.

    >>> [line.kind for line in side_by_side("a\\nb", "a\\nc\\nd")]
    ['same', 'changed', 'added']
    """
    left, right = sent.splitlines(), received.splitlines()
    lines: list[Line] = []
    for tag, a, b, c, d in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        for offset in range(max(b - a, d - c)):
            before = left[a + offset] if a + offset < b else ""
            after = right[c + offset] if c + offset < d else ""
            lines.append(Line(_kind(tag, a + offset < b, c + offset < d), before, after))
    return tuple(lines)


def folded(lines: Sequence[Line]) -> tuple[Line, ...]:
    """The lines without long stretches of equal ones; all of them if all are equal.

    >>> same, other = Line("same", "a", "a"), Line("added", "", "b")
    >>> [line.kind for line in folded([same] * 9 + [other])]
    ['gap', 'same', 'same', 'same', 'same', 'added']
    """
    differing = [at for at, line in enumerate(lines) if line.kind != "same"]
    if not differing:
        return tuple(lines)
    near = {at + step for at in differing for step in range(-CONTEXT_LINES, CONTEXT_LINES + 1)}
    kept: list[Line] = []
    for at, line in enumerate(lines):
        if at in near:
            kept.append(line)
        elif not kept or kept[-1].kind != "gap":
            kept.append(GAP)
    return tuple(kept)


def patched(item: Any, differences: Sequence[Mapping[str, Any]]) -> Any:
    """What was sent: the received item with the sent side of each difference put in.

    >>> patched({"a": 1, "b": 2}, [{"pointer": "/a", "sent": 3}])
    {'a': 3, 'b': 2}
    """
    made = copy.deepcopy(item)
    # From the end, so that what is taken out of a list moves nothing that comes after.
    for place in reversed(differences):
        steps = [s.replace("~1", "/").replace("~0", "~") for s in place["pointer"].split("/")[1:]]
        if not steps:
            return place.get("sent")
        holder = made
        for step in steps[:-1]:
            holder = holder[int(step)] if isinstance(holder, list) else holder[step]
        _put(holder, steps[-1], place)
    return made


def _put(holder: Any, name: str, place: Mapping[str, Any]) -> None:
    absent = place.get("absent") == "sent"
    if isinstance(holder, dict):
        if absent:
            holder.pop(name, None)
        else:
            holder[name] = place.get("sent")
    elif absent:
        del holder[int(name)]
    elif int(name) < len(holder) and place.get("absent") != "received":
        holder[int(name)] = place.get("sent")
    else:
        holder.insert(int(name), place.get("sent"))


def _kind(tag: str, has_left: bool, has_right: bool) -> str:
    if tag == "equal":
        return "same"
    if has_left and has_right:
        return "changed"
    return "removed" if has_left else "added"
