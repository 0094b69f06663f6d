"""Which data spaces hold given items alive: for what is missing in one and may be in another."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, and_, select

from mcs.server.store.reading import PAGE_ROWS, paged
from mcs.server.store.tables import Items, ItemVersions, Requests
from mcs.server.store.values import Holding


def holdings(
    engine: Engine, feed: str, keys: Sequence[str], except_data_space: str
) -> Iterator[Holding]:
    """Where else these items of a feed are alive, by key and data space."""
    # Items are found by data space first; the index of their versions leads from a key alone.
    is_current = and_(
        Items.data_space == ItemVersions.data_space,
        Items.feed == ItemVersions.feed,
        Items.key == ItemVersions.key,
        Items.request == ItemVersions.request,
        Items.item_index == ItemVersions.item_index,
    )
    query = (
        select(
            ItemVersions.data_space,
            ItemVersions.feed,
            ItemVersions.key,
            Items.hash,
            Items.received_at,
            Requests.request_id,
        )
        .join(Items, is_current)
        .join(Requests, Requests.id == Items.request)
        .where(
            ItemVersions.key.in_(keys),
            ItemVersions.feed == feed,
            ItemVersions.data_space != except_data_space,
            ItemVersions.deleted.is_(False),
        )
        .order_by(ItemVersions.key, ItemVersions.data_space)
    )
    order = (ItemVersions.key, ItemVersions.data_space)
    return paged(engine, query, order, _key_and_data_space, _holdings, PAGE_ROWS)


def _holdings(_: Connection, page: Sequence[Any]) -> list[Holding]:
    return [Holding(*row) for row in page]


def _key_and_data_space(row: Any) -> tuple[str, str]:
    return row.key, row.data_space
