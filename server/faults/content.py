"""What a corrupted item looks like: one field of it changed, always in the same way. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cache
from typing import Any

from mcs.contract.canonical import canonical_json
from mcs.contract.feeds import Feed
from mcs.server.faults.drawing import different

CORRUPTION = " (corrupted)"
LIFE = "deleted"
"""The field that says whether an item lives; not what it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a fault changed. pointer: JSON pointer within the item, "" for all of it."""

    pointer: str
    before: Any
    after: Any


def corruption(
    feed: Feed, item: Any, parameters: Mapping[str, Any], seed: int, key: str
) -> Change | None:
    """The change of one field; None if the item has no such field, or has that value already.

    >>> from mcs.contract.feeds import FEEDS
    >>> bag = {"sku": "BAG", "storeViewCode": "fr", "weight": 3}
    >>> corruption(FEEDS["products"], bag, {"pointer": None}, 0, "key")
    Change(pointer='/weight', before=3, after=4)
    """
    pointer = parameters.get("pointer")
    if pointer is None:
        fields = sorted(content_fields(feed, item))
        if not fields or item.get(LIFE):
            return None
        pointer = fields[different(seed, key) % len(fields)]
    found, before = _at(item, _steps(pointer))
    if not found:
        return None
    after = parameters["value"] if "value" in parameters else _another(before)
    if canonical_json(after) == canonical_json(before):
        return None
    return Change(pointer, before, after)


def is_corruptible(
    feed: Feed, item: Any, parameters: Mapping[str, Any], seed: int, key: Callable[[], str]
) -> bool:
    """True if `corruption` finds a change; far cheaper where it may choose the field.

    >>> from mcs.contract.feeds import FEEDS
    >>> bag = {"sku": "BAG", "weight": 3}
    >>> is_corruptible(FEEDS["products"], bag, {"pointer": None}, 0, lambda: "key")
    True
    """
    if chooses_field(parameters):
        # Any value has another.
        return not item.get(LIFE) and next(content_fields(feed, item), None) is not None
    return corruption(feed, item, parameters, seed, key()) is not None


def chooses_field(parameters: Mapping[str, Any]) -> bool:
    """True if any field that is content may be changed, to any other value."""
    return parameters.get("pointer") is None and "value" not in parameters


def has_content(feed: Feed, fields: Iterable[str]) -> bool:
    """True if one of some top-level fields with a single value is content.

    >>> from mcs.contract.feeds import FEEDS
    >>> has_content(FEEDS["products"], ["sku"])
    False
    """
    naming, left_out = _not_content(feed.identity, feed.unhashed, feed.timestamp)
    return any(name not in left_out and "/" + _escaped(name) not in naming for name in fields)


def changed(item: Any, change: Change) -> Any:
    """An item with the change made. What lies beside the way to it is shared with the given one.

    >>> changed({"images": [{"url": "a"}]}, Change("/images/0/url", "a", "b"))
    {'images': [{'url': 'b'}]}
    """
    steps = _steps(change.pointer)
    return _with_value(item, steps, change.after) if steps else change.after


def content_fields(feed: Feed, item: Any) -> Iterator[str]:
    """The pointers of the single values in an item that say what it is, not which or when.

    >>> from mcs.contract.feeds import FEEDS
    >>> bag = {"sku": "BAG", "storeViewCode": "fr", "images": [{"url": "a"}], "deleted": False}
    >>> list(content_fields(FEEDS["products"], bag))
    ['/images/0/url']
    """
    naming, left_out = _not_content(feed.identity, feed.unhashed, feed.timestamp)
    for name, value in item.items() if isinstance(item, dict) else ():
        if name not in left_out:
            for pointer in _leaves(value, "/" + _escaped(name)):
                if pointer not in naming:
                    yield pointer


@cache
def _not_content(
    identity: tuple[str, ...], unhashed: frozenset[str], timestamp: str
) -> tuple[frozenset[str], frozenset[str]]:
    """The pointers of what names an item, and the fields that say when it was sent or whether it
    lives."""
    naming = frozenset("/" + path.replace(".", "/") for path in identity)
    return naming, frozenset({*unhashed, timestamp, LIFE})


def _leaves(value: Any, pointer: str) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{pointer}/{_escaped(name)}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{pointer}/{index}")
    elif value is not None:
        yield pointer


def _another(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return value + CORRUPTION
    if isinstance(value, int):
        return value + 1 if value < 2**53 else 1
    if isinstance(value, float):
        # A fraction, so that no number of this size is too large to tell one more from.
        return value + 0.5 if abs(value) < 2**50 else 0.5
    return value


def _at(value: Any, steps: list[str]) -> tuple[bool, Any]:
    for step in steps:
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isascii() and step.isdecimal():
            if int(step) >= len(value):
                return False, None
            value = value[int(step)]
        else:
            return False, None
    return True, value


def _with_value(holder: Any, steps: list[str], value: Any) -> Any:
    step, *further = steps
    place = int(step) if isinstance(holder, list) else step
    copied = copy(holder)
    copied[place] = _with_value(holder[place], further, value) if further else value
    return copied


def _steps(pointer: str) -> list[str]:
    parts = pointer.split("/")[1:]
    return [part.replace("~1", "/").replace("~0", "~") for part in parts]


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
