"""Opens the commerce database, on SQLite or PostgreSQL, and reads and writes its configuration."""

from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import (
    URL,
    Connection,
    Engine,
    create_engine,
    event,
    insert,
    inspect,
    make_url,
    select,
    update,
)

from mcs.contract.errors import UsageError
from mcs.exporter.commerce.export_tables import create_export_tables
from mcs.exporter.commerce.tables import SCHEMA_VERSION, Base, CoreConfig, SchemaVersion

_OTHER_VERSION = (
    "{url}: the commerce database has schema version {found}, this release works with version "
    "{wanted}. Use the release that made it, or remove the database and load a catalog again."
)
_BUSY_TIMEOUT_MS = 30_000


def open_commerce(url_or_path: str | Path) -> Engine:
    """An engine on the database at an SQLAlchemy URL or a file's path; what is missing is made.

    Raises UsageError if the database was made by a release with other tables.
    """
    engine = create_engine(
        _url(url_or_path), json_serializer=_json_text, json_deserializer=orjson.loads
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_pragmas)
    try:
        with engine.begin() as connection:
            _create_or_check(connection)
    except BaseException:
        engine.dispose()
        raise
    return engine


def read_config(connection: Connection, path: str) -> str | None:
    """The value at a configuration path; None where nothing is set."""
    return connection.scalar(select(CoreConfig.value).where(CoreConfig.path == path))


def write_config(connection: Connection, path: str, value: str | None) -> None:
    """Set the value at a configuration path, as part of the connection's transaction."""
    changed = connection.execute(
        update(CoreConfig).where(CoreConfig.path == path).values(value=value)
    )
    if not changed.rowcount:
        connection.execute(insert(CoreConfig).values(path=path, value=value))


def _url(url_or_path: str | Path) -> URL:
    if isinstance(url_or_path, str) and "://" in url_or_path:
        url = make_url(url_or_path)
        # The driver that our `postgres` extra installs.
        return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url
    path = Path(url_or_path)
    path.parent.mkdir(parents=True, exist_ok=True)
    return URL.create("sqlite", database=str(path))


def _json_text(value: Any) -> str:
    return orjson.dumps(value).decode()


def _set_pragmas(dbapi_connection: Any, _record: Any) -> None:
    cursor = dbapi_connection.cursor()
    # Busy timeout first: the change to WAL itself may have to wait.
    cursor.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    # A process that is killed loses nothing this way; only a machine that loses power might.
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _create_or_check(connection: Connection) -> None:
    is_new = not inspect(connection).has_table(SchemaVersion.__tablename__)
    found = None if is_new else connection.scalar(select(SchemaVersion.version))
    if found not in (None, SCHEMA_VERSION):
        url = connection.engine.url.render_as_string(hide_password=True)
        raise UsageError(_OTHER_VERSION.format(url=url, found=found, wanted=SCHEMA_VERSION))
    Base.metadata.create_all(connection)
    create_export_tables(connection)
    if found is None:
        connection.execute(insert(SchemaVersion).values(version=SCHEMA_VERSION))
