"""/control/data-spaces/<id>/feed-status: how an exporter's feeds stand, as it reports them."""

from typing import Any

from flask import Blueprint, Response

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import ContractError, UsageError
from mcs.server.answers import json_answer
from mcs.server.asked import LARGEST_NUMBER, admit, json_body, known_data_space
from mcs.server.service import current_service

MOST_ITEMS = 200
LONGEST_TEXT = 2_000
COUNTS = ("source_records", "sent", "failed", "waiting")
NO_FEED = 'There is no feed "{feed}". Take one of: {feeds}.'
DOES_NOT_FIT = "{name}: got {value!r}, expected {expected}."
TOO_MANY = "items: got {count}, expected {most} or fewer: those that failed last."
NO_ITEM = "items[{index}]: expected an object with: {names}."

control_feed_status = Blueprint(
    "control_feed_status", __name__, url_prefix="/control/data-spaces/<data_space>/feed-status"
)
control_feed_status.before_request(admit)


@control_feed_status.get("")
def list_feed_status(data_space: str) -> Response:
    """The last report of each feed that has one."""
    found = current_service().store.feed_statuses.reports(known_data_space(data_space))
    return json_answer({"feeds": list(found.values())})


@control_feed_status.put("/<feed>")
def report_feed_status(data_space: str, feed: str) -> Response:
    """Keeps how a feed stands after a run, in the place of what was said before."""
    space = known_data_space(data_space)
    if feed not in ALL_FEEDS:
        detail = NO_FEED.format(feed=feed, feeds=", ".join(ALL_FEEDS))
        raise ContractError(404, "unknown_feed", "Not Found", detail)
    told = _checked(json_body(*COUNTS, "indexer", "items"))
    return json_answer(current_service().store.feed_statuses.report(space, feed, told))


def _checked(given: dict[str, Any]) -> dict[str, Any]:
    told = {name: given.get(name, 0) for name in COUNTS}
    for name, value in told.items():
        _demand(name, value, _is_count(value), "a whole number of 0 or more")
    indexer = given.get("indexer", "")
    _demand("indexer", indexer, _is_text(indexer), f"a text of {LONGEST_TEXT:,} characters or less")
    items = given.get("items", [])
    _demand("items", items, isinstance(items, list), "a list")
    if len(items) > MOST_ITEMS:
        raise UsageError(TOO_MANY.format(count=len(items), most=MOST_ITEMS))
    for index, item in enumerate(items):
        if not _is_item(item):
            raise UsageError(NO_ITEM.format(index=index, names=", ".join(_ITEM)))
    return told | {"indexer": indexer, "items": items}


def _demand(name: str, value: Any, fits: bool, expected: str) -> None:
    if not fits:
        raise UsageError(DOES_NOT_FIT.format(name=name, value=value, expected=expected))


def _is_item(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and set(item) == set(_ITEM)
        and all(fits(item[name]) for name, fits in _ITEM.items())
    )


def _is_count(value: Any) -> bool:
    return _is_whole(value) and value >= 0


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < LARGEST_NUMBER


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= LONGEST_TEXT


def _is_identity(value: Any) -> bool:
    return isinstance(value, dict) and all(_is_text(text) for text in value.values())


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


_ITEM = {
    "feed_id": _is_text,
    "entity_id": _is_whole,
    "identity": _is_identity,
    "status": _is_whole,
    "modified_at": _is_text,
    "deleted": _is_flag,
    "request_id": _is_text,
    "error": _is_text,
}
