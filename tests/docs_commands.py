"""The commands in the documentation, as a shell would read them."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from mcs.cli import cli
from mcs.exporter.cli import magento

PROGRAMS: dict[str, click.Command] = {
    "mcs": cli,
    ".venv/bin/mcs": cli,
    "bin/magento": magento,
    "magento": magento,
}
_BLOCK = re.compile(r"^```(?:sh|bash|console)\n(.*?)^```", re.M | re.S)
_SPAN = re.compile(r"(?<!`)`((?:mcs|bin/magento|magento) [^`\n]+)`(?!`)")
_ASSIGNMENT = re.compile(r"[A-Z_]+=.*")
_HERE_DOCUMENT = re.compile(r"<<'?(\w+)'?\n.*?^\1$", re.M | re.S)
_SUBSTITUTION = re.compile(r'"?\$\(([^()]*)\)"?')
_BETWEEN_COMMANDS = {"|", "||", "&&", ";", "&", "(", ")", ">", ">>", "<", "2>&1", ">&", "do"}
_NOT_WHOLE = ("…", "...", "(", ",", "|")


@dataclass(frozen=True, slots=True)
class Command:
    """One call of a program of ours. line: as it is written."""

    program: str
    arguments: tuple[str, ...]
    line: str


def blocks(page: Path) -> list[str]:
    """The shell blocks of a page."""
    return _BLOCK.findall(page.read_text("utf-8"))


def commands_in_blocks(page: Path) -> list[Command]:
    """Every call of our programs in the shell blocks of a page."""
    return [command for block in blocks(page) for command in _commands(block)]


def commands_in_text(page: Path) -> list[Command]:
    """Every call of our programs that a sentence mentions, as far as it is written out."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S)
    found = []
    for span in _SPAN.findall(text):
        program, *words = span.split()
        whole = []
        for word in words:
            if word.startswith(_NOT_WHOLE) or not word.isascii():
                break
            whole.append(word.strip("\"'"))
        found.append(Command(program, tuple(whole), span))
    return found


def context_of(command: Command) -> tuple[click.Context, list[str]]:
    """The command that is called, and what it is given. Raises click.UsageError if it is none."""
    context = click.Context(PROGRAMS[command.program], info_name=command.program)
    rest = list(command.arguments)
    while isinstance(context.command, click.Group) and rest and not rest[0].startswith("-"):
        name = rest.pop(0)
        inner = context.command.get_command(context, name)
        if inner is None:
            raise click.UsageError(f'{context.command_path} has no command "{name}"')
        context = click.Context(inner, parent=context, info_name=name)
    return context, rest


def _commands(block: str) -> Iterator[Command]:
    text = _HERE_DOCUMENT.sub("", block.replace("\\\n", " "))
    for line in text.splitlines():
        yield from _calls(line)
        for inner in _SUBSTITUTION.findall(line):
            yield from _calls(inner)


def _calls(line: str) -> Iterator[Command]:
    lexer = shlex.shlex(_SUBSTITUTION.sub("substituted", line), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if word not in _BETWEEN_COMMANDS:
            words.append(word)
            continue
        while words and (_ASSIGNMENT.fullmatch(words[0]) or words[0] in ("$", "then", "do")):
            words = words[1:]
        if words and words[0] in PROGRAMS:
            yield Command(words[0], tuple(words[1:]), line.strip())
        words = []
