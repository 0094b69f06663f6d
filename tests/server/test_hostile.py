"""What comes from those who mean no good, or know no better; the service goes on answering."""

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from select import select

import pytest
from gunicorn.http.errors import InvalidHeader

from mcs.server.config import ServerConfig
from mcs.server.malformed import answer_to
from tests.server import hostile
from tests.server.hostile import (
    HOSTILE,
    PAGE,
    TIMEOUT_S,
    Hostile,
    page_with,
    read,
    sent,
    table,
    under_attack,
)
from tests.server.running import DataSpaceClient, product

THREADS = 16
Attacked = tuple[int, DataSpaceClient]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Attacked]:
    """A served data space and its port."""
    with under_attack(tmp_path_factory.mktemp("attacked")) as found:
        yield found


@pytest.mark.parametrize("request_", HOSTILE, ids=lambda each: each.title)
def test_a_hostile_request_is_refused_as_the_page_says(
    attacked: Attacked, request_: Hostile
) -> None:
    port, to = attacked

    got = sent(port, request_.raw(to))

    assert str(got) == request_.got


def test_a_header_that_comes_twice_is_named() -> None:
    answer = answer_to(InvalidHeader("CONTENT-TYPE"))

    assert answer is not None
    assert "'CONTENT-TYPE'. Send each header once" in answer.detail


def test_the_page_names_every_hostile_request() -> None:
    assert PAGE.read_text("utf-8") == page_with(table())


def test_every_setting_that_the_page_names_is_one() -> None:
    named = set(re.findall(r"`MCS_([A-Z_]+)(?:=\d+)?`", PAGE.read_text("utf-8")))

    assert len(named) > 8
    assert named <= {option.name.upper() for option in fields(ServerConfig)}


def test_stalled_and_silent_connections_do_not_stop_the_service(attacked: Attacked) -> None:
    port, to = attacked
    unfinished = hostile.batch(b"[", length=99)(to)
    stalled = [_connected(port, unfinished) for _ in range(3 * THREADS)]
    silent = [_connected(port, b"") for _ in range(100)]

    answer = to.post("products", [product("A")])

    assert answer.status == 200
    assert {str(read(each)) for each in stalled} == {"408 `request_timeout`"}
    for each in [*stalled, *silent]:
        each.close()


def test_stalled_bodies_hold_others_up_for_seconds_though_they_may_take_minutes(
    tmp_path: Path,
) -> None:
    with under_attack(tmp_path, MCS_REQUEST_TIMEOUT_S="600") as (port, to):
        unfinished = hostile.batch(b"[", length=99)(to)
        stalled = [_connected(port, unfinished) for _ in range(2 * THREADS)]

        answer = to.post("products", [product("A")])

        assert answer.status == 200
        # As many as were in the way; the others may go on.
        given_up, _, _ = select(stalled, [], [], TIMEOUT_S)
        assert {str(read(each)) for each in given_up} == {"408 `request_timeout`"}
        for each in stalled:
            each.close()


def test_clients_that_never_close_their_end_hold_nobody_up(attacked: Attacked) -> None:
    port, to = attacked
    refused = [_connected(port, b"NONSENSE\r\n\r\n") for _ in range(3 * THREADS)]
    for each in refused:
        read(each)

    began = time.monotonic()
    answer = to.control("GET", "")

    assert answer.status == 200
    # Two seconds each, if they were waited for one after another.
    assert time.monotonic() - began < 3 * THREADS
    for each in refused:
        each.close()


def test_a_body_that_breaks_off_is_in_the_journal(attacked: Attacked) -> None:
    port, to = attacked

    with _connected(port, hostile.batch(b'[{"sku"', length=99)(to)) as connection:
        connection.shutdown(socket.SHUT_WR)
        got = read(connection)

    assert str(got) == "400 `body_broken_off`"
    [journalled] = to.requests("?limit=1")
    assert (journalled["status"], journalled["code"]) == (400, "body_broken_off")


def test_the_journal_keeps_the_beginning_of_a_long_header(attacked: Attacked) -> None:
    _, to = attacked

    to.post("products", [product("A")], headers={"X-Long": "y" * 5_000})

    [journalled] = to.requests("?limit=1")
    assert journalled["headers"]["X-Long"] == "y" * 1_000 + "…"


def _connected(port: int, sent_first: bytes) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), hostile.TIMEOUT_S)
    connection.sendall(sent_first)
    return connection
