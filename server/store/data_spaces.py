"""The data spaces: made, found, configured, emptied."""

from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import insert, select, update

from mcs.server.config import Settings
from mcs.server.faults.rules import numbered_rule
from mcs.server.store import buckets, recording
from mcs.server.store.database import Database
from mcs.server.store.forgetting import forget_all
from mcs.server.store.keys import Keys
from mcs.server.store.statements import run
from mcs.server.store.tables import DataSpaces
from mcs.server.store.values import Addressed, DataSpace, Forgotten


class Spaces:
    """The data spaces of a store."""

    def __init__(self, database: Database, keys: Keys) -> None:
        self._database = database
        self._keys = keys

    def all(self) -> list[DataSpace]:
        """All data spaces, oldest first."""
        query = select(DataSpaces).order_by(DataSpaces.created_at, DataSpaces.id)
        with self._database.reading() as connection:
            return [_data_space(row) for row in connection.execute(query)]

    def find(self, data_space: str) -> DataSpace | None:
        """The data space of this id, or None."""
        query = select(DataSpaces).where(DataSpaces.id == data_space)
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return None if row is None else _data_space(row)

    def add(self, data_space: str, name: str, settings: Settings) -> DataSpace | None:
        """The data space, newly made; None if the id is taken."""
        row = {
            "id": data_space,
            "name": name,
            "settings": orjson.dumps(settings.as_json()).decode(),
            "created_at": self._database.now(),
        }
        with self._database.writing() as connection:
            if connection.scalar(select(DataSpaces.id).where(DataSpaces.id == data_space)):
                return None
            connection.execute(insert(DataSpaces), row)
        return DataSpace(data_space, name, settings, row["created_at"])

    def change_settings(self, data_space: str, given: Any) -> DataSpace | None:
        """Puts the given settings in place of those it has; None if there is no such data space.

        In force from the next request on. Raises UsageError, and changes nothing then.
        """
        query = select(DataSpaces).where(DataSpaces.id == data_space).with_for_update()
        with self._database.writing() as connection:
            row = connection.execute(query).first()
            if row is None:
                return None
            found = _data_space(row)
            settings = found.settings.changed(given)
            text = orjson.dumps(settings.as_json()).decode()
            own = update(DataSpaces).where(DataSpaces.id == data_space)
            connection.execute(own.values(settings=text))
        return replace(found, settings=settings)

    def addressed(self, data_space: str) -> Addressed | None:
        """The data space of this id with what faults have in store for it, or None."""
        with self._database.single() as connection:
            rows = run(connection, _ADDRESSED, (data_space,))
        if not rows:
            return None
        *own, keys_retired, has_delayed = rows[0][:6]
        self._keys.note_retired(data_space, keys_retired)
        rules = tuple(numbered_rule(*row[6:]) for row in rows if row[6] is not None)
        return Addressed(_data_space_of(*own), rules, bool(has_delayed))

    def take_token(self, data_space: str, requests_per_minute: int, now: datetime) -> int:
        """Counts a request of a limited data space; 0, or the seconds until it may come."""
        with self._database.writing() as connection:
            recording.hold_data_space(connection, data_space, exclusively=True)
            return buckets.take(connection, data_space, requests_per_minute, now)

    def reset(self, data_space: str) -> Forgotten:
        """Forgets all that a data space received, its runs and faults; it keeps its keys."""
        with self._database.writing() as connection:
            return forget_all(connection, data_space)


_ADDRESSED = (
    "SELECT own.id, name, settings, own.created_at, keys_retired, "
    "EXISTS (SELECT 1 FROM delayed_writes WHERE data_space = own.id), "
    "rule.id, definition "
    "FROM data_spaces own LEFT JOIN faults rule ON rule.data_space = own.id AND enabled "
    "WHERE own.id = ? ORDER BY rule.id"
)


def _data_space(row: Any) -> DataSpace:
    return _data_space_of(row.id, row.name, row.settings, row.created_at)


@lru_cache(maxsize=1024)
def _data_space_of(number: str, name: str, settings: str, created_at: str) -> DataSpace:
    return DataSpace(number, name, Settings.from_json(orjson.loads(settings)), created_at)
