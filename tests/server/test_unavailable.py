"""A database that is full, locked or gone: exporters come again, and nothing is lost."""

import os
import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3

from mcs.server_process import ServerProcess, server_process
from tests.server.running import (
    Answer,
    DataSpaceClient,
    RunningService,
    config,
    elsewhere,
    product,
    running,
)

PADDING = "x" * 50_000


def is_told_to_come_again(answer: Answer) -> bool:
    """True if an answer says in the service's words that its database is away."""
    return (
        answer.status == 503
        and answer.json()["code"] == "store_unavailable"
        and int(answer.headers["Retry-After"]) > 0
    )


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[RunningService]:
    """A service that waits for its database a second."""
    with running(config(tmp_path, database_wait_s=1)) as service:
        yield service


def database(folder: Path) -> sqlite3.Connection:
    """The database of a service, as another program opens it."""
    return sqlite3.connect(folder / "server.sqlite", timeout=30, isolation_level=None)


def test_a_locked_database_is_told_and_gets_over_it(
    impatient: RunningService, tmp_path: Path
) -> None:
    to = impatient.data_space()
    with closing(database(tmp_path)) as other:
        other.execute("BEGIN IMMEDIATE")
        answers = _at_once(4, lambda: to.post("products", [product("A")]))
        other.execute("ROLLBACK")

    again = to.post("products", [product("A")])

    assert all(is_told_to_come_again(answer) for answer in answers)
    assert again.status == 200
    assert [item["identity"]["sku"] for item in to.received()] == ["A"]


def test_a_database_file_that_was_moved_away_gets_nothing_and_comes_back(
    impatient: RunningService, tmp_path: Path
) -> None:
    to = impatient.data_space()
    to.post("products", [product("A")])
    aside = tmp_path / "aside"
    _move(tmp_path, aside)

    away = to.post("products", [product("B")])
    was_made = (tmp_path / "server.sqlite").exists()
    _move(aside, tmp_path)
    again = to.post("products", [product("C")])

    assert is_told_to_come_again(away)
    assert not was_made
    assert again.status == 200
    assert {item["identity"]["sku"] for item in to.received()} == {"A", "C"}


def test_a_full_disk_is_told_and_acknowledged_items_stay(tmp_path: Path) -> None:
    with _on_a_small_disk(tmp_path, 3_000_000) as (server, to):
        skus = [f"S-{number}" for number in range(200)]
        answers = [to.post("products", [product(sku, description=PADDING)]) for sku in skus]
        kept = {sku for sku, answer in zip(skus, answers, strict=True) if answer.status == 200}
        refused = [answer for answer in answers if answer.status != 200]
        _grow_disk(server)
        again = to.post("products", [product("again")])
        held = {item["identity"]["sku"] for item in to.received()}

    assert refused
    assert all(is_told_to_come_again(answer) for answer in refused)
    assert again.status == 200
    assert held == kept | {"again"}


def _at_once(times: int, post: Any) -> list[Answer]:
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(post())) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _move(folder: Path, to: Path) -> None:
    to.mkdir(exist_ok=True)
    for path in sorted(folder.glob("server.sqlite*")):
        path.rename(to / path.name)


@contextmanager
def _on_a_small_disk(
    folder: Path, file_bytes: int
) -> Iterator[tuple[ServerProcess, DataSpaceClient]]:
    """A server none of whose files may grow beyond this, which its database sees as a full disk."""
    with (
        server_process(folder, quiet=True) as server,
        urllib3.PoolManager(retries=False) as http,
    ):
        for process in _processes(server):
            resource.prlimit(process, resource.RLIMIT_FSIZE, (file_bytes, resource.RLIM_INFINITY))
        url = server.url.rstrip("/")
        yield server, elsewhere(url, http).data_space()


def _grow_disk(server: ServerProcess) -> None:
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    for process in _processes(server):
        resource.prlimit(process, resource.RLIMIT_FSIZE, unlimited)


def _processes(server: ServerProcess) -> list[int]:
    master = server.process.pid
    children = Path(f"/proc/{master}/task/{master}/children").read_text("ascii")
    assert os.path.exists(f"/proc/{master}")
    return [master, *map(int, children.split())]
