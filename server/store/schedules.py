"""When the windows of exporters open, as they tell it."""

from dataclasses import dataclass

from sqlalchemy import delete, insert, select

from mcs.server.store import recording
from mcs.server.store.database import Database
from mcs.server.store.sync_tables import SyncSchedules


@dataclass(frozen=True, slots=True)
class Schedule:
    """The catalog sync windows of an exporter. next_at: when one opened, or was to open next."""

    every_s: int
    next_at: str
    reported_at: str


class Schedules:
    """The schedules of all data spaces."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def report(self, data_space: str, every_s: int, next_at: str) -> Schedule:
        """Keeps what an exporter tells, in the place of what was told before."""
        schedule = Schedule(every_s, next_at, self._database.now())
        row = {
            "data_space": data_space,
            "every_s": every_s,
            "next_at": next_at,
            "reported_at": schedule.reported_at,
        }
        own = SyncSchedules.data_space == data_space
        with self._database.writing() as connection:
            recording.hold_data_space(connection, data_space, exclusively=True)
            connection.execute(delete(SyncSchedules).where(own))
            connection.execute(insert(SyncSchedules), row)
        return schedule

    def of(self, data_space: str) -> Schedule | None:
        """What an exporter told last; None if none did."""
        columns = (SyncSchedules.every_s, SyncSchedules.next_at, SyncSchedules.reported_at)
        query = select(*columns).where(SyncSchedules.data_space == data_space)
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else Schedule(*row)
