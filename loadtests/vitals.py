"""How much memory and how many file descriptors processes hold, and whether that grows."""

import os
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PAGE_MB = os.sysconf("SC_PAGE_SIZE") / 1_000_000
WARM_UP_S = 30
"""Of each life: caches fill, libraries are read."""
FEWEST_SAMPLES = 5


@dataclass(frozen=True, slots=True)
class Sample:
    """One look at a process. at_s: since it was first seen."""

    role: str
    pid: int
    at_s: float
    memory_mb: float
    descriptors: int


@dataclass(frozen=True, slots=True)
class Growth:
    """Of all lives of a role, by how much each grew per minute, in the middle.

    peak: the most that any life held. lives: those that were long enough to tell; 0: none was.
    """

    lives: int
    memory_mb_per_minute: float
    descriptors_per_minute: float
    peak_memory_mb: float
    peak_descriptors: int


class Vitals:
    """Samples of processes, by role."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._began: dict[int, float] = {}
        self._samples: list[Sample] = []

    def look(self, role: str, pids: Iterable[int]) -> None:
        """Takes a sample of each process that is alive."""
        for pid in pids:
            now = self._now()
            try:
                pages = int(Path(f"/proc/{pid}/statm").read_text("ascii").split()[1])
                descriptors = len(os.listdir(f"/proc/{pid}/fd"))
            except (FileNotFoundError, ProcessLookupError, IndexError):
                continue
            at_s = now - self._began.setdefault(pid, now)
            self._samples.append(Sample(role, pid, at_s, pages * PAGE_MB, descriptors))

    def growth(self) -> Mapping[str, Growth]:
        """How each role grew."""
        by_role: dict[str, list[Sample]] = defaultdict(list)
        for sample in self._samples:
            by_role[sample.role].append(sample)
        return {role: _growth(samples) for role, samples in by_role.items()}


def descendants(pid: int) -> Iterator[int]:
    """The processes below one, not itself."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()
    except (FileNotFoundError, ProcessLookupError):
        return
    for child in map(int, children):
        yield child
        yield from descendants(child)


def slope_per_minute(points: Iterable[tuple[float, float]]) -> float:
    """By how much a value grows per minute. points: seconds and value, two or more.

    >>> round(slope_per_minute([(0, 1.0), (30, 2.0), (60, 3.0)]), 6)
    2.0
    """
    at_s, values = zip(*points, strict=True)
    return statistics.linear_regression(at_s, values).slope * 60


def _growth(samples: list[Sample]) -> Growth:
    lives: dict[int, list[Sample]] = defaultdict(list)
    for sample in samples:
        if sample.at_s >= WARM_UP_S:
            lives[sample.pid].append(sample)
    long = [life for life in lives.values() if len(life) >= FEWEST_SAMPLES]
    memory = [slope_per_minute((each.at_s, each.memory_mb) for each in life) for life in long]
    files = [slope_per_minute((each.at_s, each.descriptors) for each in life) for life in long]
    return Growth(
        len(long),
        round(statistics.median(memory), 3) if memory else 0.0,
        round(statistics.median(files), 3) if files else 0.0,
        round(max(sample.memory_mb for sample in samples), 1),
        max(sample.descriptors for sample in samples),
    )
