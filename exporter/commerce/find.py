"""The shop's things by the names that users give them. What is unknown raises UsageError, which
says what there is, or how to list it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from mcs.contract.errors import UsageError
from mcs.exporter.commerce.tables import (
    ALL_STORE_VIEWS,
    Attribute,
    Category,
    CustomerGroup,
    Product,
    ProductWebsite,
    StoreView,
    Website,
)

_LIST = {
    "product": "`mcs catalog list` shows the SKUs there are.",
    "category": "`mcs catalog list categories` shows those there are.",
    "attribute": "`mcs catalog list attributes` shows those there are.",
}


@dataclass(frozen=True, slots=True)
class FoundProduct:
    product_id: int
    sku: str
    product_type: str
    fixed_price: bool


@dataclass(frozen=True, slots=True)
class FoundCategory:
    """path: the ids from the tree's root down to it, joined by slashes."""

    category_id: int
    parent_id: int | None
    path: str
    level: int


def product(connection: Connection, sku: str) -> FoundProduct:
    """The product with this SKU."""
    found = connection.execute(
        select(Product.product_id, Product.sku, Product.product_type, Product.fixed_price).where(
            Product.sku == sku
        )
    ).one_or_none()
    if found is None:
        raise UsageError(f'there is no product with the SKU "{sku}". {_LIST["product"]}')
    return FoundProduct(*found)


def category(connection: Connection, category_id: int) -> FoundCategory:
    """The category with this id."""
    found = connection.execute(
        select(Category.category_id, Category.parent_id, Category.path, Category.level).where(
            Category.category_id == category_id
        )
    ).one_or_none()
    if found is None:
        raise UsageError(f"there is no category {category_id}. {_LIST['category']}")
    return FoundCategory(*found)


def attribute_id(connection: Connection, code: str) -> int:
    """The id of the attribute with this code."""
    found = connection.scalar(select(Attribute.attribute_id).where(Attribute.code == code))
    if found is None:
        raise UsageError(f'there is no attribute "{code}". {_LIST["attribute"]}')
    return found


def website_id(connection: Connection, code: str) -> int:
    """The id of the website with this code."""
    ids: dict[str, int] = {
        row.code: row.website_id
        for row in connection.execute(
            select(Website.code, Website.website_id).order_by(Website.website_id)
        )
    }
    if code not in ids:
        raise UsageError(f'there is no website "{code}". Take one of: {_listed(list(ids))}.')
    return ids[code]


def websites_of(connection: Connection, product: FoundProduct, code: str | None) -> dict[int, str]:
    """The codes by id of the websites where the product is sold, or only the one with this code."""
    wanted = None if code is None else website_id(connection, code)
    sold_on = {
        row.website_id: row.code
        for row in connection.execute(
            select(Website.website_id, Website.code)
            .join(ProductWebsite, ProductWebsite.website_id == Website.website_id)
            .where(ProductWebsite.product_id == product.product_id)
            .order_by(Website.website_id)
        )
    }
    if wanted is None:
        return sold_on
    if wanted not in sold_on:
        raise UsageError(
            f'"{product.sku}" is not sold on the website "{code}". '
            f"It is sold on: {_listed(list(sold_on.values()))}."
        )
    return {wanted: sold_on[wanted]}


def store_view_id(connection: Connection, code: str | None) -> int:
    """The id of the store view with this code; without a code, that of all store views."""
    if code is None:
        return ALL_STORE_VIEWS
    ids: dict[str, int] = {
        row.code: row.store_view_id
        for row in connection.execute(
            select(StoreView.code, StoreView.store_view_id).order_by(StoreView.store_view_id)
        )
    }
    if code not in ids:
        raise UsageError(
            f'there is no store view "{code}". Take one of: {_listed(list(ids))}; '
            "or none, for all of them."
        )
    return ids[code]


def customer_group_id(connection: Connection, group_id: int) -> int:
    """The id itself, if there is such a customer group."""
    names = {
        row.customer_group_id: row.name
        for row in connection.execute(
            select(CustomerGroup.customer_group_id, CustomerGroup.name).order_by(
                CustomerGroup.customer_group_id
            )
        )
    }
    if group_id not in names:
        known = [f"{number} ({name})" for number, name in names.items()]
        raise UsageError(f"there is no customer group {group_id}. Take one of: {_listed(known)}.")
    return group_id


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "none, there is no catalog yet"
