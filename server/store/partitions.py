"""On PostgreSQL, what grows with the items lies in partitions, each of which has some data spaces.

So each tree is a fraction as high and wide, and the tables can be spread over several machines by
data space. Which tables these are is said by themselves (tables.py).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, MetaData, text

PARTITIONS = 8
_ASIDE = "{}_unpartitioned"


def make_partitions(connection: Connection, metadata: MetaData) -> None:
    """Makes the partitions that are missing."""
    for name in _partitioned(connection, metadata):
        for number in range(PARTITIONS):
            connection.exec_driver_sql(
                f"CREATE TABLE IF NOT EXISTS {name}_{number} PARTITION OF {name} "
                f"FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {number})"
            )


def set_aside(connection: Connection, metadata: MetaData) -> Sequence[str]:
    """Makes room for tables in partitions where an earlier version has made them whole; says which.

    A table cannot be partitioned once it is made.
    """
    whole = [name for name in _partitioned(connection, metadata) if _kind(connection, name) == "r"]
    for name in whole:
        # Names of indexes and constraints are taken as those of tables are.
        for index in connection.scalars(_INDEXES, {"name": name}).all():
            connection.exec_driver_sql(f"DROP INDEX {index}")
        connection.exec_driver_sql(f"ALTER TABLE {name} DROP CONSTRAINT {name}_pkey")
        connection.exec_driver_sql(f"ALTER TABLE {name} RENAME TO {_ASIDE.format(name)}")
    return whole


def put_back(connection: Connection, metadata: MetaData, names: Sequence[str]) -> None:
    """Puts the rows that were set aside into the partitions."""
    for name in names:
        columns = ", ".join(column.name for column in metadata.tables[name].columns)
        aside = _ASIDE.format(name)
        connection.exec_driver_sql(
            f"INSERT INTO {name} ({columns}) SELECT {columns} FROM {aside}"  # noqa: S608 - our own names
        )
        connection.exec_driver_sql(f"DROP TABLE {aside}")


def _partitioned(connection: Connection, metadata: MetaData) -> list[str]:
    if connection.dialect.name != "postgresql":
        return []
    return [
        name
        for name, table in metadata.tables.items()
        if table.dialect_options["postgresql"]["partition_by"]
    ]


def _kind(connection: Connection, name: str) -> Any:
    return connection.scalar(_KIND, {"name": name})


_KIND = text("SELECT relkind::text FROM pg_class WHERE oid = to_regclass(:name)")
_INDEXES = text(
    "SELECT indexrelid::regclass::text FROM pg_index "
    "WHERE indrelid = to_regclass(:name) AND NOT indisprimary"
)
