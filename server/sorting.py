"""Sorts in what waits in the inbox while nobody sends, so that who reads need not."""

from threading import Event, Lock, Thread

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mcs.server.store.repository import Store

QUIET_S = 0.3
"""How long no batch must have come."""
STEP_S = 0.05
"""After so long a step ends, to see whether anybody sends again."""
LONGEST_STEP_S = 30


class Sorting:
    """The thread of one server process that sorts in. It begins with the first batch."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._came = Event()
        self._closing = Event()
        self._lock = Lock()
        self._thread: Thread | None = None

    def note(self) -> None:
        """Says that a batch was recorded."""
        self._came.set()
        if self._thread is None:
            with self._lock:
                if self._thread is None and not self._closing.is_set():
                    self._thread = Thread(target=self._work, name="sorting in", daemon=True)
                    self._thread.start()

    def close(self) -> None:
        """Ends the thread after its present step."""
        with self._lock:
            self._closing.set()
            self._came.set()
        if self._thread is not None:
            self._thread.join(LONGEST_STEP_S)

    def _work(self) -> None:
        while self._came.wait() and not self._closing.is_set():
            self._came.clear()
            if self._closing.wait(QUIET_S):
                return
            self._sort_in_until_somebody_sends()

    def _sort_in_until_somebody_sends(self) -> None:
        while not (self._came.is_set() or self._closing.is_set()):
            try:
                if self._store.intake.sort_in(STEP_S):
                    return
            except (DBAPIError, PoolTimeout):
                # The database is away; the next batch, or who reads, will say so.
                return
