"""Statements that are run for every request or item, handed to the driver as they are.

SQLAlchemy's own way of binding values and of wrapping results costs more than the database does
with them.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def insert_text(table: str, columns: Sequence[str]) -> str:
    """An INSERT of one row, with a `?` per column.

    >>> insert_text("payloads", ["request", "body"])
    'INSERT INTO payloads (request, body) VALUES (?, ?)'
    """
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our own names


def run(connection: Connection, text: str, values: tuple[Any, ...] = ()) -> Sequence[Any]:
    """Runs a statement whose values stand as `?`; returns its rows. Raises DBAPIError."""
    if connection.dialect.name == "sqlite":
        rows: Sequence[Any] = _driven(
            connection, text, values, lambda driver: driver.execute(text, values).fetchall()
        )
        return rows
    result = connection.exec_driver_sql(_spelled(text), values)
    return result.all() if result.returns_rows else ()


def run_many(connection: Connection, text: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Runs a statement once per row; nothing if there is none."""
    listed = list(rows)
    if listed and connection.dialect.name == "sqlite":
        _driven(connection, text, listed, lambda driver: driver.executemany(text, listed))
    elif listed:
        connection.exec_driver_sql(_spelled(text), listed)


def _driven(connection: Connection, text: str, values: Any, act: Callable[[Any], Any]) -> Any:
    try:
        return act(connection.connection.dbapi_connection)
    except sqlite3.Error as error:
        # As if SQLAlchemy had run it: who calls knows no drivers.
        raise DBAPIError.instance(
            text, values, error, sqlite3.Error, dialect=connection.dialect
        ) from error


@cache
def _spelled(text: str) -> str:
    return text.replace("?", "%s")
