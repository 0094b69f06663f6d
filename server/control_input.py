"""What callers of the control API give, checked: data spaces, bodies, numbers in paths."""

from typing import Any

import orjson
from flask import request

from mcs.contract.errors import ContractError, UsageError
from mcs.contract.feeds import FEEDS
from mcs.server import decoding
from mcs.server.gateway import normalised_id
from mcs.server.service import current_service

LARGEST_NUMBER = 2**53


def known_data_space(data_space: str) -> str:
    """The id of a data space that there is. Raises ContractError 404."""
    data_space_id = normalised_id(data_space)
    if data_space_id is None or current_service().store.data_space(data_space_id) is None:
        raise ContractError(
            404,
            "unknown_data_space",
            f'There is no data space "{data_space}". GET /control/data-spaces lists all.',
        )
    return data_space_id


def json_body(*names: str) -> dict[str, Any]:
    """The JSON object in the body, with none but these members. Raises UsageError."""
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


def is_number(text: str) -> bool:
    """True for the digits of a number that a database can hold."""
    return text.isascii() and text.isdecimal() and int(text) < LARGEST_NUMBER


def asked_feed() -> str | None:
    """The feed in ?feed=, None if none is named. Raises UsageError."""
    feed = request.args.get("feed")
    if feed is not None and feed not in FEEDS:
        raise UsageError(f'feed: got "{feed}", expected one of: {", ".join(FEEDS)}.')
    return feed


def asked_number(name: str, default: int | None) -> int | None:
    """The number in a query parameter. Raises UsageError."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) < 2**63:
        raise UsageError(f'{name}: got "{text}", expected a whole number of 1 or more.')
    return int(text)
