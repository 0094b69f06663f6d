"""Locust's users that do wrong. The service owes each a certain refusal; nobody else may notice."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any, ClassVar
from urllib.parse import urlsplit

import gevent
from gevent import socket
from isal import igzip
from locust import constant_pacing, task
from locust.exception import StopUser

from mcs.contract.feeds import FEEDS
from mcs.contract.signature import key_pair
from mcs.loadtests.load import Sender
from mcs.loadtests.users import COME_AGAIN, LoadUser

HUGE_BYTES = 300 * 1024 * 1024
SLOW_PARTS, SLOW_PAUSE_S = 10, 0.2
UNEXPECTED = "{who} was answered {status}, expected {expected}"
PRODUCTS = "products"


class _Misbehaving(LoadUser):
    """One of each kind, again and again as long as exporters have something to send."""

    abstract = True
    fixed_count = 1
    wait_time = constant_pacing(0.5)
    expected: ClassVar[tuple[int, ...]]

    @contextmanager
    def _visit(self) -> Iterator[None]:
        """Keeps the run from ending before the answer is there."""
        if self.load.is_done:
            raise StopUser
        self.load.guests += 1
        try:
            yield
        finally:
            self.load.guests -= 1

    def _judge(self, answer: Any, began_at: float, took_s: float) -> None:
        measures, name = self.load.measures, type(self).__name__
        second = measures.answered(name, began_at, took_s)
        status = int(answer.status_code)
        second.rejections += 1
        if status in (*self.expected, *COME_AGAIN):
            measures.expected[f"{name}: {status}"] += 1
            answer.success()
        else:
            wanted = " or ".join(map(str, self.expected))
            message = UNEXPECTED.format(who=name, status=status or "nothing", expected=wanted)
            measures.errors[message] += 1
            answer.failure(message)

    def _post(self, body: bytes, headers: dict[str, str]) -> None:
        path = self.load.senders[0].path(FEEDS[PRODUCTS].route)
        began_at, began = time.time(), time.perf_counter()
        with (
            self._visit(),
            self.client.post(
                path,
                data=body,  # type: ignore[arg-type]  # bytes are taken too
                headers=headers,
                name=type(self).__name__,
                catch_response=True,
            ) as answer,
        ):
            self._judge(answer, began_at, time.perf_counter() - began)


class BadSignature(_Misbehaving):
    """Signs with a key that nobody knows."""

    expected = (401,)

    def on_start(self) -> None:
        """Makes the key."""
        sender = self.load.senders[0]
        stranger = replace(sender, tenant=replace(sender.tenant, private_key=key_pair()[0]))
        self._headers = stranger.headers()

    @task
    def send(self) -> None:
        """Posts nothing, under a wrong signature."""
        self._post(b"[]", {**self._headers, "Content-Encoding": "identity"})


class Garbage(_Misbehaving):
    """Says that it sends gzip, and does not."""

    expected = (400,)

    @task
    def send(self) -> None:
        """Posts bytes that nobody can unpack."""
        self._post(b"\x1f\x8b garbage " * 1000, self.load.senders[0].headers())


class HugeBody(_Misbehaving):
    """Sends more in one request than any service takes."""

    expected = (413,)
    wait_time = constant_pacing(2)

    @task
    def send(self) -> None:
        """Posts little that unpacks to very much."""
        self._post(_huge(), self.load.senders[0].headers())


class SlowBody(_Misbehaving):
    """Sends its body in small parts with pauses. In the end it is an empty array, which is refused,
    so that nothing is recorded for it."""

    expected = (400,)

    @task
    def send(self) -> None:
        """Posts an array, bit by bit."""
        sender = self.load.senders[0]
        began_at, began = time.time(), time.perf_counter()
        with self._visit():
            answer = _Answer(_posted_slowly(self.host or "", sender))
            took_s = time.perf_counter() - began
            self._judge(answer, began_at, took_s)
        self.environment.events.request.fire(
            request_type="POST",
            name=type(self).__name__,
            response_time=took_s * 1000,
            response_length=0,
            exception=answer.exception,
            context={},
        )


class _Answer:
    """What `_judge` asks of an answer, for one that did not come through Locust's client."""

    def __init__(self, status: int) -> None:
        self.status_code = status
        self.exception: Exception | None = None

    def success(self) -> None:
        """It was as it should be."""

    def failure(self, message: str) -> None:
        """It was not."""
        self.exception = RuntimeError(message)


@cache
def _huge() -> bytes:
    return igzip.compress(b" " * HUGE_BYTES, mtime=0)


def _posted_slowly(host: str, sender: Sender) -> int:
    """The status of the answer to an empty array that comes in parts; 0 without one."""
    parts = urlsplit(host)
    headers = {**sender.headers(), "Host": parts.netloc, "Connection": "close"}
    headers["Content-Length"] = str(SLOW_PARTS + 1)
    del headers["Content-Encoding"]
    lines = [f"POST {sender.path(FEEDS[PRODUCTS].route)} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    try:
        with socket.create_connection((parts.hostname, parts.port or 80), timeout=60) as one:
            one.sendall(("\r\n".join(lines) + "\r\n\r\n[").encode())
            for _ in range(SLOW_PARTS - 1):
                gevent.sleep(SLOW_PAUSE_S)
                one.sendall(b" ")
            one.sendall(b"]")
            status_line = one.makefile("rb").readline().split()
    except OSError:
        return 0
    return int(status_line[1]) if len(status_line) > 1 else 0
