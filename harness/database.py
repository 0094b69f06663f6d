"""Opens a shop's or an exporter's database to be read, and only read."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import URL, Connection, create_engine, make_url
from sqlalchemy.exc import SQLAlchemyError

from mcs.harness.errors import CouldNotTell

UNREADABLE = (
    "{place}: the exporter's database cannot be read ({reason}). Give the path of its SQLite file "
    "or a SQLAlchemy URL with --commerce; the exporter makes it with its first sync."
)


@contextmanager
def exporter_database(place: str | Path) -> Iterator[Connection]:
    """A connection to the exporter's database at a place; see `read_only_database`."""
    with read_only_database(place, UNREADABLE) as connection:
        yield connection


@contextmanager
def read_only_database(place: str | Path, unreadable: str) -> Iterator[Connection]:
    """A connection to the SQLite file or SQLAlchemy URL; closed at the end.

    unreadable: the sentence, with {place} and {reason}, of the CouldNotTell that is raised if it
    cannot be opened, or if reading fails inside the block.
    """
    name = str(place)
    try:
        url = make_url(name) if "://" in name else _sqlite_file(Path(place), unreadable)
        name = url.render_as_string(hide_password=True) if "://" in name else name
        # The driver that the project's extra `postgres` brings, whatever the library's default.
        plain = url.drivername == "postgresql"
        engine = create_engine(url.set(drivername="postgresql+psycopg") if plain else url)
    except (SQLAlchemyError, ImportError) as error:
        raise CouldNotTell(unreadable.format(place=name, reason=_reason(error))) from None
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        raise CouldNotTell(unreadable.format(place=name, reason=_reason(error))) from None
    finally:
        engine.dispose()


def _sqlite_file(path: Path, unreadable: str) -> URL:
    if not path.is_file():
        raise CouldNotTell(unreadable.format(place=path, reason="there is no such file"))
    # Opened by plain path, a file that vanished meanwhile would be made anew, and be empty.
    file = f"file:{quote(str(path.absolute()))}"
    return URL.create("sqlite", database=file, query={"mode": "ro", "uri": "true"})


def _reason(error: Exception) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
