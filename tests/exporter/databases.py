"""Where tests of the exporter keep a shop: SQLite always, PostgreSQL where one is given.

MCS_TEST_POSTGRES: the SQLAlchemy URL of a database whose user may create databases.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, make_url, text

KINDS = ("sqlite", "postgresql")


@contextmanager
def fresh_database(kind: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database that is gone afterwards; skips where there is no server."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'commerce.sqlite'}"
        return
    url = os.environ.get("MCS_TEST_POSTGRES")
    if not url:
        pytest.skip("MCS_TEST_POSTGRES names no PostgreSQL database")
    name = f"mcs_test_{uuid4().hex}"
    server = create_engine(
        make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    try:
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        yield make_url(url).set(database=name).render_as_string(hide_password=False)
        with server.connect() as connection:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    finally:
        server.dispose()
