"""/control/…/requests: the journal of what came, and what came in it."""

from dataclasses import asdict

import orjson
from flask import Blueprint, Response

from mcs.contract.dialects import ALL_FEEDS, call_at
from mcs.contract.errors import ContractError
from mcs.contract.validation import warnings_of
from mcs.server import listings
from mcs.server.answers import JSON, json_answer
from mcs.server.asked import admit, is_number, known_data_space, wanted_feed, wanted_number
from mcs.server.decoding import parsed_items
from mcs.server.service import current_service

PREFIX = "/control/data-spaces/<data_space>/requests"
LARGEST_PAGE = 1_000
BYTES = "application/octet-stream"

control_requests = Blueprint("control_requests", __name__)
control_requests.before_request(admit)


@control_requests.get(PREFIX)
def requests(data_space: str) -> Response:
    """A page of the journal, newest first; next: what to give as `before` for the page after."""
    return _page(known_data_space(data_space))


@control_requests.get("/control/requests")
def misaddressed() -> Response:
    """A page of the requests that were addressed to no data space that there is, newest first."""
    return _page(None)


def _page(data_space: str | None) -> Response:
    limit = min(wanted_number("limit", 100) or 1, LARGEST_PAGE)
    before = wanted_number("before", None)
    found = current_service().store.journalled.requests(
        data_space, wanted_feed(), before=before, limit=limit + 1
    )
    following = found[limit - 1].id if len(found) > limit else None
    page = [listings.journalled(entry) for entry in found[:limit]]
    return json_answer({"requests": page, "next": following})


@control_requests.get(PREFIX + "/<number>")
def one_request(data_space: str, number: str) -> Response:
    """One entry of the journal."""
    space = known_data_space(data_space)
    found = (
        current_service().store.journalled.request(space, int(number))
        if is_number(number)
        else None
    )
    if found is None:
        raise _unknown_request(number)
    return json_answer(listings.journalled(found))


@control_requests.get(PREFIX + "/<number>/body")
def request_body(data_space: str, number: str) -> Response:
    """The body of a request, unpacked, byte for byte."""
    space = known_data_space(data_space)
    found = (
        current_service().store.journalled.body(space, int(number)) if is_number(number) else None
    )
    if found is None:
        raise _unknown_request(number)
    return Response(found, mimetype=JSON if _is_json(found) else BYTES)


@control_requests.get(PREFIX + "/<number>/warnings")
def warnings(data_space: str, number: str) -> Response:
    """What a strict reader would refuse of a request's items, whether this data space did or not.

    It is found out when it is asked for: valid batches are not held up for it.
    """
    space = known_data_space(data_space)
    found = (
        current_service().store.journalled.batch(space, int(number)) if is_number(number) else None
    )
    items = parsed_items(found[1]) if found else None
    if found is None or items is None:
        raise ContractError(
            404, "unknown_request", f'There is no batch of request "{number}" here.'
        )
    entry = current_service().store.journalled.request(space, int(number))
    call = entry and call_at(entry.arrival.method, entry.arrival.route)
    schema = call.schema if call else None
    entries = [asdict(warning) for warning in warnings_of(ALL_FEEDS[found[0]], items, schema)]
    return json_answer({"feed": found[0], "items": len(items), "warnings": entries})


def _unknown_request(number: str) -> ContractError:
    return ContractError(
        404, "unknown_request", f'There is no request "{number}" here, or its body was not read.'
    )


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True
