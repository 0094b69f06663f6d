"""Reads requests off a connection, each of them within a time.

A thread waits for one client at a time. Without an end to that, as many stalled connections as
there are threads stop the service. While others wait for a thread, that end is near for clients
that let it wait without need.
"""

import socket
import time
from collections.abc import Callable
from typing import Any

from gunicorn.http.errors import NoMoreData, ParseException
from gunicorn.http.unreader import SocketUnreader

from mcs.server.patience import BrokenBody, ClientHoldsOthersUp, ClientTooSlow

HELD_UP_S = 5.0
"""How long others may wait for one client, besides what its bytes take on a slow line."""
SLOW_LINE_BYTES_PER_S = 16 * 1024
LOOK_S = 0.25
"""How often is looked whether others wait."""


class PatientUnreader(SocketUnreader):  # type: ignore[misc]  # gunicorn has no types
    """What gunicorn reads from, with an end to its patience."""

    def __init__(
        self, connection: socket.socket, limit_s: float, others_wait: Callable[[], bool]
    ) -> None:
        super().__init__(connection)
        self._limit_s = limit_s
        self._others_wait = others_wait
        self.begin()

    def begin(self) -> None:
        """Says that the next request begins now."""
        self._ends_at = time.monotonic() + self._limit_s
        # What the service itself takes between two reads is not the client's.
        self._waited_s = 0.0
        self._came_bytes = 0

    def chunk(self, size_hint: int | None = None) -> bytes:
        """What has come, at least one byte; none at the end. Raises ClientTooSlow."""
        before = self.sock.gettimeout()
        try:
            while (came := self._part(size_hint)) is None:
                pass
        finally:
            self.sock.settimeout(before)
        self._came_bytes += len(came)
        return came

    def _part(self, size_hint: int | None) -> bytes | None:
        began = time.monotonic()
        left_s = self._ends_at - began
        if left_s <= 0:
            raise ClientTooSlow(self._limit_s)
        borne_s = HELD_UP_S + self._came_bytes / SLOW_LINE_BYTES_PER_S - self._waited_s
        if borne_s <= 0 and self._others_wait():
            raise ClientHoldsOthersUp(self._waited_s)
        self.sock.settimeout(min(left_s, max(borne_s, LOOK_S)))
        try:
            came: bytes = super().chunk(size_hint)
        except TimeoutError:
            return None
        finally:
            self._waited_s += time.monotonic() - began
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
