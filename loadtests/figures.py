"""What benchmarks tell each other: a line of JSON per ratio, where somebody gathers them.

A benchmark calls `tell` for each ratio that a target is set for; `make bench` names the file.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

FILE_VARIABLE = "MCS_FIGURES"


@dataclass(frozen=True, slots=True)
class Figure:
    """A ratio or a number, measured. stage: what was measured. what: in words, such as "× naive".
    wanted: at least so much, or at most if `at_most`; None: it is only told. basis: the numbers it
    was made of."""

    stage: str
    what: str
    value: float
    wanted: float | None = None
    at_most: bool = False
    basis: str = ""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without one."""
        if self.wanted is None:
            return None
        return self.value <= self.wanted if self.at_most else self.value >= self.wanted


def tell(figure: Figure) -> None:
    """Adds a figure to the file that MCS_FIGURES names, if it names one."""
    path = os.environ.get(FILE_VARIABLE)
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(figure), ensure_ascii=False) + "\n")


def told(path: Path) -> Iterator[Figure]:
    """The figures in a file, in the order in which they were told."""
    for line in path.read_text("utf-8").splitlines():
        yield Figure(**json.loads(line))
