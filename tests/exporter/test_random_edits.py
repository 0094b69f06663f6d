"""Edits by chance: repeatable, mixed as in a shop, and one line each."""

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, Engine

from mcs.contract.errors import UsageError
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.commerce.random_edits import random_edits
from tests.exporter.databases import KINDS, fresh_database
from tests.exporter.shops import contents, fill, overlooked


@pytest.fixture(params=KINDS, ids=str, scope="module")
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    with fresh_database(request.param, tmp_path_factory.mktemp("random")) as url:
        engine = open_commerce(url)
        fill(engine)
        yield engine
        engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Edits are rolled back."""
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def lines(connection: Connection, count: int, seed: int) -> list[str]:
    return [str(edited) for edited in random_edits(connection, count, seed)]


def test_the_same_catalog_and_seed_give_the_same_edits(connection: Connection) -> None:
    first = lines(connection, 60, seed=1)
    then = contents(connection)
    connection.rollback()

    again = lines(connection, 60, seed=1)

    assert again == first
    assert contents(connection) == then


def test_another_seed_gives_other_edits(connection: Connection) -> None:
    first = lines(connection, 10, seed=1)
    connection.rollback()

    assert lines(connection, 10, seed=2) != first


def test_each_edit_is_one_line_and_made_when_it_is_asked_for(connection: Connection) -> None:
    before = contents(connection)
    edits = random_edits(connection, 5, seed=1)
    assert contents(connection) == before

    made = [str(edited) for edited in edits]

    assert len(made) == 5
    assert not any("\n" in line for line in made)
    assert contents(connection) != before


def test_most_edits_are_of_prices_and_stock(connection: Connection) -> None:
    made = list(random_edits(connection, 300, seed=3))

    feeds = Counter(tuple(sorted(edited.logged)) for edited in made)
    prices, stock = feeds["prices",], feeds["inventoryStockStatus", "products"]
    assert prices + stock > 200
    assert sum("new product" in str(edited) for edited in made) in range(1, 20)
    assert sum("is deleted" in str(edited) for edited in made) in range(1, 20)


def test_no_edit_by_chance_is_overlooked(connection: Connection) -> None:
    before = contents(connection)

    lines(connection, 300, seed=4)

    assert overlooked(connection, before) == {}


def test_without_a_catalog_chance_has_nothing_to_edit(commerce_url: str) -> None:
    engine = open_commerce(commerce_url)

    with engine.connect() as connection, pytest.raises(UsageError, match="generate-fixtures"):
        lines(connection, 1, seed=1)
    engine.dispose()
