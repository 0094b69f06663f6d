"""How the current version of an item goes to the others when it is written anew.

SQLite does it row by row as it writes (a trigger, which costs nothing where nothing is replaced);
PostgreSQL for all rows of a statement at once, just before it.
"""

from sqlalchemy import Connection

from mcs.server.store.tables import ItemVersions

COLUMNS = tuple(column.name for column in ItemVersions.__table__.columns)
_FROM_CURRENT = {"written": "request", "written_at": "NULL"}


def make_trigger(connection: Connection) -> None:
    """Has SQLite keep what is replaced."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(_TRIGGER)


def _values(of: str) -> str:
    named = [_FROM_CURRENT.get(name, name) for name in COLUMNS]
    return ", ".join(name if name == "NULL" else f"{of}.{name}" for name in named)


_INTO = f"INSERT INTO item_versions ({', '.join(COLUMNS)})"
# Only what stands nowhere else: see Items.place.
_TRIGGER = (
    "CREATE TRIGGER IF NOT EXISTS items_superseded AFTER UPDATE OF request ON items "
    f"WHEN old.place IS NOT NULL BEGIN {_INTO} VALUES ({_values('old')}); END"
)
KEEP_REPLACED = (
    f"{_INTO} SELECT {_values('items')} FROM items JOIN staged_items AS new "  # noqa: S608 - our own names
    "ON items.feed = new.feed AND items.key = new.key "
    "WHERE items.data_space = %s AND new.wave = %s AND items.place IS NOT NULL"
)
"""PostgreSQL's statement, of a data space and a wave (item_writes.py)."""
