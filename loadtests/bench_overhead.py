"""What an open inspector and faults in force cost beside plain ingest: `make bench-overhead`.

The journal is on in all of them, as it always is.
"""

import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
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
PLAIN = "plain"
LONGEST_WAIT_S = 20
CREATED = 201


@click.command()
@click.option("--rounds", default=5, show_default=True)
@click.option("--seconds", default=3.0, show_default=True, help="How long each round takes.")
@click.option("--batches", default=100, show_default=True, help="How many different ones.")
def main(rounds: int, seconds: float, batches: int) -> None:
    """Measure what is on while batches come."""
    packed = made_batches(batches).packed
    with tempfile.TemporaryDirectory() as folder, ours(Path(folder)) as (contender, shop):
        root = f"http://127.0.0.1:{contender.target().port}"
        modes: dict[str, Callable[[], AbstractContextManager[None]]] = {
            PLAIN: nullcontext,
            "inspector open": lambda: _inspector(root, shop),
            "faults on": lambda: _faults(root, shop, TYPICAL),
            "drawn for each": lambda: _faults(root, shop, DRAWN),
        }
        speeds: dict[str, list[float]] = {name: [] for name in modes}
        with on_cores(other_cores()):
            for number in range(rounds + 1):
                for name, mode in modes.items():
                    with mode():
                        speed = _items_per_cpu_s(contender, packed, seconds)
                    if number:
                        speeds[name].append(speed)
    plain = statistics.median(speeds[PLAIN])
    for name, measured in speeds.items():
        speed = statistics.median(measured)
        if name != PLAIN:
            basis = f"{speed:,.0f} against {plain:,.0f} items/cpu s"
            less = 100 * max(0, 1 - speed / plain)
            tell(Figure("ingest", f"{name}, % less", less, 15, at_most=True, basis=basis))
        click.echo(f"{name:16}{speed:>12,.0f} items/cpu s{1 - speed / plain:>8.1%} less")


def _items_per_cpu_s(contender: Contender, packed: list[bytes], seconds: float) -> float:
    target = contender.target()
    before = cpu_s(contender.pid)
    load = post_for(target, target.requests(packed), seconds, CONNECTIONS)
    speed = load.requests * BATCH_ITEMS / (cpu_s(contender.pid) - before)
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
