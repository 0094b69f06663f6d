"""Settings → Resync, and what the exporter says of its runs."""

from typing import Any

import pytest

from tests.server.dashboard.conftest import Visitor
from tests.server.running import DataSpaceClient, product


def begin(data_space: DataSpaceClient, feed: str = "products", **fields: Any) -> str:
    body = {"feed": feed, "operation": "full sync", "sources": 200, **fields}
    answer = data_space.control("POST", "/runs", json=body)
    assert answer.status == 201, answer.data
    return f"/runs/{answer.json()['id']}"


def status(visitor: Visitor, home: str) -> dict[str, Any]:
    found: dict[str, Any] = visitor.json(home)["status"]["last_sync"]
    return found


def test_a_resync_of_some_feeds_waits_for_the_exporter(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    sent = visitor.send(f"{home}settings", f"{home}settings/resync", feed="prices", when="window")

    [asked] = data_space.control("GET", "/resyncs").json()["resyncs"]
    assert (sent.status, sent.headers["Location"]) == (303, f"{home}settings#resync")
    assert (asked["feeds"], asked["now"], asked["state"]) == (["prices"], False, "requested")


def test_a_resync_of_everything_may_be_asked_for_now(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    visitor.send(f"{home}settings", f"{home}settings/resync", when="now")

    [row] = visitor.json(f"{home}settings")["resyncs"]["rows"]
    assert (row["what"], row["when"]) == ("all feeds", "at the next pass")


def test_a_resync_of_no_feed_at_all_is_refused(visitor: Visitor, home: str) -> None:
    sent = visitor.send(f"{home}settings", f"{home}settings/resync", feed="toys")

    assert sent.status == 400
    assert b"toys" in sent.data


def test_who_does_not_report_is_shown_what_to_run(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A")])
    silent = visitor.json(f"{home}settings")
    data_space.control("PUT", begin(data_space), json={"state": "success"})
    reporting = visitor.json(f"{home}settings")

    assert "bin/magento saas:resync --feed products" in silent["commands"]
    assert (silent["reported"], reporting["reported"]) == (False, True)


def test_a_run_is_in_progress_until_it_ends_well(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    run = begin(data_space)
    data_space.control("PUT", run, json={"sources_done": 50, "submitted": 45})
    going = status(visitor, home)
    data_space.control("PUT", run, json={"state": "success", "sources_done": 200, "submitted": 190})
    done = status(visitor, home)

    assert (going["state"], going["going"]["done"], going["going"]["total"]) == (
        "In progress",
        50,
        200,
    )
    assert (done["state"], done["products_updated"]) == ("Success", 190)


def test_a_failed_run_says_why(visitor: Visitor, data_space: DataSpaceClient, home: str) -> None:
    data_space.control("PUT", begin(data_space), json={"state": "failed", "reason": "no key"})

    failed = status(visitor, home)

    assert (failed["state"], failed["reason"]) == ("Failed", "products: no key")


@pytest.mark.parametrize(
    "body",
    [{"state": "over"}, {"submitted": -1}, {"submitted": True}, {"reason": ""}, {"speed": 1}],
    ids=str,
)
def test_a_report_of_what_is_none_is_refused(data_space: DataSpaceClient, body: Any) -> None:
    assert data_space.control("PUT", begin(data_space), json=body).status == 400


def test_another_data_spaces_run_cannot_be_touched(
    data_space: DataSpaceClient, service: Any
) -> None:
    run = begin(data_space)

    answer = service.data_space().control("PUT", run, json={"state": "failed"})

    assert (answer.status, answer.json()["code"]) == (404, "unknown_run")


def test_runs_are_listed_newest_first_and_by_feed(data_space: DataSpaceClient) -> None:
    for feed in ("products", "prices", "products"):
        begin(data_space, feed)

    runs = data_space.control("GET", "/runs?feed=products&limit=1").json()["runs"]

    assert [run["feed"] for run in runs] == ["products"]
    assert len(data_space.control("GET", "/runs").json()["runs"]) == 3
