"""`mcs case list` and `mcs case run`: the library of support cases in the terminal."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import orjson
from rich.console import Console

from mcs.called import MAGENTO
from mcs.contract.errors import UsageError
from mcs.harness.errors import CouldNotTell
from mcs.library.case import Case
from mcs.library.page import library_page
from mcs.library.playing import Played, play
from mcs.library.reading import read_case
from mcs.library.report import Teller, print_list, verdict
from mcs.library.stage import Stage
from mcs.pairing import fresh_folder
from mcs.server_process import NotStarted, server_process
from mcs.shipped import CASES
from mcs.story_options import json_only_option, story_folder_option

EXIT_NOT_SO, EXIT_COULD_NOT_TELL = 1, 3
ALL_OR_NAMES = "name a case, or give --all. `mcs case list` shows those that come with mcs."
PAUSED = """\

The service and the shop are as the customer has them. In another terminal:
  export MCS_VAR={home}
  mcs diff; {magento} indexer:status; ls {home}/log
  {url}/ in a browser
Press Enter to go on with the fix."""


@click.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON document instead.")
@click.option("--markdown", is_flag=True, help="Print docs/case-library.md instead.")
def list_cases(as_json: bool, markdown: bool) -> None:
    """List the support cases that come with mcs."""
    cases = [read_case(CASES.text(name), name) for name in CASES.names()]
    if as_json:
        entries = [
            {"name": case.name, "title": case.title, "symptom": case.symptom, "cause": case.cause}
            for case in cases
        ]
        _print_json({"cases": entries})
    elif markdown:
        click.echo(library_page(cases), nl=False)
    else:
        print_list(cases, Console())


@click.command()
@click.argument("names", nargs=-1, metavar="NAME…")
@click.option("--all", "every", is_flag=True, help="All cases that come with mcs.")
@click.option("--pause", is_flag=True, help="Stop before the fix, to look around; Enter goes on.")
@json_only_option
@story_folder_option(
    "Each case works in a folder of its own, case-library/NAME in it, and empties that first."
)
def run(names: Sequence[str], every: bool, pause: bool, as_json: bool, var: Path) -> None:
    """Let a generated shop and a service of its own live through support cases, and tell the story.

    NAME is one of `mcs case list`, or the path of a YAML file. Each thing that the case says must
    be seen is looked for, before the fix and after it.

    Exit code: 0 all reproduced and healed, 1 not, 2 wrong usage, 3 could not tell.
    """
    if bool(names) == every:
        raise UsageError(ALL_OR_NAMES)
    cases = [read_case(CASES.text(name), name) for name in names or CASES.names()]
    played: list[Played] = []
    try:
        for case in cases:
            home = fresh_folder(var / "case-library" / Path(case.name).stem)
            played.append(_play(case, home, as_json=as_json, pause=pause))
    except (CouldNotTell, NotStarted) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(EXIT_COULD_NOT_TELL)
    if as_json:
        _print_json({"cases": [one.document() for one in played]})
    elif len(played) > 1:
        _print_summary(played)
    sys.exit(0 if all(one.as_told for one in played) else EXIT_NOT_SO)


def _play(case: Case, home: Path, *, as_json: bool, pause: bool) -> Played:
    # A service of its own: cases turn its clock, and find what other data spaces hold.
    with server_process(home, quiet=True) as server:
        if as_json:
            return play(case, server.url, home)
        console = Console()
        teller = Teller(case, console)
        teller.begin()
        before_fix: Callable[[Stage], None] = _pause if pause else _go_on
        played = play(case, server.url, home, teller.tell, before_fix)
        teller.end(played)
        return played


def _go_on(_: Stage) -> None:
    """The fix follows at once."""


def _pause(stage: Stage) -> None:
    click.echo(PAUSED.format(home=stage.home, url=stage.url, magento=MAGENTO))
    sys.stdin.readline()


def _print_summary(played: Sequence[Played]) -> None:
    width = max(len(one.case.name) for one in played)
    click.echo()
    for one in played:
        click.echo(f"{one.case.name:{width}}  {verdict(one)}")


def _print_json(document: object) -> None:
    click.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2))
