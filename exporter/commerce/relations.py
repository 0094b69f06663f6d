"""Who shows or counts what in its feed items: which others an edit reaches. Ids in, ids out."""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, Select, select

from mcs.exporter.commerce.tables import (
    BundleOption,
    BundleSelection,
    Category,
    Product,
    ProductCategory,
    ProductLink,
    ProductVariant,
)

_MEMBER = "associated"


def bundles_with(connection: Connection, product_ids: Collection[int]) -> set[int]:
    """The bundles that offer one of the products."""
    return _ids(
        connection,
        select(BundleOption.product_id)
        .join(BundleSelection, BundleSelection.option_id == BundleOption.option_id)
        .where(BundleSelection.product_id.in_(product_ids)),
    )


def parents_of(connection: Connection, product_ids: Collection[int]) -> set[int]:
    """The configurables, grouped products and bundles that the products are part of."""
    variants = select(ProductVariant.parent_id).where(ProductVariant.child_id.in_(product_ids))
    groups = select(ProductLink.product_id).where(
        ProductLink.linked_product_id.in_(product_ids), ProductLink.link_type == _MEMBER
    )
    return (
        _ids(connection, variants)
        | _ids(connection, groups)
        | bundles_with(connection, product_ids)
    )


def children_of(connection: Connection, product_ids: Collection[int]) -> set[int]:
    """The products that are part of one of these."""
    members = select(ProductLink.linked_product_id).where(
        ProductLink.product_id.in_(product_ids), ProductLink.link_type == _MEMBER
    )
    selections = (
        select(BundleSelection.product_id)
        .join(BundleOption, BundleOption.option_id == BundleSelection.option_id)
        .where(BundleOption.product_id.in_(product_ids))
    )
    return (
        variants_of(connection, product_ids)
        | _ids(connection, members)
        | _ids(connection, selections)
    )


def variants_of(connection: Connection, product_ids: Collection[int]) -> set[int]:
    """The variants of these configurables."""
    return _ids(
        connection,
        select(ProductVariant.child_id).where(ProductVariant.parent_id.in_(product_ids)),
    )


def variants_among(connection: Connection, product_ids: Collection[int]) -> set[int]:
    """Those of the products that are variants."""
    return _ids(
        connection, select(ProductVariant.child_id).where(ProductVariant.child_id.in_(product_ids))
    )


def linking_to(connection: Connection, product_ids: Collection[int]) -> set[int]:
    """The products that name one of these as related or the like."""
    return _ids(
        connection,
        select(ProductLink.product_id).where(ProductLink.linked_product_id.in_(product_ids)),
    )


def subtree(connection: Connection, path: str) -> set[int]:
    """The category at this path and all below it."""
    return _ids(
        connection,
        select(Category.category_id).where(
            (Category.path == path) | Category.path.startswith(f"{path}/")
        ),
    )


def products_below(connection: Connection, path: str) -> set[int]:
    """The products of the category at this path and of all categories below it."""
    return _ids(
        connection,
        select(ProductCategory.product_id)
        .join(Category, Category.category_id == ProductCategory.category_id)
        .where((Category.path == path) | Category.path.startswith(f"{path}/")),
    )


def configurables_by(connection: Connection, attribute_code: str) -> set[int]:
    """The configurables whose variants differ in the attribute."""
    found = connection.execute(
        select(Product.product_id, Product.data)
        .where(Product.product_type == "configurable")
        .execution_options(yield_per=1000)
    )
    return {row.product_id for row in found if attribute_code in row.data["super_attributes"]}


def _ids(connection: Connection, query: Select[int]) -> set[int]:
    found: Iterable[int] = connection.scalars(query)
    return set(found)
