"""The scopesCustomerGroup feed: customer groups; each may shop on every website."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from mcs.contract.canonical import Item
from mcs.contract.codes import customer_group_code
from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.tables import CustomerGroup
from mcs.exporter.indexers.indexer import Indexer, count_of, ids_of
from mcs.exporter.indexers.scopes import website_codes


def _items(connection: Connection, group_ids: Sequence[int]) -> Iterator[tuple[int, Item]]:
    websites = list(website_codes(connection).values())
    for group_id in connection.scalars(
        select(CustomerGroup.customer_group_id)
        .where(CustomerGroup.customer_group_id.in_(group_ids))
        .order_by(CustomerGroup.customer_group_id)
    ):
        group = {
            "customerGroupId": str(group_id),
            "customerGroupCode": customer_group_code(group_id),
            "websites": websites or None,
        }
        yield group_id, {"customerGroup": group, "deleted": False}


INDEXER = Indexer(
    feed=FEEDS["scopesCustomerGroup"],
    count_sources=count_of(CustomerGroup.customer_group_id),
    source_ids=ids_of(CustomerGroup.customer_group_id),
    items=_items,
)
