"""gunicorn's worker with threads, made for clients that send batch after batch."""

from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from mcs.server import overload

LINGER_S = 0.01


class LingeringThreadWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Lets a thread wait a moment for the next request of its connection.

    Otherwise each request goes through the thread that watches all connections, and back; with
    Python's lock between threads that took as long as answering: measured, half of the time of a
    connection that is never idle. No thread waits while there are connections without one.
    """

    queue = 256
    """How many connections may wait for a thread."""

    def enqueue_req(self, conn: Any) -> None:
        """Has a request answered when its turn comes."""
        conn.overloaded = self._waiting() > self.queue
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """What becomes of the connection: True if it is to be watched for a further request."""
        overload.tell(overloaded=conn.overloaded)
        while True:
            outcome = super().handle(conn)
            if outcome is not True or not self.alive or self._waiting() > 0:
                return outcome
            if conn.parser.unreader.buf.getvalue():
                continue
            if not conn.wait_for_data(LINGER_S):
                return outcome
            overload.tell(overloaded=False)

    def _waiting(self) -> int:
        waiting: int = self.tpool._work_queue.qsize()
        return waiting
