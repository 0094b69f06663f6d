"""The parameters of the control API for the OpenAPI document: in paths and in queries."""

from typing import Any

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.openapi import DATA_SPACE_PARAMETER
from mcs.server.consumers import Consumer


def _parameter(name: str, place: str, schema: dict[str, Any], text: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": place,
        "required": place == "path",
        "description": text,
        "schema": schema,
    }


_FEED_NAME = {"type": "string", "enum": list(ALL_FEEDS)}
_KEY = {"type": "string", "pattern": "^[0-9a-f]{40}$"}
PATH_PARAMETERS = {
    "data_space_id": DATA_SPACE_PARAMETER,
    "feed": _parameter("feed", "path", _FEED_NAME, "A feed's name."),
    "key": _parameter("key", "path", _KEY, "An item's identity key."),
    "number": _parameter(
        "number",
        "path",
        {"type": "integer", "minimum": 1, "maximum": 2**53 - 1},
        "The id of a request, a fault, a resync or a run; the number of a key.",
    ),
    "cloud_id": _parameter("cloud_id", "path", {"type": "string"}, "A cloud project's id."),
}
QUERY_PARAMETERS = {
    "state": _parameter(
        "state",
        "query",
        {"type": "string", "enum": ["requested", "running", "done", "failed"]},
        "Only those in this state.",
    ),
    "service": _parameter(
        "service",
        "query",
        {"type": "string", "enum": list(Consumer)},
        "Whose view; it must be named.",
    ),
    "at": _parameter(
        "at",
        "query",
        {"type": "string", "format": "date-time"},
        "The moment that is asked for; now by the service's clock if it is left out.",
    ),
    "feed": _parameter("feed", "query", _FEED_NAME, "Only this feed."),
    "key": _parameter("key", "query", _KEY, "Only the item with this identity key."),
    "name": _parameter(
        "name", "query", {"type": "string"}, "A SKU, an attribute code, a category's id."
    ),
    "near": _parameter("near", "query", {"type": "string"}, "Names close to this one."),
    "buckets": _parameter(
        "buckets",
        "query",
        {"type": "string", "pattern": "^[0-9a-f]{3}(,[0-9a-f]{3})*$"},
        "Only keys that begin with one of these, separated by commas.",
    ),
    "payload": _parameter(
        "payload", "query", {"type": "string", "enum": ["0", "1"]}, "1: with the items themselves."
    ),
    "limit": _parameter(
        "limit",
        "query",
        {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
        "Most entries; no more than 1,000 are given.",
    ),
    "sku": _parameter("sku", "query", {"type": "string", "minLength": 1}, "A product; wanted."),
    "locale": _parameter(
        "locale", "query", {"type": "string", "minLength": 1}, "The product's locale; wanted."
    ),
    "layer": _parameter(
        "layer",
        "query",
        {"type": "array", "items": {"type": "string", "minLength": 1}},
        "Layers to lay over the product, in this order.",
    ),
    "price_book": _parameter(
        "price_book", "query", {"type": "string", "minLength": 1}, "Whose price is asked for."
    ),
    "before": _parameter(
        "before",
        "query",
        {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
        "Only requests with a smaller id: `next` of the page before.",
    ),
}
