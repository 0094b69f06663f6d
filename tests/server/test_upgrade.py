"""Databases that earlier versions made go on with all that is in them.

databases/version_<n>.sql is what version n made of a data space that got one good item, one
refused one, and a fault.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import urllib3
from sqlalchemy import Column, Integer, MetaData, Table, create_engine, inspect

from mcs.contract.errors import UsageError
from mcs.server import credentials
from mcs.server.store import upgrade
from mcs.server.store.repository import Store
from mcs.server.store.tables import SCHEMA_VERSION
from mcs.server.store.tables import Table as OurTable
from tests.server.running import DataSpaceClient, config, product, running

DATABASES = sorted((Path(__file__).parent / "databases").glob("version_*.sql"))
DATA_SPACE = "3f1c0000-0000-4000-8000-000000000000"


def made_by_an_earlier_version(script: Path, folder: Path) -> str:
    """Writes the database of an earlier version to a folder; its URL."""
    with closing(sqlite3.connect(folder / "server.sqlite")) as database:
        database.executescript(script.read_text("utf-8"))
    return config(folder).database_url


@pytest.mark.parametrize("script", DATABASES, ids=lambda path: path.stem)
def test_a_database_of_an_earlier_version_goes_on_with_all_in_it(
    tmp_path: Path, script: Path
) -> None:
    url = made_by_an_earlier_version(script, tmp_path)
    with Store(url) as store:
        issued = credentials.issue_another(store, DATA_SPACE)

    with running(config(tmp_path)) as service, urllib3.PoolManager() as http:
        private_key = issued.private_key or ""
        to = DataSpaceClient(service.url, http, DATA_SPACE, issued.api_key, private_key)
        lost = to.post("products", [product("B")])
        answer = to.post("products", [product("C")])
        held = {item["identity"]["sku"] for item in to.received()}
        [refused] = to.lines("/rejected")

    assert (lost.status, answer.status) == (200, 200)
    assert held == {"A", "C"}
    assert refused["feed"] == "prices"


@pytest.mark.parametrize("script", DATABASES, ids=lambda path: path.stem)
def test_an_upgraded_database_has_the_tables_of_a_new_one(tmp_path: Path, script: Path) -> None:
    (tmp_path / "new").mkdir()
    urls = [made_by_an_earlier_version(script, tmp_path), config(tmp_path / "new").database_url]
    for url in urls:
        Store(url).close()

    upgraded, new = (_shape(url) for url in urls)

    assert upgraded == new


def test_a_database_that_cannot_be_upgraded_says_so_and_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = made_by_an_earlier_version(DATABASES[0], tmp_path)
    before = _shape(url)
    metadata = MetaData()
    Table("data_spaces", metadata, Column("id", Integer), Column("colour", Integer, nullable=False))
    monkeypatch.setattr(OurTable, "metadata", metadata)

    with pytest.raises(UsageError, match=r"version is 2, .*data_spaces\.colour cannot be filled"):
        Store(url)

    assert _shape(url) == before


def test_there_is_a_database_of_each_version_that_can_be_upgraded() -> None:
    made_by = {int(path.stem.removeprefix("version_")) for path in DATABASES}

    assert upgrade.OLDEST in made_by
    assert max(made_by) < SCHEMA_VERSION


def _shape(url: str) -> dict[str, tuple[set[str], set[tuple[str, str]]]]:
    engine = create_engine(url)
    try:
        found = inspect(engine)
        return {
            name: (
                {column["name"] for column in found.get_columns(name)},
                {
                    (str(index["name"]), ",".join(map(str, index["column_names"])))
                    for index in found.get_indexes(name)
                },
            )
            for name in found.get_table_names()
        }
    finally:
        engine.dispose()
