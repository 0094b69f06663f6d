"""A service of several processes: one record, one limit, and nothing lost when one of them dies."""

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
import urllib3

from mcs.server_process import ServerProcess, server_process
from tests.server.running import DataSpaceClient, elsewhere, product

ITEMS = 5


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """`mcs serve --workers 2`."""
    folder = tmp_path_factory.mktemp("several")
    with server_process(folder, options=["--workers", "2"]) as process:
        yield process


@pytest.fixture
def several(process: ServerProcess) -> Iterator[DataSpaceClient]:
    """A data space of it; each request takes a connection of its own, and so any worker."""
    with urllib3.PoolManager(retries=False, maxsize=16) as http:
        url = process.url.rstrip("/")
        yield elsewhere(url, http).data_space()


def test_acknowledged_items_survive_kill_9_of_a_worker_under_load(
    process: ServerProcess, several: DataSpaceClient
) -> None:
    acknowledged: set[str] = set()
    unanswered: list[Exception] = []
    ended = Event()

    def send(sender: int) -> None:
        number = 0
        while not ended.is_set():
            skus = [f"{sender}-{number}-{item}" for item in range(ITEMS)]
            number += 1
            try:
                answer = several.post("products", [product(sku) for sku in skus], compress=True)
            except urllib3.exceptions.HTTPError as error:
                unanswered.append(error)
                continue
            if answer.status == 200:
                acknowledged.update(skus)

    with ThreadPoolExecutor(4) as pool:
        senders = [pool.submit(send, sender) for sender in range(4)]
        for _ in range(3):
            time.sleep(0.7)
            os.kill(_workers(process)[0], signal.SIGKILL)
        time.sleep(0.7)
        ended.set()
    for sender in senders:
        sender.result()

    held = {line["identity"]["sku"] for line in several.received()}
    assert acknowledged
    assert unanswered
    assert acknowledged <= held


def test_the_limit_of_requests_is_one_for_all_workers(process: ServerProcess) -> None:
    with urllib3.PoolManager(retries=False) as http:
        service = elsewhere(process.url.rstrip("/"), http)
        limited = service.data_space(requests_per_minute=3)
        closing = {"Connection": "close"}

        statuses = [
            limited.post("products", [product("A")], headers={**closing}).status for _ in range(8)
        ]

    assert statuses == [200] * 3 + [429] * 5


def test_the_clock_of_several_workers_cannot_be_turned(process: ServerProcess) -> None:
    answer = urllib3.request(
        "PUT", f"{process.url.rstrip('/')}/control/clock", json={"advance_s": 60}
    )

    assert (answer.status, answer.json()["code"]) == (409, "several_workers")


def test_batches_beyond_the_queue_are_told_to_come_again(tmp_path: Path) -> None:
    environ = {**os.environ, "MCS_QUEUE": "1", "MCS_LIVE_STREAMS": "0"}
    with (
        server_process(tmp_path, env=environ, options=["--threads", "1"]) as process,
        urllib3.PoolManager(retries=False, maxsize=16) as http,
    ):
        url = process.url.rstrip("/")
        data_space = elsewhere(url, http).data_space()
        stall = {"action": "stall", "parameters": {"seconds": 1}, "count": 1}
        data_space.control("POST", "/faults", json=stall)

        with ThreadPoolExecutor(8) as pool:
            answers = list(
                pool.map(lambda n: data_space.post("products", [product(str(n))]), range(8))
            )

        taken = [answer for answer in answers if answer.status == 200]
        refused = [answer for answer in answers if answer.status == 503]
        assert len(taken) + len(refused) == 8
        assert len(taken) >= 2
        assert refused
        assert {answer.headers["Retry-After"] for answer in refused} == {"2"}
        assert {answer.json()["code"] for answer in refused} == {"overloaded"}
        assert len(data_space.received()) == len(taken)


def test_a_connection_without_a_request_keeps_no_thread_from_others(tmp_path: Path) -> None:
    options = ["--threads", "1"]
    environ = {**os.environ, "MCS_LIVE_STREAMS": "0", "MCS_REQUEST_TIMEOUT_S": "600"}
    with server_process(tmp_path, env=environ, options=options) as process:
        url = f"{process.url.rstrip('/')}/control/data-spaces"
        with (
            urllib3.PoolManager(retries=False) as idle,
            urllib3.PoolManager(retries=False, timeout=60) as other,
        ):
            first = idle.request("GET", url)
            second = idle.request("GET", url)
            third = other.request("GET", url)

            assert (first.status, second.status, third.status) == (200, 200, 200)


def _workers(process: ServerProcess) -> list[int]:
    children = Path(f"/proc/{process.process.pid}/task/{process.process.pid}/children")
    return [int(pid) for pid in children.read_text("ascii").split()]
