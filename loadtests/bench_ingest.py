"""How many items a second the service takes, side by side with others: `make bench-ingest`.

    python -m mcs.loadtests.bench_ingest --rounds 5 --seconds 4 --without WireMock

Each server runs on one core of its own, what sends on another. All get the same batches, round by
round in turn; medians are printed, by the wall clock and by the time that the server's processes
used. The latter holds on a busy machine, too.
"""

import gzip
import statistics
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import click
import orjson
from rich.progress import track

from mcs.fixtures.catalog import Catalog
from mcs.loadtests.batches import product_item
from mcs.loadtests.cores import cpu_s, on_cores, other_cores
from mcs.loadtests.figures import Figure, tell
from mcs.loadtests.ingest_contenders import (
    Contender,
    Unavailable,
    gunicorn,
    ours,
    prism,
    wiremock,
)
from mcs.loadtests.ingest_load import post_for

BATCH_ITEMS = 100
CONNECTIONS = 4
WARM_UP_S = 3.0
OURS, NAIVE, FLOOR = "mcs serve", "naive", "floor"
JUDGED_BY = {NAIVE: 25.0, FLOOR: 0.5}
OTHERS = ("Prism", "WireMock")
OTHERS_FACTOR = 1.3


@dataclass(slots=True)
class Speeds:
    """What rounds measured of a server: items per second, and per second of its own time.

    settled: the latter with what it put off.
    """

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    settled: list[float] = field(default_factory=list)

    @property
    def medians(self) -> tuple[float, float]:
        """Both medians."""
        return statistics.median(self.wall), statistics.median(self.cpu)


@dataclass(frozen=True, slots=True)
class Batches:
    """The same batches twice: packed, and plain for who cannot unpack."""

    packed: list[bytes]
    plain: list[bytes]


@click.command()
@click.option("--rounds", default=5, show_default=True)
@click.option("--seconds", default=4.0, show_default=True, help="How long each round takes.")
@click.option("--batches", default=200, show_default=True, help="How many different ones.")
@click.option("--without", multiple=True, help="A contender to leave out.")
@click.option(
    "--packages",
    type=click.Path(path_type=Path),
    default=Path(tempfile.gettempdir()) / "mcs-contenders",
    show_default=True,
    help="Folder for what comes from npm.",
)
def main(
    rounds: int, seconds: float, batches: int, without: tuple[str, ...], packages: Path
) -> None:
    """Measure servers that take the same batches of products."""
    made = made_batches(batches)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        contenders = _started(stack, Path(folder), packages, without)
        speeds = {name: Speeds() for name in contenders}
        with on_cores(other_cores()):
            for contender in contenders.values():
                _measured(contender, made, WARM_UP_S, Speeds())
            for _ in track(range(rounds), "measuring"):
                for name, contender in contenders.items():
                    _measured(contender, made, seconds, speeds[name])
    _report(speeds, rounds)


def made_batches(count: int) -> Batches:
    """So many batches of products, each of other ones."""
    catalog = Catalog(seed=42, products=count * BATCH_ITEMS)
    items = [product_item(product) for product in track(catalog, "making items", catalog.products)]
    plain = [
        orjson.dumps(items[start : start + BATCH_ITEMS])
        for start in range(0, len(items), BATCH_ITEMS)
    ]
    size = statistics.mean(map(len, plain)) / BATCH_ITEMS
    click.echo(f"{len(items):,} products of {size:,.0f} bytes, {BATCH_ITEMS} a batch, gzip")
    return Batches([gzip.compress(body, mtime=0) for body in plain], plain)


def _started(
    stack: ExitStack, home: Path, packages: Path, without: tuple[str, ...]
) -> dict[str, Contender]:
    contender, shop = stack.enter_context(ours(home / "ours"))
    starts: dict[str, Callable[[], Contender]] = {
        NAIVE: lambda: stack.enter_context(gunicorn(home, "naive_server", shop)),
        FLOOR: lambda: stack.enter_context(gunicorn(home, "floor_server", shop)),
        "Prism": lambda: stack.enter_context(prism(home, packages)),
        "WireMock": lambda: stack.enter_context(wiremock(home, packages)),
    }
    found = {OURS: contender}
    for name, start in starts.items():
        if name not in without:
            try:
                found[name] = start()
            except Unavailable as reason:
                click.echo(f"{name} is left out: {reason}")
    return found


def _measured(contender: Contender, batches: Batches, seconds: float, speeds: Speeds) -> None:
    target = contender.target()
    requests = target.requests(batches.packed if contender.gzipped else batches.plain)
    used_before = cpu_s(contender.pid)
    load = post_for(target, requests, seconds, CONNECTIONS)
    items = load.requests * BATCH_ITEMS
    speeds.wall.append(items / load.seconds)
    speeds.cpu.append(items / max(cpu_s(contender.pid) - used_before, 0.01))
    contender.settle()
    speeds.settled.append(items / max(cpu_s(contender.pid) - used_before, 0.01))


def _report(speeds: dict[str, Speeds], rounds: int) -> None:
    own = speeds[OURS].medians
    click.echo(f"medians of {rounds} rounds; ratios are mcs serve to the other")
    click.echo(f"{'':12}{'items/s':>12}{'ratio':>8}{'items/cpu s':>14}{'ratio':>8}")
    for name, measured in speeds.items():
        wall, cpu = measured.medians
        click.echo(f"{name:12}{wall:>12,.0f}{own[0] / wall:>8.2f}{cpu:>14,.0f}{own[1] / cpu:>8.2f}")
    settled = statistics.median(speeds[OURS].settled)
    click.echo(f"{settled:,.0f} items/cpu s with what mcs serve does later: sorting in")
    for target, name, wanted in _targets(speeds):
        reached = own[0] / speeds[name].medians[0]
        click.echo(f"{'✓' if reached >= wanted else '✗'} {target}: {reached:.2f}, wanted {wanted}")
        _tell(speeds, target, name, wanted)


def _tell(speeds: dict[str, Speeds], target: str, name: str, wanted: float) -> None:
    """By the servers' own time, which holds on a busy machine; the clock's stands beside it."""
    (own_wall, own), (wall, cpu) = speeds[OURS].medians, speeds[name].medians
    basis = f"{own:,.0f} against {cpu:,.0f} items/cpu s; by the clock {own_wall / wall:.2f}"
    tell(Figure("ingest, one worker", target, own / cpu, wanted, basis=basis))


def _targets(speeds: dict[str, Speeds]) -> list[tuple[str, str, float]]:
    wanted = [
        (f"times the {name} path", name, factor)
        for name, factor in JUDGED_BY.items()
        if name in speeds
    ]
    others = [name for name in OTHERS if name in speeds]
    if others:
        best = max(others, key=lambda name: speeds[name].medians[0])
        wanted.append((f"times the best of others, {best}", best, OTHERS_FACTOR))
    return wanted


if __name__ == "__main__":
    main()
