"""How every answer looks that is no plain success: one JSON shape, and the request's id.

The two messages that genuine clients recognise stand in `message` and in `error.message`
(contract/wire.md, "Merchant registry").
"""

import re
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import orjson
from flask import Flask, Response, current_app, g, request
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, NotFound

from mcs.contract.answer import reason_phrase
from mcs.contract.errors import ContractError, UsageError
from mcs.server.patience import BrokenBody, ClientTooSlow

JSON = "application/json"
NOTHING_THERE = (
    "nothing is there. Feeds are posted to /<route>/<data space id>; /docs/ shows every address, "
    "and / leads to the pages."
)
RETRY_AFTER_S = 5
DRAINED_BYTES = 64 * 1024 * 1024
DRAINED_AT_ONCE_BYTES = 64 * 1024
_USABLE_REQUEST_ID = re.compile(r"[\x21-\x7e]{1,128}")


def json_answer(value: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(orjson.dumps(value), status, mimetype=JSON)


def error_answer(
    status: int, code: str, message: str, detail: str = "", allow: Iterable[str] = ()
) -> Response:
    """An error in the shape that all our errors have. allow: methods, for a 405."""
    answer = json_answer(error_body(status, code, message, detail), status)
    if allow:
        answer.headers["Allow"] = ", ".join(sorted(allow))
    return answer


def error_body(status: int, code: str, message: str, detail: str) -> dict[str, Any]:
    """The shape that all our errors have."""
    error = {"code": code, "message": message}
    return {"status": status, "code": code, "message": message, "detail": detail, "error": error}


def request_id() -> str:
    """The id that the caller gave the present request, or else one of ours: 16 hex digits."""
    if "request_id" not in g:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _USABLE_REQUEST_ID.fullmatch(given) else uuid4().hex[:16]
    return str(g.request_id)


def answer_in_one_shape(app: Flask) -> None:
    """Makes all errors of an app answer in JSON, and every answer carry the request's id."""
    app.register_error_handler(ContractError, refusal_answer)
    app.register_error_handler(UsageError, _usage_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(ClientTooSlow, _client_too_slow)
    app.register_error_handler(BrokenBody, _broken_body)
    for unavailable in (OperationalError, InterfaceError, PoolTimeout):
        app.register_error_handler(unavailable, _store_unavailable)
    app.register_error_handler(Exception, _unexpected)
    app.after_request(_with_request_id)
    app.after_request(_with_standard_phrase)
    app.after_request(_after_the_body)


def _with_request_id(answer: Response) -> Response:
    answer.headers["x-request-id"] = request_id()
    return answer


def _with_standard_phrase(answer: Response) -> Response:
    # Werkzeug writes it in capitals; exporters show it to people as the error.
    answer.status = f"{answer.status_code} {reason_phrase(answer.status_code)}"
    return answer


def _after_the_body(answer: Response) -> Response:
    # A client that is still sending its body does not see an answer until it is through.
    left = DRAINED_BYTES if (request.content_length or 0) <= DRAINED_BYTES else 0
    try:
        while left > 0 and (part := request.stream.read(DRAINED_AT_ONCE_BYTES)):
            left -= len(part)
    except (HTTPException, OSError, BrokenBody, ClientTooSlow):
        current_app.logger.debug("request %s: the client left before its end", request_id())
    return answer


def refusal_answer(error: ContractError) -> Response:
    """The answer to a request that is refused whole."""
    answer = error_answer(error.status, error.code, error.message, error.detail)
    if error.retry_after_s is not None:
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def _usage_error(error: UsageError) -> Response:
    return error_answer(400, "bad_request", str(error))


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    code = re.sub(r"\W+", "_", error.name.lower())
    methods = getattr(error, "valid_methods", None) or ()
    # Werkzeug's own words are for someone who typed an address.
    is_plain = error.description == NotFound.description
    told = NOTHING_THERE if is_plain else error.description or error.name
    detail = f"{request.method} {request.path}: {told}"
    return error_answer(status, code, error.name, detail, methods)


def _client_too_slow(error: ClientTooSlow) -> Response:
    return error_answer(408, "request_timeout", "Request Timeout", str(error))


def _broken_body(error: BrokenBody) -> Response:
    return error_answer(400, "body_broken_off", "Bad Request", f"The body is broken: {error}.")


def _store_unavailable(error: Exception) -> Response:
    current_app.logger.error("the database is not available: %s", error)
    answer = error_answer(
        503,
        "store_unavailable",
        "Service Unavailable",
        f"The database did not answer, so nothing was recorded. Try again in {RETRY_AFTER_S} s.",
    )
    answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def _unexpected(error: Exception) -> Response:
    current_app.logger.error(
        "request %s: %s %s failed", request_id(), request.method, request.path, exc_info=error
    )
    return error_answer(
        500,
        "internal_error",
        "Internal Server Error",
        f"A fault of the server. Its log tells more under request {request_id()}.",
    )
