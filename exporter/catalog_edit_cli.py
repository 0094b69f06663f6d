"""`mcs catalog edit`: one command per edit, or many edits by chance."""

from collections import Counter
from collections.abc import Callable, Iterable

import click
from sqlalchemy import Connection

from mcs.contract.errors import UsageError
from mcs.exporter.commerce import edits
from mcs.exporter.commerce.edits import Edited
from mcs.exporter.commerce.edits.permissions import GRANTS
from mcs.exporter.commerce.random_edits import random_edits
from mcs.exporter.shop_access import transaction
from mcs.fixtures.permissions import Grant
from mcs.fixtures.products import Visibility

_sku = click.argument("sku")
_category = click.argument("category_id", type=int)
_website = click.option("--website", metavar="CODE", help="On this website only.")
_store_view = click.option("--store-view", metavar="CODE", help="In this store view only.")
_group = click.option("--group", type=int, metavar="ID", help="For this customer group only.")
_qty = click.option("--qty", type=float, metavar="N", help="From this quantity on.")


@click.group(invoke_without_command=True)
@click.option("--random", "count", type=click.IntRange(min=1), metavar="N", help="Make N edits.")
@click.option("--seed", default=1, show_default=True, help="Which edits --random makes.")
@click.pass_context
def edit(context: click.Context, count: int | None, seed: int) -> None:
    """Edit the catalog. The change log notes what an edit reached, for the next partial sync."""
    if (count is None) == (context.invoked_subcommand is None):
        raise UsageError(
            "give either --random, which makes edits by chance, or one of the commands that "
            "`mcs catalog edit --help` lists."
        )
    if count is not None:
        _edit_by_chance(count, seed)


@edit.command()
@_sku
@click.argument("price", type=float, required=False)
@click.option("--special", type=float, metavar="PRICE", help="Set the special price.")
@click.option("--no-special", is_flag=True, help="Take the special price away.")
@_website
@_group
@_qty
def price(
    sku: str,
    price: float | None,
    special: float | None,
    no_special: bool,
    website: str | None,
    group: int | None,
    qty: float | None,
) -> None:
    """Set the price and special price of a product.

    With --group or --qty, PRICE is that of a customer group, or from a quantity on.
    """
    wanted: list[Callable[[Connection], Edited]] = []
    if price is not None and (group is not None or qty is not None):
        wanted.append(
            lambda connection: edits.set_tier_price(
                connection, sku, price, qty=qty or 1.0, group=group, website=website
            )
        )
    elif price is not None:
        wanted.append(lambda connection: edits.set_price(connection, sku, price, website=website))
    if special is not None or no_special:
        wanted.append(
            lambda connection: edits.set_special_price(
                connection, sku, None if no_special else special, website=website
            )
        )
    if not wanted:
        raise UsageError("give a PRICE, --special or --no-special.")
    _make(*wanted)


@edit.command("remove-tier-price", short_help="Take away the price of a customer group.")
@_sku
@_website
@_group
@_qty
def remove_tier_price(sku: str, website: str | None, group: int | None, qty: float | None) -> None:
    """Take away the price of a customer group (or that for all) from a quantity on."""
    _make(
        lambda connection: edits.remove_tier_price(
            connection, sku, qty=qty or 1.0, group=group, website=website
        )
    )


@edit.command()
@_sku
@click.argument("qty", type=float)
@click.option("--in-stock/--out-of-stock", default=None, help="By default: in stock if there are.")
@click.option("--stock", "stock_id", type=int, metavar="ID", help="In this stock only.")
def stock(sku: str, qty: float, in_stock: bool | None, stock_id: int | None) -> None:
    """Set how many there are of a product."""
    _make(
        lambda connection: edits.set_stock(
            connection, sku, qty, in_stock=in_stock, stock_id=stock_id
        )
    )


@edit.command()
@_sku
@click.argument("text")
@_store_view
def name(sku: str, text: str, store_view: str | None) -> None:
    """Rename a product."""
    _make(lambda connection: edits.rename_product(connection, sku, text, store_view=store_view))


@edit.command()
@_sku
def enable(sku: str) -> None:
    """Enable a product."""
    _make(lambda connection: edits.set_enabled(connection, sku, True))


@edit.command()
@_sku
def disable(sku: str) -> None:
    """Disable a product."""
    _make(lambda connection: edits.set_enabled(connection, sku, False))


@edit.command()
@_sku
@click.argument("visibility", type=click.Choice([one.value for one in Visibility]))
def visibility(sku: str, visibility: str) -> None:
    """Set where shoppers meet a product by itself."""
    _make(lambda connection: edits.set_visibility(connection, sku, visibility))


@edit.command()
@_sku
def delete(sku: str) -> None:
    """Delete a product."""
    _make(lambda connection: edits.delete_product(connection, sku))


@edit.command()
@click.option("--count", default=1, show_default=True, type=click.IntRange(min=1))
def new(count: int) -> None:
    """Add the next products of the generated catalog."""
    _make(lambda connection: edits.new_products(connection, count))


@edit.command()
@_sku
@_category
@click.option("--position", default=0, show_default=True)
def assign(sku: str, category_id: int, position: int) -> None:
    """Put a product into a category."""
    _make(lambda connection: edits.assign_category(connection, sku, category_id, position=position))


@edit.command()
@_sku
@_category
def unassign(sku: str, category_id: int) -> None:
    """Take a product out of a category."""
    _make(lambda connection: edits.unassign_category(connection, sku, category_id))


@edit.command("rename-category")
@_category
@click.argument("text")
@_store_view
def rename_category(category_id: int, text: str, store_view: str | None) -> None:
    """Rename a category; its URL stays."""
    _make(
        lambda connection: edits.rename_category(
            connection, category_id, text, store_view=store_view
        )
    )


@edit.command("move-category")
@_category
@click.argument("new_parent_id", type=int)
def move_category(category_id: int, new_parent_id: int) -> None:
    """Put a category with all below it under another one."""
    _make(lambda connection: edits.move_category(connection, category_id, new_parent_id))


@edit.command("delete-category", short_help="Delete a category with all below it.")
@_category
def delete_category(category_id: int) -> None:
    """Delete a category with all below it; its products stay."""
    _make(lambda connection: edits.delete_category(connection, category_id))


@edit.command("attribute-label")
@click.argument("code")
@click.argument("text")
@_store_view
def attribute_label(code: str, text: str, store_view: str | None) -> None:
    """Set what an attribute is called."""
    _make(
        lambda connection: edits.set_attribute_label(connection, code, text, store_view=store_view)
    )


@edit.command(short_help="Set what customers may do in a category.")
@click.argument("what", type=click.Choice(GRANTS))
@click.argument("grant", type=click.Choice([one.value for one in Grant]))
@click.option("--category", "category_id", type=int, metavar="ID", help="By default: all.")
@_website
@_group
def permission(
    what: str, grant: str, category_id: int | None, website: str | None, group: int | None
) -> None:
    """Set what customers may do in a category, or by default."""
    if category_id is None:
        _make(
            lambda connection: edits.set_default_permission(
                connection, what, grant, website=website, group=group
            )
        )
        return
    _make(
        lambda connection: edits.set_permission(
            connection, category_id, {what: grant}, website=website, group=group
        )
    )


@edit.command("new-store-view", short_help="Add a store view.")
@click.argument("code")
@click.option("--website", metavar="CODE", required=True, help="The website it belongs to.")
@click.option("--locale", required=True, help="Its language and country, such as de_DE.")
def new_store_view(code: str, website: str, locale: str) -> None:
    """Add a store view; it shows the texts of all store views."""
    _make(lambda connection: edits.new_store_view(connection, code, website=website, locale=locale))


@edit.command("new-customer-group")
@click.argument("name")
def new_customer_group(name: str) -> None:
    """Add a customer group."""
    _make(lambda connection: edits.new_customer_group(connection, name))


def _make(*wanted: Callable[[Connection], Edited]) -> None:
    """Makes the edits in one transaction and tells of them once they are kept."""
    with transaction() as connection:
        made = [make(connection) for make in wanted]
    for edited in made:
        click.echo(str(edited))
    _tell_reach(made)


def _edit_by_chance(count: int, seed: int) -> None:
    """Each edit is a transaction of its own, as in the life of a shop."""
    made = []
    with transaction() as connection:
        for edited in random_edits(connection, count, seed):
            connection.commit()
            click.echo(str(edited))
            made.append(edited)
    _tell_reach(made)


def _tell_reach(made: Iterable[Edited]) -> None:
    logged: Counter[str] = Counter()
    invalidated: dict[str, None] = {}
    for edited in made:
        logged.update(edited.logged)
        invalidated |= dict.fromkeys(edited.invalidated)
    entries = ", ".join(f"{feed} {entries}" for feed, entries in logged.items())
    click.echo(f"Change log entries: {entries or 'none'}.")
    if invalidated:
        click.echo(f"Reindex required: {', '.join(invalidated)}.")
