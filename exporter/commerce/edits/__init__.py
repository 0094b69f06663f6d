"""The edits of a shop. Each takes a connection and is part of the caller's transaction.

An edit logs, in that same transaction, the source entities of every feed whose items it can
alter: what it reaches is read off what the feed's indexer reads.
"""

from mcs.exporter.commerce.edits.assortment import delete_product, new_products
from mcs.exporter.commerce.edits.categories import (
    delete_category,
    move_category,
    rename_category,
)
from mcs.exporter.commerce.edits.edited import Edited
from mcs.exporter.commerce.edits.permissions import set_default_permission, set_permission
from mcs.exporter.commerce.edits.prices import (
    remove_tier_price,
    set_price,
    set_special_price,
    set_tier_price,
)
from mcs.exporter.commerce.edits.products import (
    assign_category,
    rename_product,
    set_enabled,
    set_stock,
    set_visibility,
    unassign_category,
)
from mcs.exporter.commerce.edits.shop import (
    new_customer_group,
    new_store_view,
    set_attribute_label,
)

__all__ = [
    "Edited",
    "assign_category",
    "delete_category",
    "delete_product",
    "move_category",
    "new_customer_group",
    "new_products",
    "new_store_view",
    "remove_tier_price",
    "rename_category",
    "rename_product",
    "set_attribute_label",
    "set_default_permission",
    "set_enabled",
    "set_permission",
    "set_price",
    "set_special_price",
    "set_stock",
    "set_tier_price",
    "set_visibility",
    "unassign_category",
]
