"""`bin/magento config:…`: the exporter's configuration."""

import os
from pathlib import Path

import click

from mcs.contract.errors import UsageError
from mcs.exporter.configuration import all_values, set_value, shown_value
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop


@click.command("config:set")
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
    text = _content(from_file) if from_file else str(value)
    engine = open_shop(Settings.from_env(os.environ))
    try:
        with engine.begin() as connection:
            consequence = set_value(connection, path, text)
    finally:
        engine.dispose()
    click.echo(f"{path} is set.")
    if consequence:
        click.echo(consequence)


def _content(path: Path) -> str:
    try:
        return path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--from-file {path}: {error}. Name a text file.") from None


@click.command("config:show")
@click.argument("path", required=False)
def config_show(path: str | None) -> None:
    """Show a configuration value, or all of them; keys are not shown."""
    engine = open_shop(Settings.from_env(os.environ))
    try:
        with engine.connect() as connection:
            if path is not None:
                click.echo(shown_value(connection, path))
                return
            for name, value in all_values(connection).items():
                click.echo(f"{name} - {value}")
    finally:
        engine.dispose()
