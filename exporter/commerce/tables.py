"""The tables of the commerce database. What merchants edit has columns; the long tail is JSON.

Texts stand per store view; those under ALL_STORE_VIEWS show wherever a view has none of its own,
so that a new store view shows the whole catalog at once. Rows that belong to a product, category
or attribute go with it. References between products are checked at commit, so that products may
be written in any order.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, Double, ForeignKey, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

SCHEMA_VERSION = 2
"""To be raised with every change of a table in this module or in export_tables.py."""

ALL_STORE_VIEWS = 0
"""The store view id of a text that every store view shows unless it has its own."""


class UtcDateTime(TypeDecorator[datetime]):
    """Aware moments in Python, UTC without a zone in the database, as Commerce stores them."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    type_annotation_map = {  # noqa: RUF012  # SQLAlchemy reads this class attribute
        datetime: UtcDateTime,
        # Not Numeric: SQLite would give back a whole price as an integer.
        float: Double,
        str: String(255),
        dict[str, Any]: JSON,
        list[str]: JSON,
        dict[str, str]: JSON,
    }


def _owned_by(column: str) -> ForeignKey:
    return ForeignKey(column, ondelete="CASCADE")


def _other_product() -> ForeignKey:
    return ForeignKey(
        "products.product_id", ondelete="CASCADE", deferrable=True, initially="DEFERRED"
    )


class SchemaVersion(Base):
    __tablename__ = "commerce_schema_version"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class CoreConfig(Base):
    """Configuration of the shop by path, like `catalog/magento_catalogpermissions/enabled`."""

    __tablename__ = "core_config_data"

    path: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str | None] = mapped_column(Text)


class Stock(Base):
    __tablename__ = "stocks"

    stock_id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Website(Base):
    __tablename__ = "websites"

    website_id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    currency: Mapped[str]
    stock_id: Mapped[int] = mapped_column(ForeignKey("stocks.stock_id"))


class Store(Base):
    __tablename__ = "stores"

    store_id: Mapped[int] = mapped_column(primary_key=True)
    website_id: Mapped[int] = mapped_column(_owned_by("websites.website_id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    root_category_id: Mapped[int]


class StoreView(Base):
    __tablename__ = "store_views"

    store_view_id: Mapped[int] = mapped_column(primary_key=True)
    store_id: Mapped[int] = mapped_column(_owned_by("stores.store_id"), index=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    locale: Mapped[str]
    base_url: Mapped[str]
    weight_unit: Mapped[str]


class CustomerGroup(Base):
    __tablename__ = "customer_groups"

    customer_group_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]


class Category(Base):
    """path: the ids from the tree's root down to this category, joined by slashes."""

    __tablename__ = "categories"

    category_id: Mapped[int] = mapped_column(primary_key=True)
    parent_id: Mapped[int | None] = mapped_column(_owned_by("categories.category_id"), index=True)
    path: Mapped[str]
    level: Mapped[int]
    position: Mapped[int]
    is_active: Mapped[bool]
    include_in_menu: Mapped[bool]
    is_anchor: Mapped[bool]
    display_mode: Mapped[str]
    image: Mapped[str | None]
    default_sort_by: Mapped[str | None]
    available_sort_by: Mapped[list[str]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class CategoryText(Base):
    """In a row of a store view, null means: as for all store views."""

    __tablename__ = "category_texts"

    category_id: Mapped[int] = mapped_column(_owned_by("categories.category_id"), primary_key=True)
    store_view_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str | None]
    description: Mapped[str | None] = mapped_column(Text)
    meta_title: Mapped[str | None]
    meta_keywords: Mapped[str | None]
    meta_description: Mapped[str | None] = mapped_column(Text)
    url_key: Mapped[str | None]
    url_path: Mapped[str | None] = mapped_column(Text)


class CategoryPermission(Base):
    """What a customer group of a website may do in a category: ALLOW, DENY, USE_PARENT, or unset.

    category_id null: the default for all categories; such a row sets exactly one of the grants.
    website_id, customer_group_id null: all of them.
    """

    __tablename__ = "category_permissions"

    permission_id: Mapped[int] = mapped_column(primary_key=True)
    category_id: Mapped[int | None] = mapped_column(_owned_by("categories.category_id"), index=True)
    website_id: Mapped[int | None] = mapped_column(_owned_by("websites.website_id"))
    customer_group_id: Mapped[int | None] = mapped_column(
        _owned_by("customer_groups.customer_group_id")
    )
    global_enabled: Mapped[str | None]
    displayed: Mapped[str | None]
    display_product_price: Mapped[str | None]
    add_to_cart: Mapped[str | None]


class Attribute(Base):
    """labels: by store view code. listed: shown in category pages. for_rules: in promotions."""

    __tablename__ = "attributes"

    attribute_id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    attribute_type: Mapped[str]
    labels: Mapped[dict[str, str]]
    data_type: Mapped[str]
    frontend_input: Mapped[str]
    user_defined: Mapped[bool]
    required: Mapped[bool]
    unique: Mapped[bool]
    is_global: Mapped[bool]
    visible: Mapped[bool]
    searchable: Mapped[bool]
    filterable: Mapped[bool]
    comparable: Mapped[bool]
    listed: Mapped[bool]
    sortable: Mapped[bool]
    visible_in_search: Mapped[bool]
    filterable_in_search: Mapped[bool]
    for_rules: Mapped[bool]
    search_weight: Mapped[float]
    search_types: Mapped[list[str]]


class AttributeOption(Base):
    """labels: by store view code. swatch: a hex code, an image's path, or a text."""

    __tablename__ = "attribute_options"

    option_id: Mapped[int] = mapped_column(primary_key=True)
    attribute_id: Mapped[int] = mapped_column(_owned_by("attributes.attribute_id"), index=True)
    labels: Mapped[dict[str, str]]
    sort_order: Mapped[int]
    swatch: Mapped[str | None]


class Product(Base):
    """data: the long tail, shaped as mcs.fixtures.details.Details."""

    __tablename__ = "products"

    product_id: Mapped[int] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(unique=True)
    product_type: Mapped[str]
    enabled: Mapped[bool]
    visibility: Mapped[str]
    tax_class: Mapped[str]
    weight: Mapped[float | None]
    fixed_price: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    data: Mapped[dict[str, Any]]


class ProductText(Base):
    """In a row of a store view, null means: as for all store views."""

    __tablename__ = "product_texts"

    product_id: Mapped[int] = mapped_column(_owned_by("products.product_id"), primary_key=True)
    store_view_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str | None]
    description: Mapped[str | None] = mapped_column(Text)
    short_description: Mapped[str | None] = mapped_column(Text)
    meta_title: Mapped[str | None]
    meta_keyword: Mapped[str | None]
    meta_description: Mapped[str | None] = mapped_column(Text)
    url_key: Mapped[str | None]


class ProductWebsite(Base):
    __tablename__ = "product_websites"

    product_id: Mapped[int] = mapped_column(_owned_by("products.product_id"), primary_key=True)
    website_id: Mapped[int] = mapped_column(
        _owned_by("websites.website_id"), primary_key=True, index=True
    )


class ProductCategory(Base):
    __tablename__ = "product_categories"

    product_id: Mapped[int] = mapped_column(_owned_by("products.product_id"), primary_key=True)
    category_id: Mapped[int] = mapped_column(
        _owned_by("categories.category_id"), primary_key=True, index=True
    )
    position: Mapped[int]


class ProductPrice(Base):
    """special: a price; of a bundle the percentage that is left to pay."""

    __tablename__ = "product_prices"

    product_id: Mapped[int] = mapped_column(_owned_by("products.product_id"), primary_key=True)
    website_id: Mapped[int] = mapped_column(_owned_by("websites.website_id"), primary_key=True)
    regular: Mapped[float]
    special: Mapped[float | None]


class TierPrice(Base):
    """Price or percentage off from a quantity on; quantity 1 is a group price. Group null: all."""

    __tablename__ = "tier_prices"

    tier_price_id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(_owned_by("products.product_id"), index=True)
    website_id: Mapped[int] = mapped_column(_owned_by("websites.website_id"))
    customer_group_id: Mapped[int | None] = mapped_column(
        _owned_by("customer_groups.customer_group_id")
    )
    qty: Mapped[float]
    price: Mapped[float | None]
    percentage: Mapped[float | None]


class RulePrice(Base):
    """What a catalog rule made of the price; like Commerce's own index it can be out of date."""

    __tablename__ = "catalog_rule_prices"

    product_id: Mapped[int] = mapped_column(_owned_by("products.product_id"), primary_key=True)
    website_id: Mapped[int] = mapped_column(_owned_by("websites.website_id"), primary_key=True)
    customer_group_id: Mapped[int] = mapped_column(
        _owned_by("customer_groups.customer_group_id"), primary_key=True
    )
    price: Mapped[float]


class StockItem(Base):
    """reserved: ordered and not yet shipped. min_qty: what is kept back from sale."""

    __tablename__ = "stock_items"

    product_id: Mapped[int] = mapped_column(_owned_by("products.product_id"), primary_key=True)
    stock_id: Mapped[int] = mapped_column(_owned_by("stocks.stock_id"), primary_key=True)
    qty: Mapped[float]
    reserved: Mapped[float]
    is_in_stock: Mapped[bool]
    manage_stock: Mapped[bool]
    min_qty: Mapped[float]
    low_stock_threshold: Mapped[float]


class ProductVariant(Base):
    __tablename__ = "product_variants"

    parent_id: Mapped[int] = mapped_column(_owned_by("products.product_id"), primary_key=True)
    child_id: Mapped[int] = mapped_column(_other_product(), primary_key=True, index=True)


class ProductLink(Base):
    """link_type: related, upsell, crosssell, or associated (a member of a grouped product)."""

    __tablename__ = "product_links"

    product_id: Mapped[int] = mapped_column(_owned_by("products.product_id"), primary_key=True)
    link_type: Mapped[str] = mapped_column(primary_key=True)
    linked_product_id: Mapped[int] = mapped_column(_other_product(), primary_key=True, index=True)
    position: Mapped[int]


class BundleOption(Base):
    """titles: by store view code."""

    __tablename__ = "bundle_options"

    option_id: Mapped[int] = mapped_column(primary_key=True)
    product_id: Mapped[int] = mapped_column(_owned_by("products.product_id"), index=True)
    titles: Mapped[dict[str, str]]
    render_type: Mapped[str]
    required: Mapped[bool]
    position: Mapped[int]


class BundleSelection(Base):
    __tablename__ = "bundle_selections"

    selection_id: Mapped[int] = mapped_column(primary_key=True)
    option_id: Mapped[int] = mapped_column(_owned_by("bundle_options.option_id"), index=True)
    product_id: Mapped[int] = mapped_column(_other_product(), index=True)
    position: Mapped[int]
    qty: Mapped[float]
    can_change_qty: Mapped[bool]
    is_default: Mapped[bool]
    price_type: Mapped[str]
    price: Mapped[float]
