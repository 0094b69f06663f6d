"""JSON Schema of the control API's and the merchant registry's values, for the OpenAPI document.

Tests compare real answers with it, so it cannot drift from the views.
"""

from typing import Any

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.feeds import FEEDS
from mcs.server.clock import ClockKind
from mcs.server.config import LONGEST_LAG_S
from mcs.server.consumers import Consumer
from mcs.server.faults.actions import ACTIONS

Schema = dict[str, Any]


def _object(optional: tuple[str, ...] = (), /, **properties: Schema) -> Schema:
    required = [name for name in properties if name not in optional]
    return {
        "type": "object",
        "required": required,
        "properties": properties,
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "boolean"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_AT_LEAST_ONE: Schema = {"type": "integer", "minimum": 1, "maximum": 2**53 - 1}
_FEED: Schema = {"type": "string", "enum": list(ALL_FEEDS)}
_UUID: Schema = {"type": "string", "format": "uuid"}
_KEY: Schema = {"type": "string"}
_IDENTITY: Schema = {"type": ["object", "null"], "additionalProperties": {"type": "string"}}
_ANYTHING: Schema = {}

_SETTINGS: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "mode": {"enum": ["strict", "lenient", "record"]},
        "partial_failure": {"enum": [400, 200]},
        "keep_valid_items": _FLAG,
        "error_shape": {"enum": ["field", "code"]},
        "items_limit": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {name: {"type": "integer", "minimum": 1} for name in ALL_FEEDS},
        },
        "requests_per_minute": {"type": ["integer", "null"], "minimum": 1},
        "catalog_requests_per_minute": {"type": ["integer", "null"], "minimum": 1},
        "routes": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {name: {"type": "string", "pattern": "[^/]"} for name in FEEDS},
        },
        "visibility_lag_s": {
            "type": ["object", "null"],
            "additionalProperties": False,
            "properties": {
                consumer.value: {"type": "number", "minimum": 0, "maximum": LONGEST_LAG_S}
                for consumer in Consumer
            },
        },
    },
}
_DATA_SPACE: dict[str, Schema] = {"id": _UUID, "name": _TEXT, "settings": _SETTINGS}
_NUMBER: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
_NUMBERS: Schema = {"type": "array", "items": _AT_LEAST_ONE, "minItems": 1}
_WHOLE: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
_PARAMETERS: Schema = {
    "type": "object",
    "description": " ".join(
        f"{action.name}: {', '.join(each.name for each in action.parameters)}."
        for action in ACTIONS.values()
        if action.parameters
    ),
}
_FAULT: dict[str, Schema] = {
    "action": {
        "enum": list(ACTIONS),
        "description": " ".join(f"{each.name}: {each.help}." for each in ACTIONS.values()),
    },
    "parameters": _PARAMETERS,
    "enabled": _FLAG,
    "note": _TEXT,
    "feed": {"enum": [*ALL_FEEDS, None]},
    "nth": {"anyOf": [{"type": "null"}, _AT_LEAST_ONE, _NUMBERS]},
    "every": _AT_LEAST_ONE,
    "probability": _or_null(_NUMBER),
    "seed": _WHOLE,
    "identity": {
        "type": ["object", "null"],
        "additionalProperties": {"type": ["string", "integer"]},
    },
    "where": _or_null(_TEXT),
    "indexes": _or_null({"type": "array", "items": _COUNT, "minItems": 1}),
    "attempt": _or_null(_AT_LEAST_ONE),
    "from": _MOMENT,
    "until": _MOMENT,
    "count": _or_null(_AT_LEAST_ONE),
}
_REQUEST: dict[str, Schema] = {
    "id": _COUNT,
    "request_id": _TEXT,
    "feed": _or_null(_TEXT),
    "method": _TEXT,
    "route": _TEXT,
    "received_at": _TEXT,
    "status": _COUNT,
    "items": _COUNT,
    "accepted": _COUNT,
    "rejected": _COUNT,
    "code": _or_null(_TEXT),
    "message": _or_null(_TEXT),
    "body_bytes": _COUNT,
    "decoded_bytes": _COUNT,
    "duration_ms": {"type": "number"},
    "headers": {"type": "object", "additionalProperties": _TEXT},
    "answered": _FLAG,
    "fault": {"type": ["array", "null"], "items": _object(id=_COUNT, action=_TEXT)},
    "signature": {
        "type": ["object", "null"],
        "required": ["verified", "algorithm", "claims"],
        "properties": {"verified": _FLAG, "claims": {"type": "object"}},
    },
}
_EVENT: dict[str, Schema] = {
    "fault_id": _COUNT,
    "action": _TEXT,
    "feed": _FEED,
    "key": _or_null(_KEY),
    "identity": _IDENTITY,
    "request_id": _TEXT,
    "index": _or_null(_COUNT),
    "items": _COUNT,
    "recorded": _FLAG,
    "change": {
        "type": ["object", "null"],
        "required": ["pointer", "before", "after"],
        "properties": {"pointer": _TEXT, "before": _ANYTHING, "after": _ANYTHING},
    },
    "due": {
        "type": ["object", "null"],
        "required": ["delay_s", "requests"],
        "properties": {"delay_s": {"type": ["number", "null"]}, "requests": _or_null(_COUNT)},
    },
    "recorded_at": _or_null(_TEXT),
    "at": _TEXT,
}
_WRITE: dict[str, Schema] = {
    "hash": _TEXT,
    "deleted": _FLAG,
    "received_at": _TEXT,
    "request_id": _TEXT,
    "index": _COUNT,
}
_PROBLEMS: Schema = _list(_object(pointer=_TEXT, code=_TEXT, message=_TEXT))
_HISTORY: dict[str, Schema] = {
    "writes": _list(_object(**_WRITE)),
    "refusals": _list(_object(received_at=_TEXT, request_id=_TEXT, index=_COUNT, errors=_PROBLEMS)),
    "faults": _list(_object(action=_TEXT, request_id=_TEXT, at=_TEXT)),
}
_ENVIRONMENT: dict[str, Schema] = {
    "environmentId": _UUID,
    "environmentName": _TEXT,
    "environmentType": _TEXT,
    "createdAt": _TEXT,
    "cloudId": _TEXT,
}

_VERSION = _object(**_WRITE, visible_at=_TEXT)
_VIEW: dict[str, Schema] = {
    "visible": _FLAG,
    "since": _or_null(_TEXT),
    "from": _or_null(_TEXT),
    "lag_s": {"type": "number"},
    "version": {"oneOf": [_VERSION, {"type": "null"}]},
    "coming": _list(_VERSION),
}
_STATE: Schema = {"enum": ["requested", "running", "done", "failed"]}
_OWN_FEED: Schema = {"type": "string", "enum": list(FEEDS)}
_RESYNCED: Schema = {"type": ["array", "null"], "items": _OWN_FEED, "minItems": 1}
_RESYNC: dict[str, Schema] = {
    "id": _COUNT,
    "feeds": _RESYNCED,
    "state": _STATE,
    "requested_at": _TEXT,
    "updated_at": _TEXT,
    "now": _FLAG,
}
_IDS: Schema = {"type": ["array", "null"], "items": _KEY, "minItems": 1, "maxItems": 1000}
_RESYNC["ids"] = _IDS
_SHORT: Schema = {"type": "string", "maxLength": 2000}
_SIGNED: Schema = {"type": "integer", "minimum": -(2**53) + 1, "maximum": 2**53 - 1}
_REPORTED_ITEM = _object(
    feed_id=_SHORT,
    entity_id=_SIGNED,
    identity={"type": "object", "additionalProperties": _SHORT},
    status=_SIGNED,
    modified_at=_SHORT,
    deleted=_FLAG,
    request_id=_SHORT,
    error=_SHORT,
)
_REPORTED: dict[str, Schema] = {
    **dict.fromkeys(("source_records", "sent", "failed", "waiting"), _WHOLE),
    "indexer": _SHORT,
    "items": {"type": "array", "items": _REPORTED_ITEM, "maxItems": 200},
}
_SCOPES: Schema = {"type": "array", "items": _TEXT, "minItems": 1, "maxItems": 100}
_RUN_STATE: Schema = {"enum": ["running", "success", "failed"]}
_TOLD: Schema = {"type": "string", "minLength": 1, "maxLength": 2000}
_RUN_COUNT: Schema = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
_RUN_COUNTS: dict[str, Schema] = dict.fromkeys(
    ("sources", "sources_done", "submitted", "failed"), _RUN_COUNT
)
_RUN: dict[str, Schema] = {
    "id": _COUNT,
    "feed": _FEED,
    "operation": _TEXT,
    "state": _RUN_STATE,
    "started_at": _TEXT,
    "updated_at": _TEXT,
    "finished_at": _or_null(_TEXT),
    **_RUN_COUNTS,
    "reason": _or_null(_TEXT),
}

VALUES: dict[str, Schema] = {
    "Health": _object(status={"const": "ok"}, version=_TEXT),
    "DataSpace": _object(**_DATA_SPACE, created_at=_TEXT),
    "DataSpaces": _object(data_spaces=_list(_ref("DataSpace"))),
    "WantedSettings": _object(settings=_SETTINGS),
    "WantedDataSpace": _object(
        ("id", "settings"),
        name={"type": "string", "minLength": 1, "maxLength": 200},
        id=_UUID,
        settings=_SETTINGS,
    ),
    "NewDataSpace": _object(
        **_DATA_SPACE,
        api_key=_TEXT,
        private_key=_TEXT,
        public_key=_TEXT,
        client_id=_TEXT,
        client_secret=_TEXT,
    ),
    "Key": _object(
        number=_COUNT,
        shown=_or_null(_TEXT),
        created_at=_TEXT,
        last_used_at=_MOMENT,
        retired_at=_MOMENT,
    ),
    "Keys": _object(keys=_list(_ref("Key"))),
    "Clients": _object(
        clients=_list(_object(client_id=_TEXT, scopes=_list(_TEXT), created_at=_TEXT))
    ),
    "WantedClient": _object(("scopes",), scopes=_SCOPES),
    "NewClient": _object(client_id=_TEXT, client_secret=_TEXT, scopes=_list(_TEXT)),
    "WantedRevocation": _object(("client_id", "access_token"), client_id=_TEXT, access_token=_TEXT),
    "Revoked": _object(revoked=_COUNT),
    "CatalogFinding": _object(
        feed=_FEED, key=_KEY, identity=_IDENTITY, pointer=_TEXT, code=_TEXT, message=_TEXT
    ),
    "ProductView": _object(
        product=_or_null({"type": "object"}),
        layers=_list(_TEXT),
        price=_or_null({"type": "object"}),
        price_book=_or_null(_TEXT),
        currency=_or_null(_TEXT),
    ),
    "ReceivedItem": _object(
        ("item",),
        feed=_FEED,
        key=_KEY,
        identity=_IDENTITY,
        modified_at=_or_null(_TEXT),
        **_WRITE,
        versions=_COUNT,
        repeats=_COUNT,
        resends=_COUNT,
        item=_ANYTHING,
    ),
    "WantedItems": _object(
        keys={"type": "array", "items": _KEY, "minItems": 1, "maxItems": 1000},
        **{"except": _UUID},
    ),
    "Holding": _object(
        data_space_id=_UUID,
        feed=_FEED,
        key=_KEY,
        hash=_KEY,
        received_at=_TEXT,
        request_id=_TEXT,
    ),
    "Versions": _object(feed=_FEED, key=_KEY, versions=_list(_object(**_WRITE, item=_ANYTHING))),
    "VisibleItem": _object(
        ("item",),
        feed=_FEED,
        key=_KEY,
        identity=_IDENTITY,
        hash=_TEXT,
        received_at=_TEXT,
        visible_at=_TEXT,
        request_id=_TEXT,
        index=_COUNT,
        current=_FLAG,
        item=_ANYTHING,
    ),
    "View": _object(**_VIEW),
    "Views": _object(
        feed=_FEED,
        key=_KEY,
        at=_TEXT,
        services=_object(**{consumer.value: _ref("View") for consumer in Consumer}),
    ),
    "Clock": _object(clock={"enum": list(ClockKind)}, now=_TEXT, offset_s={"type": "number"}),
    "WantedTurn": {
        "oneOf": [
            _object(now={"type": "string", "format": "date-time"}),
            _object(advance_s={"type": "number"}),
            _object(real={"const": True}),
        ]
    },
    "RejectedItem": _object(
        feed=_FEED,
        key=_or_null(_KEY),
        identity=_IDENTITY,
        received_at=_TEXT,
        request_id=_TEXT,
        index=_COUNT,
        errors=_PROBLEMS,
        item=_ANYTHING,
    ),
    "Requests": _object(requests=_list(_ref("Request")), next=_or_null(_COUNT)),
    "Request": _object(**_REQUEST),
    "Anything": _ANYTHING,
    "WantedRequests": _object(
        request_ids={"type": "array", "items": _TEXT, "maxItems": 1000},
    ),
    "FoundRequests": _object(requests=_list(_ref("Request"))),
    "WantedHistories": _object(
        feed=_FEED, keys={"type": "array", "items": _TEXT, "maxItems": 1000}
    ),
    "Histories": _object(items=_list(_object(key=_KEY, **_HISTORY))),
    "KnownItem": _object(
        feed=_FEED,
        key=_KEY,
        identity=_IDENTITY,
        received={"oneOf": [_ref("ReceivedItem"), {"type": "null"}]},
        versions=_list(_object(**_WRITE, item=_ANYTHING)),
        **_HISTORY,
    ),
    "Names": _object(names=_list(_TEXT)),
    "Digests": _object(
        feeds={
            "type": "object",
            "additionalProperties": {
                "type": "object",
                # alive, total in hex, unsettled, resent
                "additionalProperties": {"type": "array", "minItems": 4, "maxItems": 4},
            },
        }
    ),
    "Warnings": _object(
        feed=_FEED,
        items=_COUNT,
        warnings=_list(_object(index=_COUNT, pointer=_TEXT, code=_TEXT, message=_TEXT)),
    ),
    "WantedFault": _object(tuple(name for name in _FAULT if name != "action"), **_FAULT),
    "WantedSwitch": _object(enabled=_FLAG),
    "Fault": _object(id=_COUNT, **_FAULT, seen=_COUNT, applied=_COUNT),
    "Faults": _object(faults=_list(_ref("Fault"))),
    "Cleared": _object(cleared=_COUNT),
    "FaultJournal": _object(events=_list(_object(**_EVENT))),
    "WantedResync": _object(("feeds", "now", "ids"), feeds=_RESYNCED, now=_FLAG, ids=_IDS),
    "WantedState": _object(state=_STATE),
    "Resync": _object(**_RESYNC),
    "Resyncs": _object(resyncs=_list(_ref("Resync"))),
    "WantedRun": _object(("sources",), feed=_FEED, operation=_TOLD, sources=_RUN_COUNT),
    "RunReport": _object(
        ("state", "reason", *_RUN_COUNTS), state=_RUN_STATE, reason=_or_null(_TOLD), **_RUN_COUNTS
    ),
    "Run": _object(**_RUN),
    "Runs": _object(runs=_list(_ref("Run"))),
    "WantedFeedReport": _object(tuple(_REPORTED), **_REPORTED),
    "FeedReport": _object(feed=_FEED, reported_at=_TEXT, **_REPORTED),
    "FeedReports": _object(feeds=_list(_ref("FeedReport"))),
    "Forgotten": _object(items=_COUNT, requests=_COUNT),
    "Acknowledged": _object(("items",), status={"const": 200}, message=_TEXT, items=_COUNT),
    "Environment": _object(("cloudId",), **_ENVIRONMENT),
    "Environments": _object(results=_list(_ref("Environment"))),
}
