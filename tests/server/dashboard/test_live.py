"""The status as server-sent events: told at once, then when it changes, to a bounded number."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

import pytest
import urllib3

from mcs.server.dashboard.live import TICK_S, Live
from tests.server.dashboard.conftest import Visitor
from tests.server.running import DataSpaceClient, RunningService, config, product, running


@contextmanager
def listening(service: RunningService, path: str) -> Iterator[Iterator[str]]:
    """The data of each event, as it comes."""
    answer = service.http.request(
        "GET", service.url + path, preload_content=False, timeout=urllib3.Timeout(read=20)
    )
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    try:
        yield events_of(answer)
    finally:
        answer.close()


def wait_for_room(service: RunningService, path: str) -> str:
    """The first event of the first stream that is let in."""
    deadline = monotonic() + 20
    while monotonic() < deadline:
        answer = service.http.request("GET", service.url + path, preload_content=False)
        try:
            if answer.status == 200:
                return next(events_of(answer))
        finally:
            answer.close()
    raise AssertionError("no room was made")


def events_of(answer: urllib3.BaseHTTPResponse) -> Iterator[str]:
    """The data of each event of an answer, as it comes."""
    lines: list[str] = []
    for line in answer:
        text = line.decode().rstrip("\n")
        if text.startswith("data: "):
            lines.append(text.removeprefix("data: "))
        elif not text and lines:
            yield "\n".join(lines)
            lines = []


def test_what_comes_in_is_told_to_who_watches(
    service: RunningService, data_space: DataSpaceClient, home: str
) -> None:
    with listening(service, f"{home}live") as events:
        before = next(events)
        data_space.post("products", [product("A")])
        after = next(text for text in events if "In progress" in text)

    assert "Never synced" in before
    assert "Sync of <strong>products</strong>" in after


def test_what_is_told_is_the_pages_own_part(
    service: RunningService, visitor: Visitor, home: str
) -> None:
    with listening(service, f"{home}live") as events:
        told = next(events)

    assert told.splitlines() == visitor.page(f"{home}?fragment=status").splitlines()


def test_streams_are_bounded_and_a_closed_one_makes_room(tmp_path: Path) -> None:
    with running(config(tmp_path, live_streams=1)) as service:
        live = f"/data-spaces/{service.data_space().id}/live"
        with listening(service, live) as events:
            next(events)
            refused = service.http.request("GET", service.url + live)
        again = wait_for_room(service, live)

    assert (refused.status, refused.headers["Retry-After"]) == (503, "5")
    assert "Never synced" in again


def test_no_streams_at_all_can_be_wanted(tmp_path: Path) -> None:
    with running(config(tmp_path, live_streams=0)) as service:
        live = f"/data-spaces/{service.data_space().id}/live"

        assert service.http.request("GET", service.url + live).status == 503


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_the_stream_of_an_unknown_data_space_is_not_found(visitor: Visitor, accept: str) -> None:
    assert visitor.get("/data-spaces/none/live", accept).status == 404


def test_a_stream_of_requests_is_coalesced_while_thousands_of_items_come_in(
    service: RunningService, data_space: DataSpaceClient, home: str
) -> None:
    statuses: list[int] = []
    batches = [[product(f"{n}-{m}") for m in range(50)] for n in range(60)]

    def post() -> None:
        statuses.extend(data_space.post("products", batch).status for batch in batches)
        data_space.post("products", b"the end")

    poster = threading.Thread(target=post)
    began = monotonic()
    with listening(service, f"{home}inspect/live") as events:
        told = [next(events)]
        poster.start()
        while "no JSON" not in told[-1]:
            told.append(next(events))
        poster.join()
    ticks = (monotonic() - began) / TICK_S

    assert statuses == [200] * 60
    assert len(told) <= ticks + 1
    assert max(map(len, told)) < 100_000


def test_the_stream_follows_the_filter_of_the_list(
    service: RunningService, data_space: DataSpaceClient, home: str
) -> None:
    with listening(service, f"{home}inspect/live?show=failed") as events:
        empty = next(events)
        data_space.post("products", [product("A")])
        data_space.post("prices", b"{nope")
        failed = next(text for text in events if "no JSON" in text)

    assert "No request matches." in empty
    assert "products" not in failed


def test_a_topic_is_forgotten_with_its_last_stream() -> None:
    live = Live(4)

    with live._sharing("a filter"), live._sharing("a filter"), live._sharing("another"):
        shared = dict(live._topics)

    assert set(shared) == {"a filter", "another"}
    assert live._topics == {}
