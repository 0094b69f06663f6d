"""What a verb is, and what it tells of what it did."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mcs.exporter.sync import Progress
from mcs.library.stage import Stage
from mcs.library.values import Argument


@dataclass(frozen=True, slots=True)
class Told:
    """did: what was done, as a person would type or say it. came: of it; "" if that is all."""

    did: str
    came: str
    done: Sequence[Progress] = ()


@dataclass(frozen=True, slots=True)
class Verb:
    """help: what it does, without a full stop. short: the argument that may stand alone. exports:
    whether the exporter runs in it."""

    name: str
    help: str
    do: Callable[[Stage, Mapping[str, Any]], Told]
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    short: str | None = None
    exports: bool = False


def listed(texts: Iterable[str], between: str = ", ") -> str:
    """The texts in one line."""
    return between.join(texts)
