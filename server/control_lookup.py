"""/control: many requests or items at once, and all that is known of what a name stands for.

A diff asks here for evidence in chunks; `mcs explain` asks for one name.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import orjson
from flask import Blueprint, Response, request

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import UsageError
from mcs.server import listings
from mcs.server.answers import json_answer
from mcs.server.asked import admit, json_body, known_data_space, wanted_feed, wanted_key
from mcs.server.service import current_service
from mcs.server.store.values import ItemHistory, ReceivedItem
from mcs.server.streaming import streamed

lookup = Blueprint("control_lookup", __name__, url_prefix="/control/data-spaces/<data_space>")
lookup.before_request(admit)

MOST_AT_ONCE = 1_000
_ON_ONE_LINE = bytes.maketrans(b"\r\n", b"  ")


@lookup.post("/requests/lookup")
def requests(data_space: str) -> Response:
    """What the journal says of requests; an unknown id is left out."""
    space = known_data_space(data_space)
    wanted = _texts(json_body("request_ids"), "request_ids")
    found = current_service().store.journalled.requests_by_id(space, wanted)
    return json_answer({"requests": [listings.journalled(entry) for entry in found]})


@lookup.post("/items/lookup")
def histories(data_space: str) -> Response:
    """What happened to items of a feed; one that never came is left out."""
    space, given = known_data_space(data_space), json_body("feed", "keys")
    feed, keys = given.get("feed"), _texts(given, "keys")
    if feed not in list(ALL_FEEDS):
        raise UsageError(f"feed: got {feed!r}, expected one of: {', '.join(ALL_FEEDS)}.")
    found = current_service().store.received.histories(space, feed, keys)
    return json_answer({"items": [{"key": key, **_history(found[key])} for key in found]})


@lookup.get("/items")
def known_items(data_space: str) -> Response:
    """A line per item that a name, or a key, stands for: the item now, its versions, its past."""
    space, feed = known_data_space(data_space), wanted_feed()
    name, key = request.args.get("name"), wanted_key()
    if (name is None) == (key is None):
        raise UsageError("Ask for a name or for a key: ?name=24-MB01, or ?key=<40 hex digits>.")
    if name is not None:
        places = current_service().store.received.named(space, name, feed)
    else:
        places = [(one, str(key)) for one in ALL_FEEDS if feed in (None, one)]
    return streamed(_known_lines(space, places))


@lookup.get("/names")
def names(data_space: str) -> Response:
    """Names of items that are close to one that may be mistyped."""
    space, name = known_data_space(data_space), request.args.get("near", "")
    return json_answer(
        {"names": current_service().store.received.names_near(space, name, wanted_feed())}
    )


def _known_lines(space: str, places: list[tuple[str, str]]) -> Iterator[bytes]:
    store = current_service().store
    for feed, key in places:
        history = store.received.histories(space, feed, [key]).get(key)
        if history is None:
            continue
        current = list(store.received.items(space, feed, key))
        versions = [listings.version(write) for write in store.received.versions(space, feed, key)]
        line = {
            "feed": feed,
            "key": key,
            "identity": _identity(current, history),
            "received": orjson.Fragment(listings.received(current[0])) if current else None,
            "versions": versions,
            **_history(history),
        }
        # In valid JSON line breaks stand between values only; within strings they are escaped.
        yield orjson.dumps(line).translate(_ON_ONE_LINE) + b"\n"


def _identity(current: Iterable[ReceivedItem], history: ItemHistory) -> orjson.Fragment | None:
    refused = [refusal.identity for refusal in history.refusals]
    known = [*(item.identity for item in current), *refused]
    known += [hit.identity for hit in history.faults]
    return next((orjson.Fragment(text) for text in known if text), None)


def _history(history: ItemHistory) -> dict[str, Any]:
    known = asdict(history)
    for refusal in known["refusals"]:
        refusal["errors"] = orjson.Fragment(refusal["errors"])
    for one in (*known["refusals"], *known["faults"]):
        # The key stands for it.
        del one["identity"]
    return known


def _texts(given: dict[str, Any], name: str) -> list[str]:
    texts = given.get(name)
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise UsageError(f"{name}: got {texts!r}, expected a list of texts.")
    if len(texts) > MOST_AT_ONCE:
        raise UsageError(
            f"{name}: got {len(texts)}, expected at most {MOST_AT_ONCE}. Ask for them in parts."
        )
    # A database takes no NUL in a text; nothing that it holds has one.
    return [text.replace("\0", "\ufffd") for text in texts]
