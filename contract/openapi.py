"""The ingest API as OpenAPI 3.1, generated from the feeds and their schemas."""

from itertools import groupby
from typing import Any

from mcs.contract.facts import FACTS
from mcs.contract.feeds import FEEDS, Certainty, Feed
from mcs.contract.jsonschema import component_name, components

DATA_SPACE_PARAMETER = {
    "name": "data_space_id",
    "in": "path",
    "required": True,
    "description": "The SaaS data space id, a UUID.",
    "schema": {"type": "string", "format": "uuid"},
}
REQUEST_ID_HEADER = {
    "x-request-id": {
        "description": "The request's own X-Request-Id, or a fresh one.",
        "schema": {"type": "string"},
    }
}
_INGEST_ERRORS = {
    401: "The signature is missing, not good, or expired.",
    403: "The API key is missing, unknown, or not registered for this data space.",
    404: "There is no such data space.",
    413: "The body is too large, as sent or unpacked.",
    415: "The body is no JSON, or has an unknown encoding.",
    429: "Too many requests; Retry-After says when to come again.",
    503: "The store cannot be written; Retry-After says when to come again.",
}


def ingest_paths() -> dict[str, Any]:
    """One path per route; two feeds that share a route share the path."""
    ordered = sorted(FEEDS.values(), key=lambda feed: feed.route)
    return {
        f"/{route}/{{data_space_id}}": {"post": _operation(list(feeds))}
        for route, feeds in groupby(ordered, key=lambda feed: feed.route)
    }


def ingest_components() -> dict[str, Any]:
    """The items of all feeds as the default mode takes them, the answer, and the error."""
    return {
        **components(list(FEEDS), strict=False),
        "Answer": {
            "type": "object",
            "required": ["feedItemReceivedCount", "invalidFeedItems"],
            "properties": {
                "feedItemReceivedCount": {"type": "integer", "minimum": 0},
                "invalidFeedItems": {
                    "type": "array",
                    "items": {"anyOf": [_ref("ErrorByField"), _ref("ErrorByCode")]},
                },
            },
        },
        "ErrorByField": _closed(field={"type": "string"}, message={"type": "string"}),
        "ErrorByCode": _closed(
            itemIndex={"type": "integer", "minimum": 0},
            code={"type": "string"},
            message={"type": "string"},
        ),
        "Error": _closed(
            status={"type": "integer"},
            code={"type": "string"},
            message={"type": "string"},
            detail={"type": "string"},
            error=_closed(code={"type": "string"}, message={"type": "string"}),
        ),
    }


def error_response(description: str) -> dict[str, Any]:
    """A response whose body is the error that all routes share."""
    return {
        "description": description,
        "headers": REQUEST_ID_HEADER,
        "content": {"application/json": {"schema": _ref("Error")}},
    }


def security_schemes() -> dict[str, Any]:
    """How a batch is authenticated."""
    return {
        "apiKey": {"type": "apiKey", "in": "header", "name": "x-api-key"},
        "signature": {
            "type": "apiKey",
            "in": "header",
            "name": "x-gw-signature",
            "description": "RS256 JWT with exp, signed by the private key of the API key.",
        },
    }


def description() -> str:
    """What the document's readers should know of its certainty, as Markdown."""
    lines = [
        "An open mock of Adobe's feed ingestion service. How sure each behaviour is:",
        "",
        *(f"- **{fact.topic}** ({fact.certainty}): {fact.statement}" for fact in FACTS),
    ]
    return "\n".join(lines)


def _operation(feeds: list[Feed]) -> dict[str, Any]:
    names = " or ".join(feed.name for feed in feeds)
    certainty = feeds[0].route_certainty
    batches = [
        {"type": "array", "minItems": 1, "items": _ref(component_name(feed.name))} for feed in feeds
    ]
    return {
        "operationId": "send_" + "_or_".join(feed.name for feed in feeds),
        "tags": ["ingest"],
        "summary": f"Send a batch of {names}",
        "description": _operation_description(feeds[0]),
        "x-certainty": str(certainty),
        "security": [{"apiKey": [], "signature": []}],
        "parameters": [DATA_SPACE_PARAMETER],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {
                    "schema": batches[0] if len(batches) == 1 else {"anyOf": batches}
                }
            },
        },
        "responses": _responses(),
    }


def _operation_description(feed: Feed) -> str:
    text = f"Items are named by {', '.join(feed.identity)}. The route is {feed.route_certainty}."
    if feed.route_certainty is Certainty.ASSUMED:
        text += " It is a setting (`routes`)."
    return text


def _responses() -> dict[str, Any]:
    answer = {"schema": _ref("Answer")}
    refused = {"schema": {"anyOf": [_ref("Answer"), _ref("Error")]}}
    return {
        "200": {
            "description": "The batch is recorded.",
            "headers": REQUEST_ID_HEADER,
            "content": {"application/json": answer},
        },
        "400": {
            "description": "Some items are refused and named; or the body is no batch at all.",
            "headers": REQUEST_ID_HEADER,
            "content": {"application/json": refused},
        },
        **{str(status): error_response(text) for status, text in _INGEST_ERRORS.items()},
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _closed(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}
