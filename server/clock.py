"""The time that the service goes by: the machine's, that with an offset, or a fixed one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from threading import Lock

from mcs.contract.errors import UsageError

OUT_OF_RANGE = "{what}: a clock shows the years 1970 to 9998. Move it less far."
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(9998, 12, 31, tzinfo=UTC)


class ClockKind(StrEnum):
    """How a clock goes."""

    REAL = "real"
    OFFSET = "offset"
    FIXED = "fixed"


@dataclass(frozen=True, slots=True)
class ClockReading:
    """What a clock shows, and how it goes. offset_s: how far it is ahead of the machine's."""

    kind: ClockKind
    now: datetime
    offset_s: float


class TurnableClock:
    """A clock that shows the machine's time until it is turned. Safe to share between threads.

    >>> clock = TurnableClock(lambda: datetime(2026, 11, 22, tzinfo=UTC))
    >>> clock.advance(90)
    >>> clock().isoformat(), clock.reading().kind.value
    ('2026-11-22T00:01:30+00:00', 'offset')
    """

    def __init__(self, real: Callable[[], datetime]) -> None:
        self._real = real
        self._offset = timedelta(0)
        self._fixed: datetime | None = None
        self._lock = Lock()

    def __call__(self) -> datetime:
        """The present moment, with its zone."""
        with self._lock:
            return self._fixed or self._real() + self._offset

    def reading(self) -> ClockReading:
        """The present moment, and which clock is in force."""
        with self._lock:
            real = self._real()
            if self._fixed:
                return ClockReading(
                    ClockKind.FIXED, self._fixed, (self._fixed - real).total_seconds()
                )
            kind = ClockKind.OFFSET if self._offset else ClockKind.REAL
            return ClockReading(kind, real + self._offset, self._offset.total_seconds())

    def freeze(self, moment: datetime) -> None:
        """Stands still at a moment with a zone, until it is moved on. Raises UsageError."""
        moment = _in_range("now", moment)
        with self._lock:
            self._fixed, self._offset = moment, timedelta(0)

    def advance(self, seconds: float) -> None:
        """Moves the fixed moment if there is one, else the offset; or back. Raises UsageError."""
        try:
            step = timedelta(seconds=seconds)
            with self._lock:
                moved = _in_range("advance_s", (self._fixed or self._real() + self._offset) + step)
                if self._fixed:
                    self._fixed = moved
                else:
                    self._offset += step
        except (OverflowError, ValueError):
            raise UsageError(OUT_OF_RANGE.format(what="advance_s")) from None

    def run_real(self) -> None:
        """Goes with the machine's time again."""
        with self._lock:
            self._fixed, self._offset = None, timedelta(0)


def _in_range(what: str, moment: datetime) -> datetime:
    if not EARLIEST <= moment <= LATEST:
        raise UsageError(OUT_OF_RANGE.format(what=what))
    return moment
