"""`mcs loadtest`: sends a generated catalog with Locust, then compares what arrived.

Exit codes: 0 passed, 1 discrepancies, 2 wrong usage, 3 could not tell, 4 a threshold was missed.
"""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from mcs.contract.dialects import CATALOG_DIALECT, DIALECTS, FEEDS_DIALECT
from mcs.contract.feeds import FEEDS, feed_by_cli_name
from mcs.fixtures.calls import CALLED
from mcs.harness.asking import token_option
from mcs.harness.reports.reporting import Reporting
from mcs.loadtests.locust_process import MASTER_PATIENCE_S, run_worker
from mcs.loadtests.plan import SCENARIOS, Plan
from mcs.loadtests.report import REPORT, as_document, print_verdict
from mcs.loadtests.run import MASTER_PORT, LoadTest, Watch, first_items, plan_of, run
from mcs.loadtests.shapes import Shape, ShapeName
from mcs.loadtests.thresholds import read_thresholds

FILES = "Reports are in {folder}: {report}, summary.json, junit.xml and Locust's locust.html."
WEB_UI = "Locust's pages are at http://127.0.0.1:8089. Ctrl-C ends it, and compares both sides."
WORKER_HINT = "Waiting for {count} workers: mcs loadtest --worker --master-host <this machine>"


@click.command()
@click.option("--scenario", type=click.Choice(list(SCENARIOS)), default="initial-sync",
              show_default=True, help="What is sent, and by whom.")  # fmt: skip
@click.option("--profile", default="small", show_default=True,
              help="Of the catalog: a name, or a YAML file.")  # fmt: skip
@click.option("--items", type=click.IntRange(min=1),
              help="Make the catalog as large as to have about so many items.")  # fmt: skip
@click.option("--seed", default=42, show_default=True, type=click.IntRange(min=0))
@click.option("--dialect", type=click.Choice(list(DIALECTS)), default=FEEDS_DIALECT.name,
              show_default=True, help="The API that is spoken.")  # fmt: skip
@click.option("--feed", "feed_names", multiple=True, help="Only this feed; repeatable.")
@click.option("--rounds", default=5, show_default=True, type=click.IntRange(min=1),
              help="Of updates, where the scenario has some.")  # fmt: skip
@click.option("--users", default=8, show_default=True, type=click.IntRange(min=1),
              help="Locust users, over all processes.")  # fmt: skip
@click.option("--processes", default=1, show_default=True, type=click.IntRange(min=1),
              help="Processes that send, each its own shard.")  # fmt: skip
@click.option("--shape", type=click.Choice([str(one) for one in ShapeName]), default="flat",
              show_default=True, help="How many users there are when.")  # fmt: skip
@click.option("--over", "over_s", default=60.0, show_default=True, type=click.FloatRange(min=0),
              metavar="SECONDS", help="The measure of the shape.")  # fmt: skip
@click.option("--ahead/--as-it-goes", default=False, show_default=True,
              help="Make and pack all payloads before the first request.")  # fmt: skip
@click.option("--url", help="A running service. [default: one of its own]")
@token_option
@click.option("--thresholds", metavar="FILE",
              type=click.Path(dir_okay=False, path_type=Path),
              help="YAML. [default: those in loadtests/thresholds.yaml]")  # fmt: skip
@click.option("-o", "--output", default=Path("var/loadtest"), show_default=True, metavar="DIR",
              type=click.Path(file_okay=False, path_type=Path), help="For reports.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
@click.option("--web", is_flag=True, help="With Locust's web UI; a click starts the run.")
@click.option("--expect-workers", default=0, metavar="N", type=click.IntRange(min=0),
              help="Be the master of N workers, which may be on other machines.")  # fmt: skip
@click.option("--worker", is_flag=True, help="Be a worker of a master.")
@click.option("--master-host", default="127.0.0.1", show_default=True)
@click.option("--master-port", default=MASTER_PORT, show_default=True)
@click.option("--master-patience", "patience_s", default=MASTER_PATIENCE_S, show_default=True,
              metavar="SECONDS", type=click.FloatRange(min=0),
              help="With --worker: how long to wait for the master.")  # fmt: skip
def loadtest(
    *,
    feed_names: tuple[str, ...],
    shape: str,
    over_s: float,
    thresholds: Path | None,
    as_json: bool,
    worker: bool,
    master_host: str,
    patience_s: float,
    **options: Any,
) -> None:
    """Send each item of a generated catalog once, as many users do, and hold the run to thresholds.

    Afterwards what was sent is computed again and compared with what the service holds; any loss
    fails the run. Exit code: 0 passed, 1 discrepancies, 2 wrong usage, 3 could not tell, 4 a
    threshold was missed.
    """
    if worker:
        with Reporting().exit_code():
            code = run_worker(master_host, options["master_port"], patience_s, _tell)
        sys.exit(code)
    usual = CALLED if options["dialect"] == CATALOG_DIALECT.name else tuple(FEEDS)
    feeds = tuple(feed_by_cli_name(name).name for name in feed_names) or usual
    asked = LoadTest(feeds=feeds, shape=Shape(shape, over_s), **options)
    wanted, plan = read_thresholds(thresholds), plan_of(asked)
    _tell_what_to_do(asked)
    with Reporting().exit_code(), _progress(plan, quiet=as_json or asked.web) as watch:
        verdict = run(asked, plan, wanted, watch)
    if as_json:
        click.echo(json.dumps(as_document(verdict), ensure_ascii=False, indent=2))
    else:
        print_verdict(verdict, Console(highlight=False))
        click.echo(FILES.format(folder=asked.output, report=REPORT))
    sys.exit(verdict.exit_code)


def _tell(text: str) -> None:
    click.echo(text, err=True)


def _tell_what_to_do(asked: LoadTest) -> None:
    if asked.web:
        click.echo(WEB_UI, err=True)
    if asked.expect_workers:
        click.echo(WORKER_HINT.format(count=asked.expect_workers), err=True)


@contextmanager
def _progress(plan: Plan, *, quiet: bool) -> Iterator[Watch]:
    told = TextColumn("{task.fields[items]} items")
    columns = TextColumn("{task.description}"), BarColumn(), told, TimeElapsedColumn()
    each = first_items(plan)
    total = each * SCENARIOS[plan.scenario].tenants if each else None
    with Progress(*columns, console=Console(stderr=True, quiet=quiet)) as bar:
        task = bar.add_task("sending", total=total, items="0")

        def comparing() -> None:
            bar.update(task, description="comparing", total=None)

        yield Watch(lambda items: bar.update(task, completed=items, items=f"{items:,}"), comparing)
