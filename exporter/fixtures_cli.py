"""`bin/magento setup:performance:generate-fixtures`: a catalog to export."""

import os
import sys

import click

from mcs.contract.errors import UsageError
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.profile_file import read_profile

BOTH = "--products and --profile contradict each other: a profile has its own number of products."


@click.command("setup:performance:generate-fixtures")
@click.argument("profile_path", metavar="[PROFILE]", required=False)
@click.option("--products", type=click.IntRange(min=1), help="How many. [default: 1000]")
@click.option("--profile", "profile_name", help="small, medium, …, or a YAML file, instead.")
@click.option("--seed", default=42, show_default=True)
def generate_fixtures(
    profile_path: str | None, products: int | None, profile_name: str | None, seed: int
) -> None:
    """Replace the catalog by a generated one; the same seed gives the same catalog.

    As in Commerce, the profile can be given as an argument.
    """
    name = profile_name or profile_path
    if name and products:
        raise UsageError(BOTH)
    catalog = (
        Catalog.of_profile(read_profile(name), seed) if name else Catalog(seed, products or 1000)
    )
    engine = open_shop(Settings.from_env(os.environ))
    try:
        with click.progressbar(
            length=catalog.products, label="Generating products", file=sys.stderr
        ) as bar:
            load_catalog(engine, catalog, lambda written: bar.update(written - bar.pos))
    finally:
        engine.dispose()
    of_profile = f"profile {catalog.profile.name}, " if name else ""
    click.echo(f"The catalog has {catalog.products} products now ({of_profile}seed {seed}).")
