"""The story of a catalog over the ingestion API, told by clients that are not ours.

One is written with `requests` alone, the other is made from our OpenAPI by a generator of clients.
Token, metadata, categories, products, price books, prices, update, delete, and reading back.
"""

import importlib
import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol
from uuid import UUID

import pytest
import requests

from tests.server.catalog_client import SCOPES, CatalogClient, catalog_client
from tests.server.running import RunningService

SOURCE = {"locale": "en-US"}
METADATA = [
    {"code": code, "source": SOURCE, "label": code.title(), "dataType": kind}
    for code, kind in (
        ("sku", "TEXT"),
        ("name", "TEXT"),
        ("description", "TEXT"),
        ("shortDescription", "TEXT"),
        ("price", "DECIMAL"),
        ("size", "TEXT"),
    )
]
CATEGORIES = [
    {"slug": slug, "source": SOURCE, "name": slug.title(), "position": 1}
    for slug in ("men", "men/shirts")
]
SHIRT = {
    "sku": "SHIRT",
    "source": SOURCE,
    "name": "Shirt",
    "slug": "shirt",
    "status": "ENABLED",
    "visibleIn": ["CATALOG"],
    "routes": [{"path": "men/shirts", "position": 2}],
    "configurations": [
        {
            "attributeCode": "size",
            "type": "CONFIGURABLE",
            "values": [{"variantReferenceId": "size-m"}, {"variantReferenceId": "size-l"}],
        }
    ],
}
VARIANTS = [
    {
        "sku": f"SHIRT-{size}",
        "source": SOURCE,
        "name": f"Shirt {size}",
        "slug": f"shirt-{size.lower()}",
        "status": "ENABLED",
        "attributes": [
            {"code": "size", "values": [size], "variantReferenceId": f"size-{size.lower()}"}
        ],
        "links": [{"type": "VARIANT_OF", "sku": "SHIRT"}],
    }
    for size in ("M", "L")
]
LAYER = {"sku": "SHIRT", "source": {"layer": "winter"}, "name": "Warm shirt"}
BOOKS = [
    {"priceBookId": "eu", "name": "Europe", "currency": "EUR"},
    {"priceBookId": "de", "name": "Germany", "parentId": "eu"},
]
PRICES = [
    {
        "sku": "SHIRT-M",
        "priceBookId": "eu",
        "regular": 20.5,
        "discounts": [{"code": "sale", "percentage": 10.5}],
        "tierPrices": [{"qty": 5.0, "price": 18.5}],
    },
    {"sku": "SHIRT-L", "priceBookId": "eu", "regular": 21.5},
]
GENERATOR = Path(sys.executable).with_name("openapi-python-client")


class Speaker(Protocol):
    """A client of the ingestion API."""

    def call(self, verb: str, resource: str, items: list[Any]) -> int:
        """Makes a call, such as create Products; returns how many items were accepted."""


class ByRequests:
    """A client that knows HTTP and JSON alone."""

    PATHS: Mapping[str, str] = {
        "ProductMetadata": "products/metadata",
        "Categories": "categories",
        "Products": "products",
        "ProductLayers": "products/layers",
        "PriceBooks": "price-books",
        "Prices": "products/prices",
    }

    def __init__(self, own: CatalogClient, session: requests.Session) -> None:
        form = {
            "client_id": own.client_id,
            "client_secret": own.client_secret,
            "grant_type": "client_credentials",
            "scope": SCOPES,
        }
        answer = session.post(f"{own.space.url}/ims/token/v3", data=form, timeout=10)
        token = answer.json()["access_token"]
        session.headers["Authorization"] = f"Bearer {token}"
        self._session = session
        self._base = f"{own.space.url}/{own.space.id}/v1/catalog"

    def call(self, verb: str, resource: str, items: list[Any]) -> int:
        url = f"{self._base}/{self.PATHS[resource]}" + ("/delete" if verb == "delete" else "")
        method = "PATCH" if verb == "update" else "POST"
        answer = self._session.request(method, url, json=items, timeout=10)
        assert (answer.status_code, answer.reason) == (200, "OK"), answer.text
        count: int = answer.json()["acceptedCount"]
        return count


class ByGenerated:
    """A client that was made from our OpenAPI."""

    ITEMS: Mapping[str, str] = {
        "ProductMetadata": "CatalogProductMetadata",
        "Categories": "CatalogCategory",
        "Products": "CatalogProduct",
        "ProductLayers": "CatalogProductLayer",
        "PriceBooks": "CatalogPriceBook",
        "Prices": "CatalogPrice",
    }

    def __init__(self, own: CatalogClient, package: ModuleType) -> None:
        self._package = package.__name__
        self._data_space = UUID(own.space.id)
        wanted = self._model("ImsTokenWanted").from_dict(
            {
                "client_id": own.client_id,
                "client_secret": own.client_secret,
                "grant_type": "client_credentials",
            }
        )
        anybody = package.Client(base_url=own.space.url)
        token = self._module("api.ims.create_token_v3").sync(client=anybody, body=wanted)
        self._client = package.AuthenticatedClient(own.space.url, token=token.access_token)

    def call(self, verb: str, resource: str, items: list[Any]) -> int:
        name = re.sub(r"(?<!^)([A-Z])", r"_\1", resource).lower()
        endpoint = self._module(f"api.catalog_ingestion.{verb}_{name}")
        body = [self._item(verb, resource, item) for item in items]
        answer = endpoint.sync_detailed(self._data_space, client=self._client, body=body)
        assert answer.status_code == 200, answer.content
        assert answer.parsed.status == "ACCEPTED"
        count: int = answer.parsed.accepted_count
        return count

    def _item(self, verb: str, resource: str, item: Any) -> Any:
        name = self.ITEMS[resource] + {"create": "", "update": "Update", "delete": "Delete"}[verb]
        if resource == "PriceBooks" and verb != "delete":
            name += "Type1" if "parentId" in item else "Type0"
        return self._model(name).from_dict(item)

    def _module(self, path: str) -> Any:
        return importlib.import_module(f"{self._package}.{path}")

    def _model(self, name: str) -> Any:
        return getattr(self._module("models"), name)


@pytest.fixture(scope="module")
def generated(service: RunningService, tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    """The package that the generator makes of the served document."""
    folder = tmp_path_factory.mktemp("generated")
    asked = service.http.request("GET", service.url + "/openapi.json?dialect=catalog-ingestion")
    (folder / "openapi.json").write_bytes(asked.data)
    (folder / "config.json").write_text(json.dumps({"post_hooks": []}), "utf-8")
    command = [str(GENERATOR), "generate", "--meta", "none", "--fail-on-warning"]
    paths = ["--path", "openapi.json", "--config", "config.json", "--output-path", "made_catalog"]
    made = subprocess.run([*command, *paths], cwd=folder, capture_output=True, text=True)
    assert made.returncode == 0, made.stdout + made.stderr
    sys.path.insert(0, str(folder))
    try:
        return importlib.import_module("made_catalog")
    finally:
        sys.path.remove(str(folder))


def test_a_client_of_requests_alone_tells_the_story(service: RunningService) -> None:
    own = catalog_client(service)

    with requests.Session() as session:
        tell(ByRequests(own, session), own)


def test_a_client_made_from_our_description_tells_the_story(
    service: RunningService, generated: ModuleType
) -> None:
    own = catalog_client(service)

    tell(ByGenerated(own, generated), own)


def tell(speaker: Speaker, own: CatalogClient) -> None:
    """The story; what the service holds then is as it was told."""
    creations: list[tuple[str, list[Any]]] = [
        ("ProductMetadata", METADATA),
        ("Categories", CATEGORIES),
        ("Products", [SHIRT, *VARIANTS]),
        ("ProductLayers", [LAYER]),
        ("PriceBooks", BOOKS),
        ("Prices", PRICES),
    ]
    for resource, items in creations:
        assert speaker.call("create", resource, items) == len(items)
    assert own.alive("catalogProductMetadata") == _in_order(own, METADATA)
    assert own.alive("catalogPrices") == _in_order(own, PRICES)
    assert own.findings() == []

    named = {"sku": "SHIRT", "source": SOURCE}
    update = {**named, "name": "Shirt of cotton", "metaTags": {"title": "Cotton"}}
    assert speaker.call("update", "Products", [update]) == 1
    assert speaker.call("delete", "Products", [{"sku": "SHIRT-L", "source": SOURCE}]) == 1

    assert own.view("SHIRT")["product"] == {**SHIRT, **update}
    assert own.view("SHIRT", layer="winter")["product"]["name"] == "Warm shirt"
    assert own.view("SHIRT-L")["product"] is None
    seen = own.view("SHIRT-M", price_book="de")
    assert (seen["price"], seen["price_book"], seen["currency"]) == (PRICES[0], "eu", "EUR")
    assert own.findings() == [("catalogPrices", "/sku", "unknown_product")]


def _in_order(own: CatalogClient, items: list[Any]) -> list[Any]:
    """The items in the order of the service's listing, which is that of their keys."""
    held = [line["item"] for line in own.space.received("?payload=1") if line["item"] in items]
    assert len(held) == len(items)
    return held
