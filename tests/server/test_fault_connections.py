"""Connections that a rule cuts, on both servers, and what is recorded and journalled of it."""

import socket
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import urllib3

from mcs.server_process import server_process
from tests.server.faulty import events, held, outcome_of, posted, put_in_force
from tests.server.running import DataSpaceClient, RunningService, elsewhere, product

BATCH = [product("A"), product("B")]
CUTS = {
    "reset": "ConnectionResetError",
    "close": "RemoteDisconnected",
    "half_close": "IncompleteRead",
    "truncate": "IncompleteRead",
}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """`mcs serve`, which is gunicorn; its store is reached over HTTP only."""
    with (
        server_process(tmp_path_factory.mktemp("served")) as process,
        urllib3.PoolManager(retries=False) as http,
    ):
        yield elsewhere(process.url.rstrip("/"), http)


@pytest.fixture(params=["werkzeug", "gunicorn"])
def either(request: pytest.FixtureRequest) -> DataSpaceClient:
    """A data space on each of the two servers."""
    name = {"werkzeug": "service", "gunicorn": "served"}[request.param]
    running: RunningService = request.getfixturevalue(name)
    return running.data_space()


def _raw_answer(data_space: DataSpaceClient) -> bytes:
    """All that comes over the connection until it is closed."""
    address = urlsplit(data_space.url)
    body = b'[{"sku": "A", "storeViewCode": "default", "deleted": false}]'
    headers = data_space.headers() | {"Host": "x", "Content-Length": str(len(body))}
    lines = [f"POST {data_space.path('products')} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    with socket.create_connection((address.hostname or "", address.port or 0)) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize(("action", "outcome"), CUTS.items(), ids=CUTS)
def test_cut_connection_leaves_a_recorded_batch(
    either: DataSpaceClient, action: str, outcome: str
) -> None:
    rule = put_in_force(either, action, count=1)

    cut = posted(either, "products", BATCH)
    whole = posted(either, "products", [product("C")])

    assert (outcome_of(cut), outcome_of(whole)) == (outcome, 200)
    assert sorted(held(either)) == ["A", "B", "C"]
    [event] = events(either)
    assert (event["fault_id"], event["key"], event["items"]) == (rule["id"], None, 2)
    after, request = either.requests()
    assert (request["status"], request["accepted"], request["answered"]) == (200, 2, False)
    assert after["answered"] is True


@pytest.mark.parametrize(("action", "outcome"), CUTS.items(), ids=CUTS)
def test_connection_may_be_cut_before_recording(
    either: DataSpaceClient, action: str, outcome: str
) -> None:
    put_in_force(either, action, parameters={"recorded": False})
    put_in_force(either, "lose")

    cut = posted(either, "products", BATCH)

    assert outcome_of(cut) == outcome
    assert held(either) == {}
    assert [event["action"] for event in events(either)] == [action]
    assert either.requests()[0]["answered"] is False


@pytest.mark.parametrize("sent_bytes", [0, 5, 1000])
def test_half_closed_answer_breaks_off_in_its_body(
    either: DataSpaceClient, sent_bytes: int
) -> None:
    put_in_force(either, "half_close", parameters={"sent_bytes": sent_bytes})

    head, body = _raw_answer(either).split(b"\r\n\r\n")

    whole = b'{"feedItemReceivedCount":1,"invalidFeedItems":[]}'
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"x-request-id: " in head
    assert body == whole[:sent_bytes]
    assert len(body) < int(head.split(b"Content-Length: ")[1].split(b"\r\n")[0])


def test_truncated_answer_promises_more_than_comes(either: DataSpaceClient) -> None:
    put_in_force(either, "truncate", parameters={"missing_bytes": 3})

    head, body = _raw_answer(either).split(b"\r\n\r\n")

    assert body == b'{"feedItemReceivedCount":1,"invalidFeedItems":[]}'
    assert f"Content-Length: {len(body) + 3}\r\n".encode() in head + b"\r\n"


def test_outage_may_be_cut_as_well(either: DataSpaceClient) -> None:
    put_in_force(either, "maintenance")
    put_in_force(either, "stall", parameters={"seconds": 0, "where": "after_headers"})
    put_in_force(either, "half_close")

    answer = _raw_answer(either)

    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert answer.endswith(b"\r\n\r\n")
    [request] = either.requests()
    assert (request["status"], request["answered"]) == (503, False)


def test_stalled_and_trickling_answers_come_whole(either: DataSpaceClient) -> None:
    put_in_force(either, "stall", parameters={"seconds": 0, "where": "after_headers"})
    put_in_force(either, "trickle", parameters={"pause_s": 0})

    answers = [posted(either, "products", BATCH) for _ in range(2)]

    assert [outcome_of(answer) for answer in answers] == [200, 200]
