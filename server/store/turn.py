"""Waiting for one's turn, and not for ever."""

from threading import Lock

from sqlalchemy.exc import TimeoutError as PoolTimeout

WAIT_S = 30
"""As long as SQLite waits for a lock; who waits for both has waited a minute."""


class TurnNeverCame(PoolTimeout):
    """Others held what was waited for all the time: the database is locked, or too slow."""


class Turn:
    """A lock that is waited for a while. `with` raises TurnNeverCame."""

    def __init__(self, wait_s: float = WAIT_S) -> None:
        self._lock = Lock()
        self._wait_s = wait_s

    def __enter__(self) -> None:
        if not self._lock.acquire(timeout=self._wait_s):
            raise TurnNeverCame(f"nobody else could write for {self._wait_s:g} s")

    def __exit__(self, *_: object) -> None:
        self._lock.release()
