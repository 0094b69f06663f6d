"""`bin/magento`: the commands of Commerce that concern the export, as the seed writes them."""

import os
import sys
from pathlib import Path

import click
from rich.console import Console

from mcs.contract.errors import UsageError
from mcs.contract.feeds import feed_by_cli_name
from mcs.exporter.commerce.database import read_config, write_config
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.progress import progress_line
from mcs.exporter.run import open_shop, resync
from mcs.exporter.settings import Settings
from mcs.exporter.sync import Progress
from mcs.fixtures.catalog import Catalog

ITEMS_FAILED = 1
USAGE = 2

SHOWN_REASONS = 5
SECRET = "(secret, set)"  # noqa: S105 - what is shown instead of one


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def magento() -> None:
    """Mock Commerce: index a catalog and export it to Commerce Services."""


@magento.command("saas:resync")
@click.option("--feed", "feed_name", required=True, help="Which entity to resync: products, …")
@click.option(
    "--no-reindex", is_flag=True, help="Send again what was collected before, without reindexing."
)
@click.option("--cleanup-feed", is_flag=True, help="Empty the feed's table before the sync.")
def saas_resync(feed_name: str, no_reindex: bool, cleanup_feed: bool) -> None:
    """Collect a feed and send it to Commerce Services.

    Exit code: 0 all sent, 1 items failed or the service is away, 2 a wrong call or configuration.
    """
    feed = feed_by_cli_name(feed_name)
    if no_reindex and cleanup_feed:
        raise UsageError(
            "--no-reindex sends what the feed table holds, and --cleanup-feed empties it: "
            "take one of them."
        )
    if cleanup_feed and sys.stdin.isatty():
        click.confirm(f"Empty the feed table of {feed.name}, then send it all again?", abort=True)
    settings = Settings.from_env(os.environ)
    engine = open_shop(settings)
    try:
        with progress_line(Console(stderr=True), feed.name) as watch:
            outcome = resync(
                engine,
                settings,
                feed,
                reindex=not no_reindex,
                cleanup=cleanup_feed,
                watch=watch,
            )
    finally:
        engine.dispose()
    _report(outcome, settings)
    sys.exit(0 if outcome.clean else ITEMS_FAILED)


@magento.command("config:set")
@click.argument("path")
@click.argument("value", required=False)
@click.option(
    "--from-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Take the value from a file, such as a private key.",
)
def config_set(path: str, value: str | None, from_file: Path | None) -> None:
    """Set a configuration value, such as services_connector/services_id/environment_id."""
    if (value is None) == (from_file is None):
        raise UsageError("give either a value or --from-file, not both and not neither.")
    text = from_file.read_text("utf-8") if from_file else str(value)
    engine = open_shop(Settings.from_env(os.environ))
    try:
        with engine.begin() as connection:
            write_config(connection, path, text)
    finally:
        engine.dispose()
    click.echo(f"{path} is set.")


@magento.command("config:show")
@click.argument("path")
def config_show(path: str) -> None:
    """Show a configuration value; keys are not shown."""
    engine = open_shop(Settings.from_env(os.environ))
    try:
        with engine.connect() as connection:
            value = read_config(connection, path)
    finally:
        engine.dispose()
    if value is None:
        raise UsageError(f"{path} is not set. Set it: bin/magento config:set {path} VALUE")
    click.echo(SECRET if path.endswith("_key") else value)


@magento.command("setup:performance:generate-fixtures")
@click.option("--products", default=1000, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=42, show_default=True)
def generate_fixtures(products: int, seed: int) -> None:
    """Replace the catalog by a generated one; the same seed gives the same catalog."""
    engine = open_shop(Settings.from_env(os.environ))
    try:
        with click.progressbar(
            length=products, label="Generating products", file=sys.stderr
        ) as bar:
            load_catalog(engine, Catalog(seed=seed, products=products), bar.update)
    finally:
        engine.dispose()
    click.echo(f"The catalog has {products} products now (seed {seed}).")


def main() -> None:
    """Runs bin/magento; wrong usage is one line on stderr and exit code 2."""
    try:
        magento.main(prog_name="bin/magento", standalone_mode=True)
    except UsageError as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(USAGE)


def _report(outcome: Progress, settings: Settings) -> None:
    feed = outcome.feed.name
    click.echo(
        f"{feed}: {outcome.submitted} items submitted ({outcome.deleted} of them deletes), "
        f"{outcome.failed} failed, {outcome.unchanged} unchanged and not sent."
    )
    if outcome.sources == 0 and not outcome.submitted:
        click.echo(
            f"{feed}: there is nothing to send. Is there a catalog? "
            "`bin/magento setup:performance:generate-fixtures` makes one; --no-reindex only "
            "repeats what was sent before.",
            err=True,
        )
    for reason, count in sorted(outcome.reasons.items(), key=lambda pair: -pair[1])[:SHOWN_REASONS]:
        click.echo(f"{feed}: {count} failed: {reason}", err=True)
    if outcome.failed:
        log = settings.log_dir / "saas-export-errors.log"
        click.echo(f"{feed}: see {log}. What can be retried goes with the next sync.", err=True)
    if outcome.stopped:
        click.echo(f"Error: {outcome.stopped}", err=True)
