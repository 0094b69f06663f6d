"""Brings a database that an earlier version made up to this one's tables, keeping all in it.

Versions have only ever added: tables, indexes, columns. So what is missing is added; what no rule
here can fill is refused before anything is changed. On PostgreSQL, version 8 also put tables into
partitions, so their rows are copied there. What SQLite cannot change in place, and nothing leans
on, stays as it was made: foreign keys, and the key of `item_versions`, to which version 8 adds the
data space.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Connection, MetaData, inspect
from sqlalchemy.schema import CreateColumn, CreateIndex, DropIndex, Index

from mcs.server.store.partitions import make_partitions, put_back, set_aside

OLDEST = 2
"""The first version whose contents later ones understand."""

FILLS: Mapping[tuple[str, str], str] = {("requests", "method"): "'POST'"}
"""What a new column that is never null holds in old rows: SQL by table and column."""


class CannotUpgrade(Exception):
    """The database lacks something that cannot be added to what it holds."""


def upgrade(connection: Connection, metadata: MetaData) -> None:
    """Adds what is missing, within the caller's transaction. Raises CannotUpgrade."""
    tables = set(inspect(connection).get_table_names())
    columns = [column for name in tables for column in _missing_columns(connection, metadata, name)]
    statements = [_added(connection, column) for column in columns]
    for statement in statements:
        connection.exec_driver_sql(statement)
    aside = set_aside(connection, metadata)
    metadata.create_all(connection)
    make_partitions(connection, metadata)
    put_back(connection, metadata, aside)
    for name in tables & set(metadata.tables):
        _renew_indexes(connection, metadata, name)


def _missing_columns(connection: Connection, metadata: MetaData, name: str) -> list[Column[Any]]:
    if name not in metadata.tables:
        return []
    present = {column["name"] for column in inspect(connection).get_columns(name)}
    return [column for column in metadata.tables[name].columns if column.name not in present]


def _added(connection: Connection, column: Column[Any]) -> str:
    described = str(CreateColumn(column).compile(dialect=connection.dialect)).strip()
    fill = FILLS.get((column.table.name, column.name))
    if fill is not None:
        described += f" DEFAULT {fill}"
    elif not column.nullable and column.server_default is None:
        raise CannotUpgrade(f"{column.table.name}.{column.name} cannot be filled")
    return f"ALTER TABLE {column.table.name} ADD COLUMN {described}"


def _renew_indexes(connection: Connection, metadata: MetaData, name: str) -> None:
    present = {
        str(index["name"]): list(index["column_names"])
        for index in inspect(connection).get_indexes(name)
    }
    for index in metadata.tables[name].indexes:
        columns = [column.name for column in index.columns]
        if present.get(str(index.name)) != columns:
            _renew(connection, index, exists=str(index.name) in present)


def _renew(connection: Connection, index: Index, *, exists: bool) -> None:
    if exists:
        connection.execute(DropIndex(index))
    connection.execute(CreateIndex(index))
