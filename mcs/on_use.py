"""A Click group whose commands are imported when they are asked for, so that none pays for all.

What a group's help and a shell's completion say of a command stands here beside its name, and
nowhere else: to list the commands none of them is imported. It knows nothing of the project; both
command lines, `mcs` and `bin/magento`, are made with it.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, NamedTuple

import click
from click.shell_completion import CompletionItem


class Entry(NamedTuple):
    """A command of a group. where: `module:attribute`. short_help: its line in the group's help."""

    where: str
    short_help: str


class OnUse(click.Group):
    """A group of commands, by name."""

    def __init__(self, *args: Any, on_use: Mapping[str, Entry], **options: Any) -> None:
        super().__init__(*args, **options)
        self._on_use = on_use

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._on_use)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._on_use:
            return None
        where = self._on_use[cmd_name].where
        module, _, name = where.partition(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{where} is no command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.short_help) for name, entry in self._on_use.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        commands = [
            CompletionItem(name, help=entry.short_help)
            for name, entry in self._on_use.items()
            if name.startswith(incomplete)
        ]
        # Not a group's own way, which asks every command for its help.
        return [*commands, *click.Command.shell_complete(self, ctx, incomplete)]
