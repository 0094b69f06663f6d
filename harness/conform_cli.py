"""`mcs conform`: does an exporter survive the real service? Answered clause by clause.

Exit codes: 0 every must passes or is waived; 1 a must failed; 2 wrong usage; 3 could not tell;
130 interrupted.
"""

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeVar

import click
from rich.console import Console

from mcs.contract.errors import UsageError
from mcs.harness.asking import exit_code, json_option, print_json, token_option
from mcs.harness.conform_run import Run, hear
from mcs.harness.conformance.badge import badge
from mcs.harness.conformance.clause import EVERY, Clause
from mcs.harness.conformance.judging import Jury, Outcome
from mcs.harness.conformance.report import (
    tables,
    to_document,
    told,
    verdict_of,
    write_cases,
    write_html,
    write_json,
)
from mcs.harness.conformance.scenarios import Scenario
from mcs.harness.conformance.suites import FEEDS_SUITE, SUITES, Suite
from mcs.harness.conformance.verdict import Ruling
from mcs.harness.conformance.waivers import waivers
from mcs.harness.reports.formats import Destination, Format, destination, write_file
from mcs.harness.reports.parts import printable
from mcs.harness.reports.reporting import EXIT_INTERRUPTED, INTERRUPTED
from mcs.harness.reports.terminal import print_table, styled

T = TypeVar("T")

NO_DURATION = '{option}: got "{given}", expected a duration such as 60s or 5m.'
NOT_SHOWN = "not observed, so nobody knows: {clauses}."
UNKNOWN = '{option}: there is no "{given}". `mcs conform --list` shows all, with --dialect.'
_REPORTS: dict[Format, Callable[[Outcome, str, IO[bytes]], None]] = {
    Format.JSON: lambda outcome, _, out: write_json(outcome, out),
    Format.JUNIT: lambda outcome, _, out: write_cases(outcome, out),
    Format.HTML: write_html,
}


def _seconds(_: click.Context, option: click.Parameter, given: str) -> float:
    """A duration in seconds, or with s or m behind the number."""
    factor = {"s": 1, "m": 60}.get(given[-1:], 0)
    try:
        seconds = float(given[:-1]) * factor if factor else float(given)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise UsageError(NO_DURATION.format(option=option.opts[0], given=given))
    return seconds


@click.command()
@click.option("--exporter", "command", metavar="COMMAND", help="A shell line, run once per step.")
@click.option("--callable", "python", metavar="MODULE:NAME", help="A Python exporter, called here.")
@click.option(
    "--dialect",
    type=click.Choice(list(SUITES)),
    default=FEEDS_SUITE.dialect.name,
    show_default=True,
    help="The API family that it speaks.",
)
@click.option("--listen", is_flag=True, help="Judge what comes from an exporter run by hand.")
@click.option(
    "--for",
    "seconds",
    callback=_seconds,
    default="60s",
    show_default=True,
    help="With --listen: stop after this time.",
)
@click.option("--requests", type=click.IntRange(min=1), help="With --listen: stop after so many.")
@click.option("--virtual-clock", "virtual", is_flag=True, help="It waits on the service's clock.")
@click.option(
    "--parallel",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many requests it may have under way.",
)
@click.option("--step-timeout", "step_timeout", callback=_seconds, default="10m", show_default=True)
@click.option("--url", help="A running service. [default: one is started for this run]")
@token_option
@click.option("--work", type=click.Path(file_okay=False, path_type=Path), help="Keep its files.")
@click.option("--clause", "clauses", multiple=True, metavar="ID", help="This only; repeatable.")
@click.option("--scenario", "scenarios", multiple=True, metavar="NAME", help="As --clause.")
@click.option("--waive", multiple=True, metavar="CLAUSE=REASON", help="Need not be met.")
@click.option(
    "--waivers",
    "waiver_files",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A YAML file of reasons by clause.",
)
@click.option("--strict", is_flag=True, help="A must that was not observed fails.")
@json_option
@click.option("--report", "reports", multiple=True, metavar="FORMAT:FILE", help="json, junit, html")
@click.option("--badge", "badge_file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--list", "listing", is_flag=True, help="Show the clauses and the scenarios.")
def conform(
    *,
    dialect: str,
    clauses: Sequence[str],
    scenarios: Sequence[str],
    waive: Sequence[str],
    waiver_files: Sequence[Path],
    listing: bool,
    strict: bool,
    as_json: bool,
    reports: Sequence[str],
    badge_file: Path | None,
    **how: Any,
) -> None:
    """Judge an exporter by how it behaves towards a live service.

    COMMAND is run once per step of each scenario and told by its environment what to do:
    docs/conformance.md. A must that fails gives exit code 1; advice never does; what was not
    observed is shown in red and is no pass.
    """
    suite = SUITES[dialect]
    led = [_known(suite.scenarios, name, "--scenario") for name in scenarios]
    named = [_known(suite.clauses, name, "--clause") for name in clauses]
    limited = bool(led) or how["listen"]
    chosen = named or [one for one in suite.clauses.values() if not limited or _can_show(led, one)]
    if listing:
        _print_list(chosen, led or list(suite.scenarios.values()), as_json=as_json)
        return
    reasons, files = waivers(waive, waiver_files), [destination(text, _REPORTS) for text in reports]
    run, jury = Run(**how, suite=suite, quiet=as_json), Jury(chosen, dialect)
    with exit_code(), _interruptible():
        hear(run, jury, led)
        outcome = jury.outcome(reasons, strict=strict)
        _publish(outcome, run, files, badge_file, as_json=as_json)
    raise click.exceptions.Exit(outcome.exit_code)


@contextmanager
def _interruptible() -> Iterator[None]:
    # SIGTERM, too, so that neither service nor exporter outlives a job that is cancelled.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        click.echo(INTERRUPTED, err=True)
        raise click.exceptions.Exit(EXIT_INTERRUPTED) from None
    finally:
        signal.signal(signal.SIGTERM, before)


def _can_show(led: Sequence[Scenario], clause: Clause) -> bool:
    return clause.scenarios == EVERY or any(one.name in clause.scenarios for one in led)


def _known(table: Mapping[str, T], name: str, option: str) -> T:
    if name not in table:
        raise UsageError(UNKNOWN.format(option=option, given=name))
    return table[name]


def _publish(
    outcome: Outcome,
    run: Run,
    files: Sequence[Destination],
    badge_file: Path | None,
    *,
    as_json: bool,
) -> None:
    if as_json:
        print_json(to_document(outcome))
    else:
        _print(outcome, Console())
    for one in files:
        write_file(one.path, partial(_REPORTS[one.format], outcome, run.name))
    if badge_file is not None:
        write_file(badge_file, partial(_write_badge, outcome, run.suite))


def _write_badge(outcome: Outcome, suite: Suite, out: IO[bytes]) -> None:
    out.write(badge(outcome, suite).encode())


def _print(outcome: Outcome, console: Console) -> None:
    for title, table in tables(outcome):
        console.print(title, style="bold")
        print_table(console, table)
    for one, lines in told(outcome, Ruling.FAIL, Ruling.WAIVED):
        console.print(f"{one.clause.id} {one.ruling}", style="bold", highlight=False)
        for line in lines:
            console.print(f"  {printable(line)}", markup=False, highlight=False, soft_wrap=True)
    if unseen := ", ".join(one.clause.id for one in outcome.having(Ruling.NOT_OBSERVED)):
        console.print(NOT_SHOWN.format(clauses=unseen), style="red", highlight=False)
    for note in outcome.notes:
        console.print(printable(note), markup=False, highlight=False, soft_wrap=True)
    console.print(styled(verdict_of(outcome)))


def _print_list(clauses: Sequence[Clause], scenarios: Sequence[Scenario], *, as_json: bool) -> None:
    if as_json:
        listed = [
            {
                "id": one.id,
                "sentence": one.sentence,
                "grade": one.grade.value,
                "source": one.source,
                "scenarios": list(one.scenarios),
            }
            for one in clauses
        ]
        told_scenarios = [{"name": one.name, "title": one.title} for one in scenarios]
        print_json({"clauses": listed, "scenarios": told_scenarios})
        return
    for clause in clauses:
        where = "all" if clause.scenarios == EVERY else ", ".join(clause.scenarios)
        click.echo(f"{clause.id:10} {clause.grade:7} {clause.sentence} [{where}]")
    click.echo()
    for scenario in scenarios:
        click.echo(f"{scenario.name:20} {scenario.title}")
