"""The whole API as OpenAPI 3.1: ingest from the contract, and what the server adds to it.

Every operation of the control API and the merchant registry is one entry of the tables below.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import mcs
from mcs.contract.catalog_openapi import catalog_components, catalog_paths, catalog_security
from mcs.contract.dialects import CATALOG_DIALECT
from mcs.contract.jsonschema import OPENAPI_VERSION
from mcs.contract.openapi import (
    REQUEST_ID_HEADER,
    description,
    error_response,
    ingest_components,
    ingest_paths,
    security_schemes,
)
from mcs.server.openapi_parameters import PATH_PARAMETERS, QUERY_PARAMETERS
from mcs.server.openapi_values import VALUES

JSON, NDJSON = "application/json", "application/x-ndjson"
_ERRORS = {
    400: "A value does not fit; the message says which and what does.",
    401: "The signature is missing, not good, or expired.",
    403: "The caller may not do this.",
    404: "There is no such thing.",
    409: "It exists already.",
    413: "The body is too large.",
    503: "The store cannot be read or written; Retry-After says when to come again.",
}
_CONTROL_ERRORS = (400, 403, 404, 413, 503)
_SIGNED: list[dict[str, list[str]]] = [{"apiKey": [], "signature": []}]


@dataclass(frozen=True, slots=True)
class Operation:
    """One method on one path. answer, body: names of schemas in `openapi_values`."""

    method: str
    path: str
    summary: str
    answer: str
    body: str | None = None
    query: tuple[str, ...] = ()
    status: int = 200
    media_type: str = JSON
    other_media_type: str | None = None
    errors: tuple[int, ...] = _CONTROL_ERRORS


_SPACE = "/control/data-spaces/{data_space_id}"
_REGISTRY = "/merchant-registry/v1"
_CONTROL = (
    Operation("get", "/control/health", "Is the service up?", "Health", errors=(403,)),
    Operation("get", "/control/data-spaces", "List the data spaces", "DataSpaces"),
    Operation(
        "post",
        "/control/data-spaces",
        "Make a data space and its first key pair",
        "NewDataSpace",
        body="WantedDataSpace",
        status=201,
        errors=(*_CONTROL_ERRORS, 409),
    ),
    Operation("get", _SPACE, "One data space", "DataSpace"),
    Operation(
        "patch", _SPACE, "Change settings of a data space", "DataSpace", body="WantedSettings"
    ),
    Operation(
        "post",
        "/control/items/{feed}",
        "Where else items are alive that one data space lacks, a line per data space and item",
        "Holding",
        body="WantedItems",
        media_type=NDJSON,
    ),
    Operation(
        "get",
        f"{_SPACE}/received",
        "The items the service holds, one per line, by feed and key",
        "ReceivedItem",
        query=("feed", "key", "buckets", "payload"),
        media_type=NDJSON,
    ),
    Operation(
        "get",
        f"{_SPACE}/digests",
        "Bucket digests, by which two sides are proven equal without a list",
        "Digests",
        query=("feed",),
    ),
    Operation(
        "get",
        f"{_SPACE}/received/{{feed}}/{{key}}",
        "Every accepted version of one item, oldest first",
        "Versions",
    ),
    Operation(
        "get",
        f"{_SPACE}/rejected",
        "The refused items, one per line, as they came",
        "RejectedItem",
        query=("feed",),
        media_type=NDJSON,
    ),
    Operation(
        "get",
        f"{_SPACE}/requests",
        "The journal of requests, newest first",
        "Requests",
        query=("feed", "limit", "before"),
    ),
    Operation(
        "get",
        "/control/requests",
        "The requests to data spaces that there are none of, newest first",
        "Requests",
        query=("feed", "limit", "before"),
    ),
    Operation("get", f"{_SPACE}/requests/{{number}}", "One request of the journal", "Request"),
    Operation(
        "get",
        f"{_SPACE}/requests/{{number}}/body",
        "A request's body, unpacked, as it came; application/octet-stream if it is no JSON",
        "Anything",
        other_media_type="application/octet-stream",
    ),
    Operation(
        "get",
        f"{_SPACE}/requests/{{number}}/warnings",
        "What a strict reader would refuse of a request's items",
        "Warnings",
    ),
    Operation("get", "/control/clock", "The service's time, and which clock it is from", "Clock"),
    Operation("put", "/control/clock", "Turn the service's clock", "Clock", body="WantedTurn"),
    Operation(
        "get",
        f"{_SPACE}/visible",
        "The items that a service shows, one per line, by feed and key",
        "VisibleItem",
        query=("service", "at", "feed", "key", "payload"),
        media_type=NDJSON,
    ),
    Operation(
        "post",
        f"{_SPACE}/requests/lookup",
        "What the journal says of the requests with these ids",
        "FoundRequests",
        body="WantedRequests",
    ),
    Operation(
        "post",
        f"{_SPACE}/items/lookup",
        "What happened to these items of a feed: writes, refusals, faults; only the latest",
        "Histories",
        body="WantedHistories",
    ),
    Operation(
        "get",
        f"{_SPACE}/items",
        "All that is known of the items that a name or a key stands for, one item per line",
        "KnownItem",
        query=("name", "feed", "key"),
        media_type=NDJSON,
    ),
    Operation(
        "get",
        f"{_SPACE}/visible/{{feed}}/{{key}}",
        "What each service shows of one item, since when, or from when on",
        "Views",
        query=("at",),
    ),
    Operation(
        "get",
        f"{_SPACE}/names",
        "Names of items that are close to one that may be mistyped",
        "Names",
        query=("near", "feed"),
    ),
    Operation("get", f"{_SPACE}/faults", "The faults in force", "Faults"),
    Operation(
        "post", f"{_SPACE}/faults", "Put a fault in force", "Fault", body="WantedFault", status=201
    ),
    Operation("delete", f"{_SPACE}/faults", "End all faults", "Cleared"),
    Operation("delete", f"{_SPACE}/faults/{{number}}", "End one fault", "Fault"),
    Operation(
        "patch",
        f"{_SPACE}/faults/{{number}}",
        "Switch one fault on or off",
        "Fault",
        body="WantedSwitch",
    ),
    Operation("get", f"{_SPACE}/faults/journal", "What the faults did, in order", "FaultJournal"),
    Operation(
        "get",
        f"{_SPACE}/schedule",
        "When the exporter's windows open, as it told last",
        "Schedule",
    ),
    Operation(
        "put",
        f"{_SPACE}/schedule",
        "Tell when the exporter's windows open",
        "Schedule",
        body="WantedSchedule",
    ),
    Operation(
        "get", f"{_SPACE}/resyncs", "The resyncs that were asked for", "Resyncs", query=("state",)
    ),
    Operation(
        "post",
        f"{_SPACE}/resyncs",
        "Ask the exporter for a resync at its next window",
        "Resync",
        body="WantedResync",
        status=201,
    ),
    Operation(
        "put",
        f"{_SPACE}/resyncs/{{number}}",
        "Say how far a resync is, as the exporter does",
        "Resync",
        body="WantedState",
    ),
    Operation(
        "get",
        f"{_SPACE}/runs",
        "The sync runs that the exporter reported, newest first",
        "Runs",
        query=("feed", "limit"),
    ),
    Operation(
        "post",
        f"{_SPACE}/runs",
        "Say that a sync of a feed has begun, as the exporter does",
        "Run",
        body="WantedRun",
        status=201,
    ),
    Operation(
        "put",
        f"{_SPACE}/runs/{{number}}",
        "Say how far a run is, or how it ended",
        "Run",
        body="RunReport",
    ),
    Operation(
        "get", f"{_SPACE}/feed-status", "How feeds stand, as the exporter reported", "FeedReports"
    ),
    Operation(
        "put",
        f"{_SPACE}/feed-status/{{feed}}",
        "Say how a feed stands after a run, as the exporter does",
        "FeedReport",
        body="WantedFeedReport",
    ),
    Operation("get", f"{_SPACE}/keys", "The API keys, by how they begin", "Keys"),
    Operation("delete", f"{_SPACE}/keys/{{number}}", "Retire an API key", "Key"),
    Operation("get", f"{_SPACE}/clients", "Who may make access tokens", "Clients"),
    Operation(
        "post",
        f"{_SPACE}/clients",
        "Make a client for access tokens; its secret is shown here only",
        "NewClient",
        body="WantedClient",
        status=201,
    ),
    Operation(
        "post",
        f"{_SPACE}/tokens/revoke",
        "Revoke access tokens: all, those of a client, or one",
        "Revoked",
        body="WantedRevocation",
    ),
    Operation(
        "get",
        f"{_SPACE}/findings",
        "What items of the catalog ingestion API refer to and is not there, a line each",
        "CatalogFinding",
        media_type=NDJSON,
    ),
    Operation(
        "get",
        f"{_SPACE}/product-view",
        "A product under its layers, and the price that holds in a price book",
        "ProductView",
        query=("sku", "locale", "layer", "price_book"),
    ),
    Operation("post", f"{_SPACE}/reset", "Forget all that was received", "Forgotten"),
)
_ENVIRONMENT = f"{_REGISTRY}/registry/environments/{{data_space_id}}"
_SIGNED_ERRORS = (401, 403, 404, 503)
_REGISTRY_OPERATIONS = (
    Operation("get", f"{_REGISTRY}/ping", "Check an API key", "Acknowledged"),
    Operation(
        "get", "/gateway/apikeycheck", "Check an API key, as older clients do", "Acknowledged"
    ),
    Operation("get", "/merchant-registry/index.html", "Check an API key, on beta", "Acknowledged"),
    Operation("get", f"{_REGISTRY}/registry", "The caller's data spaces", "Environments"),
    Operation("get", _ENVIRONMENT, "One data space", "Environment"),
    Operation("put", f"{_ENVIRONMENT}/cloudid/{{cloud_id}}", "Note a cloud project", "Environment"),
    Operation("post", f"{_ENVIRONMENT}/cleanup", "Wipe a data space", "Acknowledged"),
)


@cache
def catalog_document() -> dict[str, Any]:
    """The OpenAPI document of the ingestion API alone, for generators of clients."""
    return {
        "openapi": OPENAPI_VERSION,
        "info": {"title": CATALOG_DIALECT.title, "version": mcs.__version__},
        "paths": catalog_paths(),
        "components": {"schemas": catalog_components(), "securitySchemes": catalog_security()},
    }


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document, as a value that serialises to JSON."""
    paths: dict[str, Any] = {**ingest_paths(), **catalog_paths()}
    for operation in _CONTROL:
        paths.setdefault(operation.path, {})[operation.method] = _described(operation, "control")
    for operation in _REGISTRY_OPERATIONS:
        described = _described(operation, "merchant registry", _SIGNED_ERRORS)
        paths.setdefault(operation.path, {})[operation.method] = described | {"security": _SIGNED}
    return {
        "openapi": OPENAPI_VERSION,
        "info": {
            "title": "Mock Commerce Services",
            "version": mcs.__version__,
            "description": description(),
        },
        "paths": paths,
        "components": {
            "schemas": {**ingest_components(), **catalog_components(), **VALUES},
            "securitySchemes": security_schemes() | catalog_security(),
        },
    }


def _described(
    operation: Operation, tag: str, errors: tuple[int, ...] | None = None
) -> dict[str, Any]:
    wanted = [name for name in PATH_PARAMETERS if f"{{{name}}}" in operation.path]
    described: dict[str, Any] = {
        "operationId": f"{operation.method} {operation.path}",
        "tags": [tag],
        "summary": operation.summary,
        "parameters": [PATH_PARAMETERS[name] for name in wanted]
        + [QUERY_PARAMETERS[name] for name in operation.query],
        "responses": {
            str(operation.status): {
                "description": operation.summary,
                "headers": REQUEST_ID_HEADER,
                "content": _content(operation),
            },
            **{
                str(status): error_response(_ERRORS[status])
                for status in errors or operation.errors
            },
        },
    }
    if operation.body:
        schema = {"$ref": f"#/components/schemas/{operation.body}"}
        described["requestBody"] = {"required": True, "content": {JSON: {"schema": schema}}}
    return described


def _content(operation: Operation) -> dict[str, Any]:
    content: dict[str, Any] = {operation.media_type: {"schema": _answer_schema(operation)}}
    if operation.other_media_type:
        content[operation.other_media_type] = {"schema": {"type": "string"}}
    return content


def _answer_schema(operation: Operation) -> dict[str, Any]:
    if operation.media_type == NDJSON:
        # OpenAPI 3.1 has no word for a stream of values; the line's schema is named beside it.
        return {"type": "string", "x-line-schema": f"#/components/schemas/{operation.answer}"}
    return {"$ref": f"#/components/schemas/{operation.answer}"}
