"""Which data spaces hold given items alive: for what is missing in one and may be in another."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Engine, select

from mcs.server.store.reading import PAGE_ROWS, paged
from mcs.server.store.tables import DataSpaces, Items, Requests
from mcs.server.store.values import Holding


def holdings(
    engine: Engine, feed: str, keys: Sequence[str], except_data_space: str
) -> Iterator[Holding]:
    """Where else these items of a feed are alive, by key and data space."""
    # Items are found by data space first, so each of the others is looked into.
    others = select(DataSpaces.id).where(DataSpaces.id != except_data_space)
    query = (
        select(
            Items.data_space,
            Items.feed,
            Items.key,
            Items.hash,
            Items.received_at,
            Requests.request_id,
        )
        .join(Requests, Requests.id == Items.request)
        .where(
            Items.data_space.in_(others),
            Items.feed == feed,
            Items.key.in_(keys),
            Items.deleted.is_(False),
        )
        .order_by(Items.key, Items.data_space)
    )
    order = (Items.key, Items.data_space)
    return paged(engine, query, order, _key_and_data_space, _holdings, PAGE_ROWS)


def _holdings(_: Connection, page: Sequence[Any]) -> list[Holding]:
    return [Holding(*row) for row in page]


def _key_and_data_space(row: Any) -> tuple[str, str]:
    return row.key, row.data_space
