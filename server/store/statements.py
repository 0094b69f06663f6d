"""Statements that are run for every request or item, handed to the driver as they are.

SQLAlchemy's own way of binding values and of wrapping results costs more than the database does
with them.
"""

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
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks(columns)})"  # noqa: S608 - our own names


def marks(columns: Sequence[str]) -> str:
    """As many `?` as there are columns."""
    return ", ".join("?" * len(columns))


def run(connection: Connection, text: str, values: tuple[Any, ...] = ()) -> Sequence[Any]:
    """Runs a statement whose values stand as `?`; returns its rows. Raises DBAPIError.

    It begins no transaction: without one it is one of its own.
    """

    def act(driver: Any) -> Any:
        cursor = driver.execute(_spelled(connection.dialect.name, text), values)
        return cursor.fetchall() if cursor.description else ()

    found: Sequence[Any] = _driven(connection, text, values, act)
    return found


def run_many(connection: Connection, text: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Runs a statement once per row; nothing if there is none."""
    listed = list(rows)
    spelled = _spelled(connection.dialect.name, text)
    if listed:
        _driven(connection, text, listed, lambda each: each.cursor().executemany(spelled, listed))


def _driven(connection: Connection, text: str, values: Any, act: Callable[[Any], Any]) -> Any:
    dialect, driver = connection.dialect, connection.connection.driver_connection
    errors = dialect.loaded_dbapi.Error
    try:
        return act(driver)
    except errors as error:
        # As if SQLAlchemy had run it: who calls knows no drivers.
        is_lost = dialect.is_disconnect(error, driver, None)
        if is_lost:
            # The other connections in the pool went with it.
            connection.invalidate(error)
            connection.engine.dispose()
        raise DBAPIError.instance(
            text, values, error, errors, connection_invalidated=is_lost, dialect=dialect
        ) from error


@cache
def _spelled(dialect: str, text: str) -> str:
    return text if dialect == "sqlite" else text.replace("?", "%s")
