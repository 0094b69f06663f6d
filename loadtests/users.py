"""Locust's users: exporters, which send each batch of their process's shard once, and clients that
do wrong, of whom nobody else may notice anything."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any, ClassVar
from urllib.parse import urlsplit

import gevent
from gevent import socket
from isal import igzip
from locust import FastHttpUser, constant, constant_pacing, task
from locust.exception import StopUser

from mcs.contract.signature import key_pair
from mcs.loadtests.load import Load, Sender
from mcs.loadtests.work import Batch

WAIT_S = 0.02
OK = 200
COME_AGAIN = (429, 503)
NOT_FOR_YOU = (401, 403, 404)
MOST_TURNS = 100
"""How often a batch is brought again that the service had no room for."""
MOST_FAILURES = 3
LONGEST_PAUSE_S = 30.0
HUGE_BYTES = 300 * 1024 * 1024
SLOW_PARTS, SLOW_PAUSE_S = 10, 0.2
REFUSED = "{status}: {text}"
NO_ANSWER = "no answer: {reason}"
UNEXPECTED = "{who} was answered {status}, expected {expected}"
SAID_AT_MOST = 300
PRODUCTS = "products"


class LoadUser(FastHttpUser):
    """What all have in common. load: of this process, set when a run begins."""

    abstract = True
    load: ClassVar[Load]
    network_timeout = 120.0
    connection_timeout = 30.0


class Exporter(LoadUser):
    """Sends batches as fast as they are answered, until there are none left.

    A service that has no room is asked again when it says so. A batch is given up after failures,
    and the comparison will find its items missing.
    """

    wait_time = constant(0)

    def on_start(self) -> None:
        """Gets the number that says which tenant it sends for."""
        self._number = self.load.next_number()

    @task
    def send_batch(self) -> None:
        """Takes a batch and brings it to the service."""
        taken = self.load.take(self._number)
        if taken is None:
            if self.load.is_done:
                raise StopUser
            gevent.sleep(WAIT_S)
            return
        sender, batch = taken
        try:
            brought = self._is_brought(sender, batch)
        except gevent.GreenletExit:
            sender.work.take_back(batch)
            raise
        except Exception:
            sender.work.finished()
            raise
        sender.work.finished()
        self.load.measures.given_up += 0 if brought else batch.items

    def _is_brought(self, sender: Sender, batch: Batch) -> bool:
        failures = 0
        for turn in range(MOST_TURNS):
            if self.load.aborted:
                return False
            self.load.measures.resends += turn > 0
            status, pause_s = self._post(sender, batch)
            if status == OK:
                return True
            if status in NOT_FOR_YOU:
                return False
            failures += status not in COME_AGAIN
            if failures == MOST_FAILURES:
                return False
            gevent.sleep(pause_s)
        return False

    def _post(self, sender: Sender, batch: Batch) -> tuple[int, float]:
        """The status of the answer, 0 without one, and how long to wait before the next try."""
        began_at, began = time.time(), time.perf_counter()
        with self.client.post(
            sender.path(batch.feed),
            data=batch.body,  # type: ignore[arg-type]  # bytes are taken too
            headers=sender.headers(),
            name=batch.feed,
            catch_response=True,
        ) as answer:
            # Taken here: meanwhile what was measured before may have gone to the master.
            measures = self.load.measures
            second = measures.answered(batch.feed, began_at, time.perf_counter() - began)
            status = int(answer.status_code)
            if status == OK:
                refused = len(_json(answer.text).get("invalidFeedItems", []))
                measures.items[batch.feed] += batch.items - refused
                second.items += batch.items - refused
                second.wire_bytes += len(batch.body)
                second.size_bytes += batch.size_bytes
                if refused:
                    second.rejections += 1
                    measures.rejections["items refused"] += refused
                    self._fail(answer, f"items were refused: {answer.text[:SAID_AT_MOST]}")
                return status, 0
            if status in COME_AGAIN:
                second.rejections += 1
                measures.rejections[f"{status}, come again"] += 1
                # Neither a failure, nor a time to compare with those of batches that were taken.
                answer.request_meta["name"] = f"{batch.feed}: come again"
                answer.success()
                return status, _pause_s(answer.headers)
            if status in NOT_FOR_YOU:
                self.load.abort(REFUSED.format(status=status, text=answer.text[:SAID_AT_MOST]))
            self._fail(answer, _said(status, answer))
            return status, 1.0

    def _fail(self, answer: Any, message: str) -> None:
        self.load.measures.errors[message] += 1
        answer.failure(message)


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
        path = self.load.senders[0].path(PRODUCTS)
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
        tenant = self.load.senders[0].tenant
        stranger = Sender(replace(tenant, private_key=key_pair()[0]), self.load.senders[0].work)
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
    lines = [f"POST {sender.path(PRODUCTS)} HTTP/1.1"]
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


def _said(status: int, answer: Any) -> str:
    if not status:
        return NO_ANSWER.format(reason=answer.error or type(answer).__name__)
    return REFUSED.format(status=status, text=(answer.text or "")[:SAID_AT_MOST])


def _json(text: str | None) -> dict[str, Any]:
    try:
        document = json.loads(text or "")
    except json.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def _pause_s(headers: Mapping[str, str]) -> float:
    """How long the service asks to wait; its header may be a date, which is not what it sends."""
    try:
        asked_s = float(headers.get("Retry-After", 1))
    except ValueError:
        asked_s = 1.0
    return min(max(asked_s, 0.1), LONGEST_PAUSE_S)
