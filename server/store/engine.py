"""Opens the database, makes its tables, and says how transactions begin on it."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from mcs.contract.errors import UsageError
from mcs.server.store import (  # noqa: F401 - their tables are made with the others
    catalog_tables,
    dialect_tables,
)
from mcs.server.store.tables import SCHEMA_VERSION, SchemaVersion, Table

BUSY_TIMEOUT_MS = 30_000
# What is compressed already, or soon gone, is not worth PostgreSQL's own compression.
KEPT_AS_THEY_ARE = ("payloads ALTER COLUMN body", "inbox ALTER COLUMN writes")
WRITES = "mcs_writes"
"""Execution option of an engine whose transactions will write."""
ALONE = "mcs_alone"
"""The same of one whose connections are asked one thing only."""


def open_engine(database_url: str, connections: int) -> Engine:
    """An engine on a database whose tables are those of this program; made if there are none.

    Raises UsageError if the database cannot be opened or has another schema version.
    """
    try:
        url = make_url(database_url)
        engine = _sqlite(url, connections) if _is_sqlite(url) else _postgresql(url, connections)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError, OSError) as error:
        raise UsageError(f'database: cannot use "{database_url}": {error}') from None
    try:
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            _make_or_check_tables(connection)
    except DBAPIError as error:
        engine.dispose()
        shown = url.render_as_string(hide_password=True)
        raise UsageError(f"database: cannot open {shown}: {error.orig}") from None
    except UsageError:
        engine.dispose()
        raise
    return engine


def single_statements(engine: Engine) -> Engine:
    """The same engine for those that ask one thing only, which needs no transaction."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(**{ALONE: True})
    return engine.execution_options(isolation_level="AUTOCOMMIT")


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _sqlite(url: URL, connections: int) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise UsageError("database: SQLite needs a file, as in sqlite:////tmp/mcs/server.sqlite.")
    Path(str(url.database)).parent.mkdir(parents=True, exist_ok=True)
    # The connection that was used last knows most pages of the file.
    engine = create_engine(url, pool_size=connections, max_overflow=connections, pool_use_lifo=True)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(url: URL, connections: int) -> Engine:
    if url.get_backend_name() != "postgresql":
        raise UsageError(f'database: "{url.drivername}" is neither sqlite nor postgresql.')
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return create_engine(url, pool_size=connections, max_overflow=connections, pool_use_lifo=True)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # The driver's own transactions begin late and cannot be made immediate; ours do both.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Keys are hashes, so each batch touches pages everywhere: measured 15 ms a batch instead of 19.
    connection.execute("PRAGMA wal_autocheckpoint = 8000")
    connection.execute("PRAGMA cache_size = -64000")


def _begin_sqlite(connection: Connection) -> None:
    # A writer that begins as a reader fails at once if another has written since.
    options = connection.get_execution_options()
    if options.get(ALONE):
        return
    writes = options.get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _make_or_check_tables(connection: Connection) -> None:
    tables = set(inspect(connection).get_table_names())
    if SchemaVersion.__tablename__ not in tables:
        if tables & set(Table.metadata.tables):
            raise UsageError(_mismatch("none"))
        Table.metadata.create_all(connection)
        if connection.dialect.name == "postgresql":
            for column in KEPT_AS_THEY_ARE:
                connection.exec_driver_sql(f"ALTER TABLE {column} SET STORAGE EXTERNAL")
        connection.execute(insert(SchemaVersion).values(version=SCHEMA_VERSION))
        return
    found = connection.scalar(select(SchemaVersion.version))
    if found != SCHEMA_VERSION:
        raise UsageError(_mismatch(found))


def _mismatch(found: object) -> str:
    return (
        f"database: its schema version is {found}, this program needs {SCHEMA_VERSION}. "
        "Move it away to start with an empty one, or run the program it was made with."
    )
