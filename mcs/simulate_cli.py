"""`mcs simulate`: a day of cron, edits and faults in under a minute; then the diff."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from mcs.harness.errors import CouldNotTell
from mcs.harness.reports.text import render_text
from mcs.harness.scenarios import read_scenario
from mcs.pairing import fresh_folder
from mcs.scenarios import scenario_text
from mcs.server_process import NotStarted, server_process
from mcs.simulation import MIDNIGHT, Day, Simulated
from mcs.simulation import simulate as simulated_day
from mcs.story_options import json_only_option, story_folder_option

IN_SYNC, DISCREPANCIES, COULD_NOT_TELL = 0, 1, 3
TOLD = """\
{scenario}: {hours:g} hours, {products} products, seed {seed}
passes of cron: {passes}, and {recovery_passes} to recover
edits in the shop: {edits}
requests by status: {requests}
syncs: {operations}"""
VISIBLE = "products visible at the day's end: {shown}"


@click.command()
@click.argument("scenario", required=False)
@click.option("--hours", default=24, show_default=True, type=click.FloatRange(0, 24 * 31))
@click.option("--products", default=200, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=42, show_default=True, type=click.IntRange(min=0))
@json_only_option
@story_folder_option(
    "The simulation works in the folder simulation below it, and empties that first."
)
def simulate(
    scenario: str | None, hours: float, products: int, seed: int, as_json: bool, var: Path
) -> None:
    """Let a generated shop export to a service of its own for a day, in virtual time.

    Cron runs each minute, the shop is edited now and then, and the faults of SCENARIO are in force:
    the name of one that comes with mcs (`mcs faults scenarios`), or the path of a YAML file. At the
    end the shop recovers without faults, and both sides are compared.

    The same options give the same day. Exit code: 0 in sync, 1 discrepancies, 3 could not tell.
    """
    told = read_scenario(scenario_text(scenario), scenario) if scenario else None
    day = Day(hours, products, seed, told)
    home = fresh_folder(var / "simulation")
    try:
        with (
            server_process(home, quiet=as_json, tied=True) as server,
            _progress(day, as_json) as watch,
        ):
            simulated = simulated_day(day, server.url, home, watch)
    except (NotStarted, CouldNotTell) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(COULD_NOT_TELL)
    if as_json:
        click.echo(json.dumps(simulated.document(), ensure_ascii=False, indent=2))
    else:
        _show(simulated)
    sys.exit(IN_SYNC if simulated.result.in_sync else DISCREPANCIES)


@contextmanager
def _progress(day: Day, quiet: bool) -> Iterator[Callable[[datetime], None]]:
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[now]}")
    with Progress(*columns, console=Console(stderr=True, quiet=quiet)) as bar:
        total = (day.end - MIDNIGHT).total_seconds()
        task = bar.add_task("simulating", total=total, now="")

        def watch(now: datetime) -> None:
            passed_s = (now - MIDNIGHT).total_seconds()
            bar.update(task, completed=min(passed_s, total), now=f"{now:%H:%M}")

        yield watch


def _show(simulated: Simulated) -> None:
    document, account = simulated.document(), simulated.account
    document["scenario"] = document["scenario"] or "A day without faults"
    document["requests"] = _listed(document["requests"])
    document["operations"] = "; ".join(
        f"{name} {_listed(counts)}" for name, counts in document["operations"].items()
    )
    click.echo(TOLD.format(**document))
    for fault in document["faults"]:
        what = fault["note"] or fault["action"]
        click.echo(f"step {fault['step']}, {what}: {fault['hits']} of {fault['seen']} hit")
    click.echo(VISIBLE.format(shown=_listed(account.visible)))
    render_text(simulated.result, Console())


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items()) or "none"
