"""The ingestion API as OpenAPI 3.1, generated from its calls and their schemas."""

from typing import Any

from mcs.contract.calls import Call, Operation
from mcs.contract.catalog import CATALOG_CALLS
from mcs.contract.dialects import CATALOG_DIALECT
from mcs.contract.jsonschema import component_name, components

BEARER = "bearer"
TOKEN_PATHS = ("/ims/token/v2", "/ims/token/v3")
_VERBS = {Operation.REPLACE: "create", Operation.MERGE: "update", Operation.DELETE: "delete"}
_SUMMARIES = {
    Operation.REPLACE: "Create or replace {things}",
    Operation.MERGE: "Merge changes into {things}; what does not exist is left alone",
    Operation.DELETE: "Delete {things}",
}
_JSON, _FORM, _HTML = "application/json", "application/x-www-form-urlencoded", "text/html"
_REFUSED = {
    401: ("The token is unknown, revoked or expired.", "CatalogRefusal"),
    403: ("There is no token, or it is not for this data space.", "CatalogRefusal"),
    404: ("There is no such data space.", "CatalogRefusal"),
    413: ("The body is too large, as sent or unpacked.", "CatalogFailed"),
    415: ("The body is no JSON, or has an unknown encoding.", "CatalogFailed"),
}
_AWAY = {"description": "The store cannot be written; Retry-After says when to come again."}
_DATA_SPACE = {
    "name": "data_space_id",
    "in": "path",
    "required": True,
    "description": "The tenant: the id of the data space, a UUID.",
    "schema": {"type": "string", "format": "uuid"},
}
_ENCODING = {
    "name": "Content-Encoding",
    "in": "header",
    "required": False,
    "description": "For a body that is compressed.",
    "schema": {"type": "string", "enum": ["gzip"]},
}


def catalog_paths() -> dict[str, Any]:
    """Every path of the dialect with its methods, and where tokens are made."""
    paths: dict[str, Any] = {}
    for call in CATALOG_CALLS:
        path = CATALOG_DIALECT.path.format(data_space="{data_space_id}", route=call.route)
        paths.setdefault(path, {})[call.method.lower()] = _operation(call)
    for path in TOKEN_PATHS:
        paths[path] = {"post": _token_operation(path.rpartition("/")[2])}
    return paths


def catalog_components() -> dict[str, Any]:
    """The items of all calls, and the answers."""
    return {
        **components([call.schema for call in CATALOG_CALLS], strict=False),
        "CatalogAccepted": _closed(
            status={"type": "string", "enum": ["ACCEPTED"]},
            acceptedCount={"type": "integer", "format": "int32", "minimum": 0},
        ),
        "CatalogFailed": _closed(
            status={"type": "string", "enum": ["FAILED"]},
            message={"type": "string"},
            errors={"type": "array", "items": _ref("CatalogItemError")},
        ),
        "CatalogItemError": _closed(
            itemIndex={"type": "integer", "format": "int32", "minimum": 0},
            code={"type": "string", "description": "The field."},
            message={"type": "string"},
            value={"type": "string", "description": "What came there; empty if nothing did."},
        ),
        "CatalogRefusal": _closed(
            title={"type": "string"},
            status={"type": "string"},
            error_code={"type": "string"},
            message={"type": "string"},
        ),
        "ImsToken": _closed(
            access_token={"type": "string"},
            token_type={"type": "string", "enum": ["bearer"]},
            expires_in={"type": "integer", "description": "Seconds."},
        ),
        "ImsTokenWanted": {
            "type": "object",
            "required": ["client_id", "client_secret", "grant_type"],
            "properties": {
                "client_id": {"type": "string"},
                "client_secret": {"type": "string"},
                "grant_type": {"type": "string", "enum": ["client_credentials"]},
                "scope": {"type": "string", "description": "Separated by commas or spaces."},
            },
        },
        "ImsError": _closed(error={"type": "string"}, error_description={"type": "string"}),
    }


def catalog_security() -> dict[str, Any]:
    """How a call is authenticated."""
    return {BEARER: {"type": "http", "scheme": "bearer"}}


def operation_id(call: Call) -> str:
    """The name of a call in the description, and of the method in generated clients.

    >>> [operation_id(call) for call in CATALOG_CALLS[:3]]
    ['createProductMetadata', 'updateProductMetadata', 'deleteProductMetadata']
    """
    return _VERBS[call.operation] + call.feed.name.removeprefix("catalog")


def _operation(call: Call) -> dict[str, Any]:
    items = {"type": "array", "items": _ref(component_name(call.schema))}
    things = call.feed.route.removeprefix("v1/catalog/").replace("/", " ").replace("-", " ")
    return {
        "operationId": operation_id(call),
        "tags": [CATALOG_DIALECT.name],
        "summary": _SUMMARIES[call.operation].format(things=things),
        "description": f"Items are named by {', '.join(call.feed.identity)}.",
        "security": [{BEARER: []}],
        "parameters": [_DATA_SPACE, _ENCODING],
        "requestBody": {"required": True, "content": {_JSON: {"schema": items}}},
        "responses": {
            "200": _response("All items are accepted.", "CatalogAccepted"),
            "400": _response("Items are refused, and with them the request.", "CatalogFailed"),
            **{str(status): _response(*said) for status, said in _REFUSED.items()},
            "429": {
                "description": "Too many requests; retry-after says in seconds when to come again.",
                "content": {_HTML: {"schema": {"type": "string"}}},
            },
            "503": _AWAY,
        },
    }


def _token_operation(version: str) -> dict[str, Any]:
    return {
        "operationId": f"createToken{version.upper()}",
        "tags": ["ims"],
        "summary": "Make an access token from a client's credentials",
        "requestBody": {"required": True, "content": {_FORM: {"schema": _ref("ImsTokenWanted")}}},
        "responses": {
            "200": _response("The token, good for a day.", "ImsToken"),
            "400": _response(
                "The form lacks something, or asks for what there is not.", "ImsError"
            ),
            "401": _response("The credentials are not good.", "ImsError"),
            "503": _AWAY,
        },
    }


def _response(description: str, schema: str) -> dict[str, Any]:
    return {"description": description, "content": {_JSON: {"schema": _ref(schema)}}}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _closed(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(properties),
        "properties": properties,
        "additionalProperties": False,
    }
