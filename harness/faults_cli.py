"""`mcs faults`: makes the service misbehave, by single rules or a scenario, and tells what it did.

Exit codes: 0 done; 2 wrong usage, or the service refuses the rule; 3 the service is away.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import orjson
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Table

from mcs.contract.dialects import any_feed_by_cli_name
from mcs.contract.errors import UsageError
from mcs.harness.asking import (
    commerce_option,
    data_space_option,
    exit_code,
    json_option,
    print_json,
    service_without_shop,
    token_option,
    url_option,
    var_option,
)
from mcs.harness.control import Control
from mcs.harness.fault_actions import ACTIONS
from mcs.harness.fault_texts import conditions_text, event_text
from mcs.harness.scenario_run import FaultState, ScenarioRun, begin
from mcs.harness.scenarios import NUMBERS, numbers_in, read_scenario
from mcs.scenarios import scenario_names, scenario_text

NOT_A_PAIR = '{option}: got "{pair}", expected NAME=VALUE.'
NOT_NUMBERS = '--nth: got "{text}", expected {expected}.'
NOT_A_MOMENT = '{option}: got "{text}", expected a moment such as 2026-11-22T19:10:00Z.'
ADDED = "fault {id}: {action}{conditions}"
CLEARED = "ended {cleared} faults; what they did stays in the journal."
NO_FAULTS = "no faults in force."
SETTINGS_CHANGED = "The scenario changed settings of the data space; they were: {before}."
WATCH_LATER = "`mcs faults list` shows how far they are, `mcs faults journal` what they did."

_PLACE = (var_option, commerce_option, url_option, data_space_option, token_option, json_option)


def _place_options(command: Callable[..., None]) -> Callable[..., None]:
    for option in _PLACE:
        command = option(command)
    return command


@click.group()
def faults() -> None:
    """Make the service misbehave: single faults, or a scenario of them."""


@faults.command()
@json_option
def actions(as_json: bool) -> None:
    """List the ways to misbehave, with their parameters and defaults."""
    if as_json:
        print_json(list(ACTIONS.values()))
        return
    table = _table("action", "counts", "what happens", "parameters")
    for action in ACTIONS.values():
        parameters = [f"{name}={_json(value)}" for name, value in action.parameters.items()]
        table.add_row(action.name, f"{action.scope}s", action.help, "\n".join(parameters))
    Console().print(table)


@faults.command()
@click.argument("action")
@click.option("--feed", help="Only this feed.")
@click.option("--nth", metavar="NUMBERS", help="Only these that match, such as 3 or 3,10-20.")
@click.option("--every", type=click.IntRange(min=1), help="Only each Nth that matches.")
@click.option("--probability", type=click.FloatRange(0, 1), help="Only by chance, 0 to 1.")
@click.option("--seed", type=click.IntRange(min=0), help="The same seed, the same chance.")
@click.option("--identity", "identities", multiple=True, metavar="PATH=VALUE", help="Repeatable.")
@click.option("--where", metavar="JSONPATH", help="Only items on which this is true.")
@click.option("--attempt", type=click.IntRange(min=1), help="Only the Nth time the same comes.")
@click.option("--from", "since", metavar="MOMENT", help="Not before, by the service's clock.")
@click.option("--until", metavar="MOMENT", help="Not from then on.")
@click.option("--count", type=click.IntRange(min=1), help="So many hits in all.")
@click.option("--set", "pairs", multiple=True, metavar="NAME=VALUE", help="A parameter.")
@click.option("--note", help="What it is for.")
@_place_options
def add(action: str, as_json: bool, **options: Any) -> None:
    """Put a fault in force. `mcs faults actions` lists what ACTION can be."""
    rule = {"action": action, **_conditions(options)}
    with _control(options) as control:
        fault = control.add_fault(rule)
    if as_json:
        print_json(fault)
    else:
        click.echo(ADDED.format(**fault | {"conditions": _after_colon(conditions_text(fault))}))


@faults.command("list", short_help="List the faults in force.")
@_place_options
def list_all(as_json: bool, **options: Any) -> None:
    """List the faults in force, how much they saw, and how often they hit."""
    with _control(options) as control:
        found = control.faults()
    if as_json:
        print_json({"faults": found})
    elif not found:
        click.echo(NO_FAULTS)
    else:
        _print_faults(found)


@faults.command()
@_place_options
def clear(as_json: bool, **options: Any) -> None:
    """End all faults; their journal stays."""
    with _control(options) as control:
        cleared = control.clear_faults()
    if as_json:
        print_json({"cleared": cleared})
    else:
        click.echo(CLEARED.format(cleared=cleared))


@faults.command()
@click.argument("number", type=click.IntRange(min=1))
@_place_options
def end(number: int, as_json: bool, **options: Any) -> None:
    """End one fault; its journal stays."""
    with _control(options) as control:
        ended = control.end_fault(number)
    _tell(ended, f"fault {number} ended.", as_json)


@faults.command()
@click.argument("number", type=click.IntRange(min=1))
@_place_options
def enable(number: int, as_json: bool, **options: Any) -> None:
    """Let a fault act again."""
    with _control(options) as control:
        fault = control.enable_fault(number, enabled=True)
    _tell(fault, f"fault {number} acts.", as_json)


@faults.command()
@click.argument("number", type=click.IntRange(min=1))
@_place_options
def disable(number: int, as_json: bool, **options: Any) -> None:
    """Let a fault rest; it keeps its counters."""
    with _control(options) as control:
        fault = control.enable_fault(number, enabled=False)
    _tell(fault, f"fault {number} rests.", as_json)


@faults.command()
@click.option("--fault", "number", type=click.IntRange(min=1), help="Only what this one did.")
@click.option("--feed", help="Only this feed.")
@_place_options
def journal(number: int | None, feed: str | None, as_json: bool, **options: Any) -> None:
    """Tell which items and requests suffered what, in order."""
    feed_name = any_feed_by_cli_name(feed).name if feed else None
    with _control(options) as control:
        events = [
            event
            for event in control.fault_journal()
            if number in (None, event["fault_id"]) and feed_name in (None, event["feed"])
        ]
    if as_json:
        print_json({"events": events})
        return
    for event in events:
        click.echo(event_text(event))
    click.echo(f"{len(events)} events.")


@faults.command(short_help="Put the faults of a scenario in force.")
@click.argument("scenario")
@click.option("--watch", is_flag=True, help="Stay until the scenario's end, or Ctrl-C.")
@click.option("--poll", "poll_s", type=click.FloatRange(min=0), default=1, show_default=True)
@_place_options
def run(scenario: str, watch: bool, poll_s: float, as_json: bool, **options: Any) -> None:
    """Put the faults of SCENARIO in force, from now on by the service's clock.

    SCENARIO is the path of a YAML file, or the name of one that comes with mcs; see
    `mcs faults scenarios`. With --watch its settings are put back at the end.
    """
    told = read_scenario(scenario_text(scenario), scenario)
    with _control(options) as control:
        running = begin(control, told)
        try:
            if watch:
                _watch(control, running, poll_s, quiet=as_json)
        finally:
            if watch:
                running.put_settings_back(control)
        states = running.states(control)
    if as_json:
        print_json(_document(running, states))
    else:
        _show(running, states, over=watch)


@faults.command()
@json_option
def scenarios(as_json: bool) -> None:
    """List the scenarios that come with mcs."""
    told = {name: read_scenario(scenario_text(name), name) for name in scenario_names()}
    if as_json:
        described = {name: one.description for name, one in told.items()}
        print_json({"scenarios": described})
        return
    table = _table("scenario", "lasts", "what happens")
    for name, one in told.items():
        table.add_row(name, str(one.length or "open"), one.description)
    Console().print(table)


@contextmanager
def _control(options: dict[str, Any]) -> Iterator[Control]:
    place: tuple[str | None, Path, str | None, str | None] = (
        options["commerce"],
        options["var"],
        options["data_space"],
        options["url"],
    )
    with exit_code():
        data_space, url = service_without_shop(*place)
        with Control(url, data_space, options["token"]) as control:
            yield control


def _conditions(options: dict[str, Any]) -> dict[str, Any]:
    """What was given of a rule; what was not stays out, so that the service decides."""
    feed, nth = options["feed"], options["nth"]
    given = {
        "feed": any_feed_by_cli_name(feed).name if feed else None,
        "nth": _numbers(nth) if nth else None,
        "identity": dict(_pair("--identity", pair) for pair in options["identities"]) or None,
        "from": _moment("--from", options["since"]),
        "until": _moment("--until", options["until"]),
        "parameters": {
            name: _value(text) for name, text in (_pair("--set", p) for p in options["pairs"])
        }
        or None,
    }
    plain = ("every", "probability", "seed", "where", "attempt", "count", "note")
    given |= {name: options[name] for name in plain}
    return {name: value for name, value in given.items() if value is not None}


def _numbers(text: str) -> int | list[int]:
    numbers = numbers_in(text)
    if numbers is None:
        raise UsageError(NOT_NUMBERS.format(text=text, expected=NUMBERS))
    return numbers[0] if len(numbers) == 1 else numbers


def _pair(option: str, pair: str) -> tuple[str, str]:
    name, equals, value = pair.partition("=")
    if not equals or not name:
        raise UsageError(NOT_A_PAIR.format(option=option, pair=pair))
    return name, value


def _value(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


def _moment(option: str, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(NOT_A_MOMENT.format(option=option, text=text)) from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat()


def _watch(control: Control, running: ScenarioRun, poll_s: float, *, quiet: bool) -> None:
    length = running.scenario.length
    total = length.total_seconds() if length else None
    console = Console(stderr=True, quiet=quiet)
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[hits]} hits")
    with Progress(*columns, console=console) as bar:
        task = bar.add_task(running.scenario.title, total=total, hits=0)
        try:
            while True:
                now, states = control.now(), running.states(control)
                hits = sum(state.hits for state in states)
                passed_s = (now - running.start).total_seconds()
                bar.update(task, completed=passed_s, hits=hits)
                if running.is_over(now, states):
                    return
                time.sleep(poll_s)
        except KeyboardInterrupt:
            console.print("Stopped watching; the faults stay in force.")


def _document(running: ScenarioRun, states: Sequence[FaultState]) -> dict[str, Any]:
    return {
        "scenario": running.scenario.title,
        "start": running.start.isoformat(),
        "settings_before": dict(running.settings_before),
        "faults": [
            {"step": state.step, "hits": state.hits, **dict(state.fault)} for state in states
        ],
    }


def _show(running: ScenarioRun, states: Sequence[FaultState], *, over: bool) -> None:
    click.echo(f"{running.scenario.title}, since {running.start.isoformat(timespec='seconds')}")
    table = _table("step", "fault", "action", "conditions", "seen", "hits")
    for state in states:
        fault = state.fault
        conditions = conditions_text(fault)
        row = (state.step, fault["id"], fault["action"], conditions, fault["seen"], state.hits)
        table.add_row(*map(str, row))
    Console().print(table)
    if not over:
        if running.settings_before:
            click.echo(SETTINGS_CHANGED.format(before=_json(dict(running.settings_before))))
        click.echo(WATCH_LATER)


def _print_faults(found: Sequence[dict[str, Any]]) -> None:
    table = _table("fault", "action", "conditions", "seen", "hits", "")
    for fault in found:
        resting = "" if fault.get("enabled", True) else "rests"
        row = (fault["id"], fault["action"], conditions_text(fault))
        table.add_row(*map(str, row), str(fault["seen"]), str(fault["applied"]), resting)
    Console().print(table)


def _tell(answer: dict[str, Any], text: str, as_json: bool) -> None:
    if as_json:
        print_json(answer)
    else:
        click.echo(text)


def _table(*headings: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def _after_colon(text: str) -> str:
    return f", {text}" if text else ""


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
