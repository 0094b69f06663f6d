"""Live parts of pages: server-sent events, at most four a second, however much comes in.

All streams of one topic share what is shown: it is looked up by the first that finds it too old,
so ten open dashboards cost the store what one does. Their number is bounded, since each holds a
thread of the server; a page that gets none polls instead.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from select import POLLIN, poll
from socket import MSG_DONTWAIT, MSG_PEEK
from threading import BoundedSemaphore, Event, Lock
from time import monotonic
from typing import Any

from flask import Response, request, stream_with_context

from mcs.contract.errors import ContractError

TICK_S = 0.25
HEARTBEAT_S = 15
GRACE_S = 2
LIFE_S = 300
"""Streams end after that; browsers come again by themselves, and dead ones do not stay for ever."""

TOO_MANY = "All {streams} live streams are taken; the page asks now and then instead."
RETRY_AFTER_S = 5

Look = Callable[[], str]
"""Looks up what is to be shown: text of any number of lines."""


@dataclass
class _Topic:
    lock: Lock = field(default_factory=Lock)
    streams: int = 0
    looked_at: float = 0.0
    text: str = ""


class Live:
    """The open streams of one server process."""

    def __init__(self, streams: int) -> None:
        self._streams = streams
        self._free = BoundedSemaphore(streams) if streams else None
        self._topics: dict[str, _Topic] = {}
        self._lock = Lock()
        self._closing = Event()
        self._is_closing: Callable[[], bool] = self._closing.is_set

    def close(self) -> None:
        """Ends all streams at their next tick, and waits for them a while."""
        self._closing.set()
        for _ in range(self._streams):
            if self._free is not None and not self._free.acquire(timeout=GRACE_S):
                return

    def close_when(self, told: Callable[[], bool]) -> None:
        """Ends all streams once this says so, besides `close`."""
        self._is_closing = lambda: self._closing.is_set() or told()

    def stream(self, topic: str, event: str, look: Look) -> Response:
        """An answer that tells what `look` says, first at once and then whenever it changes.

        topic: what names the same text for everybody. Raises ContractError 503 if there are too
        many streams.
        """
        if self._free is None or not self._free.acquire(blocking=False):
            message = TOO_MANY.format(streams=self._streams)
            raise ContractError(503, "too_many_streams", message, retry_after_s=RETRY_AFTER_S)
        events = stream_with_context(self._events(topic, event, look, _is_gone(request.environ)))
        answer = Response(events, mimetype="text/event-stream")
        answer.headers["Cache-Control"] = "no-store"
        answer.headers["X-Accel-Buffering"] = "no"
        answer.call_on_close(self._free.release)
        return answer

    def _events(
        self, topic: str, event: str, look: Look, is_gone: Callable[[], bool]
    ) -> Iterator[str]:
        yield f"retry: {RETRY_AFTER_S * 1000}\n\n"
        told, told_at, ends_at = None, monotonic(), monotonic() + LIFE_S
        with self._sharing(topic) as shared:
            while not (self._is_closing() or is_gone() or monotonic() > ends_at):
                text = self._current(shared, look)
                if text != told:
                    told, told_at = text, monotonic()
                    yield message(event, text)
                elif monotonic() - told_at > HEARTBEAT_S:
                    told_at = monotonic()
                    yield ": still here\n\n"
                self._closing.wait(TICK_S)

    @contextmanager
    def _sharing(self, topic: str) -> Iterator[_Topic]:
        """The topic, which is forgotten with its last stream: filters make any number of them."""
        with self._lock:
            shared = self._topics.setdefault(topic, _Topic())
            shared.streams += 1
        try:
            yield shared
        finally:
            with self._lock:
                shared.streams -= 1
                if not shared.streams:
                    self._topics.pop(topic, None)

    def _current(self, shared: _Topic, look: Look) -> str:
        with shared.lock:
            if monotonic() - shared.looked_at >= TICK_S or not shared.looked_at:
                shared.text = look()
                shared.looked_at = monotonic()
            return shared.text


def _is_gone(environ: Mapping[str, Any]) -> Callable[[], bool]:
    """Tells whether the browser has closed its connection, which a write would find out late."""
    connection = environ.get("gunicorn.socket") or environ.get("werkzeug.socket")

    def is_gone() -> bool:
        if connection is None:
            return False
        # Asked before it is read: where a socket has a timeout, reading waits for as long, whatever
        # the flags say.
        readable = poll()
        try:
            readable.register(connection, POLLIN)
            return bool(readable.poll(0)) and not connection.recv(1, MSG_PEEK | MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except (OSError, ValueError):
            return True

    return is_gone


def message(event: str, text: str) -> str:
    r"""One server-sent event.

    >>> message("status", "a\nb")
    'event: status\ndata: a\ndata: b\n\n'
    """
    lines = "".join(f"data: {line}\n" for line in text.splitlines() or [""])
    return f"event: {event}\n{lines}\n"
