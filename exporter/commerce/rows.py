"""Catalog values as rows of the commerce tables. Pure: nothing is written here."""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any

from mcs.exporter.commerce import tables
from mcs.fixtures.attributes import Attribute, AttributeFlag
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.categories import Category
from mcs.fixtures.products import Product
from mcs.fixtures.scopes import ADMIN

Row = dict[str, Any]
RowsByTable = dict[type[tables.Base], list[Row]]
ViewIds = Mapping[str, int]


def of_scopes(catalog: Catalog) -> RowsByTable:
    """Stocks, websites, stores, store views and customer groups."""
    return {
        tables.Stock: [_row(stock) for stock in catalog.stocks],
        tables.Website: [_row(website) for website in catalog.websites],
        tables.Store: [_row(store) for store in catalog.stores],
        tables.StoreView: [_row(view) for view in catalog.store_views],
        tables.CustomerGroup: [_row(group) for group in catalog.customer_groups],
    }


def of_structure(catalog: Catalog) -> RowsByTable:
    """Attributes and categories with what belongs to them."""
    ids = view_ids_of((view.code, view.store_view_id) for view in catalog.store_views)
    return {
        tables.Attribute: [_attribute(attribute) for attribute in catalog.attributes],
        tables.AttributeOption: [
            _row(option) | {"attribute_id": attribute.attribute_id}
            for attribute in catalog.attributes
            for option in attribute.options
        ],
        tables.Category: [_category(category) for category in catalog.categories],
        tables.CategoryText: [
            row for category in catalog.categories for row in _category_texts(category, ids)
        ],
        tables.CategoryPermission: [_row(permission) for permission in catalog.permissions],
    }


def of_products(products: Iterable[Product], view_ids: ViewIds) -> RowsByTable:
    """The products and all that belongs to them."""
    result: RowsByTable = {tables.ProductText: []}
    result |= {table: [] for table in _ROWS_OF_PRODUCT}
    for product in products:
        for table, rows in _ROWS_OF_PRODUCT.items():
            result[table].extend(rows(product))
        result[tables.ProductText].extend(_product_texts(product, view_ids))
    return result


def view_ids_of(store_views: Iterable[tuple[str, int]]) -> ViewIds:
    """The id under which a text is stored, by the store view code that a catalog names it by."""
    return {ADMIN: tables.ALL_STORE_VIEWS, **dict(store_views)}


def _owned(values: Callable[[Product], Iterable[Any]]) -> Callable[[Product], Iterable[Row]]:
    """Rows of values that differ from their table's rows by the product's id alone."""

    def rows(product: Product) -> Iterable[Row]:
        return [_row(value) | {"product_id": product.entity_id} for value in values(product)]

    return rows


def _product(product: Product) -> Row:
    return {
        "product_id": product.entity_id,
        "sku": product.sku,
        "product_type": product.product_type.value,
        "enabled": product.enabled,
        "visibility": product.visibility.value,
        "tax_class": product.tax_class,
        "weight": product.weight,
        "fixed_price": product.fixed_price,
        "created_at": product.created_at,
        "updated_at": product.updated_at,
        "data": product.details,
    }


def _product_texts(product: Product, view_ids: ViewIds) -> Iterable[Row]:
    for view, texts in product.texts.items():
        # A store view that was deleted since has no texts.
        if view in view_ids:
            scope = {"product_id": product.entity_id, "store_view_id": view_ids[view]}
            yield scope | _row(texts)


def _variants(product: Product) -> Iterable[Row]:
    return [{"parent_id": product.entity_id, "child_id": one} for one in product.variant_ids]


def _links(product: Product) -> Iterable[Row]:
    for link in product.links:
        yield {
            "product_id": product.entity_id,
            "link_type": link.link_type.value,
            "linked_product_id": link.entity_id,
            "position": link.position,
        }


def _bundle_options(product: Product) -> Iterable[Row]:
    for option in product.bundle_options:
        row = _row(option) | {"product_id": product.entity_id}
        del row["selections"]
        yield row


def _bundle_selections(product: Product) -> Iterable[Row]:
    for option in product.bundle_options:
        for selection in option.selections:
            row = _row(selection) | {"option_id": option.option_id}
            row["product_id"] = row.pop("entity_id")
            yield row


def _attribute(attribute: Attribute) -> Row:
    row = _row(attribute)
    flags = row.pop("flags")
    del row["options"]
    row |= {flag.value: flag in flags for flag in AttributeFlag}
    return row | {"attribute_type": "catalog_product"}


def _category(category: Category) -> Row:
    row = _row(category)
    del row["texts"]
    return row


def _category_texts(category: Category, view_ids: ViewIds) -> Iterable[Row]:
    for view, texts in category.texts.items():
        scope = {"category_id": category.category_id, "store_view_id": view_ids[view]}
        yield scope | _row(texts)


def _row(value: Any) -> Row:
    """The fields of a slotted dataclass; they are called as the columns are."""
    return {name: getattr(value, name) for name in value.__slots__}


_ROWS_OF_PRODUCT: Mapping[type[tables.Base], Callable[[Product], Iterable[Row]]] = {
    tables.Product: lambda product: [_product(product)],
    tables.ProductWebsite: lambda product: [
        {"product_id": product.entity_id, "website_id": one} for one in product.website_ids
    ],
    tables.ProductCategory: _owned(attrgetter("categories")),
    tables.ProductPrice: _owned(attrgetter("prices")),
    tables.TierPrice: _owned(attrgetter("tier_prices")),
    tables.RulePrice: _owned(attrgetter("rule_prices")),
    tables.StockItem: _owned(attrgetter("stock")),
    tables.ProductVariant: _variants,
    tables.ProductLink: _links,
    tables.BundleOption: _bundle_options,
    tables.BundleSelection: _bundle_selections,
}
