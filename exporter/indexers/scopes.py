"""The store views with all that a feed item takes from their store and website."""

from dataclasses import dataclass
from urllib.parse import urljoin

from sqlalchemy import Connection, select

from mcs.exporter.commerce.tables import Store, StoreView, Website


@dataclass(frozen=True, slots=True)
class ViewScope:
    store_view_id: int
    code: str
    base_url: str
    weight_unit: str
    store_code: str
    root_category_id: int
    website_id: int
    website_code: str
    currency: str
    media_base_url: str

    @property
    def codes(self) -> dict[str, str]:
        """The three fields by which an item says where it belongs."""
        return {
            "storeViewCode": self.code,
            "storeCode": self.store_code,
            "websiteCode": self.website_code,
        }

    def media_url(self, path: str) -> str:
        """Where a picture lies; it is one for all languages."""
        return self.media_base_url + path


def view_scopes(connection: Connection) -> list[ViewScope]:
    """Every store view, by ascending id."""
    found = connection.execute(
        select(
            StoreView.store_view_id,
            StoreView.code,
            StoreView.base_url,
            StoreView.weight_unit,
            Store.code,
            Store.root_category_id,
            Website.website_id,
            Website.code,
            Website.currency,
        )
        .join(Store, Store.store_id == StoreView.store_id)
        .join(Website, Website.website_id == Store.website_id)
        .order_by(StoreView.store_view_id)
    )
    return [ViewScope(*row, urljoin(row.base_url, "/media/")) for row in found]


def website_codes(connection: Connection) -> dict[int, str]:
    """The code of each website, by ascending id."""
    found = connection.execute(
        select(Website.website_id, Website.code).order_by(Website.website_id)
    )
    return {row.website_id: row.code for row in found}
