"""Statements that are run for every item, handed to the driver as they are.

SQLAlchemy's own way of binding values costs more than the database does with them.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection


def insert_text(table: str, columns: Sequence[str]) -> str:
    """An INSERT of one row, with a `?` per column.

    >>> insert_text("payloads", ["request", "body"])
    'INSERT INTO payloads (request, body) VALUES (?, ?)'
    """
    marks = ", ".join("?" * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - our own names


def run(connection: Connection, text: str, values: tuple[Any, ...] = ()) -> Any:
    """Runs a statement whose values stand as `?`; returns its result."""
    return connection.exec_driver_sql(_spelled(text, connection.dialect.name), values)


def run_many(connection: Connection, text: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Runs a statement once per row; nothing if there is none."""
    listed = list(rows)
    if listed:
        connection.exec_driver_sql(_spelled(text, connection.dialect.name), listed)


@cache
def _spelled(text: str, dialect: str) -> str:
    return text if dialect == "sqlite" else text.replace("?", "%s")
