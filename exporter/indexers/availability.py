"""Whether a product can be shown and bought on a website; of composites, computed from the parts.

An enabled configurable, bundle or grouped product counts as disabled where none of its parts (or
none for a required option) is enabled, and as out of stock where none of those is in stock.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, select

from mcs.exporter.commerce.among import among, these
from mcs.exporter.commerce.tables import Product, ProductWebsite, StockItem, Website
from mcs.exporter.indexers.families import needed_children

COMPOSITES = frozenset({"configurable", "bundle", "grouped"})


class Availability(NamedTuple):
    enabled: bool
    in_stock: bool
    low_stock: bool


ByWebsite = Mapping[tuple[int, int], Availability]
"""By product id and website id; a product has no entry for a website where it is not sold."""


def availability(connection: Connection, product_ids: Sequence[int]) -> ByWebsite:
    """The availability of the products on each website where they are sold."""
    groups = needed_children(connection, product_ids)
    children = {child for parts in groups.values() for part in parts for child in part}
    own = dict(_own(connection, sorted(children.union(product_ids))))
    wanted = set(product_ids)
    return {
        (product_id, website_id): _of_composite(
            found, website_id, groups.get(product_id, [[]]), own
        )
        if product_type in COMPOSITES
        else found
        for (product_id, website_id), (product_type, found) in own.items()
        if product_id in wanted
    }


_Own = Mapping[tuple[int, int], tuple[str, Availability]]


_OWN = (
    select(
        Product.product_id,
        ProductWebsite.website_id,
        Product.product_type,
        Product.enabled,
        StockItem.is_in_stock,
        StockItem.manage_stock,
        StockItem.qty - StockItem.reserved - StockItem.min_qty,
        StockItem.low_stock_threshold,
    )
    .join(ProductWebsite, ProductWebsite.product_id == Product.product_id)
    .join(Website, Website.website_id == ProductWebsite.website_id)
    .outerjoin(
        StockItem,
        (StockItem.product_id == Product.product_id) & (StockItem.stock_id == Website.stock_id),
    )
    .where(among(Product.product_id))
)


def _own(
    connection: Connection, product_ids: Sequence[int]
) -> Iterator[tuple[tuple[int, int], tuple[str, Availability]]]:
    """Type and availability of each product by itself, by product id and website id."""
    for row in connection.execute(_OWN, these(product_ids)):
        product_id, website_id, product_type, enabled, flagged, managed, qty, threshold = row
        # A composite has no quantity of its own.
        sellable = not managed or qty > 0 or product_type in COMPOSITES
        low = bool(managed) and qty <= threshold and product_type not in COMPOSITES
        yield (
            (product_id, website_id),
            (product_type, Availability(enabled, bool(flagged) and sellable, low)),
        )


def _of_composite(
    composite: Availability, website_id: int, groups: list[list[int]], own: _Own
) -> Availability:
    parts = [
        [own[child, website_id][1] for child in group if (child, website_id) in own]
        for group in groups
    ]
    return Availability(
        enabled=composite.enabled and all(any(one.enabled for one in part) for part in parts),
        in_stock=composite.in_stock
        and all(any(one.enabled and one.in_stock for one in part) for part in parts),
        low_stock=False,
    )
