"""How an answer is brought to the client, or is not: pieces, pauses, and cut connections.

gunicorn and werkzeug hand the socket of a request to its app; a cut takes it over from them.
"""

import os
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response

from mcs.server.faults.actions import CUTS, Part
from mcs.server.faults.course import Course
from mcs.server.faults.rules import Rule

SOCKETS = ("gunicorn.socket", "werkzeug.socket")
NO_SOCKET = "a fault cuts the connection, and this WSGI server hands out no socket"
_LINGER_NOT = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Cut:
    """What of an answer is sent before the connection ends.

    headers: whether they are. body_bytes: how many of the body. promised_bytes: how many more than
    its length Content-Length says. is_reset: whether the connection ends by RST.
    """

    headers: bool = True
    body_bytes: int | None = None
    promised_bytes: int = 0
    is_reset: bool = False


def delivered(answer: Response, course: Course) -> Response:
    """The answer as the rules that hit the request let it out; waits where it has to come late."""
    wait = course.of(Part.WAIT)
    delivery = course.of(Part.DELIVERY)
    pause_s = 0.0
    if wait is not None and wait.parameters["where"] == "before_answer":
        time.sleep(wait.parameters["seconds"])
    elif wait is not None:
        pause_s = wait.parameters["seconds"]
    if delivery is not None and delivery.action in CUTS:
        return _CutAnswer(answer, _cut(delivery), pause_s)
    if delivery is not None or pause_s:
        _trickle(answer, delivery, pause_s)
    return answer


class _CutAnswer(Response):
    """An answer that takes over the connection to end it before it is through."""

    def __init__(self, answer: Response, cut: Cut, pause_s: float) -> None:
        super().__init__(answer.get_data(), answer.status, answer.headers)
        self._cut = cut
        self._pause_s = pause_s

    def __call__(
        self, environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        connection = next((environ[name] for name in SOCKETS if name in environ), None)
        if connection is None:
            raise ConnectionAbortedError(NO_SOCKET)
        try:
            self._send(connection)
        except OSError:
            # The client has left, so that there is nothing to be cut any more.
            self._pause_s = 0
        time.sleep(self._pause_s)
        _end(connection, is_reset=self._cut.is_reset)
        # What the server writes now goes nowhere; it takes the client for gone.
        start_response(self.status, [("Content-Length", "0")])
        return [b""]

    def _send(self, connection: socket.socket) -> None:
        if not self._cut.headers:
            return
        body = self.get_data()
        sent = body[: self._cut.body_bytes]
        # An answer that came whole all the same would not be cut.
        promised = max(len(body), len(sent) + 1) if self._cut.body_bytes is not None else len(body)
        self.headers["Content-Length"] = str(promised + self._cut.promised_bytes)
        self.headers["Connection"] = "close"
        lines = [f"HTTP/1.1 {self.status}", *(f"{name}: {text}" for name, text in self.headers)]
        connection.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        time.sleep(self._pause_s)
        self._pause_s = 0
        connection.sendall(sent)


def _cut(rule: Rule) -> Cut:
    if rule.action == "half_close":
        return Cut(body_bytes=rule.parameters["sent_bytes"])
    if rule.action == "truncate":
        return Cut(promised_bytes=rule.parameters["missing_bytes"])
    return Cut(headers=False, is_reset=rule.action == "reset")


def _end(connection: socket.socket, *, is_reset: bool) -> None:
    if is_reset:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    # The server still holds the socket, and would end the connection in its own way. So the
    # socket's number is given to one whose other end is gone, which closes the real one now.
    left, other = socket.socketpair()
    other.close()
    os.dup2(left.fileno(), connection.fileno(), inheritable=False)
    left.close()


def _trickle(answer: Response, rule: Rule | None, pause_s: float) -> None:
    body = answer.get_data()
    size = rule.parameters["piece_bytes"] if rule else len(body) or 1
    between_s = rule.parameters["pause_s"] if rule else 0.0

    def pieces() -> Iterator[bytes]:
        # Nothing at all, which makes the server send the headers.
        yield b""
        time.sleep(pause_s)
        for start in range(0, len(body), size):
            time.sleep(between_s)
            yield body[start : start + size]

    answer.response = pieces()
    answer.headers["Content-Length"] = str(len(body))
