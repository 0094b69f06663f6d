"""How much more the load generator sends than a server takes, core for core: `make bench-load`.

    python -m mcs.loadtests.bench_load --items 50000 --rounds 3

Locust sends products to `mcs serve`, one process each. Both handle the same items in the same time,
so the ratio of what they used of their cores says how many server cores one core of load keeps
busy; it holds on a busy machine, too.
"""

import statistics
import tempfile
from dataclasses import replace
from pathlib import Path

import click

from mcs.loadtests.cores import cpu_s
from mcs.loadtests.figures import Figure, tell
from mcs.loadtests.run import LoadTest, new_tenants, plan_of, send
from mcs.loadtests.thresholds import Thresholds
from mcs.loadtests.verdict import judged
from mcs.server_process import server_process

STAGE = "load generator"
WANTED = 2.0
KINDS = {False: "made as it goes", True: "made ahead"}


@click.command()
@click.option("--items", default=50_000, show_default=True, help="Products that are sent.")
@click.option("--rounds", default=3, show_default=True)
@click.option("--users", default=8, show_default=True)
def main(items: int, rounds: int, users: int) -> None:
    """Send products, made as it goes and ahead, and compare what both processes used."""
    print(f"{items:,} products a round, {users} users; medians of {rounds}; items per core second")
    print(f"{'':18}{'load':>10}{'server':>10}{'ratio':>8}{'items/s':>10}")
    with tempfile.TemporaryDirectory() as folder:
        for ahead, kind in KINDS.items():
            asked = LoadTest(
                Path(folder), items=items, feeds=("products",), users=users, ahead=ahead
            )
            measured = [_measured(asked) for _ in range(rounds)]
            load, server, rate = map(statistics.median, zip(*measured, strict=True))
            print(f"{kind:18}{load:>10,.0f}{server:>10,.0f}{load / server:>8.2f}{rate:>10,.0f}")
            what = f"× one server core, payloads {kind}"
            basis = f"{load:,.0f} against {server:,.0f} items per core second"
            tell(Figure(STAGE, what, load / server, WANTED, basis=basis))


def _measured(asked: LoadTest) -> tuple[float, float, float]:
    """Items per second of the load's core, of the server's core, and of the clock."""
    with server_process(asked.output / "server", quiet=True, tied=True) as server:
        url = server.url.rstrip("/")
        plan = replace(plan_of(asked), url=url, tenants=tuple(new_tenants(asked, url)))
        before_s = cpu_s(server.process.pid)
        measures, ending = send(plan, asked)
        used_s = cpu_s(server.process.pid) - before_s
        verdict = judged(plan, measures, ending, Thresholds(), asked.output)
    if verdict.exit_code:
        raise SystemExit(f"the run ended with {verdict.exit_code}")
    items = measures.total_items
    return items / measures.cpu_s, items / used_s, measures.items_per_s


if __name__ == "__main__":
    main()
