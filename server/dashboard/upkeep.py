"""Keeps the lists and counts of pages up to date while somebody looks at them.

Nobody looks: nothing is done. Somebody does: a page brings a small backlog in by itself, a large
one is left to a thread that ends once it is through. While exporters send, the thread works a
fifth of the time at most.
"""

from collections.abc import Callable
from threading import Event, Lock, Thread
from time import monotonic

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

REQUESTS_PER_STEP = 10
BUSY_REST, IDLE_REST = 4.0, 0.1
"""Rests between steps, as multiples of the step before."""
LONGEST_WAIT_S = 5


class Upkeep:
    """The threads of one server process that do one kind of work.

    step: takes in what a number of requests brought to a data space, and tells whether more is
    waiting.
    is_busy: exporters send just now. budget_s: how long a page may take to bring a backlog in.
    """

    def __init__(
        self, step: Callable[[str, int], bool], is_busy: Callable[[], bool], *, budget_s: float
    ) -> None:
        self._budget_s = budget_s
        self._step = step
        self._is_busy = is_busy
        self._threads: dict[str, Thread] = {}
        self._lock = Lock()
        self._closing = Event()

    def catch_up(self, data_space: str) -> bool:
        """Brings it up to date if that is quick, else begins to; True if it is."""
        ends_at = monotonic() + self._budget_s
        while not self.is_working(data_space):
            if not self._step(data_space, 1):
                return True
            if monotonic() > ends_at:
                self._begin(data_space)
        return False

    def is_working(self, data_space: str) -> bool:
        """True while a thread brings a backlog in."""
        thread = self._threads.get(data_space)
        return thread is not None and thread.is_alive()

    def close(self) -> None:
        """Ends all threads after their present step."""
        self._closing.set()
        for thread in list(self._threads.values()):
            thread.join(LONGEST_WAIT_S)

    def _begin(self, data_space: str) -> None:
        with self._lock:
            if self.is_working(data_space) or self._closing.is_set():
                return
            thread = Thread(
                target=self._work, args=(data_space,), name=f"upkeep {data_space}", daemon=True
            )
            self._threads[data_space] = thread
            thread.start()

    def _work(self, data_space: str) -> None:
        behind = True
        while behind and not self._closing.is_set():
            began = monotonic()
            try:
                behind = self._step(data_space, REQUESTS_PER_STEP)
            except (DBAPIError, PoolTimeout):
                # The database is away; the page that asks next begins again, or says so.
                return
            rest = BUSY_REST if self._is_busy() else IDLE_REST
            self._closing.wait((monotonic() - began) * rest)
