"""Opens the database, makes its tables, and says how transactions begin on it."""

import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event, insert, inspect, select, update
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, NoSuchModuleError

from mcs.contract.errors import UsageError
from mcs.server.store import (  # noqa: F401 - their tables are made with the others
    catalog_tables,
    dialect_tables,
    page_tables,
    sync_tables,
)
from mcs.server.store.partitions import make_partitions
from mcs.server.store.statements import run
from mcs.server.store.superseding import make_trigger
from mcs.server.store.tables import SCHEMA_VERSION, SchemaVersion, Table
from mcs.server.store.turn import WAIT_S
from mcs.server.store.upgrade import OLDEST, CannotUpgrade, upgrade

FILE = "mcs_file"
# What is compressed already, or soon gone, is not worth PostgreSQL's own compression.
KEPT_AS_THEY_ARE = ("payloads ALTER COLUMN body", "inbox ALTER COLUMN writes")
WRITES = "mcs_writes"
"""Execution option of an engine whose transactions will write."""
ALONE = "mcs_alone"
"""The same of one whose statements are each a transaction of its own."""


def open_engine(database_url: str, connections: int, wait_s: float = WAIT_S) -> Engine:
    """An engine on a database whose tables are those of this program; made if there are none, and
    brought up to date if an earlier version made them.

    wait_s: how long to wait while others hold what is needed.
    Raises UsageError if the database cannot be opened or has tables of another program.
    """
    try:
        url = make_url(database_url)
        engine = (
            _sqlite(url, connections, wait_s) if _is_sqlite(url) else _postgresql(url, connections)
        )
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


def _is_sqlite(url: URL) -> bool:
    return url.get_backend_name() == "sqlite"


def _sqlite(url: URL, connections: int, wait_s: float) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise UsageError("database: SQLite needs a file, as in sqlite:////tmp/mcs/server.sqlite.")
    path = Path(str(url.database)).absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()

    def connect() -> sqlite3.Connection:
        # A file that is gone is not made anew, empty, in the middle of a server's life.
        address = f"file:{quote(str(path))}?mode=rw"
        return sqlite3.connect(address, uri=True, timeout=wait_s, check_same_thread=False)

    def note_file(_: Any, record: Any) -> None:
        record.info[FILE] = _file(path)

    def refuse_file_that_is_gone(_: Any, record: Any, __: Any) -> None:
        # An open connection goes on writing to a file that was deleted, and all of it is lost.
        if record.info.get(FILE) != _file(path):
            raise DisconnectionError(f"{path} is not the file that was opened")

    # The connection that was used last knows most pages of the file.
    engine = create_engine(
        url,
        creator=connect,
        pool_size=connections,
        max_overflow=connections,
        pool_timeout=wait_s,
        pool_use_lifo=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "connect", note_file)
    event.listen(engine, "checkout", refuse_file_that_is_gone)
    event.listen(engine, "begin", _begin)
    return engine


def _file(path: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _postgresql(url: URL, connections: int) -> Engine:
    if url.get_backend_name() != "postgresql":
        raise UsageError(f'database: "{url.drivername}" is neither sqlite nor postgresql.')
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(
        url,
        # As on SQLite, transactions are begun by us alone.
        connect_args={"autocommit": True},
        pool_size=connections,
        max_overflow=connections,
        pool_use_lifo=True,
    )
    event.listen(engine, "begin", _begin)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    # The driver's own transactions begin late and cannot be made immediate; ours do both.
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # Keys are hashes, so each batch touches pages everywhere: measured 15 ms a batch instead of 19.
    connection.execute("PRAGMA wal_autocheckpoint = 8000")
    connection.execute("PRAGMA cache_size = -64000")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get(ALONE):
        return
    # On SQLite a writer that begins as a reader fails at once if another has written since.
    immediate = options.get(WRITES) and connection.dialect.name == "sqlite"
    run(connection, "BEGIN IMMEDIATE" if immediate else "BEGIN")


def _make_or_check_tables(connection: Connection) -> None:
    tables = set(inspect(connection).get_table_names())
    if SchemaVersion.__tablename__ not in tables:
        if tables & set(Table.metadata.tables):
            raise UsageError(_mismatch("none"))
        Table.metadata.create_all(connection)
        make_partitions(connection, Table.metadata)
        _finish(connection)
        connection.execute(insert(SchemaVersion).values(version=SCHEMA_VERSION))
        return
    found = connection.scalar(select(SchemaVersion.version)) or 0
    if OLDEST <= found < SCHEMA_VERSION:
        try:
            upgrade(connection, Table.metadata)
        except CannotUpgrade as error:
            raise UsageError(f"{_mismatch(found)} ({error}.)") from None
        _finish(connection)
        connection.execute(update(SchemaVersion).values(version=SCHEMA_VERSION))
    elif found != SCHEMA_VERSION:
        raise UsageError(_mismatch(found))


def _finish(connection: Connection) -> None:
    make_trigger(connection)
    if connection.dialect.name == "postgresql":
        for column in KEPT_AS_THEY_ARE:
            connection.exec_driver_sql(f"ALTER TABLE {column} SET STORAGE EXTERNAL")


def _mismatch(found: object) -> str:
    return (
        f"database: its schema version is {found}, this program needs {SCHEMA_VERSION}. "
        "Move it away to start with an empty one, or run the program it was made with."
    )
