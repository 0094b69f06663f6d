"""/control: what tests and tools ask the service, and what they make it do."""

import re
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, request

import mcs
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import ContractError, UsageError
from mcs.contract.feeds import FEEDS
from mcs.server import credentials, listings
from mcs.server.answers import json_answer
from mcs.server.asked import (
    KEY,
    admit,
    is_number,
    json_body,
    known_data_space,
    wanted_feed,
    wanted_key,
    wants_items,
)
from mcs.server.config import Settings
from mcs.server.gateway import normalised_id
from mcs.server.service import current_service
from mcs.server.store.resyncs import ResyncState
from mcs.server.streaming import streamed

control = Blueprint("control", __name__, url_prefix="/control")
control.before_request(admit)

LARGEST_PAGE = 1_000
NAME_LENGTH = 200
MOST_IDS = 1_000
IDS_EXPECTED = f"ids: expected 1 to {MOST_IDS} identity keys, and one feed in feeds."
BUCKET = re.compile("[0-9a-f]{3}")


@control.get("/health")
def health() -> Response:
    """200 once the service answers at all."""
    return json_answer({"status": "ok", "version": mcs.__version__})


@control.get("/data-spaces")
def list_data_spaces() -> Response:
    """Every data space with its settings."""
    spaces = current_service().store.data_spaces.all()
    return json_answer({"data_spaces": [listings.data_space(space) for space in spaces]})


@control.post("/data-spaces")
def create_data_space() -> Response:
    """Makes a data space; the answer is the only place where its keys are shown."""
    given = json_body("name", "id", "settings")
    name, wanted_id = given.get("name"), given.get("id", str(uuid4()))
    if not isinstance(name, str) or not 0 < len(name) <= NAME_LENGTH or "\0" in name:
        raise UsageError(f"name: got {name!r}, expected a text of 1 to {NAME_LENGTH} characters.")
    data_space_id = normalised_id(wanted_id) if isinstance(wanted_id, str) else None
    if data_space_id is None:
        raise UsageError(f"id: got {wanted_id!r}, expected a UUID.")
    settings = Settings.from_json(given.get("settings", {}))
    issued = credentials.issue(current_service().store, data_space_id, name, settings)
    if issued is None:
        raise ContractError(409, "data_space_exists", f"Data space {data_space_id} exists already.")
    shown = {"id": data_space_id, "name": name, "settings": settings.as_json()}
    client = credentials.issue_client(current_service().store, data_space_id)
    return json_answer(shown | issued.as_json() | client.as_json(), 201)


@control.get("/data-spaces/<data_space>/received")
def received(data_space: str) -> Response:
    """A line per item that the service holds."""
    with_items = wants_items()
    items = current_service().store.received.items(
        known_data_space(data_space),
        wanted_feed(),
        wanted_key(),
        buckets=_buckets(request.args.get("buckets")),
        with_items=with_items,
    )
    return streamed(listings.received(item) for item in items)


@control.get("/data-spaces/<data_space>/digests")
def bucket_digests(data_space: str) -> Response:
    """What proves two sides equal without listing them: contract/digests.py."""
    found = current_service().store.received.digests(known_data_space(data_space), wanted_feed())
    return json_answer({"feeds": {feed: listings.digests(kept) for feed, kept in found.items()}})


@control.get("/data-spaces/<data_space>/received/<feed>/<key>")
def versions(data_space: str, feed: str, key: str) -> Response:
    """The accepted writes of one item, oldest first."""
    space = known_data_space(data_space)
    is_name = feed in ALL_FEEDS and KEY.fullmatch(key)
    found = current_service().store.received.versions(space, feed, key) if is_name else []
    if not found:
        raise ContractError(
            404, "unknown_item", f"Data space {data_space} holds no item {key} of feed {feed}."
        )
    writes = [listings.version(write) for write in found]
    return json_answer({"feed": feed, "key": key, "versions": writes})


@control.get("/data-spaces/<data_space>/rejected")
def rejected(data_space: str) -> Response:
    """A line per refused item."""
    refused = current_service().store.received.refused(known_data_space(data_space), wanted_feed())
    return streamed(listings.rejected(rejection) for rejection in refused)


@control.get("/data-spaces/<data_space>/resyncs")
def list_resyncs(data_space: str) -> Response:
    """The resyncs that were asked for, oldest first."""
    given = request.args.get("state")
    state = None if given is None else _state(given)
    found = current_service().store.resyncs.asked(known_data_space(data_space), state)
    return json_answer({"resyncs": found})


@control.post("/data-spaces/<data_space>/resyncs")
def ask_for_resync(data_space: str) -> Response:
    """Asks the data space's exporter for a resync at its next window, or at its next pass."""
    space, given = known_data_space(data_space), json_body("feeds", "now", "ids")
    feeds, now = given.get("feeds"), given.get("now", False)
    if not isinstance(now, bool):
        raise UsageError(f"now: got {now!r}, expected true or false.")
    if feeds is not None and not _are_feeds(feeds):
        names = ", ".join(FEEDS)
        raise UsageError(f"feeds: got {feeds!r}, expected null for all or a list of: {names}.")
    wanted = None if feeds is None else tuple(feeds)
    ids = _ids(given.get("ids"), wanted)
    store = current_service().store
    return json_answer(store.resyncs.add(space, wanted, at_once=now, ids=ids), 201)


@control.put("/data-spaces/<data_space>/resyncs/<number>")
def report_resync(data_space: str, number: str) -> Response:
    """Notes how far a resync is, as the exporter says."""
    space, state = known_data_space(data_space), _state(json_body("state").get("state"))
    store = current_service().store
    found = store.resyncs.set_state(space, int(number), state) if is_number(number) else None
    if found is None:
        raise ContractError(404, "unknown_resync", f'No resync "{number}" was asked for here.')
    return json_answer(found)


@control.post("/data-spaces/<data_space>/reset")
def reset(data_space: str) -> Response:
    """Forgets all that was received; the keys stay."""
    return json_answer(current_service().store.data_spaces.reset(known_data_space(data_space)))


def _are_feeds(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(name in list(FEEDS) for name in given)


def _ids(given: Any, feeds: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if given is None:
        return None
    if not isinstance(given, list) or not 0 < len(given) <= MOST_IDS or len(feeds or ()) != 1:
        raise UsageError(IDS_EXPECTED)
    for key in given:
        if not (isinstance(key, str) and KEY.fullmatch(key)):
            raise UsageError(f"ids: got {key!r}, expected 40 hex digits: an item's identity key.")
    return tuple(given)


def _state(given: Any) -> ResyncState:
    if given not in list(ResyncState):
        raise UsageError(f"state: got {given!r}, expected one of: {', '.join(ResyncState)}.")
    return ResyncState(given)


def _buckets(given: str | None) -> list[str] | None:
    if given is None:
        return None
    names = given.split(",")
    for name in names:
        if not BUCKET.fullmatch(name):
            raise UsageError(f"buckets: got {name!r}, expected 3 hex digits each, as in 0a1,7ff.")
    return names
