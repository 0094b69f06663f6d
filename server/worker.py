"""gunicorn's worker with threads, made for clients that send batch after batch."""

from typing import Any

from gunicorn.workers.gthread import ThreadWorker

LINGER_S = 0.01


class LingeringThreadWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Lets a thread wait a moment for the next request of its connection.

    Otherwise each request goes through the thread that watches all connections, and back; with
    Python's lock between threads that took as long as answering: measured, half of the time of a
    connection that is never idle. No thread waits while there are connections without one.
    """

    def handle(self, conn: Any) -> Any:
        """What becomes of the connection: True if it is to be watched for a further request."""
        while True:
            outcome = super().handle(conn)
            if outcome is not True or not self.alive or self._has_others_waiting():
                return outcome
            if conn.parser.unreader.buf.getvalue():
                continue
            if not conn.wait_for_data(LINGER_S):
                return outcome

    def _has_others_waiting(self) -> bool:
        return self.nr_conns - len(self.keepalived_conns) > self.cfg.threads
