"""A service that answers what a test tells it to, and keeps what it was sent.

The real service can answer in ways that the mock does only on command; here each answer is given
by hand.
"""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True, slots=True)
class Scripted:
    """One answer. status None: the connection is closed without any."""

    status: int | None = 200
    body: bytes = b'{"feedItemReceivedCount": 0, "invalidFeedItems": []}'


@dataclass(slots=True)
class Posted:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def items(self) -> Any:
        """The batch, unpacked if need be."""
        packed = self.headers.get("content-encoding") == "gzip"
        return json.loads(gzip.decompress(self.body) if packed else self.body)


@dataclass(slots=True)
class ScriptedService:
    """url: where it listens. answers: given in turn; when they run out, 200. posted: what came."""

    url: str = ""
    answers: list[Scripted] = field(default_factory=list)
    posted: list[Posted] = field(default_factory=list)


@contextmanager
def scripted_service() -> Iterator[ScriptedService]:
    """Runs such a service on a free port."""
    service = ScriptedService()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            service.posted.append(Posted(self.path, headers, body))
            answer = service.answers.pop(0) if service.answers else Scripted()
            if answer.status is None:
                self.close_connection = True
                return
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: tests read `posted`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
