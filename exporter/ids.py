"""`saas:resync --by-ids`: from what a person writes to source ids.

Source: contract/lifecycle.md, "saas:resync options".
"""

import csv
from enum import StrEnum

from sqlalchemy import Connection, select

from mcs.contract.errors import UsageError
from mcs.contract.feeds import Feed
from mcs.exporter.commerce.tables import Product

FEEDS_BY_PRODUCT = (
    "products",
    "prices",
    "productOverrides",
    "variants",
    "inventoryStockStatus",
)
"""The feeds whose sources are products; the others have no ids that a person would know."""


class IdType(StrEnum):
    """What the ids are."""

    SKU = "sku"
    PRODUCT_ID = "productId"


def source_ids(connection: Connection, feed: Feed, ids: str, id_type: IdType) -> tuple[int, ...]:
    """The sources that a comma list names, ascending.

    An id may belong to a product that is gone: its items are deleted then. A SKU may not.
    Raises UsageError for an unknown SKU, an id that is no number, or a feed without such ids.
    """
    if feed.name not in FEEDS_BY_PRODUCT:
        raise UsageError(
            f"{feed.name} cannot be synced by ids; take one of {', '.join(FEEDS_BY_PRODUCT)}, or "
            "leave --by-ids out."
        )
    wanted = _listed(connection, ids, id_type)
    if not wanted:
        raise UsageError("--by-ids is empty; give a comma list, such as --by-ids SKU-1,SKU-2.")
    if id_type is IdType.SKU:
        return _ids_of_skus(connection, wanted)
    if strange := [text for text in wanted if not (text.isdecimal() and len(text) < 19)]:
        raise UsageError(
            f'--by-ids: "{strange[0]}" is no product id; give numbers, or --id-type sku.'
        )
    return tuple(sorted({int(text) for text in wanted}))


def _listed(connection: Connection, ids: str, id_type: IdType) -> list[str]:
    """The ids of a comma list. A SKU may hold commas: alone as it is, in a list in quotes."""
    if id_type is IdType.SKU and connection.scalar(select(Product.sku).where(Product.sku == ids)):
        return [ids]
    [row] = csv.reader([ids], skipinitialspace=True)
    return [text.strip() for text in row if text.strip()]


def _ids_of_skus(connection: Connection, skus: list[str]) -> tuple[int, ...]:
    named = select(Product.sku, Product.product_id).where(Product.sku.in_(skus))
    found = {row.sku: row.product_id for row in connection.execute(named)}
    if unknown := [sku for sku in skus if sku not in found]:
        raise UsageError(
            f"--by-ids: the catalog has no SKU {', '.join(unknown)}. `mcs catalog list` shows what "
            "there is; a deleted product is named by --id-type productId."
        )
    return tuple(sorted(found.values()))
