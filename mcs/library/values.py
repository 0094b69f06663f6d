"""The values that a case's YAML can give, each kind with what is said if something else comes.

Pure. A reader returns the value as programs use it, or raises ValueError.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from mcs.contract.feeds import FEEDS
from mcs.harness.scenarios import duration, numbers_in

ALL = "all"


@dataclass(frozen=True, slots=True)
class Kind:
    """expected: what messages ask for."""

    expected: str
    read: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a verb or a fact. default: of one that is not required."""

    kind: Kind
    required: bool = False
    default: Any = None


class Misfit(Exception):
    """A value is not as it should be. what: a sentence about it."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


UNKNOWN = '"{name}" is no argument of {of}. Take of: {known}.'
MISSING = "{of} lacks {name}: {expected}."
WRONG = "{of}, {name}: got {value!r}, expected {expected}."


def arguments(
    given: Any, table: Mapping[str, Argument], of: str, short: str | None = None
) -> dict[str, Any]:
    """The values that a mapping gives to these arguments, with defaults.

    short: the argument that stands alone, as in `sync: prices`. of: what messages name. Raises
    Misfit.
    """
    if given is None:
        given = {}
    if not isinstance(given, dict):
        if short is None:
            raise Misfit(WRONG.format(of=of, name="value", value=given, expected="a mapping"))
        given = {short: given}
    for name in given:
        if name not in table:
            known = ", ".join(table) or "none"
            raise Misfit(UNKNOWN.format(name=name, of=of, known=known))
    return {
        name: _value(given, name, argument, of)
        for name, argument in table.items()
        if name in given or argument.required or argument.default is not None
    }


def value(given: Any, kind: Kind, of: str) -> Any:
    """One value, read. Raises Misfit."""
    return _read(given, kind, of, "value")


def _value(given: Mapping[str, Any], name: str, argument: Argument, of: str) -> Any:
    if name in given:
        return _read(given[name], argument.kind, of, name)
    if argument.required:
        raise Misfit(MISSING.format(of=of, name=name, expected=argument.kind.expected))
    return argument.default


def _read(given: Any, kind: Kind, of: str, name: str) -> Any:
    try:
        return kind.read(given)
    except ValueError:
        told = WRONG.format(of=of, name=name, value=given, expected=kind.expected)
        raise Misfit(told) from None


def _only(accepts: Callable[[Any], bool]) -> Callable[[Any], Any]:
    def read(given: Any) -> Any:
        if not accepts(given):
            raise ValueError
        return given

    return read


def _is_whole(given: Any) -> bool:
    return isinstance(given, int) and not isinstance(given, bool) and given >= 0


def _is_number(given: Any) -> bool:
    return isinstance(given, int | float) and not isinstance(given, bool)


def _is_code(given: Any) -> bool:
    return isinstance(given, str) and re.fullmatch(r"CDE\d\d-\d\d", given) is not None


def _feeds(given: Any) -> tuple[str, ...]:
    """The names of feeds; none for all."""
    if given == ALL:
        return ()
    names = given if isinstance(given, list) else [given]
    if not names or not all(name in FEEDS for name in names):
        raise ValueError
    return tuple(names)


def _duration(given: Any) -> Any:
    found = duration(given)
    if not found:
        raise ValueError
    return found


def _numbers(given: Any) -> tuple[int, ...]:
    found = numbers_in(given)
    if not found:
        raise ValueError
    return tuple(found)


def one_of(*known: str) -> Kind:
    """One of these words."""
    return Kind(f"one of: {', '.join(known)}", _only(lambda given: given in known))


def list_of(kind: Kind) -> Kind:
    """A list of values of a kind, or one."""

    def read(given: Any) -> list[Any]:
        several = given if isinstance(given, list) else [given]
        if not several:
            raise ValueError
        return [kind.read(one) for one in several]

    return Kind(f"{kind.expected}, or a list of that", read)


TEXT = Kind("a text", _only(lambda given: isinstance(given, str) and bool(given.strip())))
CODE = Kind("a log code such as CDE02-09", _only(_is_code))
TRUTH = Kind("true or false", _only(lambda given: isinstance(given, bool)))
WHOLE = Kind("a whole number of 0 or more", _only(_is_whole))
NUMBER = Kind("a number", _only(_is_number))
MAPPING = Kind("a mapping", _only(lambda given: isinstance(given, dict) and bool(given)))
DURATION = Kind("a duration such as 90s, 5m or 1h30m", _duration)
FEED = Kind(f"a feed: {', '.join(FEEDS)}", _only(lambda given: given in FEEDS))
FEED_NAMES = Kind(f"{ALL}, or one or several of {', '.join(FEEDS)}", _feeds)
PRODUCT = Kind("the number of a product", lambda given: (WHOLE.read(given),))
PRODUCTS = Kind("the number of a product, or several as in 2-7,9", _numbers)
