"""The server as a process: it gets ready, it stops, it is killed, it comes back."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3
from click.testing import CliRunner

from mcs.server.cli import serve
from tests.server import hostile
from tests.server.running import DataSpaceClient, product

PATIENCE_S = 60

Process = subprocess.Popen[bytes]


@contextmanager
def _serving(var: Path) -> Iterator[tuple[Process, dict[str, Any]]]:
    ready_file = var / "ready.json"
    ready_file.unlink(missing_ok=True)
    environ = {"MCS_VAR": str(var), "MCS_PORT": "0", "MCS_READY_FILE": str(ready_file)}
    with (var / "stdout").open("wb") as stdout:
        process = subprocess.Popen(
            [sys.executable, "-m", "mcs.server.serve"],
            env={**os.environ, **environ},
            stdout=stdout,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        while not ready_file.exists():
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(timeout=0.05)
        yield process, json.loads(ready_file.read_text("utf-8"))
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=PATIENCE_S)


def _new_data_space(http: urllib3.PoolManager, url: str) -> DataSpaceClient:
    made = http.request("POST", f"{url}/control/data-spaces", json={"name": "x"}).json()
    return DataSpaceClient(url, http, made["id"], made["api_key"], made["private_key"])


def test_acknowledged_items_survive_kill_9(tmp_path: Path) -> None:
    with urllib3.PoolManager(retries=False) as http:
        with _serving(tmp_path) as (process, ready):
            before = _new_data_space(http, ready["url"])
            acknowledged = before.post("products", [product("A"), product("B")], compress=True)
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=PATIENCE_S)
        with _serving(tmp_path) as (_, ready):
            after = DataSpaceClient(
                ready["url"], http, before.id, before.api_key, before.private_key
            )
            held = after.received("?payload=1")
            again = after.post("products", [product("C")])

    assert (acknowledged.status, again.status) == (200, 200)
    assert sorted(line["item"]["sku"] for line in held) == ["A", "B"]


def test_server_says_where_it_is_and_stops_when_told(tmp_path: Path) -> None:
    with _serving(tmp_path) as (process, ready):
        process.terminate()
        exit_code = process.wait(timeout=PATIENCE_S)

    said = (tmp_path / "stdout").read_text("utf-8")
    database = tmp_path / "server.sqlite"
    assert exit_code == 0
    assert ready["pid"] == process.pid
    assert said == f"mcs listens on {ready['url']}, its database is sqlite:///{database}\n"


def test_a_request_in_flight_is_finished_when_the_server_is_told_to_stop(tmp_path: Path) -> None:
    with urllib3.PoolManager(retries=False) as http, _serving(tmp_path) as (process, ready):
        to = _new_data_space(http, ready["url"])
        whole = hostile.batch(json.dumps([product("A")]).encode())(to)
        port = int(ready["url"].rstrip("/").rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), PATIENCE_S) as connection:
            connection.sendall(whole[:-5])
            # An answer to another connection: this one has a thread by then.
            to.control("GET", "")
            process.terminate()
            connection.sendall(whole[-5:])
            got = hostile.read(connection)
        ended = process.wait(timeout=PATIENCE_S)

    assert (got.status, ended) == (200, 0)


def test_doubled_slashes_and_request_ids_work_on_gunicorn_too(tmp_path: Path) -> None:
    with urllib3.PoolManager(retries=False) as http, _serving(tmp_path) as (_, ready):
        data_space = _new_data_space(http, ready["url"])

        answer = data_space.post(
            "products", [product("A")], path=f"//feeds//catalog/v2/products/{data_space.id}"
        )

    assert answer.status == 200
    assert answer.headers["x-request-id"]


def test_connection_stays_good_after_a_large_refused_body(tmp_path: Path) -> None:
    with urllib3.PoolManager(retries=False) as http, _serving(tmp_path) as (_, ready):
        data_space = _new_data_space(http, ready["url"])
        large = b" " * 3_000_000

        refused = data_space.post("products", large, headers={"x-gw-signature": None})
        good = data_space.post("products", [product("A")])
        too_large = data_space.post("products", b" " * 17_000_000)

    assert (refused.status, good.status, too_large.status) == (401, 200, 413)


def test_port_in_use_is_one_clear_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        result = CliRunner().invoke(serve, ["--port", str(port), "--var", str(tmp_path)])

    assert result.exit_code == 1
    assert result.output == (
        f"Error: cannot listen on 127.0.0.1:{port}: Address already in use. "
        "Take another port with --port, 0 for any.\n"
    )
