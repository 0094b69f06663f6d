"""Both sides of a diff; and a server of canned answers, for what no real service may do."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.harness.sides import DataSpace, Exporter
from tests.server.running import DataSpaceClient


@pytest.fixture
def data_space(data_space: DataSpaceClient) -> DataSpace:
    """The test's own data space, as the harness meets it."""
    return DataSpace(data_space)


@pytest.fixture
def exporter(tmp_path: Path) -> Exporter:
    """An exporter that has exported nothing yet, but has a database."""
    exporter = Exporter(tmp_path / "commerce.sqlite")
    exporter.configure()
    return exporter


@pytest.fixture
def canned() -> Iterator[Callable[[bytes], str]]:
    """Starts servers that answer everything with the given bytes, then hang up; returns URLs."""
    with ExitStack() as servers:

        def start(answer: bytes) -> str:
            server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answer))
            servers.enter_context(_running(server))
            return f"http://127.0.0.1:{server.server_port}"

        yield start


def _handler(answer: bytes) -> type[BaseHTTPRequestHandler]:
    class Canned(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.wfile.write(answer)
            self.close_connection = True

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.do_GET()

        def log_message(self, *_: Any) -> None:
            """Keeps quiet."""

    return Canned


@contextmanager
def _running(server: ThreadingHTTPServer) -> Iterator[None]:
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
