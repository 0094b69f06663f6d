"""/control: what tests and tools ask the service, and what they make it do."""

import hmac
import re
from collections.abc import Iterable
from dataclasses import asdict
from itertools import chain
from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, request

import mcs
from mcs.contract.errors import ContractError, UsageError
from mcs.contract.feeds import FEEDS
from mcs.contract.validation import warnings_of
from mcs.server import credentials, faults, listings
from mcs.server.answers import json_answer
from mcs.server.config import Settings
from mcs.server.control_input import asked_feed as _feed
from mcs.server.control_input import asked_number as _number
from mcs.server.control_input import is_number as _is_number
from mcs.server.control_input import json_body as _body
from mcs.server.control_input import known_data_space as _known
from mcs.server.decoding import parsed_items
from mcs.server.gateway import normalised_id
from mcs.server.loopback import is_foreign, is_loopback
from mcs.server.service import current_service
from mcs.server.store.resyncs import ResyncState

control = Blueprint("control", __name__, url_prefix="/control")

LARGEST_PAGE = 1_000
NAME_LENGTH = 200
KEY = re.compile("[0-9a-f]{40}")


@control.before_request
def admit() -> None:
    """Lets in callers from this machine, and those with the control token. Raises 403.

    A page of another site that is open in a browser on this machine is no caller from here.
    """
    token = current_service().config.control_token
    given = request.headers.get("Authorization", "")
    if token and hmac.compare_digest(given.encode(), f"Bearer {token}".encode()):
        return
    is_from_elsewhere = is_foreign(request.headers.get("Origin"), request.host)
    if is_from_elsewhere or not is_loopback(request.remote_addr):
        raise ContractError(
            403,
            "control_forbidden",
            "The control API is open to this machine only. From elsewhere send "
            '"Authorization: Bearer <token>" with the token in MCS_CONTROL_TOKEN of the server.',
        )


@control.get("/health")
def health() -> Response:
    """200 once the service answers at all."""
    return json_answer({"status": "ok", "version": mcs.__version__})


@control.get("/data-spaces")
def list_data_spaces() -> Response:
    """Every data space with its settings."""
    spaces = current_service().store.data_spaces()
    return json_answer({"data_spaces": [listings.data_space(space) for space in spaces]})


@control.post("/data-spaces")
def create_data_space() -> Response:
    """Makes a data space; the answer is the only place where its keys are shown."""
    given = _body("name", "id", "settings")
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
    return json_answer(shown | issued.as_json(), 201)


@control.get("/data-spaces/<data_space>/received")
def received(data_space: str) -> Response:
    """A line per item that the service holds."""
    with_items = request.args.get("payload", "0") == "1"
    items = current_service().store.received_items(
        _known(data_space), _feed(), _key(request.args.get("key")), with_items=with_items
    )
    return _streamed(listings.received(item) for item in items)


@control.get("/data-spaces/<data_space>/received/<feed>/<key>")
def versions(data_space: str, feed: str, key: str) -> Response:
    """The accepted writes of one item, oldest first."""
    space = _known(data_space)
    is_name = feed in FEEDS and KEY.fullmatch(key)
    found = current_service().store.versions_of(space, feed, key) if is_name else []
    if not found:
        raise ContractError(
            404, "unknown_item", f"Data space {data_space} holds no item {key} of feed {feed}."
        )
    writes = [listings.version(write) for write in found]
    return json_answer({"feed": feed, "key": key, "versions": writes})


@control.get("/data-spaces/<data_space>/rejected")
def rejected(data_space: str) -> Response:
    """A line per refused item."""
    refused = current_service().store.rejected_items(_known(data_space), _feed())
    return _streamed(listings.rejected(rejection) for rejection in refused)


@control.get("/data-spaces/<data_space>/requests")
def requests(data_space: str) -> Response:
    """A page of the journal, newest first; next: what to give as `before` for the page after."""
    limit = min(_number("limit", 100) or 1, LARGEST_PAGE)
    before = _number("before", None)
    found = current_service().store.requests(
        _known(data_space), _feed(), before=before, limit=limit + 1
    )
    following = found[limit - 1].id if len(found) > limit else None
    page = [listings.journalled(entry) for entry in found[:limit]]
    return json_answer({"requests": page, "next": following})


@control.get("/data-spaces/<data_space>/requests/<number>/warnings")
def warnings(data_space: str, number: str) -> Response:
    """What a strict reader would refuse of a request's items, whether this data space did or not.

    It is found out when it is asked for: valid batches are not held up for it.
    """
    space = _known(data_space)
    found = current_service().store.batch(space, int(number)) if _is_number(number) else None
    items = parsed_items(found[1]) if found else None
    if found is None or items is None:
        raise ContractError(
            404, "unknown_request", f'There is no batch of request "{number}" here.'
        )
    entries = [asdict(warning) for warning in warnings_of(FEEDS[found[0]], items)]
    return json_answer({"feed": found[0], "items": len(items), "warnings": entries})


@control.get("/data-spaces/<data_space>/faults")
def list_faults(data_space: str) -> Response:
    """The faults in force and how far each has come."""
    return json_answer({"faults": current_service().store.faults(_known(data_space))})


@control.post("/data-spaces/<data_space>/faults")
def add_fault(data_space: str) -> Response:
    """Puts a fault in force."""
    space = _known(data_space)
    fault = faults.new_fault(_body(), FEEDS)
    return json_answer(current_service().store.add_fault(space, fault), 201)


@control.delete("/data-spaces/<data_space>/faults")
def clear_faults(data_space: str) -> Response:
    """Ends all faults; their journal stays."""
    return json_answer({"cleared": current_service().store.clear_faults(_known(data_space))})


@control.get("/data-spaces/<data_space>/faults/journal")
def fault_journal(data_space: str) -> Response:
    """What the faults did, in order."""
    events = current_service().store.fault_events(_known(data_space))
    return json_answer({"events": [listings.fault_event(event) for event in events]})


@control.get("/data-spaces/<data_space>/resyncs")
def list_resyncs(data_space: str) -> Response:
    """The resyncs that were asked for, oldest first."""
    given = request.args.get("state")
    state = None if given is None else _state(given)
    found = current_service().store.resyncs(_known(data_space), state)
    return json_answer({"resyncs": found})


@control.post("/data-spaces/<data_space>/resyncs")
def ask_for_resync(data_space: str) -> Response:
    """Asks the data space's exporter for a resync at its next window, or at its next pass."""
    space, given = _known(data_space), _body("feeds", "now")
    feeds, now = given.get("feeds"), given.get("now", False)
    if not isinstance(now, bool):
        raise UsageError(f"now: got {now!r}, expected true or false.")
    if feeds is not None and not _are_feeds(feeds):
        names = ", ".join(FEEDS)
        raise UsageError(f"feeds: got {feeds!r}, expected null for all or a list of: {names}.")
    wanted = None if feeds is None else tuple(feeds)
    return json_answer(current_service().store.add_resync(space, wanted, at_once=now), 201)


@control.put("/data-spaces/<data_space>/resyncs/<number>")
def report_resync(data_space: str, number: str) -> Response:
    """Notes how far a resync is, as the exporter says."""
    space, state = _known(data_space), _state(_body("state").get("state"))
    store = current_service().store
    found = store.set_resync_state(space, int(number), state) if _is_number(number) else None
    if found is None:
        raise ContractError(404, "unknown_resync", f'No resync "{number}" was asked for here.')
    return json_answer(found)


@control.post("/data-spaces/<data_space>/reset")
def reset(data_space: str) -> Response:
    """Forgets all that was received; the keys stay."""
    return json_answer(current_service().store.reset(_known(data_space)))


def _are_feeds(given: Any) -> bool:
    return isinstance(given, list) and bool(given) and all(name in list(FEEDS) for name in given)


def _state(given: Any) -> ResyncState:
    if given not in list(ResyncState):
        raise UsageError(f"state: got {given!r}, expected one of: {', '.join(ResyncState)}.")
    return ResyncState(given)


def _key(given: str | None) -> str | None:
    if given is not None and not KEY.fullmatch(given):
        raise UsageError(f"key: got {given!r}, expected 40 hex digits: an item's identity key.")
    return given


def _streamed(lines: Iterable[bytes]) -> Response:
    parts = iter(listings.chunks(lines))
    answer = Response(mimetype="application/x-ndjson")
    answer.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"] > 0:
        answer.headers["Content-Encoding"] = "gzip"
        parts = iter(listings.gzipped(parts))
    # The first part is made here, so that what fails at once is answered as an error.
    first = next(parts, b"")
    answer.response = chain([first], parts)
    return answer
