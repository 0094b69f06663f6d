"""`mcs`: the face of server, harness and fixtures. Commands live in their rooms and load on use."""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click

import mcs
from mcs.contract.errors import UsageError

USAGE = 2

_COMMANDS: Mapping[str, str] = {
    "demo": "mcs.demo:demo",
    "serve": "mcs.server.cli:serve",
    "dataspace": "mcs.server.cli:dataspace",
    "diff": "mcs.harness.cli:diff",
    "send": "mcs.harness.cli:send",
    "contract": "mcs.harness.contract_cli:contract",
}


class _OnUse(click.Group):
    """A group whose commands are imported when they are asked for, so that none pays for all."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        command: Any = getattr(import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - the table above is ours
        return command


@click.group(cls=_OnUse, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(mcs.__version__, prog_name="mcs")
def cli() -> None:
    """Mock Commerce Services: receive catalog feeds, and say what went missing on the way."""


def main() -> None:
    """Runs mcs; wrong usage is one line on stderr and exit code 2."""
    try:
        cli.main(prog_name="mcs", standalone_mode=True)
    except UsageError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(USAGE)
