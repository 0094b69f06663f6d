"""/control: where items are alive that somebody misses in one data space."""

from typing import Any

import orjson
from flask import Blueprint, Response

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import UsageError
from mcs.server.asked import KEY, admit, json_body, known_data_space
from mcs.server.service import current_service
from mcs.server.streaming import streamed

elsewhere = Blueprint("control_elsewhere", __name__, url_prefix="/control/items")
elsewhere.before_request(admit)

MOST_KEYS = 1_000


@elsewhere.post("/<feed>")
def holdings(feed: str) -> Response:
    """A line per other data space that holds one of the items alive, by key and data space."""
    if feed not in ALL_FEEDS:
        raise UsageError(f'feed: got "{feed}", expected one of: {", ".join(ALL_FEEDS)}.')
    given = json_body("keys", "except")
    keys, besides = _keys(given.get("keys")), known_data_space(str(given.get("except", "")))
    found = current_service().store.received.elsewhere(feed, keys, besides)
    return streamed(orjson.dumps(holding) + b"\n" for holding in found)


def _keys(given: Any) -> list[str]:
    if not isinstance(given, list) or not 0 < len(given) <= MOST_KEYS:
        raise UsageError(f"keys: expected a list of 1 to {MOST_KEYS} identity keys. Ask in parts.")
    for key in given:
        if not (isinstance(key, str) and KEY.fullmatch(key)):
            raise UsageError(f"keys: got {key!r}, expected 40 hex digits: an item's identity key.")
    return given
