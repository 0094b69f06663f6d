"""`bin/magento`: the commands of Commerce that concern the export, as the seed writes them."""

import gc
import sys
from collections.abc import Mapping, Sequence

import click

from mcs.called import MAGENTO
from mcs.contract.errors import UsageError
from mcs.on_use import Entry, OnUse

USAGE = 2
COMPLETE_VARIABLE = "_MAGENTO_COMPLETE"
"""The variable by which a shell asks for completions; Click's own guess has a slash in it."""

_COMMANDS: Mapping[str, Entry] = {
    "saas:resync": Entry("mcs.exporter.resync_cli:saas_resync", "Collect and send a feed."),
    "indexer:reindex": Entry(
        "mcs.exporter.indexer_cli:indexer_reindex", "Collect, send what changed."
    ),
    "indexer:status": Entry("mcs.exporter.indexer_cli:indexer_status", "Show what is Ready."),
    "indexer:reset": Entry("mcs.exporter.indexer_cli:indexer_reset", "Demand a reindex."),
    "cron:run": Entry("mcs.exporter.cron_cli:cron_run", "Do once what cron does."),
    "config:set": Entry("mcs.exporter.config_cli:config_set", "Set a configuration value."),
    "config:show": Entry("mcs.exporter.config_cli:config_show", "Show the configuration."),
    "setup:performance:generate-fixtures": Entry(
        "mcs.exporter.fixtures_cli:generate_fixtures", "Make a catalog."
    ),
}


@click.group(cls=OnUse, on_use=_COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
def magento() -> None:
    """Mock Commerce: index a catalog and export it to Commerce Services."""


OBJECTS_BETWEEN_COLLECTIONS = 50_000


def main() -> None:
    """Runs the command of this process."""
    # An item is hundreds of objects, none of which refers to itself: looked at as often as usual
    # they cost a full sync a tenth of its time.
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)
    run()


def run(arguments: Sequence[str] | None = None) -> None:
    """Runs a command; wrong usage is one line on stderr and exit code 2. Leaves by SystemExit.

    arguments: instead of those that this process was called with.
    """
    try:
        magento.main(
            arguments, prog_name=MAGENTO, complete_var=COMPLETE_VARIABLE, standalone_mode=True
        )
    except UsageError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(USAGE)
