"""docs/reference/commands.md: every command, from Click."""

import inspect
from collections.abc import Iterator

import click

from mcs.cli import cli
from mcs.contract.reference import GENERATED
from mcs.exporter.cli import magento
from mcs.reference.markdown import code, plain, table

INTRODUCTION = """\
# Commands

{generated}

Two commands: `mcs` is the face of server, harness and fixtures, `bin/magento` that of the exporter
(`magento` where the package was installed). Each says the same with `--help`. Options stand
before or behind arguments.

Exit codes: 0 well or in sync, 1 not so, 2 wrong usage, 3 could not tell.
"""


def commands_page() -> str:
    """Every command with its options."""
    lines = INTRODUCTION.format(generated=GENERATED).splitlines()
    for name, command in (("mcs", cli), ("bin/magento", magento)):
        for path, context in contexts(name, command):
            lines += ["", *_section(path, context)]
    return "\n".join(lines).rstrip() + "\n"


def contexts(name: str, command: click.Command) -> Iterator[tuple[str, click.Context]]:
    """Every command at and below one, with its full name, in the order of the help."""
    yield from _below(click.Context(command, info_name=name), name)


def _below(context: click.Context, path: str) -> Iterator[tuple[str, click.Context]]:
    yield path, context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            if command is not None and not command.hidden:
                inner = click.Context(command, parent=context, info_name=name)
                yield from _below(inner, f"{path} {name}")


def _section(path: str, context: click.Context) -> list[str]:
    command = context.command
    lines = [f"## {path}", "", *_paragraphs(command.help or "")]
    usage = " ".join(command.collect_usage_pieces(context))
    lines += ["```text", f"{path} {usage}".strip(), "```", ""]
    records = [
        record
        for parameter in command.get_params(context)
        if not _is_help(parameter)
        and (record := parameter.get_help_record(context))
        and (record[1] or isinstance(parameter, click.Option))
    ]
    if records:
        rows = ((code(names), plain(text)) for names, text in records)
        lines += table(("option", "what it does"), rows)
    return lines[:-1]


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        if paragraph.startswith("\b"):
            yield from ("```text", *paragraph.splitlines()[1:], "```", "")
        else:
            yield from (plain(" ".join(paragraph.split())), "")


def _is_help(parameter: click.Parameter) -> bool:
    return "--help" in parameter.opts
