"""The categoryPermissions feed: one item per permission row, the global defaults among them."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from mcs.contract.canonical import Item
from mcs.contract.codes import customer_group_code
from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.tables import CategoryPermission
from mcs.exporter.indexers.indexer import Indexer, count_of, ids_of
from mcs.exporter.indexers.scopes import website_codes

FALLBACK_WEBSITE, FALLBACK_CUSTOMER_GROUP = "FALLBACK_WEBSITE", "FALLBACK_CUSTOMER_GROUP"

_COLUMNS = {
    "GLOBAL_ENABLED": CategoryPermission.global_enabled.key,
    "DISPLAYED": CategoryPermission.displayed.key,
    "DISPLAY_PRODUCT_PRICE": CategoryPermission.display_product_price.key,
    "ADD_TO_CART": CategoryPermission.add_to_cart.key,
}


def _items(connection: Connection, permission_ids: Sequence[int]) -> Iterator[tuple[int, Item]]:
    codes = website_codes(connection)
    fallback = _fallback(connection)
    for row in connection.execute(
        select(CategoryPermission.__table__)
        .where(CategoryPermission.permission_id.in_(permission_ids))
        .order_by(CategoryPermission.permission_id)
    ):
        grants = _grants(row)
        if _repeats_fallback(row, grants, fallback):
            continue
        is_global = row.category_id is None
        yield (
            row.permission_id,
            {
                "id": {
                    "websiteCode": FALLBACK_WEBSITE
                    if row.website_id is None
                    else codes[row.website_id],
                    "customerGroupCode": FALLBACK_CUSTOMER_GROUP
                    if row.customer_group_id is None
                    else customer_group_code(row.customer_group_id),
                    "categoryId": next(iter(grants)) if is_global else str(row.category_id),
                },
                "type": "GLOBAL" if is_global else "STANDARD",
                "permission": grants,
                "deleted": False,
            },
        )


def _grants(row: Row[Any]) -> dict[str, str]:
    grants = {key: getattr(row, column) for key, column in _COLUMNS.items()}
    return {key: grant for key, grant in grants.items() if grant is not None}


def _fallback(connection: Connection) -> dict[str, str]:
    fallback: dict[str, str] = {}
    for row in connection.execute(
        select(CategoryPermission.__table__).where(
            CategoryPermission.category_id.is_(None),
            CategoryPermission.website_id.is_(None),
            CategoryPermission.customer_group_id.is_(None),
        )
    ):
        fallback |= _grants(row)
    return fallback


def _repeats_fallback(row: Row[Any], grants: dict[str, str], fallback: dict[str, str]) -> bool:
    """A website's default for all groups is not sent where it is the fallback's."""
    is_of_website = row.website_id is not None and row.customer_group_id is None
    return row.category_id is None and is_of_website and grants.items() <= fallback.items()


INDEXER = Indexer(
    feed=FEEDS["categoryPermissions"],
    count_sources=count_of(CategoryPermission.permission_id),
    source_ids=ids_of(CategoryPermission.permission_id),
    items=_items,
)
