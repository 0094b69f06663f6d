"""JSON Schema of the control API's and the merchant registry's values, for the OpenAPI document.

Tests compare real answers with it, so it cannot drift from the views.
"""

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.feeds import FEEDS
from mcs.server.clock import ClockKind
from mcs.server.config import LONGEST_LAG_S
from mcs.server.consumers import Consumer
from mcs.server.faults.actions import ACTIONS
from mcs.server.openapi_reports import REPORTS
from mcs.server.openapi_shapes import (
    ANYTHING,
    AT_LEAST_ONE,
    COUNT,
    FEED,
    FLAG,
    IDENTITY,
    KEY,
    TEXT,
    UUID,
    WHOLE,
    Schema,
    list_of,
    object_of,
    or_null,
    ref,
)

_SETTINGS: Schema = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "mode": {"enum": ["strict", "lenient", "record"]},
        "partial_failure": {"enum": [400, 200]},
        "keep_valid_items": FLAG,
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
_DATA_SPACE: dict[str, Schema] = {"id": UUID, "name": TEXT, "settings": _SETTINGS}
_NUMBER: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_MOMENT: Schema = {"type": ["string", "null"], "format": "date-time"}
_NUMBERS: Schema = {"type": "array", "items": AT_LEAST_ONE, "minItems": 1}
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
    "enabled": FLAG,
    "note": TEXT,
    "feed": {"enum": [*ALL_FEEDS, None]},
    "nth": {"anyOf": [{"type": "null"}, AT_LEAST_ONE, _NUMBERS]},
    "every": AT_LEAST_ONE,
    "probability": or_null(_NUMBER),
    "seed": WHOLE,
    "identity": {
        "type": ["object", "null"],
        "additionalProperties": {"type": ["string", "integer"]},
    },
    "where": or_null(TEXT),
    "indexes": or_null({"type": "array", "items": COUNT, "minItems": 1}),
    "attempt": or_null(AT_LEAST_ONE),
    "from": _MOMENT,
    "until": _MOMENT,
    "count": or_null(AT_LEAST_ONE),
}
_REQUEST: dict[str, Schema] = {
    "id": COUNT,
    "request_id": TEXT,
    "feed": or_null(TEXT),
    "method": TEXT,
    "route": TEXT,
    "received_at": TEXT,
    "status": COUNT,
    "items": COUNT,
    "accepted": COUNT,
    "rejected": COUNT,
    "code": or_null(TEXT),
    "message": or_null(TEXT),
    "body_bytes": COUNT,
    "decoded_bytes": COUNT,
    "duration_ms": {"type": "number"},
    "headers": {"type": "object", "additionalProperties": TEXT},
    "answered": FLAG,
    "fault": {"type": ["array", "null"], "items": object_of(id=COUNT, action=TEXT)},
    "signature": {
        "type": ["object", "null"],
        "required": ["verified", "algorithm", "claims"],
        "properties": {"verified": FLAG, "claims": {"type": "object"}},
    },
}
_EVENT: dict[str, Schema] = {
    "fault_id": COUNT,
    "action": TEXT,
    "feed": FEED,
    "key": or_null(KEY),
    "identity": IDENTITY,
    "request_id": TEXT,
    "index": or_null(COUNT),
    "items": COUNT,
    "recorded": FLAG,
    "change": {
        "type": ["object", "null"],
        "required": ["pointer", "before", "after"],
        "properties": {"pointer": TEXT, "before": ANYTHING, "after": ANYTHING},
    },
    "due": {
        "type": ["object", "null"],
        "required": ["delay_s", "requests"],
        "properties": {"delay_s": {"type": ["number", "null"]}, "requests": or_null(COUNT)},
    },
    "recorded_at": or_null(TEXT),
    "at": TEXT,
}
_WRITE: dict[str, Schema] = {
    "hash": TEXT,
    "deleted": FLAG,
    "received_at": TEXT,
    "request_id": TEXT,
    "index": COUNT,
}
_PROBLEMS: Schema = list_of(object_of(pointer=TEXT, code=TEXT, message=TEXT))
_HISTORY: dict[str, Schema] = {
    "writes": list_of(object_of(**_WRITE)),
    "refusals": list_of(
        object_of(received_at=TEXT, request_id=TEXT, index=COUNT, errors=_PROBLEMS)
    ),
    "faults": list_of(object_of(action=TEXT, request_id=TEXT, at=TEXT)),
}
_ENVIRONMENT: dict[str, Schema] = {
    "environmentId": UUID,
    "environmentName": TEXT,
    "environmentType": TEXT,
    "createdAt": TEXT,
    "cloudId": TEXT,
}

_VERSION = object_of(**_WRITE, visible_at=TEXT)
_VIEW: dict[str, Schema] = {
    "visible": FLAG,
    "since": or_null(TEXT),
    "from": or_null(TEXT),
    "lag_s": {"type": "number"},
    "version": {"oneOf": [_VERSION, {"type": "null"}]},
    "coming": list_of(_VERSION),
}
_SCOPES: Schema = {"type": "array", "items": TEXT, "minItems": 1, "maxItems": 100}

VALUES: dict[str, Schema] = {
    "Health": object_of(status={"const": "ok"}, version=TEXT),
    "DataSpace": object_of(**_DATA_SPACE, created_at=TEXT),
    "DataSpaces": object_of(data_spaces=list_of(ref("DataSpace"))),
    "WantedSettings": object_of(settings=_SETTINGS),
    "WantedDataSpace": object_of(
        ("id", "settings"),
        name={"type": "string", "minLength": 1, "maxLength": 200},
        id=UUID,
        settings=_SETTINGS,
    ),
    "NewDataSpace": object_of(
        **_DATA_SPACE,
        api_key=TEXT,
        private_key=TEXT,
        public_key=TEXT,
        client_id=TEXT,
        client_secret=TEXT,
    ),
    "Key": object_of(
        number=COUNT,
        shown=or_null(TEXT),
        created_at=TEXT,
        last_used_at=_MOMENT,
        retired_at=_MOMENT,
    ),
    "Keys": object_of(keys=list_of(ref("Key"))),
    "Clients": object_of(
        clients=list_of(object_of(client_id=TEXT, scopes=list_of(TEXT), created_at=TEXT))
    ),
    "WantedClient": object_of(("scopes",), scopes=_SCOPES),
    "NewClient": object_of(client_id=TEXT, client_secret=TEXT, scopes=list_of(TEXT)),
    "WantedRevocation": object_of(("client_id", "access_token"), client_id=TEXT, access_token=TEXT),
    "Revoked": object_of(revoked=COUNT),
    "CatalogFinding": object_of(
        feed=FEED, key=KEY, identity=IDENTITY, pointer=TEXT, code=TEXT, message=TEXT
    ),
    "ProductView": object_of(
        product=or_null({"type": "object"}),
        layers=list_of(TEXT),
        price=or_null({"type": "object"}),
        price_book=or_null(TEXT),
        currency=or_null(TEXT),
    ),
    "ReceivedItem": object_of(
        ("item",),
        feed=FEED,
        key=KEY,
        identity=IDENTITY,
        modified_at=or_null(TEXT),
        **_WRITE,
        versions=COUNT,
        repeats=COUNT,
        resends=COUNT,
        item=ANYTHING,
    ),
    "WantedItems": object_of(
        keys={"type": "array", "items": KEY, "minItems": 1, "maxItems": 1000},
        **{"except": UUID},
    ),
    "Holding": object_of(
        data_space_id=UUID,
        feed=FEED,
        key=KEY,
        hash=KEY,
        received_at=TEXT,
        request_id=TEXT,
    ),
    "Versions": object_of(feed=FEED, key=KEY, versions=list_of(object_of(**_WRITE, item=ANYTHING))),
    "VisibleItem": object_of(
        ("item",),
        feed=FEED,
        key=KEY,
        identity=IDENTITY,
        hash=TEXT,
        received_at=TEXT,
        visible_at=TEXT,
        request_id=TEXT,
        index=COUNT,
        current=FLAG,
        item=ANYTHING,
    ),
    "View": object_of(**_VIEW),
    "Views": object_of(
        feed=FEED,
        key=KEY,
        at=TEXT,
        services=object_of(**{consumer.value: ref("View") for consumer in Consumer}),
    ),
    "Clock": object_of(clock={"enum": list(ClockKind)}, now=TEXT, offset_s={"type": "number"}),
    "WantedTurn": {
        "oneOf": [
            object_of(now={"type": "string", "format": "date-time"}),
            object_of(advance_s={"type": "number"}),
            object_of(real={"const": True}),
        ]
    },
    "RejectedItem": object_of(
        feed=FEED,
        key=or_null(KEY),
        identity=IDENTITY,
        received_at=TEXT,
        request_id=TEXT,
        index=COUNT,
        errors=_PROBLEMS,
        item=ANYTHING,
    ),
    "Requests": object_of(requests=list_of(ref("Request")), next=or_null(COUNT)),
    "Request": object_of(**_REQUEST),
    "Anything": ANYTHING,
    "WantedRequests": object_of(
        request_ids={"type": "array", "items": TEXT, "maxItems": 1000},
    ),
    "FoundRequests": object_of(requests=list_of(ref("Request"))),
    "WantedHistories": object_of(
        feed=FEED, keys={"type": "array", "items": TEXT, "maxItems": 1000}
    ),
    "Histories": object_of(items=list_of(object_of(key=KEY, **_HISTORY))),
    "KnownItem": object_of(
        feed=FEED,
        key=KEY,
        identity=IDENTITY,
        received={"oneOf": [ref("ReceivedItem"), {"type": "null"}]},
        versions=list_of(object_of(**_WRITE, item=ANYTHING)),
        **_HISTORY,
    ),
    "Names": object_of(names=list_of(TEXT)),
    "Digests": object_of(
        feeds={
            "type": "object",
            "additionalProperties": {
                "type": "object",
                # alive, total in hex, unsettled, resent
                "additionalProperties": {"type": "array", "minItems": 4, "maxItems": 4},
            },
        }
    ),
    "Warnings": object_of(
        feed=FEED,
        items=COUNT,
        warnings=list_of(object_of(index=COUNT, pointer=TEXT, code=TEXT, message=TEXT)),
    ),
    "WantedFault": object_of(tuple(name for name in _FAULT if name != "action"), **_FAULT),
    "WantedSwitch": object_of(enabled=FLAG),
    "Fault": object_of(id=COUNT, **_FAULT, seen=COUNT, applied=COUNT),
    "Faults": object_of(faults=list_of(ref("Fault"))),
    "Cleared": object_of(cleared=COUNT),
    "FaultJournal": object_of(events=list_of(object_of(**_EVENT))),
    **REPORTS,
    "Forgotten": object_of(items=COUNT, requests=COUNT),
    "Acknowledged": object_of(("items",), status={"const": 200}, message=TEXT, items=COUNT),
    "Environment": object_of(("cloudId",), **_ENVIRONMENT),
    "Environments": object_of(results=list_of(ref("Environment"))),
}
