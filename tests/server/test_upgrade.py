"""Databases that earlier versions made go on with all that is in them.

databases/<kind>/version_<n>.sql is what the last program of version n made there of a data space
that got one good item, not sorted in yet where the version does that later, one refused item, and a
fault: `iterdump` of SQLite, `pg_dump --inserts` of PostgreSQL. In version 7 the item was sorted in,
and came again.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import urllib3
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, inspect, make_url, text

from mcs.contract.canonical import identity_key
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.server import credentials
from mcs.server.config import ServerConfig
from mcs.server.store import upgrade
from mcs.server.store.repository import Store
from mcs.server.store.tables import SCHEMA_VERSION
from mcs.server.store.tables import Table as OurTable
from mcs.server.store.values import ItemVersion
from tests.exporter.databases import KINDS, fresh_database
from tests.server.running import DataSpaceClient, config, product, running

SQLITE, POSTGRESQL = KINDS
DATABASES = sorted((Path(__file__).parent / "databases").glob("*/version_*.sql"))
OLDEST_ON_SQLITE = next(path for path in DATABASES if path.parent.name == SQLITE)
DATA_SPACE = "3f1c0000-0000-4000-8000-000000000000"

each_database = pytest.mark.parametrize(
    "script", DATABASES, ids=lambda path: f"{path.parent.name} {path.stem}"
)


@contextmanager
def made_by_an_earlier_version(script: Path, folder: Path) -> Iterator[ServerConfig]:
    """A service's configuration whose database is one that an earlier version made."""
    with fresh_database(script.parent.name, folder) as url:
        statements = script.read_text("utf-8")
        if script.parent.name == SQLITE:
            with closing(sqlite3.connect(str(make_url(url).database))) as database:
                database.executescript(statements)
        else:
            engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
            with engine.begin() as connection:
                connection.exec_driver_sql(statements)
            engine.dispose()
        yield config(folder, database=url)


@each_database
def test_a_database_of_an_earlier_version_goes_on_with_all_in_it(
    tmp_path: Path, script: Path
) -> None:
    with made_by_an_earlier_version(script, tmp_path) as earlier:
        with Store(earlier.database_url) as store:
            issued = credentials.issue_another(store, DATA_SPACE)
        with running(earlier) as service, urllib3.PoolManager() as http:
            private_key = issued.private_key or ""
            to = DataSpaceClient(service.url, http, DATA_SPACE, issued.api_key, private_key)
            lost = to.post("products", [product("B")])
            answer = to.post("products", [product("C")])
            held = {item["identity"]["sku"] for item in to.received()}
            [refused] = to.lines("/rejected")

    assert (lost.status, answer.status) == (200, 200)
    assert held == {"A", "C"}
    assert refused["feed"] == "prices"


@each_database
def test_an_upgraded_database_tells_of_each_write(tmp_path: Path, script: Path) -> None:
    came = 2 if script.stem == "version_7" else 1
    with made_by_an_earlier_version(script, tmp_path) as earlier:
        with Store(earlier.database_url) as store:
            issued = credentials.issue_another(store, DATA_SPACE)
            store.faults.clear(DATA_SPACE)
        with running(earlier) as service, urllib3.PoolManager() as http:
            private_key = issued.private_key or ""
            to = DataSpaceClient(service.url, http, DATA_SPACE, issued.api_key, private_key)
            before = _versions(service.store)
            to.post("products", [product("A", name="again")])
            after = _versions(service.store)
            service.store.received.digests(DATA_SPACE)
            still = _versions(service.store)

    assert len(before) == came
    assert after[:-1] == before
    assert "again" in (after[-1].item or "")
    assert still == after


@each_database
def test_an_upgraded_database_has_the_tables_of_a_new_one(tmp_path: Path, script: Path) -> None:
    (tmp_path / "new").mkdir()
    with (
        made_by_an_earlier_version(script, tmp_path) as earlier,
        fresh_database(script.parent.name, tmp_path / "new") as new_url,
    ):
        for url in (earlier.database_url, new_url):
            Store(url).close()

        upgraded, new = _shape(earlier.database_url), _shape(new_url)
        assert _uncompressed(earlier.database_url) == _uncompressed(new_url)

    assert upgraded == new


def test_a_database_that_cannot_be_upgraded_says_so_and_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    metadata = MetaData()
    Table("data_spaces", metadata, Column("id", Integer), Column("colour", Integer, nullable=False))
    with made_by_an_earlier_version(OLDEST_ON_SQLITE, tmp_path) as earlier:
        before = _shape(earlier.database_url)
        monkeypatch.setattr(OurTable, "metadata", metadata)

        with pytest.raises(UsageError, match=r"is 2, .*data_spaces\.colour cannot be filled"):
            Store(earlier.database_url)

        assert _shape(earlier.database_url) == before


@pytest.mark.parametrize("kind", KINDS)
def test_there_is_a_database_of_each_version_that_can_be_upgraded(kind: str) -> None:
    made_by = {
        int(path.stem.removeprefix("version_")) for path in DATABASES if path.parent.name == kind
    }

    assert made_by == set(range(upgrade.OLDEST, SCHEMA_VERSION))


def _versions(store: Store) -> list[ItemVersion]:
    key = identity_key(FEEDS["products"], product("A"))
    return store.received.versions(DATA_SPACE, "products", key)


Shape = dict[str, tuple[set[tuple[str, str, bool]], set[tuple[str, str]]]]


def _shape(url: str) -> Shape:
    """Columns and indexes of each table."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    try:
        found = inspect(engine)
        return {
            name: (
                {
                    (column["name"], str(column["type"]), bool(column["nullable"]))
                    for column in found.get_columns(name)
                },
                {
                    (str(index["name"]), ",".join(map(str, index["column_names"])))
                    for index in found.get_indexes(name)
                },
            )
            for name in found.get_table_names()
        }
    finally:
        engine.dispose()


def _uncompressed(url: str) -> set[tuple[str, str]]:
    """The columns that PostgreSQL keeps as they are, by table."""
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    try:
        if engine.dialect.name == "sqlite":
            return set()
        query = text(
            "SELECT attrelid::regclass::text, attname FROM pg_attribute "
            "WHERE attstorage = 'e' AND attnum > 0"
        )
        with engine.connect() as connection:
            return {(row[0], row[1]) for row in connection.execute(query)}
    finally:
        engine.dispose()
