"""The commerce database: opened, refused, configured, and filled with a catalog."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from mcs.contract.errors import UsageError
from mcs.exporter.commerce import tables
from mcs.exporter.commerce.database import open_commerce, read_config, write_config
from mcs.exporter.commerce.load import CATALOG_TABLES, insert_products, load_catalog
from mcs.fixtures.catalog import Catalog


@pytest.fixture
def engine(commerce_url: str) -> Iterator[Engine]:
    engine = open_commerce(commerce_url)
    yield engine
    engine.dispose()


def no_progress(_written: int) -> None:
    """Nobody looks."""


def count(engine: Engine, table: type[tables.Base]) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0


def test_sqlite_waits_for_writers_and_keeps_references(tmp_path: Path) -> None:
    engine = open_commerce(tmp_path / "commerce.db")

    with engine.connect() as connection:
        pragmas = [
            connection.scalar(text(f"PRAGMA {name}"))
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        ]

    assert pragmas == ["wal", 1, 30_000]
    engine.dispose()


def test_a_database_opens_again_with_its_content(engine: Engine, commerce_url: str) -> None:
    load_catalog(engine, Catalog(42, 20), no_progress)

    again = open_commerce(commerce_url)

    assert count(again, tables.Product) == 20
    again.dispose()


@pytest.mark.parametrize("step", [-1, 1], ids=["older", "newer"])
def test_a_database_of_another_version_is_refused(
    engine: Engine, commerce_url: str, step: int
) -> None:
    other = tables.SCHEMA_VERSION + step
    with engine.begin() as connection:
        connection.execute(update(tables.SchemaVersion).values(version=other))

    with pytest.raises(UsageError, match=f"has schema version {other}.*load a catalog again"):
        open_commerce(commerce_url)


def test_configuration_is_read_as_written(engine: Engine) -> None:
    with engine.begin() as connection:
        assert read_config(connection, "general/x") is None

        write_config(connection, "general/x", "1")
        write_config(connection, "general/x", "2")

        assert read_config(connection, "general/x") == "2"


def test_loading_reports_progress_and_fills_every_table(engine: Engine) -> None:
    progress: list[int] = []

    load_catalog(engine, Catalog(42, 1100), progress.append)

    assert progress == [1000, 1100]
    assert [table for table in CATALOG_TABLES if not count(engine, table)] == []


def test_loading_replaces_the_catalog_and_spares_the_configuration(engine: Engine) -> None:
    load_catalog(engine, Catalog(42, 60), no_progress)
    with engine.begin() as connection:
        write_config(connection, "general/x", "kept")

    load_catalog(engine, Catalog(43, 20), no_progress)

    assert count(engine, tables.Product) == 20
    with engine.connect() as connection:
        assert read_config(connection, "general/x") == "kept"


def test_a_load_that_fails_leaves_the_old_catalog(engine: Engine) -> None:
    load_catalog(engine, Catalog(42, 20), no_progress)

    def fail(_written: int) -> None:
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        load_catalog(engine, Catalog(43, 60), fail)

    assert count(engine, tables.Product) == 20


def test_a_deleted_product_takes_its_rows_along(engine: Engine) -> None:
    load_catalog(engine, Catalog(42, 20), no_progress)

    with engine.begin() as connection:
        connection.execute(delete(tables.Product).where(tables.Product.product_id == 2))

    with engine.connect() as connection:
        for table in (tables.ProductText, tables.ProductPrice, tables.StockItem):
            owned = select(func.count()).select_from(table).where(table.product_id == 2)
            assert connection.scalar(owned) == 0
        variants = select(tables.ProductVariant.child_id)
        assert 2 not in set(connection.scalars(variants))


def test_products_can_be_added_to_a_catalog(engine: Engine) -> None:
    load_catalog(engine, Catalog(42, 20), no_progress)

    with engine.begin() as connection:
        insert_products(connection, [Catalog(42, 40).product(index) for index in range(20, 40)])

    assert count(engine, tables.Product) == 40


def test_a_link_to_nowhere_is_refused_at_commit(engine: Engine) -> None:
    load_catalog(engine, Catalog(42, 1), no_progress)
    link = {"product_id": 1, "link_type": "related", "linked_product_id": 99, "position": 1}

    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(tables.ProductLink), [link])


def test_moments_come_back_as_they_were_put_in(engine: Engine) -> None:
    catalog = Catalog(42, 3)
    load_catalog(engine, catalog, no_progress)

    with engine.connect() as connection:
        found = connection.scalar(
            select(tables.Product.created_at).where(tables.Product.product_id == 3)
        )

    assert found == catalog.product(2).created_at
