"""Answers to what is no request yet: broken HTTP, headers without end, clients that stall.

No app sees these, so that they are written to the socket as they are, in the shape of all errors.
"""

import socket
from dataclasses import dataclass
from uuid import uuid4

import orjson
from gunicorn.http import errors

from mcs.contract.answer import reason_phrase
from mcs.server.answers import JSON, error_body
from mcs.server.patience import ClientTooSlow

LINE_BYTES = 4_094
HEADERS_AT_MOST = 100
HEADER_BYTES = 8_190
SEND_S = 5

KINDS: tuple[tuple[type[Exception], int, str, str], ...] = (
    (ClientTooSlow, 408, "request_timeout", "{error}"),
    (
        errors.LimitRequestLine,
        414,
        "uri_too_long",
        f"{{error}}. The first line of a request may have {LINE_BYTES:,} bytes.",
    ),
    (
        errors.LimitRequestHeaders,
        431,
        "headers_too_large",
        f"{{error}}. A request may have {HEADERS_AT_MOST} headers of {HEADER_BYTES:,} bytes.",
    ),
    (
        errors.UnsupportedTransferCoding,
        501,
        "unsupported_transfer_encoding",
        "{error}. Send chunked, or a Content-Length.",
    ),
    (errors.ExpectationFailed, 417, "expectation_failed", "{error}. Leave Expect out."),
    (errors.ConfigurationProblem, 500, "internal_error", "{error}"),
    (
        errors.InvalidHeader,
        400,
        "malformed_request",
        "{error}. Send each header once, in visible characters, lines ended by CR LF.",
    ),
    (errors.ParseException, 400, "malformed_request", "{error}. Send HTTP/1.1."),
)
"""Exception, status, code, detail. The first that fits counts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said, and then the connection ends."""

    status: int
    code: str
    detail: str

    def as_bytes(self) -> bytes:
        """The answer as HTTP."""
        phrase = reason_phrase(self.status)
        body = orjson.dumps(error_body(self.status, self.code, phrase, self.detail))
        lines = (
            f"HTTP/1.1 {self.status} {phrase}",
            "Connection: close",
            f"Content-Type: {JSON}",
            f"Content-Length: {len(body)}",
            f"x-request-id: {uuid4().hex[:16]}",
        )
        return "\r\n".join((*lines, "", "")).encode() + body


def answer_to(error: Exception) -> Answer | None:
    """What to say to who sent this; None if it is no fault of the client."""
    for kind, status, code, detail in KINDS:
        # What an app answers wrongly is reported with the errors of clients.
        if isinstance(error, kind) and not isinstance(error, _OF_THE_APP):
            return Answer(status, code, detail.format(error=str(error).rstrip(".")))
    return None


def send(connection: socket.socket, answer: Answer) -> None:
    """Says it, unless the client has left."""
    try:
        connection.settimeout(SEND_S)
        connection.sendall(answer.as_bytes())
    except OSError:
        # Whoever left is told nothing.
        return


_OF_THE_APP = (errors.InvalidResponseHeader, errors.InvalidResponseHeaderName)
