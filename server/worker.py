"""gunicorn's worker with threads, made for clients that send batch after batch."""

import socket
import time
from collections import deque
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from mcs.server import malformed, overload
from mcs.server.reading_in_time import PatientUnreader, ReadInTime

LINGER_S = 0.01
ANSWER_TAKEN_S = 60
"""How long a client may leave a piece of its answer on the line."""
DRAINED_AT_ONCE_BYTES = 64 * 1024
LEAVING_S = 2
"""How long a client may take to close its end, so that the last answer is not cut off."""


class LingeringThreadWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Lets a thread wait a moment for the next request of its connection.

    Otherwise each request goes through the thread that watches all connections, and back; with
    Python's lock between threads that took as long as answering: measured, half of the time of a
    connection that is never idle. No thread waits while there are connections without one.
    """

    queue = 256
    """How many connections may wait for a thread."""
    request_timeout_s = 30
    """How long a client may take to send a request."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._leaving: deque[Any] = deque()

    def enqueue_req(self, conn: Any) -> None:
        """Has a request answered when its turn comes; a connection that is silent gets none."""
        if not (conn.initialized or conn.wait_for_data(0)):
            self._watch(conn)
            return
        conn.overloaded = self._waiting() > self.queue
        super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """What becomes of the connection: True if it is to be watched for a further request."""
        overload.tell(overloaded=conn.overloaded)
        if not conn.initialized:
            conn.init()
            conn.parser.unreader = PatientUnreader(
                conn.sock, self.request_timeout_s, others_wait=lambda: self._waiting() > 0
            )
        while True:
            conn.parser.unreader.begin()
            outcome = super().handle(conn)
            if outcome is not True or not self.alive or self._waiting() > 0:
                return outcome
            if conn.parser.unreader.buf.getvalue():
                continue
            # gunicorn asks once per connection; without this it would not wait, but read.
            conn.data_ready = False
            if not conn.wait_for_data(LINGER_S):
                return outcome
            overload.tell(overloaded=False)

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Has the app answer; a client that does not take its answer in is left."""
        conn.sock.settimeout(ANSWER_TAKEN_S)
        req.body.reader = ReadInTime(req.body.reader)
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answers what is no HTTP, in the shape that all errors have."""
        answer = malformed.answer_to(exc)
        if answer is None:
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("%s: %s", (addr or ("", 0))[0], exc)
        malformed.send(client, answer)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Puts a connection back among those that are watched, or has it end."""
        if fs.cancelled() or fs.exception() or fs.result():
            super().finish_request(conn, fs)
            return
        # gunicorn waits for the client's end here, and nobody else is served meanwhile.
        try:
            conn.sock.shutdown(socket.SHUT_WR)
            conn.sock.setblocking(False)
        except OSError:
            self._end(conn)
            return
        conn.timeout = time.monotonic() + LEAVING_S
        self._leaving.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self._drain, conn))

    def murder_pending(self) -> None:
        """Closes connections on which nothing came in time, or that do not close themselves."""
        if not self.alive:
            # A browser opens connections in case it needs them; nobody waits for these to stop.
            for conn in self.pending_conns:
                conn.timeout = 0
        super().murder_pending()
        while self._leaving and self._leaving[0].timeout <= time.monotonic():
            self._leave(self._leaving[0])

    def _drain(self, conn: Any, client: socket.socket) -> None:
        try:
            if client.recv(DRAINED_AT_ONCE_BYTES):
                return
        except BlockingIOError:
            return
        except OSError:
            self.log.debug("the client cut the connection")
        self._leave(conn)

    def _leave(self, conn: Any) -> None:
        self._leaving.remove(conn)
        self.poller.unregister(conn.sock)
        self._end(conn)

    def _end(self, conn: Any) -> None:
        self.nr_conns -= 1
        conn.close()

    def _watch(self, conn: Any) -> None:
        # As gunicorn does with one that was silent for five seconds in a thread.
        conn.sock.setblocking(False)
        conn.timeout = time.monotonic() + self.request_timeout_s
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _waiting(self) -> int:
        waiting: int = self.tpool._work_queue.qsize()
        return waiting
