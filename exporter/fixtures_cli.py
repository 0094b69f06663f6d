"""`bin/magento setup:performance:generate-fixtures`: a catalog to export."""

import os
import sys

import click

from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop
from mcs.fixtures.catalog import Catalog


@click.command("setup:performance:generate-fixtures", short_help="Make a catalog.")
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
