"""What can be seen in a case, as a kind, and whether it was seen. Pure but for the look itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mcs.library.stage import Stage
from mcs.library.told import listed
from mcs.library.values import Argument, Misfit, arguments

SOME = "some"
NOTHING_GIVEN = "{name}: got an empty list, expected one mapping or more."


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether a fact was seen. told: what the product itself says of it, such as the sentence with
    the cause."""

    fact: str
    expected: str
    found: str
    holds: bool
    told: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """A fact as a kind.

    label: how the story calls it. help: what it is, without a full stop. read: what the YAML gives,
    as `look` takes it; raises Misfit.
    """

    name: str
    label: str
    help: str
    read: Callable[[Any], Any]
    look: Callable[[Stage, Any], Finding]


def all_of(table: Mapping[str, Argument], name: str) -> Callable[[Any], list[dict[str, Any]]]:
    """Reads one mapping of these arguments, or several."""

    def read(given: Any) -> list[dict[str, Any]]:
        several = given if isinstance(given, list) else [given]
        if not several:
            raise Misfit(NOTHING_GIVEN.format(name=name))
        return [arguments(one, table, name) for one in several]

    return read


def each(look: Callable[[Stage, Any], Finding]) -> Callable[[Stage, list[Any]], Finding]:
    """Looks for several facts of a kind as for one."""

    def look_for_all(stage: Stage, several: list[Any]) -> Finding:
        found = [look(stage, one) for one in several]
        return Finding(
            found[0].fact,
            listed((one.expected for one in found), "; "),
            listed((one.found for one in found), "; "),
            all(one.holds for one in found),
            [line for one in found for line in one.told],
        )

    return look_for_all
