"""A Click group whose commands are imported when they are asked for, so that none pays for all.

It knows nothing of the project; both command lines, `mcs` and `bin/magento`, are made with it.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class OnUse(click.Group):
    """A group of commands given as `module:attribute`, by name."""

    def __init__(self, *args: Any, on_use: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self._on_use = on_use

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self._on_use)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self._on_use:
            return None
        module, _, name = self._on_use[cmd_name].partition(":")
        command = getattr(import_module(module), name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{self._on_use[cmd_name]} is no command")
        return command
