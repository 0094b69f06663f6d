"""What a request to the control API names, checked; and the listing that answers it."""

import re
from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import Any

import orjson
from flask import Response, request

from mcs.contract.errors import ContractError, UsageError
from mcs.contract.feeds import FEEDS
from mcs.server import decoding, listings
from mcs.server.clock import EARLIEST, LATEST
from mcs.server.gateway import normalised_id
from mcs.server.service import current_service
from mcs.server.store.values import DataSpace

MOMENT = (
    "{name}: got {given!r}, expected a moment of the years 1970 to 9998 with its zone, such as "
    "2026-11-22T19:10:00+00:00 (in a URL the + is written %2B; Z does, too)."
)
KEY = re.compile("[0-9a-f]{40}")


def data_space(name: str) -> DataSpace:
    """The data space of this id. Raises ContractError 404."""
    found = current_service().store.data_space(normalised_id(name) or "")
    if found is None:
        raise ContractError(
            404,
            "unknown_data_space",
            f'There is no data space "{name}". GET /control/data-spaces lists all.',
        )
    return found


def known_data_space(name: str) -> str:
    """The id of the data space of this id, as it is stored. Raises ContractError 404."""
    return data_space(name).id


def feed() -> str | None:
    """The feed that is asked for; None for all. Raises UsageError."""
    name = request.args.get("feed")
    if name is not None and name not in FEEDS:
        raise UsageError(f'feed: got "{name}", expected one of: {", ".join(FEEDS)}.')
    return name


def is_number(text: str) -> bool:
    """True if a text can be the number of something in the store."""
    return text.isascii() and text.isdecimal() and int(text) < 2**53


def key(given: str | None) -> str | None:
    """An identity key, if one is given. Raises UsageError."""
    if given is not None and not KEY.fullmatch(given):
        raise UsageError(f"key: got {given!r}, expected 40 hex digits: an item's identity key.")
    return given


def moment(name: str, given: Any) -> datetime:
    """A moment that is given as an ISO 8601 text with its zone. Raises UsageError."""
    try:
        parsed = datetime.fromisoformat(given)
        if parsed.tzinfo is not None and EARLIEST <= parsed <= LATEST:
            return parsed
    except (TypeError, ValueError):
        pass
    raise UsageError(MOMENT.format(name=name, given=given))


def number(name: str, default: int | None) -> int | None:
    """A number of 1 or more among the arguments. Raises UsageError."""
    text = request.args.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdecimal()) or not 0 < int(text) < 2**63:
        raise UsageError(f'{name}: got "{text}", expected a whole number of 1 or more.')
    return int(text)


def body(*names: str) -> dict[str, Any]:
    """The JSON object in the body; with names, it has no others. Raises UsageError."""
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


def streamed(lines: Iterable[bytes]) -> Response:
    """An answer of lines, as they come, compressed where that is welcome."""
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
