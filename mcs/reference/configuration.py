"""docs/reference/configuration.md: what server, data spaces and exporter are told, from code."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, Field, fields
from typing import Any

from mcs.contract.reference import GENERATED
from mcs.exporter import settings as exporter
from mcs.exporter.configuration import PATHS
from mcs.reference.markdown import code, plain, table
from mcs.server import config as server
from mcs.server.cli import serve

INTRODUCTION = """\
# Configuration

{generated}

An option counts before an environment variable, and that before the default. `mcs doctor` says
whether what is set fits together.
"""
SERVER = "## Server\n\nWhat `mcs serve` runs with, and `mcs dataspace` where it applies."
DATA_SPACE = """\
## Data space

How the service treats one data space: `mcs dataspace set NAME KEY=VALUE`, or `--set KEY=VALUE` when
it is made; in force from the next request on. What is assumed of the real service is a setting, see
[the contract](../contract.md)."""
EXPORTER = "## Exporter\n\nWhat each run of `bin/magento` is told by its environment."
SHOP = """\
## Shop

What `bin/magento config:set PATH VALUE` keeps in the commerce database, as Adobe Commerce does in
its own; `bin/magento config:show` lists it."""


def configuration_page() -> str:
    """Every setting, with what says it and its default."""
    lines = INTRODUCTION.format(generated=GENERATED).splitlines()
    options = {parameter.name: parameter.opts[0] for parameter in serve.params}
    named = [
        (
            code(server.ENVIRONMENT_PREFIX + field.name.upper()),
            code(options.get(field.name, "")),
            *_meaning(field),
        )
        for field in fields(server.ServerConfig)
    ]
    lines += _part(SERVER, ("variable", "option", "default", "what it is"), named)
    lines += _part(
        DATA_SPACE,
        ("setting", "default", "what it is"),
        [(code(field.name), *_meaning(field)) for field in fields(server.Settings)],
    )
    lines += _part(
        EXPORTER,
        ("variable", "default", "what it is"),
        [
            (code(field.metadata["variable"]), *_meaning(field))
            for field in fields(exporter.Settings)
        ],
    )
    paths = [(code(path), plain(said)) for path, said in PATHS.items()]
    lines += _part(SHOP, ("path", "what it is"), paths)
    return "\n".join(lines).rstrip() + "\n"


def _part(
    introduction: str, heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]
) -> Iterator[str]:
    yield from ("", *introduction.splitlines(), "", *table(heads, rows)[:-1])


def _meaning(field: Field[Any]) -> tuple[str, str]:
    default = "" if field.default in (None, MISSING) else _shown(field.default)
    return default, plain(field.metadata["help"])


def _shown(value: Any) -> str:
    if isinstance(value, bool | str):
        return code(json.dumps(value) if isinstance(value, bool) else value)
    return code(str(value))
