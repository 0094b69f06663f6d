"""How long a thread waits for a client, and how long if others wait for the thread."""

import socket
import time
from collections.abc import Iterator
from threading import Thread

import pytest

from mcs.server import reading_in_time
from mcs.server.patience import ClientHoldsOthersUp, ClientTooSlow
from mcs.server.reading_in_time import PatientUnreader

LIMIT_S = 1.0


@pytest.fixture
def ends(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[socket.socket, socket.socket]]:
    """The client's and the service's end of a connection; patience with who holds others up is
    a tenth of that with who does not."""
    monkeypatch.setattr(reading_in_time, "HELD_UP_S", LIMIT_S / 10)
    monkeypatch.setattr(reading_in_time, "LOOK_S", LIMIT_S / 50)
    client, service = socket.socketpair()
    with client, service:
        yield client, service


def test_a_client_that_stalls_holds_nobody_up_for_long(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    reader = PatientUnreader(ends[1], LIMIT_S, others_wait=lambda: True)

    with pytest.raises(ClientHoldsOthersUp, match="while others waited"):
        reader.chunk()


def test_a_client_that_stalls_alone_has_all_its_time(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    reader = PatientUnreader(ends[1], LIMIT_S, others_wait=lambda: False)

    with pytest.raises(ClientTooSlow, match="within 1 s"):
        reader.chunk()


def test_a_client_that_sends_a_byte_now_and_then_is_no_better(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    client, service = ends
    reader = PatientUnreader(service, 60 * LIMIT_S, others_wait=lambda: True)
    trickle = Thread(target=_trickle, args=(client,), daemon=True)
    trickle.start()

    with pytest.raises(ClientHoldsOthersUp):
        list(iter(reader.chunk, b""))
    service.close()
    trickle.join()


def test_a_client_that_sends_steadily_is_not_hurried(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, service = ends
    monkeypatch.setattr(reading_in_time, "SLOW_LINE_BYTES_PER_S", 1)
    reader = PatientUnreader(service, 60 * LIMIT_S, others_wait=lambda: True)
    got = b""

    for _ in range(4):
        client.sendall(b"some bytes")
        got += reader.chunk()
        time.sleep(LIMIT_S / 10)

    assert got == 4 * b"some bytes"


def test_what_the_service_takes_itself_is_not_the_clients(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    client, service = ends
    reader = PatientUnreader(service, 60 * LIMIT_S, others_wait=lambda: True)
    client.sendall(b"header")
    reader.chunk()

    time.sleep(LIMIT_S / 5)
    client.sendall(b"body")

    assert reader.chunk() == b"body"


def _trickle(client: socket.socket) -> None:
    try:
        while True:
            client.sendall(b".")
            time.sleep(LIMIT_S / 50)
    except OSError:
        return
