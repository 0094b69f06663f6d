"""`mcs case`: the support cases. Each command lives in its room and loads on use."""

from collections.abc import Mapping

import click

from mcs.on_use import OnUse

_COMMANDS: Mapping[str, str] = {
    "capture": "mcs.harness.cases.cli:capture",
    "import": "mcs.harness.cases.cli:import_files",
    "replay": "mcs.harness.cases.cli:replay",
    "minimise": "mcs.harness.cases.cli:minimise",
    "to-test": "mcs.harness.cases.cli:to_test",
    "list": "mcs.library.cli:list_cases",
    "run": "mcs.library.cli:run",
}


@click.group(cls=OnUse, on_use=_COMMANDS, short_help="Capture, replay and explain support cases.")
def case() -> None:
    """Support cases: capture, import, replay, minimise; and the library of known ones."""
