"""On PostgreSQL, what grows with the items lies in partitions by data space."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from mcs.server.store.partitions import PARTITIONS
from mcs.server.store.repository import Store
from tests.exporter.databases import fresh_database
from tests.server.running import config, product, running
from tests.server.test_upgrade import DATABASES, POSTGRESQL, made_by_an_earlier_version

PARTITIONED = {"inbox", "item_digests", "item_names", "item_versions", "items"}
OF_POSTGRESQL = [path for path in DATABASES if path.parent.name == POSTGRESQL]


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    with fresh_database(POSTGRESQL, tmp_path) as url:
        yield url


def test_a_data_space_lies_in_one_partition_of_each_table(tmp_path: Path, url: str) -> None:
    with running(config(tmp_path, database=url)) as service:
        spaces = [service.data_space() for _ in range(3)]
        for space in spaces:
            space.post("products", [product("A"), product("B")])
            space.post("products", [product("A", name="again")])
            assert len(space.received()) == 2
            space.control("GET", "/digests")

        found = {name: _partitions(service.store, name) for name in PARTITIONED - {"inbox"}}

    for name, lies_in in found.items():
        assert {space for space, _ in lies_in} == {space.id for space in spaces}, name
        assert len(lies_in) == len(spaces), name
    assert len({frozenset(lies_in) for lies_in in _numbers(found)}) == 1


def test_all_partitions_are_there(url: str) -> None:
    with Store(url) as store:
        assert _counts(store) == dict.fromkeys(PARTITIONED, PARTITIONS)


@pytest.mark.parametrize("script", OF_POSTGRESQL, ids=lambda path: path.stem)
def test_an_upgrade_puts_every_row_into_partitions(tmp_path: Path, script: Path) -> None:
    with made_by_an_earlier_version(script, tmp_path) as earlier:
        rows = {name: _inserted(script, name) for name in PARTITIONED}

        with Store(earlier.database_url) as store, store.journalled.database.reading() as asked:
            assert _counts(store) == dict.fromkeys(PARTITIONED, PARTITIONS)
            for name, count in rows.items():
                assert asked.scalar(text(f"SELECT count(*) FROM {name}")) == count  # noqa: S608
            left = text("SELECT count(*) FROM pg_class WHERE relname LIKE '%unpartitioned%'")
            assert asked.scalar(left) == 0


def test_what_is_asked_of_a_data_space_looks_into_its_partition_alone(url: str) -> None:
    asked = str(uuid4())
    with Store(url) as store, store.journalled.database.reading() as connection:
        for name in PARTITIONED:
            plan = connection.execute(
                text(f"EXPLAIN SELECT * FROM {name} WHERE data_space = :space"),  # noqa: S608
                {"space": asked},
            )
            lines = "\n".join(row[0] for row in plan)
            assert sum(f"{name}_{number}" in lines for number in range(PARTITIONS)) == 1


def _partitions(store: Store, name: str) -> set[tuple[str, str]]:
    query = text(f"SELECT DISTINCT data_space, tableoid::regclass::text FROM {name}")  # noqa: S608
    with store.journalled.database.reading() as connection:
        return {(row[0], row[1]) for row in connection.execute(query)}


def _numbers(found: dict[str, set[tuple[str, str]]]) -> Iterator[set[tuple[str, str]]]:
    """Which data space is where, by the number of the partition."""
    for name, lies_in in found.items():
        yield {(space, partition.removeprefix(name)) for space, partition in lies_in}


def _counts(store: Store) -> dict[str, int]:
    query = text(
        "SELECT inhparent::regclass::text, count(*) FROM pg_inherits "
        "JOIN pg_class ON pg_class.oid = inhrelid WHERE relkind = 'r' GROUP BY 1"
    )
    with store.journalled.database.reading() as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def _inserted(script: Path, name: str) -> int:
    return script.read_text("utf-8").count(f"INSERT INTO public.{name} VALUES")
