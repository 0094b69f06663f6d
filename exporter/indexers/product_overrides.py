"""The productOverrides feed: what category permissions make of each product, website and group."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, select

from mcs.contract.canonical import Item
from mcs.contract.codes import customer_group_code
from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.among import among, these
from mcs.exporter.commerce.database import read_config
from mcs.exporter.commerce.tables import (
    Category,
    CustomerGroup,
    Product,
    ProductCategory,
    ProductWebsite,
)
from mcs.exporter.indexers.grants import Permissions, read_permissions
from mcs.exporter.indexers.indexer import Indexer, count_of, ids_of
from mcs.exporter.indexers.scopes import website_codes

ENABLED_PATH = "catalog/magento_catalogpermissions/enabled"


def _is_enabled(connection: Connection) -> bool:
    return read_config(connection, ENABLED_PATH) != "0"


def _count_sources(connection: Connection) -> int:
    return count_of(Product.product_id)(connection) if _is_enabled(connection) else 0


def _source_ids(connection: Connection, after_id: int, limit: int) -> list[int]:
    """All products: one that has left its last category must be looked at to be deleted."""
    if not _is_enabled(connection):
        return []
    return ids_of(Product.product_id)(connection, after_id, limit)


_SOLD = (
    select(Product.product_id, Product.sku, ProductWebsite.website_id)
    .join(ProductWebsite, ProductWebsite.product_id == Product.product_id)
    .where(among(Product.product_id))
    .order_by(Product.product_id, ProductWebsite.website_id)
)


def _items(connection: Connection, product_ids: Sequence[int]) -> Iterator[tuple[int, Item]]:
    if not _is_enabled(connection):
        return
    permissions = read_permissions(connection)
    paths = _category_paths(connection, product_ids)
    codes = website_codes(connection)
    groups = list(
        connection.scalars(
            select(CustomerGroup.customer_group_id).order_by(CustomerGroup.customer_group_id)
        )
    )
    for product_id, sku, website_id in connection.execute(_SOLD, these(paths)):
        for group_id in groups:
            yield (
                product_id,
                {
                    "websiteCode": codes[website_id],
                    "customerGroupCode": customer_group_code(group_id),
                    "productId": product_id,
                    "sku": sku,
                    **_grants(permissions, paths[product_id], website_id, group_id),
                    "deleted": False,
                },
            )


def _grants(
    permissions: Permissions, paths: list[tuple[int, ...]], website_id: int, group_id: int
) -> dict[str, bool]:
    """A product may do what one of its categories allows; without being seen it has no price."""
    of_categories = [permissions.allowed(path, website_id, group_id) for path in paths]
    displayed, priced, sold = (any(kind) for kind in zip(*of_categories, strict=True))
    return {
        "displayable": displayed,
        "priceDisplayable": displayed and priced,
        "addToCartAllowed": displayed and priced and sold,
    }


_CATEGORIES = (
    select(ProductCategory.product_id, Category.path)
    .join(Category, Category.category_id == ProductCategory.category_id)
    .where(among(ProductCategory.product_id))
)


def _category_paths(
    connection: Connection, product_ids: Sequence[int]
) -> Mapping[int, list[tuple[int, ...]]]:
    """Of products with a category, the ids from each category up to the tree's root."""
    paths: dict[int, list[tuple[int, ...]]] = defaultdict(list)
    for product_id, path in connection.execute(_CATEGORIES, these(product_ids)):
        paths[product_id].append(tuple(int(part) for part in reversed(path.split("/"))))
    return paths


INDEXER = Indexer(
    feed=FEEDS["productOverrides"],
    count_sources=_count_sources,
    source_ids=_source_ids,
    items=_items,
)
