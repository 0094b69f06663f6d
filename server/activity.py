"""How much comes in, by the minute: counted in memory while requests are answered."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

MINUTES_KEPT = 60
MINUTE_S = 60
BUSY_FOR = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Minute:
    """What came in within one minute. minute: its number since 1970."""

    minute: int
    accepted: int = 0
    rejected: int = 0


class Activity:
    """The last hour of each data space, since this process began."""

    def __init__(self) -> None:
        self._minutes: dict[str, dict[int, Minute]] = defaultdict(dict)
        self._lock = Lock()
        self._latest: datetime | None = None

    def note(self, data_space: str, accepted: int, rejected: int, now: datetime) -> None:
        """Counts the items of one answered request."""
        minute = int(now.timestamp()) // MINUTE_S
        with self._lock:
            self._latest = now
            minutes = self._minutes[data_space]
            before = minutes.get(minute, Minute(minute))
            minutes[minute] = Minute(minute, before.accepted + accepted, before.rejected + rejected)
            if len(minutes) > MINUTES_KEPT:
                del minutes[min(minutes)]

    def is_busy(self, now: datetime) -> bool:
        """True if anybody sent anything within the last second."""
        return self._latest is not None and now - self._latest < BUSY_FOR

    def last_hour(self, data_space: str, now: datetime) -> list[Minute]:
        """The sixty minutes up to now, oldest first."""
        present = int(now.timestamp()) // MINUTE_S
        with self._lock:
            minutes = dict(self._minutes.get(data_space, {}))
        span = range(present - MINUTES_KEPT + 1, present + 1)
        return [minutes.get(minute, Minute(minute)) for minute in span]
