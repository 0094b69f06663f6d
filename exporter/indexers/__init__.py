"""Catalog rows in, feed items out: one module per feed, no HTTP."""

from collections.abc import Mapping

from mcs.exporter.indexers import (
    categories,
    category_permissions,
    inventory_stock_status,
    prices,
    product_attributes,
    product_overrides,
    products,
    scopes_customer_group,
    scopes_website,
    variants,
)
from mcs.exporter.indexers.indexer import Indexer

INDEXERS: Mapping[str, Indexer] = {
    module.INDEXER.feed.name: module.INDEXER
    for module in (
        product_attributes,
        products,
        scopes_customer_group,
        scopes_website,
        prices,
        product_overrides,
        variants,
        categories,
        category_permissions,
        inventory_stock_status,
    )
}
"""The indexer of each feed, by feed name."""
