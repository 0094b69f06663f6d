"""What is asked of the control API, checked: who may ask, of which data space, with what values."""

import hmac
import re
from typing import Any

import orjson
from flask import request

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import ContractError, UsageError
from mcs.server import decoding
from mcs.server.gateway import normalised_id
from mcs.server.loopback import is_foreign, is_loopback
from mcs.server.service import current_service

KEY = re.compile("[0-9a-f]{40}")
LARGEST_NUMBER = 2**53
QUERY = (
    "at",
    "before",
    "buckets",
    "feed",
    "key",
    "layer",
    "limit",
    "locale",
    "name",
    "near",
    "payload",
    "price_book",
    "service",
    "sku",
    "state",
)
FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-Ip")


def admit() -> None:
    """Lets in callers from this machine, and those with the control token. Raises 403; 400 for
    query parameters that there are none of.

    A page of another site that is open in a browser on this machine is no caller from here, nor
    is who comes through a proxy on it.
    """
    if not _has_token():
        is_from_elsewhere = is_foreign(request.headers.get("Origin"), request.host)
        # Behind a proxy everybody seems to be on this machine.
        is_forwarded = any(name in request.headers for name in FORWARDED)
        if is_from_elsewhere or is_forwarded or not is_loopback(request.remote_addr):
            raise ContractError(
                403,
                "control_forbidden",
                "The control API is open to this machine only. From elsewhere send "
                '"Authorization: Bearer <token>" with the token in MCS_CONTROL_TOKEN of the '
                "server.",
            )
    _refuse_unknown_query()


def _has_token() -> bool:
    token = current_service().config.control_token
    given = request.headers.get("Authorization", "")
    return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


def _refuse_unknown_query() -> None:
    # A name that is misspelt would be taken for a question without a limit.
    for name in request.args:
        if name not in QUERY:
            raise UsageError(f'"{name}" is not asked anywhere. Take of: {", ".join(QUERY)}.')


def known_data_space(data_space: str) -> str:
    """The id of a data space that there is. Raises ContractError 404."""
    data_space_id = normalised_id(data_space)
    if data_space_id is None or current_service().store.data_spaces.find(data_space_id) is None:
        raise ContractError(
            404,
            "unknown_data_space",
            f'There is no data space "{data_space}". GET /control/data-spaces lists all.',
        )
    return data_space_id


def wanted_feed() -> str | None:
    """The feed to which a listing is limited. Raises UsageError."""
    feed = request.args.get("feed")
    if feed is not None and feed not in ALL_FEEDS:
        raise UsageError(f'feed: got "{feed}", expected one of: {", ".join(ALL_FEEDS)}.')
    return feed


def wanted_key() -> str | None:
    """The identity key to which a listing is limited. Raises UsageError."""
    key = request.args.get("key")
    if key is not None and not KEY.fullmatch(key):
        raise UsageError(f"key: got {key!r}, expected 40 hex digits: an item's identity key.")
    return key


def wants_items() -> bool:
    """Whether a listing is to bear the items themselves. Raises UsageError."""
    text = request.args.get("payload", "0")
    if text not in ("0", "1"):
        raise UsageError(f'payload: got "{text}", expected 1 for the items themselves, else 0.')
    return text == "1"


def is_number(text: str) -> bool:
    """True for a number that something of ours may have."""
    return text.isascii() and text.isdecimal() and int(text) < LARGEST_NUMBER


def wanted_number(name: str, default: int | None) -> int | None:
    """The number that a query parameter gives. Raises UsageError."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) < 2**63:
        raise UsageError(f'{name}: got "{text}", expected a whole number of 1 or more.')
    return int(text)


def json_body(*names: str) -> dict[str, Any]:
    """The JSON object that was sent; names: those it may have. Raises UsageError."""
    try:
        limit = current_service().config.max_body_bytes
        given = orjson.loads(decoding.limited_body(request, limit))
    except orjson.JSONDecodeError as error:
        raise UsageError(f"The body is no JSON: {error}. Send a JSON object.") from None
    if not isinstance(given, dict):
        raise UsageError("The body is no JSON object. Send one.")
    for name in given:
        if names and name not in names:
            raise UsageError(f'"{name}" is not known here. Take of: {", ".join(names)}.')
    return given
