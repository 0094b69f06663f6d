"""Is a database there, can it be read, and was it made by this release? It is only looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, create_engine, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from mcs.doctor.finding import Finding, absent, bad, good

NO_DRIVER = "Install the driver: pip install 'mock-commerce-services[postgres]'"


@dataclass(frozen=True, slots=True)
class Expected:
    """A database of ours. version_table, version: where its release stands, and which it must be.

    setting: what names the database. made_by: the command that makes it.
    """

    check: str
    url: str
    version_table: str
    version: int
    setting: str
    made_by: str


def database_finding(expected: Expected) -> Finding:
    """Whether the database is there, can be read and has the tables of this release."""
    try:
        url = make_url(expected.url)
        shown = url.render_as_string(hide_password=True)
        if not _may_exist(url):
            return absent(expected.check, f"{shown} is not there yet", expected.made_by)
        with looking_at(expected.url) as connection:
            found = _version(connection, expected.version_table)
    except ModuleNotFoundError as error:
        return bad(expected.check, str(error), NO_DRIVER)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        return bad(expected.check, reason, f"Start it, or correct {expected.setting}.")
    if found is None:
        return absent(expected.check, f"{shown} has no tables yet", expected.made_by)
    if found != expected.version:
        said = f"{shown} has schema version {found}, this release works with {expected.version}"
        return bad(expected.check, said, "Use the release that made it, or move the database away.")
    return good(expected.check, f"{shown}, schema version {found}")


@contextmanager
def looking_at(database_url: str) -> Iterator[Connection]:
    """A connection that makes nothing. Raises SQLAlchemyError, ModuleNotFoundError."""
    url = make_url(database_url)
    if url.get_backend_name() == "sqlite":
        path = quote(str(url.database))
        url = url.set(database=f"file:{path}", query={"mode": "ro", "uri": "true"})
    elif url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def _may_exist(url: URL) -> bool:
    return url.get_backend_name() != "sqlite" or Path(str(url.database)).exists()


def _version(connection: Connection, table: str) -> int | None:
    if not inspect(connection).has_table(table):
        return None
    found: int | None = connection.scalar(text(f"SELECT version FROM {table}"))  # noqa: S608 - ours
    return found
