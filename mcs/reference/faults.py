"""docs/reference/faults.md: every way to misbehave, from the server's table."""

import json
from collections.abc import Iterator

import click

from mcs.contract.reference import GENERATED
from mcs.harness.faults_cli import faults
from mcs.reference.markdown import code, plain, table
from mcs.server.faults.actions import ABSENT, ACTIONS, Action, Parameter
from mcs.server.openapi import document

INTRODUCTION = """\
# Faults

{generated}

`mcs faults add ACTION` puts a fault in force, with `--set NAME=VALUE` for a parameter; the control
API and [scenarios](../scenarios.md) take the same names. `mcs faults journal` says which requests
and items it hit. [The fault matrix](../fault-matrix.md) shows what becomes of each on every feed.

## Actions

An action hits whole requests or single items.
"""
CONDITIONS = """\
## Conditions

A fault hits what all of its conditions match; one that is left out matches everything. Each is an
option of `mcs faults add`, and a name in the control API and in scenarios.
"""
DEFINED_ABOVE = ("action", "parameters", "note")


def faults_page() -> str:
    """Actions with their parameters, and the conditions of a rule."""
    lines = INTRODUCTION.format(generated=GENERATED).splitlines()
    lines += [
        "",
        *table(("action", "hits", "what happens", "parameters"), map(_row, ACTIONS.values())),
    ]
    lines += [*CONDITIONS.splitlines(), ""]
    known = document()["components"]["schemas"]["WantedFault"]["properties"]
    rows = [
        (code(name), plain(help_text))
        for name, help_text in _options_of_add()
        if name in known and name not in DEFINED_ABOVE
    ]
    return "\n".join([*lines, *table(("condition", "meaning"), rows)]).rstrip() + "\n"


def _row(action: Action) -> tuple[str, ...]:
    parameters = "; ".join(map(_parameter, action.parameters))
    return code(action.name), action.scope.value, plain(action.help), parameters


def _parameter(parameter: Parameter) -> str:
    default = ""
    if parameter.default is not ABSENT:
        default = f" (default {code(json.dumps(parameter.default))})"
    return f"{code(parameter.name)}: {plain(parameter.help)}{default}"


def _options_of_add() -> Iterator[tuple[str, str]]:
    add = faults.commands["add"]
    context = click.Context(add)
    for parameter in add.params:
        if record := parameter.get_help_record(context):
            yield parameter.opts[0].removeprefix("--"), record[1]
