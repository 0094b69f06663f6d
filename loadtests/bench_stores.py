"""Two workers on SQLite beside two on PostgreSQL, the same batches: `make bench-stores`.

    pg_virtualenv -- python -m mcs.loadtests.bench_stores --seconds 4

Servers, databases and what sends share all cores. It also tells what sorting in takes afterwards.
"""

import os
import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

import click

from mcs.loadtests.bench_ingest import BATCH_ITEMS, made_batches
from mcs.loadtests.figures import Figure, tell
from mcs.loadtests.ingest_contenders import Contender, Shop, ours
from mcs.loadtests.ingest_load import post_for

CONNECTIONS = 4
WARM_UP_S = 2.0
WORKERS = ("--workers", "2")


@click.command()
@click.option("--rounds", default=3, show_default=True)
@click.option("--seconds", default=4.0, show_default=True, help="How long each round takes.")
@click.option("--batches", default=100, show_default=True, help="How many different ones.")
@click.option("--postgres", metavar="URL", help="[default: what PGHOST and so on name]")
def main(rounds: int, seconds: float, batches: int, postgres: str | None) -> None:
    """Measure two workers on each database."""
    packed = made_batches(batches).packed
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        places = {"SQLite": (), "PostgreSQL": ("--database", postgres or _from_environment())}
        all_cores = os.sched_getaffinity(0)
        servers = {
            name: stack.enter_context(ours(Path(folder) / name, WORKERS, place, all_cores))
            for name, place in places.items()
        }
        taken: dict[str, list[float]] = {name: [] for name in servers}
        for number in range(rounds + 1):
            for name, server in servers.items():
                speed = _items_per_s(server, packed, seconds if number else WARM_UP_S)
                if number:
                    taken[name].append(speed)
    medians = {name: statistics.median(speeds) for name, speeds in taken.items()}
    sqlite, postgresql = medians.values()
    basis = f"{postgresql:,.0f} against {sqlite:,.0f} items/s"
    what = "× two workers on SQLite"
    tell(Figure("ingest, two workers on PostgreSQL", what, postgresql / sqlite, 0.8, basis=basis))
    for name, speed in medians.items():
        click.echo(f"{name:12}{speed:>12,.0f} items/s{speed / medians['SQLite']:>8.2f}")


def _items_per_s(server: tuple[Contender, Shop], packed: list[bytes], seconds: float) -> float:
    contender, _ = server
    target = contender.target()
    load = post_for(target, target.requests(packed), seconds, CONNECTIONS)
    began = time.perf_counter()
    contender.settle()
    items = load.requests * BATCH_ITEMS
    click.echo(f"{items:,} items, sorted in within {time.perf_counter() - began:.1f} s")
    return items / load.seconds


def _from_environment() -> str:
    user, password = os.environ["PGUSER"], os.environ["PGPASSWORD"]
    host, port = os.environ["PGHOST"], os.environ["PGPORT"]
    return f"postgresql://{user}:{password}@{host}:{port}/{os.environ['PGDATABASE']}"


if __name__ == "__main__":
    main()
