"""`mcs loadtest`: sends a generated catalog with Locust, then compares what arrived.

Exit codes: 0 passed, 1 discrepancies, 2 wrong usage, 3 could not tell, 4 a threshold was missed.
"""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import urllib3
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, feed_by_cli_name
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.items import FeedItems
from mcs.fixtures.profile import Profile
from mcs.fixtures.profile_file import parsed_profile, profile_text, read_profile
from mcs.harness.asking import exit_code, token_option
from mcs.harness.client import TIMEOUT, checked_url, refusal, unreachable
from mcs.harness.errors import CouldNotTell
from mcs.loadtests.locust_process import run_locust, run_worker
from mcs.loadtests.plan import SCENARIOS, Plan, Tenant, Wish
from mcs.loadtests.plan_file import read_measured
from mcs.loadtests.report import REPORT, as_document, print_verdict, write_reports
from mcs.loadtests.shapes import Shape, ShapeName
from mcs.loadtests.thresholds import read_thresholds
from mcs.loadtests.verdict import PROFILE, judged
from mcs.server_process import NotStarted, server_process

MASTER_PORT = 5557
SERVER = "server"
CREATED = 201
TOO_FEW_USERS = (
    "--users {users}: each of {processes} processes needs an exporter, and {others} users do other "
    "things. Give at least {least}."
)
NO_SPACE = "{url} made no data space: {refusal} Give --token if it runs on another machine."
FILES = "Reports are in {folder}: {report}, summary.json, junit.xml and Locust's locust.html."
WEB_UI = (
    "Locust's pages are at http://127.0.0.1:8089. End with Ctrl-C; then both sides are compared."
)
WORKER_HINT = "Waiting for {count} workers: mcs loadtest --worker --master-host <this machine>"


@click.command(short_help="Send a generated catalog with Locust, and compare what arrived.")
@click.option("--scenario", type=click.Choice(list(SCENARIOS)), default="initial-sync",
              show_default=True, help="What is sent, and by whom.")  # fmt: skip
@click.option("--profile", "profile_name", default="small", show_default=True,
              help="Of the catalog: a name, or a YAML file.")  # fmt: skip
@click.option("--items", type=click.IntRange(min=1),
              help="Make the catalog as large as to have about so many items.")  # fmt: skip
@click.option("--seed", default=42, show_default=True, type=click.IntRange(min=0))
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
@click.option("--thresholds", "thresholds_path", metavar="FILE",
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
def loadtest(
    *,
    scenario: str,
    profile_name: str,
    items: int | None,
    seed: int,
    feed_names: tuple[str, ...],
    rounds: int,
    users: int,
    processes: int,
    shape: str,
    over_s: float,
    ahead: bool,
    url: str | None,
    token: str | None,
    thresholds_path: Path | None,
    output: Path,
    as_json: bool,
    web: bool,
    expect_workers: int,
    worker: bool,
    master_host: str,
    master_port: int,
) -> None:
    """Send each item of a generated catalog once, as many users do, and hold the run to thresholds.

    Afterwards what was sent is computed again and compared with what the service holds; any loss
    fails the run. Exit code: 0 passed, 1 discrepancies, 2 wrong usage, 3 could not tell, 4 a
    threshold was missed.
    """
    if worker:
        sys.exit(run_worker(master_host, master_port))
    wanted = read_thresholds(thresholds_path)
    wish = Wish(
        tuple(feed_by_cli_name(name).name for name in feed_names) or tuple(FEEDS),
        rounds,
        over_s / rounds if shape == ShapeName.SOAK else 0,
    )
    plan = Plan(
        scenario=scenario,
        url="",
        profile=profile_text(_sized(read_profile(profile_name), items, seed, wish)),
        tenants=(),
        stages=tuple(SCENARIOS[scenario].stages(wish)),
        misbehaving=SCENARIOS[scenario].misbehaving,
        users=users,
        shape=Shape(shape, over_s),
        ahead=ahead,
        processes=expect_workers or processes,
    )
    _check_users(plan)
    _fresh(output)
    (output / PROFILE).write_text(plan.profile, "utf-8")
    options = _master_options(expect_workers, master_port)
    with exit_code(), _service(output, url) as base:
        plan = replace(plan, url=base, tenants=tuple(_tenants(scenario, base, seed, token)))
        if web:
            click.echo(WEB_UI, err=True)
        if expect_workers:
            click.echo(WORKER_HINT.format(count=expect_workers), err=True)
        with _progress(plan, quiet=as_json or web) as on_progress:
            run_locust(plan, output, options=options, web=web, on_progress=on_progress)
        measured = read_measured(output)
        if measured is None:
            raise CouldNotTell("Locust measured nothing.")
        verdict = judged(plan, *measured, wanted, output, token)
        write_reports(verdict, output)
    if as_json:
        click.echo(json.dumps(as_document(verdict), ensure_ascii=False, indent=2))
    else:
        print_verdict(verdict, Console(highlight=False))
        click.echo(FILES.format(folder=output, report=REPORT))
    sys.exit(verdict.exit_code)


def _sized(profile: Profile, items: int | None, seed: int, wish: Wish) -> Profile:
    """The profile with so many products that its feeds have about so many items."""
    for _ in range(4 if items else 0):
        made = FeedItems(Catalog.of_profile(profile, seed))
        have = sum(made.count(feed) for feed in wish.feeds)
        factor = (items or have) / have
        units = tuple(
            replace(unit, count=max(1, round(unit.count * factor))) for unit in profile.units or ()
        )
        profile = replace(profile, units=units)
    return profile


def _check_users(plan: Plan) -> None:
    if plan.users < plan.fewest_users:
        others = len(plan.misbehaving)
        told = {"users": plan.users, "processes": plan.processes, "others": others}
        raise UsageError(TOO_FEW_USERS.format(**told, least=plan.fewest_users))


def _fresh(output: Path) -> None:
    """Makes the folder, without the database of an earlier run's own service."""
    shutil.rmtree(output / SERVER, ignore_errors=True)
    output.mkdir(parents=True, exist_ok=True)


@contextmanager
def _service(output: Path, url: str | None) -> Iterator[str]:
    """The URL of the service that is meant: a running one, or one until the block ends."""
    if url:
        yield checked_url(url)
        return
    try:
        with server_process(output / SERVER, quiet=True, tied=True) as server:
            yield server.url.rstrip("/")
    except NotStarted as error:
        raise CouldNotTell(str(error)) from None


def _tenants(scenario: str, url: str, seed: int, token: str | None) -> Iterator[Tenant]:
    """A new data space for each tenant of a scenario, with a catalog of its own."""
    address = f"{url}/control/data-spaces"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    for number in range(SCENARIOS[scenario].tenants):
        name = f"load-{number + 1}"
        try:
            answer = urllib3.request(
                "POST",
                address,
                json={"name": name},
                headers=headers,
                timeout=TIMEOUT,
                retries=False,
            )
        except urllib3.exceptions.HTTPError as error:
            raise CouldNotTell(unreachable(url, error)) from None
        if answer.status != CREATED:
            told = refusal(answer.status, answer.data)
            raise CouldNotTell(NO_SPACE.format(url=url, refusal=told))
        made = answer.json()
        yield Tenant(name, made["id"], made["api_key"], made["private_key"], seed + number)


def _master_options(expect_workers: int, port: int) -> list[str]:
    if not expect_workers:
        return []
    options = ["--master", "--master-bind-port", str(port)]
    return [*options, "--expect-workers", str(expect_workers)]


@contextmanager
def _progress(plan: Plan, *, quiet: bool) -> Iterator[Callable[[int], None]]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[items]} items"),
    )
    console = Console(stderr=True, quiet=quiet)
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("sending", total=_first_items(plan), items="0")
        yield lambda items: bar.update(task, completed=items, items=f"{items:,}")


def _first_items(plan: Plan) -> int | None:
    """How many items are sent; None where updates are among them, which nobody has counted."""
    if any(stage.since is not None for stage in plan.stages):
        return None
    profile = parsed_profile(plan.profile, PROFILE)
    counts = (FeedItems(Catalog.of_profile(profile, tenant.seed)).count for tenant in plan.tenants)
    return sum(count(stage.feed) for count in counts for stage in plan.stages)
