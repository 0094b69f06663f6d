"""/control: the ingestion API's clients and tokens, what of its items refers to nothing, and a
product as a storefront would see it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

import orjson
from flask import Blueprint, Response, request

from mcs.contract.canonical import identity, identity_key
from mcs.contract.catalog import LAYERING, SCOPES
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import UsageError
from mcs.contract.merging import merged
from mcs.contract.price_books import currency, price_of
from mcs.contract.references import dangling
from mcs.contract.validation import validate
from mcs.server import credentials
from mcs.server.answers import json_answer
from mcs.server.asked import admit, json_body, known_data_space
from mcs.server.gateway import key_hash
from mcs.server.service import current_service
from mcs.server.store.repository import Store
from mcs.server.store.values import ReceivedItem
from mcs.server.streaming import streamed

PREFIX = "/control/data-spaces/<data_space>"
MOST_SCOPES = 100

control_catalog = Blueprint("control_catalog", __name__)
control_catalog.before_request(admit)


@control_catalog.get(PREFIX + "/clients")
def list_clients(data_space: str) -> Response:
    """Who may make tokens for a data space; secrets are shown when a client is made, and never
    again."""
    found = current_service().store.tokens.clients(known_data_space(data_space))
    clients = [
        {"client_id": one.client_id, "scopes": one.scopes, "created_at": one.created_at}
        for one in found
    ]
    return json_answer({"clients": clients})


@control_catalog.post(PREFIX + "/clients")
def create_client(data_space: str) -> Response:
    """Makes one more client, with fewer scopes if wanted."""
    space, scopes = known_data_space(data_space), json_body("scopes").get("scopes", list(SCOPES))
    if not _are_scopes(scopes):
        expected = f"a list of 1 to {MOST_SCOPES} texts without spaces"
        raise UsageError(f"scopes: got {scopes!r}, expected {expected}.")
    issued = credentials.issue_client(current_service().store, space, scopes)
    return json_answer(issued.as_json() | {"scopes": scopes}, 201)


@control_catalog.post(PREFIX + "/tokens/revoke")
def revoke_tokens(data_space: str) -> Response:
    """Revokes all tokens of a data space, those of one client, or one."""
    space, given = known_data_space(data_space), json_body("client_id", "access_token")
    for name, value in given.items():
        if not isinstance(value, str) or "\0" in value:
            raise UsageError(f"{name}: got {value!r}, expected a text.")
    token = given.get("access_token")
    revoked = current_service().store.tokens.revoke(
        space, given.get("client_id"), None if token is None else key_hash(token)
    )
    return json_answer({"revoked": revoked})


@control_catalog.get(PREFIX + "/findings")
def findings(data_space: str) -> Response:
    """A line per reference that leads nowhere."""
    # A stream goes on when the request is over, and with it the current service.
    space, store = known_data_space(data_space), current_service().store

    def lines() -> Iterator[bytes]:
        names: dict[tuple[str, str], dict[str, str]] = {}

        def items(feed: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
            names.clear()
            for key, item in _alive(store, space, feed):
                names[feed, key] = identity(ALL_FEEDS[feed], item)
                yield key, item
                names.clear()

        for one in dangling(items):
            yield orjson.dumps(asdict(one) | {"identity": names[one.feed, one.key]}) + b"\n"

    return streamed(lines())


@control_catalog.get(PREFIX + "/product-view")
def product_view(data_space: str) -> Response:
    """A product under its layers, and the price that holds in a price book."""
    space, asked, store = known_data_space(data_space), request.args, current_service().store
    sku, locale, book = asked.get("sku"), asked.get("locale"), asked.get("price_book")
    if not sku or not locale:
        raise UsageError("Say which: ?sku=…&locale=…, and if wanted &layer=… and &price_book=….")
    name = {"sku": sku, "source": {"locale": locale}}
    product = _one(space, "catalogProducts", name)
    laid: list[str] = []
    for layer in filter(None, asked.getlist("layer")):
        for source in ({"layer": layer}, {"layer": layer, "locale": locale}):
            over = _one(space, "catalogProductLayers", {"sku": sku, "source": source})
            if product is not None and over is not None:
                rest = {name: value for name, value in over.items() if name != "source"}
                product = merged(LAYERING, product, rest)
                laid.append(layer)
    books = {one["priceBookId"]: one for _, one in _alive(store, space, "catalogPriceBooks")}
    prices = _prices(space, sku, books) if book else {}
    holding = price_of(books, prices, book) if book else None
    return json_answer(
        {
            "product": product,
            "layers": list(dict.fromkeys(laid)),
            "price": holding,
            "price_book": holding and holding["priceBookId"],
            "currency": currency(books, book) if book else None,
        }
    )


def _prices(space: str, sku: str, books: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The prices of a product, by price book."""
    found = {
        book: _one(space, "catalogPrices", {"sku": sku, "priceBookId": book}) for book in books
    }
    return {book: price for book, price in found.items() if price is not None}


def _alive(store: Store, space: str, feed: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for one in store.received.items(space, feed, with_items=True):
        if (item := _usable(feed, one)) is not None:
            yield one.key, item


def _one(space: str, feed: str, name: dict[str, Any]) -> dict[str, Any] | None:
    key = identity_key(ALL_FEEDS[feed], name)
    store = current_service().store
    found = next(store.received.items(space, feed, key, with_items=True), None)
    return None if found is None else _usable(feed, found)


def _usable(feed: str, one: ReceivedItem) -> dict[str, Any] | None:
    """The item if it is alive and valid: a data space that records all holds others, too."""
    if one.deleted or one.item is None or one.identity is None:
        return None
    item: dict[str, Any] = orjson.loads(one.item)
    return None if validate(ALL_FEEDS[feed], [item]).errors else item


def _are_scopes(given: Any) -> bool:
    return (
        isinstance(given, list)
        and 0 < len(given) <= MOST_SCOPES
        and all(isinstance(one, str) and one and one.split() == [one] for one in given)
    )
