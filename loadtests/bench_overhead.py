"""What an open inspector and faults in force cost beside plain ingest: `make bench-overhead`.

The journal is on in all of them, as it always is. Each is measured next to plain ingest, in turns,
and the median of the pairs counts: a machine that others use as well is faster now and slower then.
What the service's own time says holds there; the clock on the wall says what came of it.
"""

import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import Any

import click
import urllib3

from mcs.loadtests.bench_ingest import BATCH_ITEMS, CONNECTIONS, made_batches
from mcs.loadtests.cores import cpu_s, on_cores, other_cores
from mcs.loadtests.figures import Figure, tell
from mcs.loadtests.ingest_contenders import Contender, Shop, ours
from mcs.loadtests.ingest_load import post_for

TYPICAL = (
    {"action": "lose", "feed": "products", "every": 1_000},
    {"action": "corrupt", "feed": "products", "identity": {"sku": "of one product"}},
    {"action": "throttle", "feed": "prices", "every": 10},
)
"""One rule counts each item, one looks for an item by its name, one is about another feed."""
DRAWN = (
    {"action": "lose", "feed": "products", "probability": 0.001, "seed": 1},
    {"action": "corrupt", "feed": "products", "probability": 0.001, "seed": 2},
    {"action": "throttle", "feed": "prices", "every": 10},
)
"""Two rules draw a number for each item: the dearest that is of any use."""
LONGEST_WAIT_S = 20
CREATED = 201


@dataclass(frozen=True, slots=True)
class Speed:
    """What one round measured. cpu_us: of the service's own time an item; wall: items a second."""

    cpu_us: float
    wall: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Plain ingest, and what came right before or after it with something on."""

    plain: Speed
    other: Speed

    @property
    def cpu_less(self) -> float:
        """By how much fewer items the service takes in a second of its own time, as a share."""
        return 1 - self.plain.cpu_us / self.other.cpu_us

    @property
    def wall_less(self) -> float:
        """By how much fewer items came through in a second, as a share."""
        return 1 - self.other.wall / self.plain.wall


@click.command()
@click.option("--rounds", default=7, show_default=True)
@click.option("--seconds", default=2.0, show_default=True, help="How long each half round takes.")
@click.option("--batches", default=100, show_default=True, help="How many different ones.")
def main(rounds: int, seconds: float, batches: int) -> None:
    """Measure what is on while batches come."""
    packed = made_batches(batches).packed
    with tempfile.TemporaryDirectory() as folder, ours(Path(folder)) as (contender, shop):
        root = f"http://127.0.0.1:{contender.target().port}"
        modes: dict[str, Callable[[], AbstractContextManager[None]]] = {
            "inspector open": lambda: _inspector(root, shop),
            "faults on": lambda: _faults(root, shop, TYPICAL),
            "drawn for each": lambda: _faults(root, shop, DRAWN),
        }
        pairs: dict[str, list[Pair]] = {name: [] for name in modes}
        with on_cores(other_cores()):
            _speed(contender, packed, seconds)
            for number in range(rounds):
                for name, mode in modes.items():
                    pairs[name].append(_pair(contender, packed, seconds, mode, number % 2 == 0))
    for name, measured in pairs.items():
        _report(name, measured)


def _report(name: str, pairs: Sequence[Pair]) -> None:
    less = 100 * statistics.median(pair.cpu_less for pair in pairs)
    by_clock = 100 * statistics.median(pair.wall_less for pair in pairs)
    plain = statistics.median(pair.plain.cpu_us for pair in pairs)
    other = statistics.median(pair.other.cpu_us for pair in pairs)
    spread = sorted(100 * pair.cpu_less for pair in pairs)
    basis = f"{other:.1f} against {plain:.1f} µs of cpu an item; by the clock {by_clock:.1f} % less"
    tell(Figure("ingest", f"{name}, % less", max(0, less), 15, at_most=True, basis=basis))
    click.echo(
        f"{name:16}{basis:70}{less:6.1f} % fewer items/cpu s, {spread[0]:.1f} to {spread[-1]:.1f}"
    )


def _pair(
    contender: Contender,
    packed: list[bytes],
    seconds: float,
    mode: Callable[[], AbstractContextManager[None]],
    plain_first: bool,
) -> Pair:
    plain = _speed(contender, packed, seconds) if plain_first else None
    with mode():
        other = _speed(contender, packed, seconds)
    return Pair(plain or _speed(contender, packed, seconds), other)


def _speed(contender: Contender, packed: list[bytes], seconds: float) -> Speed:
    target = contender.target()
    before = cpu_s(contender.pid)
    load = post_for(target, target.requests(packed), seconds, CONNECTIONS)
    items = load.requests * BATCH_ITEMS
    speed = Speed(1e6 * (cpu_s(contender.pid) - before) / items, items / load.seconds)
    contender.settle()
    return speed


@contextmanager
def _inspector(root: str, shop: Shop) -> Iterator[None]:
    ended = Event()
    url = f"{root}/data-spaces/{shop.known['data_space_id']}/inspect/live"
    # Between rounds nothing arrives, and the stream says little.
    stream = urllib3.request("GET", url, preload_content=False, timeout=None)

    def read() -> None:
        for _ in stream.stream():
            if ended.is_set():
                return

    reader = Thread(target=read, daemon=True)
    reader.start()
    yield
    ended.set()
    reader.join(LONGEST_WAIT_S)
    stream.close()


@contextmanager
def _faults(root: str, shop: Shop, faults: Sequence[Mapping[str, Any]]) -> Iterator[None]:
    url = f"{root}/control/data-spaces/{shop.known['data_space_id']}/faults"
    for fault in faults:
        answer = urllib3.request("POST", url, json=fault)
        if answer.status != CREATED:
            raise click.ClickException(f"no fault was made: {answer.data.decode()}")
    yield
    urllib3.request("DELETE", url)


if __name__ == "__main__":
    main()
