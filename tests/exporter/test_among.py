"""One statement for any list of ids, on either database."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, insert, select

from mcs.exporter.commerce.among import among, these
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.commerce.tables import CustomerGroup

GROUP = CustomerGroup.customer_group_id
NAMED = select(GROUP).where(among(GROUP)).order_by(GROUP)


@pytest.fixture
def connection(commerce_url: str) -> Iterator[Connection]:
    engine = open_commerce(commerce_url)
    with engine.begin() as connection:
        groups = [{"customer_group_id": number, "name": f"G{number}"} for number in range(5)]
        connection.execute(insert(CustomerGroup), groups)
        yield connection
    engine.dispose()


def test_only_rows_of_these_ids_are_found_whatever_their_order(connection: Connection) -> None:
    assert list(connection.scalars(NAMED, these([4, 1, 99, 1]))) == [1, 4]


def test_no_ids_find_no_rows(connection: Connection) -> None:
    assert list(connection.scalars(NAMED, these([]))) == []


def test_ids_count_in_each_place_of_a_statement(connection: Connection) -> None:
    twice = select(GROUP).where(among(GROUP)).union_all(select(GROUP).where(among(GROUP)))

    assert sorted(connection.scalars(twice, these({2, 3}))) == [2, 2, 3, 3]


def test_the_index_of_the_column_is_used(commerce_url: str) -> None:
    engine = open_commerce(commerce_url)
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            plan = connection.exec_driver_sql(
                f"explain query plan {NAMED.compile(dialect=engine.dialect)}", ("[1]",)
            )
            assert "SEARCH customer_groups USING INTEGER PRIMARY KEY" in str(plan.all())
    engine.dispose()
