"""The catalog as people read it: the facts of one product, and lists of what there is."""

from collections.abc import Callable, Collection, Iterator, Mapping

from sqlalchemy import Connection, select

from mcs.exporter.commerce import find, relations
from mcs.exporter.commerce.tables import (
    ALL_STORE_VIEWS,
    Attribute,
    Category,
    CategoryText,
    CustomerGroup,
    Product,
    ProductCategory,
    ProductPrice,
    ProductText,
    StockItem,
    Store,
    StoreView,
    TierPrice,
    Website,
)
from mcs.fixtures.scopes import ADMIN

Fact = tuple[str, str]
"""What it is, and its value."""


def product_facts(connection: Connection, sku: str) -> Iterator[Fact]:
    """Everything about a product that can be edited, and its family. Raises UsageError."""
    product_id = find.product(connection, sku).product_id
    product = connection.execute(
        select(Product.product_type, Product.enabled, Product.visibility).where(
            Product.product_id == product_id
        )
    ).one()
    yield "sku", sku
    yield "id", str(product_id)
    yield "type", product.product_type
    yield "status", "enabled" if product.enabled else "disabled"
    yield "visibility", product.visibility
    yield from _names(connection, product_id)
    yield from _categories(connection, product_id)
    yield from _prices(connection, product_id)
    yield from _stock(connection, product_id)
    for label, ids in (
        ("part of", relations.parents_of(connection, [product_id])),
        ("made of", relations.children_of(connection, [product_id])),
    ):
        if ids:
            yield label, ", ".join(_skus(connection, ids))


def _names(connection: Connection, product_id: int) -> Iterator[Fact]:
    for row in connection.execute(
        select(StoreView.code, ProductText.name)
        .select_from(ProductText)
        .outerjoin(StoreView, StoreView.store_view_id == ProductText.store_view_id)
        .where(ProductText.product_id == product_id, ProductText.name.is_not(None))
        .order_by(ProductText.store_view_id)
    ):
        yield f"name ({row.code})" if row.code else "name", row.name or ""


def _categories(connection: Connection, product_id: int) -> Iterator[Fact]:
    for row in connection.execute(
        select(ProductCategory.category_id, ProductCategory.position, CategoryText.url_path)
        .join(CategoryText, CategoryText.category_id == ProductCategory.category_id)
        .where(
            ProductCategory.product_id == product_id,
            CategoryText.store_view_id == ALL_STORE_VIEWS,
        )
        .order_by(ProductCategory.category_id)
    ):
        yield f"category {row.category_id}", f"{row.url_path}, position {row.position}"


def _prices(connection: Connection, product_id: int) -> Iterator[Fact]:
    for row in connection.execute(
        select(Website.code, ProductPrice.regular, ProductPrice.special)
        .join(Website, Website.website_id == ProductPrice.website_id)
        .where(ProductPrice.product_id == product_id)
        .order_by(Website.website_id)
    ):
        special = "" if row.special is None else f", special {row.special:.2f}"
        yield f"price ({row.code})", f"{row.regular:.2f}{special}"
    for tier in connection.execute(
        select(
            Website.code,
            TierPrice.qty,
            TierPrice.customer_group_id,
            TierPrice.price,
            TierPrice.percentage,
        )
        .join(Website, Website.website_id == TierPrice.website_id)
        .where(TierPrice.product_id == product_id)
        .order_by(Website.website_id, TierPrice.customer_group_id, TierPrice.qty)
    ):
        who = "all groups" if tier.customer_group_id is None else f"group {tier.customer_group_id}"
        terms = f"{tier.price:.2f}" if tier.price is not None else f"{tier.percentage:g} % off"
        yield f"price ({tier.code}, {who}, from {tier.qty:g})", terms


def _stock(connection: Connection, product_id: int) -> Iterator[Fact]:
    for row in connection.execute(
        select(StockItem.stock_id, StockItem.qty, StockItem.reserved, StockItem.is_in_stock)
        .where(StockItem.product_id == product_id)
        .order_by(StockItem.stock_id)
    ):
        may_be_sold = "in stock" if row.is_in_stock else "out of stock"
        yield f"stock {row.stock_id}", f"{row.qty:g} ({row.reserved:g} reserved), {may_be_sold}"


def _skus(connection: Connection, product_ids: Collection[int]) -> list[str]:
    wanted = select(Product.sku).where(Product.product_id.in_(product_ids))
    return list(connection.scalars(wanted.order_by(Product.product_id)))


Line = tuple[str, ...]


def _products(connection: Connection, limit: int) -> Iterator[Line]:
    for row in connection.execute(
        select(Product.sku, Product.product_type, Product.enabled, ProductText.name)
        .join(ProductText, ProductText.product_id == Product.product_id)
        .where(ProductText.store_view_id == ALL_STORE_VIEWS)
        .order_by(Product.product_id)
        .limit(limit)
    ):
        status = "enabled" if row.enabled else "disabled"
        yield row.sku, row.product_type, status, row.name or ""


def _category_lines(connection: Connection, limit: int) -> Iterator[Line]:
    for row in connection.execute(
        select(Category.category_id, Category.path, CategoryText.name, CategoryText.url_path)
        .join(CategoryText, CategoryText.category_id == Category.category_id)
        .where(CategoryText.store_view_id == ALL_STORE_VIEWS)
        .order_by(Category.category_id)
        .limit(limit)
    ):
        yield str(row.category_id), row.path, row.name or "", row.url_path or ""


def _attributes(connection: Connection, limit: int) -> Iterator[Line]:
    for row in connection.execute(
        select(Attribute.code, Attribute.frontend_input, Attribute.labels)
        .order_by(Attribute.code)
        .limit(limit)
    ):
        yield row.code, row.frontend_input, row.labels[ADMIN]


def _scopes(connection: Connection, limit: int) -> Iterator[Line]:
    for row in connection.execute(
        select(Website.code, Store.code, StoreView.code, StoreView.locale)
        .join(Store, Store.website_id == Website.website_id)
        .join(StoreView, StoreView.store_id == Store.store_id)
        .order_by(StoreView.store_view_id)
        .limit(limit)
    ):
        yield ("store view", *row)
    for group in connection.execute(
        select(CustomerGroup.customer_group_id, CustomerGroup.name)
        .order_by(CustomerGroup.customer_group_id)
        .limit(limit)
    ):
        yield "customer group", str(group.customer_group_id), group.name


LISTS: Mapping[str, Callable[[Connection, int], Iterator[Line]]] = {
    "products": _products,
    "categories": _category_lines,
    "attributes": _attributes,
    "scopes": _scopes,
}
"""What can be listed: a line per thing, at most so many."""
