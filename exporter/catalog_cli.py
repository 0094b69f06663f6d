"""`mcs catalog`: look at the shop's catalog, and edit it as merchants do."""

import click

from mcs.called import MAGENTO
from mcs.contract.errors import UsageError
from mcs.exporter.catalog_edit_cli import edit
from mcs.exporter.commerce.listing import LISTS, product_facts
from mcs.exporter.shop_access import transaction


@click.group()
def catalog() -> None:
    """Look at the catalog of the shop and edit it. The shop is in MCS_VAR, by default ./var."""


@catalog.command()
@click.argument("sku")
def show(sku: str) -> None:
    """Show the facts of one product."""
    with transaction() as connection:
        facts = list(product_facts(connection, sku))
    width = max(len(name) for name, _ in facts)
    for name, value in facts:
        click.echo(f"{name:<{width}}  {value}")


@catalog.command("list")
@click.argument("what", type=click.Choice(list(LISTS)), default="products")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(min=1))
def list_(what: str, limit: int) -> None:
    """List the products, categories, attributes or scopes, one a line."""
    with transaction() as connection:
        lines = list(LISTS[what](connection, limit + 1))
    if not lines:
        raise UsageError(
            f"there is no catalog yet. Make one: `{MAGENTO} setup:performance:generate-fixtures`."
        )
    for line in lines[:limit]:
        click.echo("\t".join(line))
    if len(lines) > limit:
        click.echo(f"There are more than {limit}: --limit shows more.", err=True)


catalog.add_command(edit)
