"""The scopesWebsite feed: websites with their stores and store views."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from mcs.contract.canonical import Item
from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.tables import Store, StoreView, Website
from mcs.exporter.indexers.indexer import Indexer, count_of, ids_of


def _items(connection: Connection, website_ids: Sequence[int]) -> Iterator[tuple[int, Item]]:
    websites: dict[int, Item] = {}
    stores: dict[int, Item] = {}
    for website_id, code, store_id, store_code, view_id, view_code in connection.execute(
        select(
            Website.website_id,
            Website.code,
            Store.store_id,
            Store.code,
            StoreView.store_view_id,
            StoreView.code,
        )
        .outerjoin(Store, Store.website_id == Website.website_id)
        .outerjoin(StoreView, StoreView.store_id == Store.store_id)
        .where(Website.website_id.in_(website_ids))
        .order_by(Website.website_id, Store.store_id, StoreView.store_view_id)
    ):
        website = websites.setdefault(
            website_id, {"websiteId": str(website_id), "websiteCode": code, "stores": None}
        )
        if store_id is not None and store_id not in stores:
            stores[store_id] = {
                "storeId": str(store_id),
                "storeCode": store_code,
                "storeViews": None,
            }
            website["stores"] = [*(website["stores"] or []), stores[store_id]]
        if view_id is not None:
            view = {"storeViewId": str(view_id), "storeViewCode": view_code}
            stores[store_id]["storeViews"] = [*(stores[store_id]["storeViews"] or []), view]
    for website_id, website in websites.items():
        yield website_id, {"website": website, "deleted": False}


INDEXER = Indexer(
    feed=FEEDS["scopesWebsite"],
    count_sources=count_of(Website.website_id),
    source_ids=ids_of(Website.website_id),
    items=_items,
)
