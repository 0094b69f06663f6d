"""The windows of an exporter: when they open, as it told the service, or else as is usual. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mcs.server.store.schedules import Schedule


@dataclass(frozen=True, slots=True)
class Windows:
    """Windows follow each other without end. opened: when any one of them opens. told: by the
    exporter; else they are a guess."""

    every: timedelta
    opened: datetime
    told: bool

    def next_after(self, now: datetime) -> datetime:
        """When the next window opens.

        >>> moment = datetime.fromisoformat("2026-11-22T19:10:00+00:00")
        >>> HOURLY.next_after(moment).isoformat()
        '2026-11-22T20:00:00+00:00'
        """
        return self.opened + ((now - self.opened) // self.every + 1) * self.every


HOURLY = Windows(timedelta(hours=1), datetime(2000, 1, 1, tzinfo=UTC), told=False)
"""The catalog sync runs every hour (seed, Last sync)."""


def windows_of(schedule: Schedule | None) -> Windows:
    """The windows as they were told; hourly ones if nothing was."""
    if schedule is None:
        return HOURLY
    opened = datetime.fromisoformat(schedule.next_at)
    return Windows(timedelta(seconds=schedule.every_s), opened, told=True)
