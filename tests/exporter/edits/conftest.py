"""A shop that is wholly exported, to be edited."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from mcs.exporter.commerce.database import open_commerce
from tests.exporter.databases import KINDS, fresh_database
from tests.exporter.edits.shop import CATALOG
from tests.exporter.shops import Contents, contents, fill


@pytest.fixture(params=KINDS, ids=str, scope="module")
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A shop of 60 products that is wholly exported; tests leave it as it was."""
    with fresh_database(request.param, tmp_path_factory.mktemp("edits")) as url:
        engine = open_commerce(url)
        fill(engine, CATALOG.products, CATALOG.seed)
        yield engine
        engine.dispose()


@pytest.fixture(scope="module")
def before(engine: Engine) -> Contents:
    with engine.connect() as connection:
        return contents(connection)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Edits are rolled back."""
    with engine.connect() as connection:
        yield connection
        connection.rollback()
