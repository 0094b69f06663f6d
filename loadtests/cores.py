"""Which core a process runs on, and what it took: so that a server is measured and nothing else."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def server_core() -> int:
    """The core for what is measured: the last that this process may use."""
    return max(os.sched_getaffinity(0))


def other_cores() -> set[int]:
    """The cores for those that send. Where there is one core alone, both share it."""
    return os.sched_getaffinity(0) - {server_core()} or {server_core()}


@contextmanager
def on_cores(cores: set[int]) -> Iterator[None]:
    """Keeps this thread on these cores until the block ends, and for ever what it starts there."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def cpu_s(pid: int) -> float:
    """What a process and its living descendants have used, in seconds of one core."""
    ticks = 0
    for one in _tree(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text("ascii").rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / TICKS_PER_S


def _tree(pid: int) -> list[int]:
    found = [pid]
    for thread in Path(f"/proc/{pid}/task").iterdir():
        try:
            children = (thread / "children").read_text("ascii").split()
        except FileNotFoundError:
            continue
        for child in children:
            found += _tree(int(child))
    return found
