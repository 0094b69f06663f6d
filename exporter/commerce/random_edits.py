"""What happens in a shop all day, by chance: mostly prices and stock, now and then a name, a
category, a new product. The same catalog and seed give the same edits."""

from collections.abc import Callable, Iterator, Mapping

from sqlalchemy import Connection, func, select

from mcs.called import MAGENTO
from mcs.contract.errors import UsageError
from mcs.exporter.commerce import edits
from mcs.exporter.commerce.chance import IS_PLAIN, any_category, any_price, any_sku, rows
from mcs.exporter.commerce.edits import Edited
from mcs.exporter.commerce.edits.permissions import GRANTS
from mcs.exporter.commerce.tables import (
    ALL_STORE_VIEWS,
    Attribute,
    CustomerGroup,
    Product,
    ProductCategory,
    ProductText,
    StockItem,
    Website,
)
from mcs.fixtures.draw import Draw
from mcs.fixtures.permissions import Grant
from mcs.fixtures.products import Visibility

_ATTEMPTS = 100
"""Chance may pick what cannot be edited, such as a category that has nowhere else to go."""

_NOTHING_TO_EDIT = (
    "there is nothing to edit by chance. Make a catalog: "
    f"`{MAGENTO} setup:performance:generate-fixtures`."
)
_FEWEST_PRODUCTS = 10
"""Chance does not sell out a shop."""

_MARK = " – New"
_IS_ALONE = Product.visibility != Visibility.NOWHERE.value

RandomEdit = Callable[[Connection, Draw], Edited | None]
"""An edit whose particulars chance decides; None where there is nothing that it could edit."""


def random_edits(connection: Connection, count: int, seed: int) -> Iterator[Edited]:
    """Makes `count` edits, one at each step, and yields what it did: `str` of that is a line.

    They are part of the connection's transaction; a caller may commit between the steps. Raises
    UsageError where there is no catalog.
    """
    for number in range(count):
        yield _one(connection, seed, number)


def _one(connection: Connection, seed: int, number: int) -> Edited:
    for attempt in range(_ATTEMPTS):
        draw = Draw(seed, f"edit {number}", attempt)
        edited = draw.weighted("kind", WEIGHTS)(connection, draw)
        if edited is not None:
            return edited
    raise UsageError(_NOTHING_TO_EDIT)


def _price(connection: Connection, draw: Draw) -> Edited | None:
    found = any_price(connection, draw)
    if found is None:
        return None
    price = _changed_price(draw, found.regular)
    return edits.set_price(connection, found.sku, price, website=found.code)


def _special_price(connection: Connection, draw: Draw) -> Edited | None:
    found = any_price(connection, draw)
    if found is None:
        return None
    percent_off = draw.pick("off", (10, 15, 20, 25, 30))
    special = round(found.regular * (100 - percent_off) / 100, 2)
    return edits.set_special_price(
        connection, found.sku, None if found.special else special, website=found.code
    )


def _tier_price(connection: Connection, draw: Draw) -> Edited | None:
    found = any_price(connection, draw)
    groups = connection.scalars(
        select(CustomerGroup.customer_group_id).order_by(CustomerGroup.customer_group_id)
    )
    if found is None:
        return None
    return edits.set_tier_price(
        connection,
        found.sku,
        round(found.regular * draw.whole("percent", 70, 95) / 100, 2),
        qty=draw.pick("qty", (1.0, 5.0, 10.0)),
        group=draw.pick("group", (None, *groups)),
        website=found.code,
    )


def _stock(connection: Connection, draw: Draw) -> Edited | None:
    """Mostly a sale of a few; what is sold out is ordered again."""
    sku = any_sku(connection, draw, IS_PLAIN)
    if sku is None:
        return None
    stocks = rows(
        connection,
        select(StockItem.stock_id, StockItem.qty)
        .join(Product, Product.product_id == StockItem.product_id)
        .where(Product.sku == sku)
        .order_by(StockItem.stock_id),
    )
    if not stocks:
        return None
    stock = draw.pick("stock", stocks)
    left = max(0.0, stock.qty - draw.pick("sold", (1, 1, 1, 2, 2, 3, 5, 12, 50)))
    qty = left if stock.qty else float(draw.whole("bought", 20, 500))
    return edits.set_stock(connection, sku, qty, stock_id=stock.stock_id)


def _name(connection: Connection, draw: Draw) -> Edited | None:
    sku = any_sku(connection, draw)
    if sku is None:
        return None
    name = connection.scalar(
        select(ProductText.name)
        .join(Product, Product.product_id == ProductText.product_id)
        .where(Product.sku == sku, ProductText.store_view_id == ALL_STORE_VIEWS)
    )
    return edits.rename_product(connection, sku, _marked(name or sku))


def _status(connection: Connection, draw: Draw) -> Edited | None:
    sku = any_sku(connection, draw)
    if sku is None:
        return None
    enabled = connection.scalar(select(Product.enabled).where(Product.sku == sku))
    return edits.set_enabled(connection, sku, not enabled)


def _visibility(connection: Connection, draw: Draw) -> Edited | None:
    sku = any_sku(connection, draw, _IS_ALONE)
    if sku is None:
        return None
    choices = (Visibility.BOTH.value, Visibility.CATALOG.value, Visibility.SEARCH.value)
    return edits.set_visibility(connection, sku, draw.pick("visibility", choices))


def _assign(connection: Connection, draw: Draw) -> Edited | None:
    sku = any_sku(connection, draw)
    category = any_category(connection, draw, "category")
    if sku is None or category is None:
        return None
    position = draw.whole("position", 0, 99)
    return edits.assign_category(connection, sku, category.category_id, position=position)


def _unassign(connection: Connection, draw: Draw) -> Edited | None:
    sku = any_sku(connection, draw)
    places = rows(
        connection,
        select(ProductCategory.category_id)
        .join(Product, Product.product_id == ProductCategory.product_id)
        .where(Product.sku == sku)
        .order_by(ProductCategory.category_id),
    )
    if sku is None or not places:
        return None
    return edits.unassign_category(connection, sku, draw.pick("category", places).category_id)


def _rename_category(connection: Connection, draw: Draw) -> Edited | None:
    category = any_category(connection, draw, "category")
    if category is None:
        return None
    return edits.rename_category(connection, category.category_id, _marked(category.name or ""))


def _move_category(connection: Connection, draw: Draw) -> Edited | None:
    category = any_category(connection, draw, "category")
    parent = any_category(connection, draw, "parent")
    if category is None or parent is None:
        return None
    try:
        return edits.move_category(connection, category.category_id, parent.category_id)
    except UsageError:
        # There or below it already, or an address is taken; nothing has been written then.
        return None


def _permission(connection: Connection, draw: Draw) -> Edited | None:
    category = any_category(connection, draw, "category")
    websites = connection.scalars(select(Website.code).order_by(Website.website_id))
    if category is None:
        return None
    grants = {draw.pick("what", GRANTS): draw.pick("grant", [grant.value for grant in Grant])}
    website = draw.pick("website", (None, *websites))
    return edits.set_permission(connection, category.category_id, grants, website=website)


def _attribute_label(connection: Connection, draw: Draw) -> Edited | None:
    own = rows(
        connection,
        select(Attribute.code, Attribute.labels)
        .where(Attribute.user_defined)
        .order_by(Attribute.attribute_id),
    )
    if not own:
        return None
    attribute = draw.pick("attribute", own)
    label = next(iter(sorted(attribute.labels.items())))[1]
    return edits.set_attribute_label(connection, attribute.code, _marked(label))


def _new_product(connection: Connection, _draw: Draw) -> Edited | None:
    has_products = connection.scalar(select(func.max(Product.product_id)))
    return edits.new_products(connection) if has_products else None


def _delete_product(connection: Connection, draw: Draw) -> Edited | None:
    sku = any_sku(connection, draw)
    count = connection.scalar(select(func.count()).select_from(Product)) or 0
    return edits.delete_product(connection, sku) if sku and count > _FEWEST_PRODUCTS else None


WEIGHTS: Mapping[RandomEdit, int] = {
    _price: 340,
    _special_price: 70,
    _tier_price: 40,
    _stock: 380,
    _name: 40,
    _status: 30,
    _visibility: 10,
    _assign: 20,
    _unassign: 10,
    _rename_category: 5,
    _move_category: 5,
    _permission: 5,
    _attribute_label: 5,
    _new_product: 25,
    _delete_product: 15,
}
"""How often each happens in a thousand edits."""


def _changed_price(draw: Draw, price: float) -> float:
    """Some percent more or less, and never the same."""
    percent = draw.pick("percent", (-20, -10, -5, -3, 2, 3, 5, 8, 12))
    changed = round(price * (100 + percent) / 100, 2)
    return changed if changed != price else price + 1


def _marked(name: str) -> str:
    """The name with a mark, or without the one it has."""
    return name.removesuffix(_MARK) if name.endswith(_MARK) else f"{name}{_MARK}"
