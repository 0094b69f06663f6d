"""The inventoryStockStatus feed: one item per product and stock."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Connection, select

from mcs.contract.canonical import Item
from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.among import among, these
from mcs.exporter.commerce.tables import Product, StockItem, Website
from mcs.exporter.indexers.availability import availability
from mcs.exporter.indexers.indexer import Indexer, count_of, ids_of

_STOCKS = (
    select(
        Product.product_id,
        Product.sku,
        StockItem.stock_id,
        StockItem.qty,
        StockItem.reserved,
        StockItem.min_qty,
        StockItem.manage_stock,
    )
    .join(StockItem, StockItem.product_id == Product.product_id)
    .where(among(Product.product_id))
    .order_by(Product.product_id, StockItem.stock_id)
)


def _items(connection: Connection, product_ids: Sequence[int]) -> Iterator[tuple[int, Item]]:
    available = availability(connection, product_ids)
    websites = _websites_by_stock(connection)
    for product_id, sku, stock_id, qty, reserved, min_qty, managed in connection.execute(
        _STOCKS, these(product_ids)
    ):
        served = [
            available[product_id, website_id]
            for website_id in websites.get(stock_id, ())
            if (product_id, website_id) in available
        ]
        yield (
            product_id,
            {
                "stockId": str(stock_id),
                "sku": sku,
                "productId": product_id,
                "qty": qty,
                "qtyForSale": max(0.0, qty - reserved - min_qty),
                "infiniteStock": not managed,
                "lowStock": any(one.low_stock for one in served),
                "isSalable": any(one.in_stock for one in served),
                "deleted": False,
            },
        )


def _websites_by_stock(connection: Connection) -> Mapping[int, list[int]]:
    websites: dict[int, list[int]] = defaultdict(list)
    for stock_id, website_id in connection.execute(select(Website.stock_id, Website.website_id)):
        websites[stock_id].append(website_id)
    return websites


INDEXER = Indexer(
    feed=FEEDS["inventoryStockStatus"],
    count_sources=count_of(StockItem.product_id),
    source_ids=ids_of(StockItem.product_id),
    items=_items,
)
