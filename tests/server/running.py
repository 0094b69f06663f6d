"""A real server in a thread, with a real SQLite file, and a client that signs as exporters do."""

import gzip
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from itertools import cycle
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import urllib3
from werkzeug.serving import WSGIRequestHandler, make_server

from mcs.contract.feeds import FEEDS
from mcs.contract.signature import key_pair, sign
from mcs.server import credentials
from mcs.server.app import close, create_app, service_of
from mcs.server.clock import TurnableClock
from mcs.server.config import ServerConfig, Settings
from mcs.server.sorting import Sorting
from mcs.server.store.repository import Clock, Store, utc_now

Answer = urllib3.BaseHTTPResponse


@dataclass(frozen=True, slots=True)
class DataSpaceClient:
    """One data space of a running service, seen by its exporter and by a test."""

    url: str
    http: urllib3.PoolManager
    id: str
    api_key: str
    private_key: str

    def headers(self) -> dict[str, str]:
        """What a request must carry: key and a fresh signature."""
        token = sign(self.private_key, datetime.now(UTC))
        return {
            "Content-Type": "application/json",
            "x-api-key": self.api_key,
            "x-gw-signature": token,
        }

    def path(self, feed: str) -> str:
        """Where a feed's items are posted to."""
        return f"/{FEEDS[feed].route}/{self.id}"

    def post(
        self,
        feed: str,
        batch: Any,
        *,
        compress: bool = False,
        headers: dict[str, str | None] | None = None,
        path: str | None = None,
    ) -> Answer:
        """Posts items, or bytes as they are. headers: changes; None takes one away."""
        body = batch if isinstance(batch, bytes) else json.dumps(batch).encode()
        sent: dict[str, str | None] = {**self.headers()}
        if compress:
            body, sent["Content-Encoding"] = gzip.compress(body), "gzip"
        sent |= headers or {}
        present = {name: value for name, value in sent.items() if value is not None}
        address = self.url + (path or self.path(feed))
        return self.http.request("POST", address, body=body, headers=present)

    def get(self, path: str) -> Answer:
        """Asks the service something as the exporter's connector does."""
        return self.http.request("GET", self.url + path, headers=self.headers())

    def control(self, method: str, path: str, **options: Any) -> Answer:
        """Calls the control API below this data space."""
        address = f"{self.url}/control/data-spaces/{self.id}{path}"
        return self.http.request(method, address, **options)

    def lines(self, path: str) -> list[dict[str, Any]]:
        """A listing of the control API."""
        answer = self.control("GET", path)
        assert answer.status == 200, answer.data
        return [json.loads(line) for line in answer.data.split(b"\n") if line]

    def received(self, query: str = "") -> list[dict[str, Any]]:
        """The items that the service holds."""
        return self.lines("/received" + query)

    def requests(self, query: str = "") -> list[dict[str, Any]]:
        """The journal, newest first."""
        requests: list[dict[str, Any]] = self.control("GET", "/requests" + query).json()["requests"]
        return requests


@dataclass(frozen=True, slots=True)
class RunningService:
    """A service that answers at `url`.

    store: its memory, for what no request can bring about; None in another process. sorting:
    closed, nothing is sorted in until somebody reads. clock: the one it goes by.
    """

    url: str
    http: urllib3.PoolManager
    store: Store
    sorting: Sorting
    clock: TurnableClock

    def data_space(self, name: str = "test", **settings: Any) -> DataSpaceClient:
        """A new data space with these settings."""
        if self.store is None:
            made = self._asked_for(name, settings)
            return self._client(made["id"], made["api_key"], made["private_key"])
        data_space_id, (private_key, public_key) = str(uuid4()), next(_key_pairs())
        key = credentials.OwnKey(public_key=public_key)
        wanted = Settings.from_json(settings)
        issued = credentials.issue(self.store, data_space_id, name, wanted, key)
        assert issued, data_space_id
        return self._client(data_space_id, issued.api_key, private_key)

    def _asked_for(self, name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        wanted = {"name": name, "settings": settings}
        answer = self.http.request("POST", self.url + "/control/data-spaces", json=wanted)
        assert answer.status == 201, answer.data
        made: dict[str, Any] = answer.json()
        return made

    def _client(self, data_space_id: str, api_key: str, private_key: str) -> DataSpaceClient:
        return DataSpaceClient(self.url, self.http, data_space_id, api_key, private_key)


def elsewhere(url: str, http: urllib3.PoolManager) -> RunningService:
    """A service of another process, that is reached by requests alone."""
    unreachable: Any = None
    return RunningService(url, http, unreachable, unreachable, unreachable)


@contextmanager
def running(config: ServerConfig, clock: Clock = utc_now) -> Iterator[RunningService]:
    """Serves on a free port until the block ends."""
    app = create_app(config, clock)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_SilentRequestHandler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    parts = service_of(app)
    with urllib3.PoolManager(retries=False) as http:
        try:
            yield RunningService(
                f"http://127.0.0.1:{server.port}", http, parts.store, parts.sorting, parts.clock
            )
        finally:
            server.shutdown()
            server.server_close()
            thread.join()
            close(app)


def config(directory: Path, **options: Any) -> ServerConfig:
    """A configuration whose files are all in a directory."""
    return ServerConfig(var=directory, **options)


def product(sku: str, **fields: Any) -> dict[str, Any]:
    """The least that the service takes as a product."""
    return {"sku": sku, "storeViewCode": "default", "deleted": False, **fields}


@cache
def _key_pairs() -> Iterator[tuple[str, str]]:
    """Private and public keys. Making one takes a tenth of a second, and a data space is made by
    most tests; those that are made one after the other have keys of their own."""
    return cycle([key_pair() for _ in range(4)])


class _SilentRequestHandler(WSGIRequestHandler):
    def log(self, *_: Any, **__: Any) -> None:
        """Says nothing."""
