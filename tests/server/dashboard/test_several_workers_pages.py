"""Pages of a service of two processes: what one of them did, the other knows."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest
import urllib3

from mcs.server.store.comparisons import INTERRUPTED
from mcs.server_process import ServerProcess, server_process
from tests.exporter.databases import KINDS, fresh_database
from tests.server.dashboard.conftest import Visitor
from tests.server.dashboard.test_live import events_of
from tests.server.running import DataSpaceClient, elsewhere, product
from tests.stories.paired import paired_shop

TOKEN = "open-sesame"


@dataclass
class TwoWorkers:
    """`mcs serve --workers 2` where others reach it, so that its pages ask for a login."""

    process: ServerProcess
    var: Path
    url: str
    opened: ExitStack

    def workers(self) -> list[int]:
        """The process ids of its workers."""
        children = Path(
            f"/proc/{self.process.process.pid}/task/{self.process.process.pid}/children"
        )
        return [int(pid) for pid in children.read_text("ascii").split()]

    def visitor_of(self, worker: int) -> Visitor:
        """A visitor whose one connection is that worker's."""
        http = self.opened.enter_context(urllib3.PoolManager(retries=False, maxsize=1, block=True))
        with _stopped(pid for pid in self.workers() if pid != worker):
            assert http.request("GET", f"{self.url}/control/health").status == 200
        return Visitor(self.url, http)

    def both(self) -> tuple[Visitor, Visitor]:
        """A browser that is logged in, as each of the workers meets it."""
        one, other = (self.visitor_of(worker) for worker in self.workers())
        log_in(one)
        other.cookies = one.cookies
        return one, other

    def data_space(self) -> DataSpaceClient:
        """A new data space."""
        http = self.opened.enter_context(urllib3.PoolManager(retries=False))
        return elsewhere(self.url, http).data_space(partial_failure=200)


@pytest.fixture(scope="module", params=KINDS, ids=str)
def served(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[ServerProcess, Path]]:
    """The server, on either database, and its var folder."""
    var = tmp_path_factory.mktemp("pages")
    with fresh_database(request.param, var) as database:
        environ = {**os.environ, "MCS_DATABASE": database, "MCS_DASHBOARD_TOKEN": TOKEN}
        everywhere = ["--workers", "2", "--host", "0.0.0.0"]  # noqa: S104 - for the login
        with server_process(var, env=environ, options=everywhere) as process:
            yield process, var


@pytest.fixture
def server(served: tuple[ServerProcess, Path]) -> Iterator[TwoWorkers]:
    """The same, with connections of this test."""
    process, var = served
    with ExitStack() as opened:
        port = urllib3.util.parse_url(process.url).port
        yield TwoWorkers(process, var, f"http://127.0.0.1:{port}", opened)


def log_in(visitor: Visitor) -> None:
    """Logs a visitor in."""
    assert visitor.send("/dashboard/login", "/dashboard/login", token=TOKEN).status == 303


def ended(visitor: Visitor, page: str) -> list[dict[str, object]]:
    """The comparisons, newest first, once none of them runs."""
    deadline = monotonic() + 60
    while (view := visitor.json(page))["running"]:
        assert monotonic() < deadline
    found: list[dict[str, object]] = view["runs"]["rows"]
    return found


def test_a_login_holds_at_all_processes_until_logout_at_any(server: TwoWorkers) -> None:
    one, other = server.both()

    inside = [visitor.get("/data-spaces/").status for visitor in (one, other)]
    other.send("/data-spaces/", "/dashboard/logout")
    outside = [visitor.get("/data-spaces/").status for visitor in (one, other)]

    assert (inside, outside) == ([200, 200], [303, 303])


def test_a_comparison_is_seen_and_its_report_read_at_all_processes(server: TwoWorkers) -> None:
    one, other = server.both()
    space = server.data_space()
    page = f"/data-spaces/{space.id}/diff"
    with paired_shop(server.var, space, products=4) as shop:
        shop.resync("products")

        begun = one.send(page, page).status
        second = other.send(page, page).status
        runs = ended(other, page)
    report = other.get(f"{page}/1/report.json", "*/*")

    assert (begun, second) == (303, 409)
    assert [run["state"] for run in runs] == ["in sync"]
    assert report.json()["in_sync"] is True
    assert other.json(page)["verdict"]["run"]["number"] == 1


def test_a_comparison_can_be_stopped_at_another_process(server: TwoWorkers) -> None:
    one, other = server.both()
    space = server.data_space()
    page = f"/data-spaces/{space.id}/diff"
    with paired_shop(server.var, space, products=4):
        one.send(page, page)
        stopped = other.send(page, f"{page}/stop").status
        [run] = ended(one, page)

    assert stopped == 303
    assert (run["state"], run["error"]) == ("could not tell", "It was stopped.")


def test_a_comparison_whose_process_died_is_told_as_broken_off(server: TwoWorkers) -> None:
    dying, *_ = server.workers()
    one, other = server.both()
    space = server.data_space()
    page = f"/data-spaces/{space.id}/diff"
    with paired_shop(server.var, space, products=4) as shop:
        shop.resync("products")
        one.send(page, page)
        running = other.json(page)["running"]["number"]
        os.kill(dying, signal.SIGKILL)
        [broken] = ended(other, page)
        again = other.send(page, page).status
        newest, *_ = ended(other, page)

    assert (running, broken["error"]) == (1, INTERRUPTED)
    assert (again, newest["number"], newest["state"]) == (303, 2, "in sync")


def test_a_stream_of_one_process_tells_what_another_recorded(server: TwoWorkers) -> None:
    one, other = server.both()
    space = server.data_space()
    recording = DataSpaceClient(space.url, other.http, space.id, space.api_key, space.private_key)
    cookies = "; ".join(f"{name}={value}" for name, value in one.cookies.items())

    answer = one.http.request(
        "GET",
        f"{one.url}/data-spaces/{space.id}/live",
        headers={"Cookie": cookies},
        preload_content=False,
        timeout=urllib3.Timeout(read=20),
    )
    events = events_of(answer)
    before = next(events)
    assert recording.post("products", [product("A")]).status == 200
    after = next(text for text in events if "In progress" in text)
    answer.close()

    assert "Never synced" in before
    assert "Sync of <strong>products</strong>" in after


@contextmanager
def _stopped(pids: Iterator[int]) -> Iterator[None]:
    """Lets processes stand still meanwhile."""
    stopped = list(pids)
    for pid in stopped:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in stopped:
            os.kill(pid, signal.SIGCONT)
