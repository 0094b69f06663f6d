"""A database that is full, locked or gone: exporters come again, and nothing is lost."""

import os
import resource
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3
from sqlalchemy import create_engine, make_url
from sqlalchemy.exc import DBAPIError

from mcs.server.store.repository import Store
from mcs.server.store.statements import run
from mcs.server_process import ServerProcess, server_process
from tests.exporter.databases import fresh_database
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


def test_connections_that_postgresql_ended_fail_one_question_alone(tmp_path: Path) -> None:
    with fresh_database("postgresql", tmp_path) as url, Store(url) as store:
        before = _asked_side_by_side(store, 3)
        _break_connections(url)

        with pytest.raises(DBAPIError):
            _asked_side_by_side(store, 1)
        again = _asked_side_by_side(store, 3)

    assert before == again == [(1,)] * 3


def _asked_side_by_side(store: Store, connections: int) -> list[Any]:
    with ExitStack() as stack:
        opened = [
            stack.enter_context(store.journalled.database.single()) for _ in range(connections)
        ]
        return [answer for one in opened for answer in run(one, "SELECT 1")]


def _break_connections(url: str) -> None:
    others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    # Within one transaction the list of connections stays as it was.
    engine = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_terminate_backend(pid) {others}")
        while connection.exec_driver_sql(f"SELECT count(*) {others}").scalar_one():
            time.sleep(0.01)
    engine.dispose()


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
