"""Access to the shop that the environment names, for command lines."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop


@contextmanager
def transaction() -> Iterator[Connection]:
    """A connection to the shop of MCS_VAR; what is done is kept unless an exception comes out."""
    engine = open_shop(Settings.from_env(os.environ))
    try:
        with engine.connect() as connection:
            yield connection
            connection.commit()
    finally:
        engine.dispose()
