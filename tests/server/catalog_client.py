"""A client of the ingestion API, as the official ones speak: a token, then batches."""

import gzip
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from mcs.contract.catalog import CATALOG_FEEDS
from mcs.server import credentials
from tests.server.running import Answer, DataSpaceClient, RunningService

SCOPES = "openid,AdobeID,profile,email,commerce.aco.ingestion"
LOCALE = {"locale": "en-US"}


@dataclass(slots=True)
class CatalogClient:
    """One data space of a running service, seen by a client of the ingestion API."""

    space: DataSpaceClient
    client_id: str
    client_secret: str
    token: str = field(init=False, default="")

    def ask_for_token(self, version: str = "v3", /, **changes: str | None) -> Answer:
        """Asks for a token; changes: of the form, None takes a field away."""
        form: dict[str, str | None] = {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "grant_type": "client_credentials",
            "scope": SCOPES,
        }
        fields = {name: text for name, text in (form | changes).items() if text is not None}
        url = f"{self.space.url}/ims/token/{version}"
        return self.space.http.request("POST", url, fields=fields, encode_multipart=False)

    def call(
        self,
        feed: str,
        items: Any,
        method: str = "POST",
        *,
        delete: bool = False,
        headers: dict[str, str | None] | None = None,
        compress: bool = False,
    ) -> Answer:
        """Makes a call of a resource. items: bytes are sent as they are."""
        if not self.token:
            self.token = self.ask_for_token().json()["access_token"]
        body = items if isinstance(items, bytes) else json.dumps(items).encode()
        sent: dict[str, str | None] = {
            "Content-Type": "application/json",
            "Authorization": f"Bearer {self.token}",
        }
        if compress:
            body, sent["Content-Encoding"] = gzip.compress(body), "gzip"
        present = {name: text for name, text in (sent | (headers or {})).items() if text}
        path = CATALOG_FEEDS[feed].route + ("/delete" if delete else "")
        url = f"{self.space.url}/{self.space.id}/{path}"
        return self.space.http.request(method, url, body=body, headers=present)

    def send(self, feed: str, *items: Any) -> None:
        """Creates or replaces items, which are good."""
        self._accepted(self.call(feed, list(items)), items)

    def patch(self, feed: str, *items: Any) -> None:
        """Updates items."""
        self._accepted(self.call(feed, list(items), "PATCH"), items)

    def delete(self, feed: str, *items: Any) -> None:
        """Deletes items."""
        self._accepted(self.call(feed, list(items), delete=True), items)

    def alive(self, feed: str) -> list[Any]:
        """The items that the service holds alive, by their key."""
        lines = self.space.received(f"?feed={feed}&payload=1")
        return [line["item"] for line in lines if not line["deleted"]]

    def findings(self) -> list[tuple[str, str, str]]:
        """Feed, pointer and code of what the service finds of references."""
        return [(one["feed"], one["pointer"], one["code"]) for one in self.space.lines("/findings")]

    def view(self, sku: str, **asked: Any) -> Any:
        """A product as a storefront would see it."""
        query = urlencode({"sku": sku, "locale": "en-US", **asked}, doseq=True)
        return self.space.control("GET", f"/product-view?{query}").json()

    def _accepted(self, answer: Answer, items: tuple[Any, ...]) -> None:
        assert answer.status == 200, answer.data
        assert answer.json() == {"status": "ACCEPTED", "acceptedCount": len(items)}


def catalog_client(service: RunningService, **settings: Any) -> CatalogClient:
    """A client of a data space of its own."""
    space = service.data_space("catalog", **settings)
    issued = credentials.issue_client(service.store, space.id)
    return CatalogClient(space, issued.client_id, issued.client_secret)


def product(sku: str, **fields: Any) -> dict[str, Any]:
    """The least that the service takes as a product."""
    least = {"sku": sku, "source": LOCALE, "name": sku, "slug": sku.lower(), "status": "ENABLED"}
    return least | fields


def price(sku: str, book: str, regular: float = 10, **fields: Any) -> dict[str, Any]:
    """A price of a product."""
    return {"sku": sku, "priceBookId": book, "regular": regular, **fields}


def book(name: str, parent: str | None = None) -> dict[str, Any]:
    """A price book: a child if it has a parent, else a base."""
    place = {"parentId": parent} if parent else {"currency": "EUR"}
    return {"priceBookId": name, "name": name.upper(), **place}
