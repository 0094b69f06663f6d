"""Reads requests off a connection, each of them within a time.

A thread waits for one client at a time. Without an end to that, as many stalled connections as
there are threads stop the service.
"""

import socket
import time
from typing import Any

from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.http.unreader import SocketUnreader

from mcs.server.patience import BrokenBody, ClientTooSlow


class PatientUnreader(SocketUnreader):  # type: ignore[misc]  # gunicorn has no types
    """What gunicorn reads from, with an end to its patience."""

    def __init__(self, connection: socket.socket, limit_s: float) -> None:
        super().__init__(connection)
        self._limit_s = limit_s
        self._ends_at = time.monotonic() + limit_s

    def begin(self) -> None:
        """Says that the next request begins now."""
        self._ends_at = time.monotonic() + self._limit_s

    def chunk(self, size_hint: int | None = None) -> bytes:
        """What has come, at least one byte; none at the end. Raises ClientTooSlow."""
        left_s = self._ends_at - time.monotonic()
        if left_s <= 0:
            raise ClientTooSlow(self._limit_s)
        before = self.sock.gettimeout()
        self.sock.settimeout(left_s)
        try:
            came: bytes = super().chunk(size_hint)
        except TimeoutError:
            raise ClientTooSlow(self._limit_s) from None
        finally:
            self.sock.settimeout(before)
        return came


class ReadInTime:
    """A body that the app reads without knowing gunicorn."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader

    def read(self, size: int) -> bytes:
        """The next bytes, none at the end. Raises ClientTooSlow, BrokenBody."""
        try:
            came: bytes = self._reader.read(size)
        except NoMoreData:
            raise BrokenBody("It ended too early") from None
        except ParseException as error:
            raise BrokenBody(str(error).rstrip(".")) from None
        return came
