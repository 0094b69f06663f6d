"""Picks by chance among the things of the shop, the same for the same shop and draw."""

from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from mcs.exporter.commerce.tables import (
    ALL_STORE_VIEWS,
    Category,
    CategoryText,
    Product,
    ProductPrice,
    Website,
)
from mcs.fixtures.draw import Draw

Ts = TypeVarTuple("Ts")

IS_PLAIN = Product.product_type.not_in(("configurable", "grouped", "bundle"))
"""The product is not made of others."""


def any_sku(connection: Connection, draw: Draw, *conditions: ColumnElement[bool]) -> str | None:
    """The SKU of the first fitting product from a random id on; cheap however many there are."""
    lowest, highest = connection.execute(
        select(func.min(Product.product_id), func.max(Product.product_id))
    ).one()
    if lowest is None:
        return None
    from_id = draw.whole("product", lowest, highest)
    fitting = select(Product.sku).where(*conditions).order_by(Product.product_id).limit(1)
    found = connection.scalar(fitting.where(Product.product_id >= from_id))
    return found or connection.scalar(fitting)


def any_price(connection: Connection, draw: Draw) -> Any:
    """SKU, website code, price and special price of a product with a price of its own."""
    sku = any_sku(connection, draw, IS_PLAIN)
    prices = rows(
        connection,
        select(Product.sku, Website.code, ProductPrice.regular, ProductPrice.special)
        .join(ProductPrice, ProductPrice.product_id == Product.product_id)
        .join(Website, Website.website_id == ProductPrice.website_id)
        .where(Product.sku == sku)
        .order_by(Website.website_id),
    )
    return draw.pick("website", prices) if prices else None


def any_category(connection: Connection, draw: Draw, name: str) -> Any:
    """Id and name of a category below the root."""
    found = rows(
        connection,
        select(Category.category_id, CategoryText.name)
        .join(CategoryText, CategoryText.category_id == Category.category_id)
        .where(CategoryText.store_view_id == ALL_STORE_VIEWS, Category.parent_id.is_not(None))
        .order_by(Category.category_id),
    )
    return draw.pick(name, found) if found else None


def rows(connection: Connection, query: Select[*Ts]) -> list[Row[*Ts]]:
    """All rows of the query, to pick one."""
    return list(connection.execute(query))
