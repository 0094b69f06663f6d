"""JSON Schema of what exporters tell the control API, and are asked for: runs, feeds, resyncs."""

from mcs.contract.feeds import FEEDS
from mcs.server.openapi_shapes import (
    COUNT,
    FEED,
    FLAG,
    KEY,
    TEXT,
    WHOLE,
    Schema,
    list_of,
    object_of,
    or_null,
    ref,
)

_STATE: Schema = {"enum": ["requested", "running", "done", "failed"]}
_OWN_FEED: Schema = {"type": "string", "enum": list(FEEDS)}
_RESYNCED: Schema = {"type": ["array", "null"], "items": _OWN_FEED, "minItems": 1}
_IDS: Schema = {"type": ["array", "null"], "items": KEY, "minItems": 1, "maxItems": 1000}
_RESYNC: dict[str, Schema] = {
    "id": COUNT,
    "feeds": _RESYNCED,
    "state": _STATE,
    "requested_at": TEXT,
    "updated_at": TEXT,
    "now": FLAG,
    "ids": _IDS,
}
_SHORT: Schema = {"type": "string", "maxLength": 2000}
_SIGNED: Schema = {"type": "integer", "minimum": -(2**53) + 1, "maximum": 2**53 - 1}
_REPORTED_ITEM = object_of(
    feed_id=_SHORT,
    entity_id=_SIGNED,
    identity={"type": "object", "additionalProperties": _SHORT},
    status=_SIGNED,
    modified_at=_SHORT,
    deleted=FLAG,
    request_id=_SHORT,
    error=_SHORT,
)
_REPORTED: dict[str, Schema] = {
    **dict.fromkeys(("source_records", "sent", "failed", "waiting"), WHOLE),
    "indexer": _SHORT,
    "items": {"type": "array", "items": _REPORTED_ITEM, "maxItems": 200},
}
_RUN_STATE: Schema = {"enum": ["running", "success", "failed"]}
_TOLD: Schema = {"type": "string", "minLength": 1, "maxLength": 2000}
_RUN_COUNTS: dict[str, Schema] = dict.fromkeys(
    ("sources", "sources_done", "submitted", "failed"), WHOLE
)
_RUN: dict[str, Schema] = {
    "id": COUNT,
    "feed": FEED,
    "operation": TEXT,
    "state": _RUN_STATE,
    "started_at": TEXT,
    "updated_at": TEXT,
    "finished_at": or_null(TEXT),
    **_RUN_COUNTS,
    "reason": or_null(TEXT),
}
_SECONDS: Schema = {"type": "integer", "minimum": 1, "maximum": 31 * 24 * 3600}
_MOMENT: Schema = {"type": "string", "format": "date-time"}

REPORTS: dict[str, Schema] = {
    "WantedResync": object_of(("feeds", "now", "ids"), feeds=_RESYNCED, now=FLAG, ids=_IDS),
    "WantedState": object_of(state=_STATE),
    "Resync": object_of(**_RESYNC),
    "Resyncs": object_of(resyncs=list_of(ref("Resync"))),
    "WantedSchedule": object_of(every_s=_SECONDS, next_at=_MOMENT),
    "Schedule": object_of(every_s=_SECONDS, next_at=_MOMENT, reported_at=TEXT),
    "WantedRun": object_of(("sources",), feed=FEED, operation=_TOLD, sources=WHOLE),
    "RunReport": object_of(
        ("state", "reason", *_RUN_COUNTS), state=_RUN_STATE, reason=or_null(_TOLD), **_RUN_COUNTS
    ),
    "Run": object_of(**_RUN),
    "Runs": object_of(runs=list_of(ref("Run"))),
    "WantedFeedReport": object_of(tuple(_REPORTED), **_REPORTED),
    "FeedReport": object_of(feed=FEED, reported_at=TEXT, **_REPORTED),
    "FeedReports": object_of(feeds=list_of(ref("FeedReport"))),
}
