"""Edits of one product: its stock, name, status, visibility and categories."""

from math import isfinite

from sqlalchemy import Connection, delete, insert, select, update

from mcs.contract.errors import UsageError
from mcs.exporter.commerce import find, relations
from mcs.exporter.commerce.edits.edited import Edited, record
from mcs.exporter.commerce.edits.saving import save_product
from mcs.exporter.commerce.tables import ProductCategory, ProductText, StockItem
from mcs.fixtures.products import Visibility


def set_stock(
    connection: Connection,
    sku: str,
    qty: float,
    *,
    in_stock: bool | None = None,
    stock_id: int | None = None,
) -> Edited:
    """Set how many there are in a stock, by default in each that has the product.

    in_stock: whether it may be sold; by default it may where there are any. Composites can be
    sold while their parts can, so their items may change, too.
    """
    product = find.product(connection, sku)
    if not isfinite(qty):
        raise UsageError(f'quantity of "{sku}": got {qty}, expected a number.')
    may_be_sold = qty > 0 if in_stock is None else in_stock
    of_product = StockItem.product_id == product.product_id
    stock_ids = list(
        connection.scalars(
            select(StockItem.stock_id).where(of_product).order_by(StockItem.stock_id)
        )
    )
    if stock_id is not None and stock_id not in stock_ids:
        known = ", ".join(map(str, stock_ids)) or "none"
        raise UsageError(f'"{sku}" is not in stock {stock_id}. The stocks that have it: {known}.')
    chosen = stock_ids if stock_id is None else [stock_id]
    connection.execute(
        update(StockItem)
        .where(of_product, StockItem.stock_id.in_(chosen))
        .values(qty=qty, is_in_stock=may_be_sold)
    )
    save_product(connection, product.product_id)
    reached = {product.product_id} | relations.parents_of(connection, [product.product_id])
    where = f"stock {' and '.join(map(str, chosen))}"
    text = f"{sku}: {qty:g} in {where}, {'in stock' if may_be_sold else 'out of stock'}."
    return record(connection, text, {"products": reached, "inventoryStockStatus": reached})


def rename_product(
    connection: Connection, sku: str, name: str, *, store_view: str | None = None
) -> Edited:
    """Set the name in a store view, or in all that have none of their own.

    Bundles show the names of what they offer.
    """
    product = find.product(connection, sku)
    view_id = find.store_view_id(connection, store_view)
    if not name.strip():
        raise UsageError(f'name of "{sku}": got an empty one, expected at least one letter.')
    key = {"product_id": product.product_id, "store_view_id": view_id}
    changed = connection.execute(update(ProductText).filter_by(**key).values(name=name))
    if not changed.rowcount:
        connection.execute(insert(ProductText).values(name=name, **key))
    save_product(connection, product.product_id)
    reached = {product.product_id} | relations.bundles_with(connection, [product.product_id])
    where = f"in store view {store_view}" if store_view else "wherever a store view has no own name"
    return record(connection, f'{sku}: is called "{name}" {where}.', {"products": reached})


def set_enabled(connection: Connection, sku: str, enabled: bool) -> Edited:
    """Enable or disable a product; a composite whose parts are all disabled counts as disabled."""
    product = find.product(connection, sku)
    save_product(connection, product.product_id, enabled=enabled)
    parents = relations.parents_of(connection, [product.product_id])
    reached = {"products": parents | {product.product_id}, "inventoryStockStatus": parents}
    return record(connection, f"{sku}: is {'enabled' if enabled else 'disabled'}.", reached)


def set_visibility(connection: Connection, sku: str, visibility: str) -> Edited:
    """Set where shoppers meet the product by itself."""
    product = find.product(connection, sku)
    known = [one.value for one in Visibility]
    if visibility not in known:
        choices = ", ".join(f'"{one}"' for one in known)
        raise UsageError(f'unknown visibility "{visibility}". Take one of: {choices}.')
    save_product(connection, product.product_id, visibility=visibility)
    text = f'{sku}: its visibility is "{visibility}".'
    return record(connection, text, {"products": {product.product_id}})


def assign_category(
    connection: Connection, sku: str, category_id: int, *, position: int = 0
) -> Edited:
    """Put the product into a category, or on another position there."""
    product = find.product(connection, sku)
    find.category(connection, category_id)
    key = {"product_id": product.product_id, "category_id": category_id}
    changed = connection.execute(update(ProductCategory).filter_by(**key).values(position=position))
    if not changed.rowcount:
        connection.execute(insert(ProductCategory).values(position=position, **key))
    save_product(connection, product.product_id)
    text = f"{sku}: is in category {category_id}, on position {position}."
    return _recategorised(connection, product.product_id, text)


def unassign_category(connection: Connection, sku: str, category_id: int) -> Edited:
    """Take the product out of a category; one without any has no overrides."""
    product = find.product(connection, sku)
    find.category(connection, category_id)
    of_product = ProductCategory.product_id == product.product_id
    removed = connection.execute(
        delete(ProductCategory).where(of_product, ProductCategory.category_id == category_id)
    )
    if not removed.rowcount:
        found = connection.scalars(select(ProductCategory.category_id).where(of_product))
        known = ", ".join(map(str, sorted(found))) or "none"
        raise UsageError(f'"{sku}" is not in category {category_id}. Its categories: {known}.')
    save_product(connection, product.product_id)
    text = f"{sku}: is in category {category_id} no more."
    return _recategorised(connection, product.product_id, text)


def _recategorised(connection: Connection, product_id: int, text: str) -> Edited:
    reached = {"products": {product_id}, "productOverrides": {product_id}}
    return record(connection, text, reached)
