"""Posts ready-made batches as fast as a server takes them: plain sockets, connections kept alive.

What it does per request is next to nothing, so that the server is what is measured.
"""

import selectors
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle

READ_BYTES = 65_536
TIMEOUT_S = 60.0
HEAD_END = b"\r\n\r\n"


class Refused(Exception):
    """A server answered with another status than 200."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where batches are posted to, and with which headers. port: on this machine."""

    port: int
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def requests(self, bodies: Sequence[bytes]) -> list[bytes]:
        """The bytes of a request per body."""
        lines = [f"POST {self.path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        head = "\r\n".join(lines)
        return [f"{head}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body for body in bodies]


@dataclass(frozen=True, slots=True)
class Load:
    """What went through. seconds: from the first request to the last answer."""

    requests: int
    seconds: float


def post_for(target: Target, requests: Sequence[bytes], seconds: float, connections: int) -> Load:
    """Posts the requests in turn, over and over, on several connections at once.

    Raises Refused if any answer is no 200, TimeoutError if none comes.
    """
    following: Iterator[bytes] = cycle(requests)
    sockets = [socket.create_connection(("127.0.0.1", target.port)) for _ in range(connections)]
    began = time.perf_counter()
    ends_at = began + seconds
    answered = 0
    with selectors.DefaultSelector() as selector:
        for one in sockets:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            one.sendall(next(following))
            selector.register(one, selectors.EVENT_READ)
        while selector.get_map():
            ready = selector.select(TIMEOUT_S)
            if not ready:
                raise TimeoutError(f"port {target.port} did not answer within {TIMEOUT_S:.0f} s")
            for key, _ in ready:
                one = key.fileobj  # type: ignore[assignment]  # what was registered
                _read_answer(one)
                answered += 1
                if time.perf_counter() < ends_at:
                    one.sendall(next(following))
                else:
                    selector.unregister(one)
                    one.close()
    return Load(answered, time.perf_counter() - began)


def _read_answer(connection: socket.socket) -> None:
    received = b""
    while HEAD_END not in received:
        received += _read(connection)
    head, _, body = received.partition(HEAD_END)
    lowered = head.lower()
    if not lowered.split(b" ", 2)[1].startswith(b"200"):
        raise Refused((head + HEAD_END + body).decode("utf-8", "replace")[:2_000])
    if b"transfer-encoding: chunked" in lowered:
        while not body.endswith(b"0\r\n\r\n"):
            body += _read(connection)
        return
    length = int(lowered.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    while len(body) < length:
        body += _read(connection)


def _read(connection: socket.socket) -> bytes:
    part = connection.recv(READ_BYTES)
    if not part:
        raise ConnectionError("the server closed the connection")
    return part
