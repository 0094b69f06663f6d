"""The secrets of a shop and of the credentials beside it, so that none of them enters a case."""

import re
from collections.abc import Iterator
from pathlib import Path

import orjson
from sqlalchemy import column, inspect, select, table

from mcs.harness.credentials import credentials_files
from mcs.harness.database import exporter_database

_CONFIG = table("core_config_data", column("path"), column("value"))
_SECRET_PATH = re.compile(r"key|secret|token|password|passphrase|client_id", re.I)
_SECRET_FIELDS = ("api_key", "private_key", "client_secret")


def secrets_of(commerce: str | None, var: Path) -> list[str]:
    """Keys and tokens in a shop's configuration and in the credentials files below a var folder.

    commerce: the shop's database, None if there is none. Raises CouldNotTell.
    """
    found = list(_of_credentials(var))
    if commerce is not None:
        with exporter_database(commerce) as connection:
            if inspect(connection).has_table(_CONFIG.name):
                rows = connection.execute(select(_CONFIG.c.path, _CONFIG.c.value))
                found += [row.value for row in rows if row.value and is_secret_path(row.path)]
    return found


def is_secret_path(path: str) -> bool:
    """True for a path of the configuration whose value must not be shown.

    >>> is_secret_path("services_connector/services_integration/production_private_key")
    True
    """
    return bool(_SECRET_PATH.search(path.rpartition("/")[2]))


def _of_credentials(var: Path) -> Iterator[str]:
    for path in credentials_files(var):
        try:
            said = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            # Not a credentials file, whatever it is called; a case does not read it either.
            continue
        for name in _SECRET_FIELDS:
            if isinstance(said, dict) and isinstance(said.get(name), str):
                yield said[name]
