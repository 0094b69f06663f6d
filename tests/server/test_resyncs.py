"""A resync is asked for here, and done by the exporter of the data space."""

from typing import Any

import pytest

from tests.server.running import DataSpaceClient


def ask(data_space: DataSpaceClient, body: Any) -> dict[str, Any]:
    answer = data_space.control("POST", "/resyncs", json=body)
    assert answer.status == 201, answer.data
    made: dict[str, Any] = answer.json()
    return made


def waiting(data_space: DataSpaceClient) -> list[int]:
    found = data_space.control("GET", "/resyncs?state=requested").json()["resyncs"]
    return [entry["id"] for entry in found]


def test_a_resync_waits_until_the_exporter_takes_it(data_space: DataSpaceClient) -> None:
    first, second = ask(data_space, {"feeds": ["prices"]}), ask(data_space, {})

    taken = data_space.control("PUT", f"/resyncs/{first['id']}", json={"state": "running"})

    assert (first["feeds"], second["feeds"]) == (["prices"], None)
    assert taken.json()["state"] == "running"
    assert waiting(data_space) == [second["id"]]


def test_another_data_spaces_resync_cannot_be_touched(
    data_space: DataSpaceClient, service: Any
) -> None:
    asked = ask(data_space, {})

    answer = service.data_space().control("PUT", f"/resyncs/{asked['id']}", json={"state": "done"})

    assert (answer.status, answer.json()["code"]) == (404, "unknown_resync")
    assert waiting(data_space) == [asked["id"]]


@pytest.mark.parametrize("body", [{"feeds": []}, {"feeds": ["toys"]}, {"feeds": [{}]}, {"feed": 1}])
def test_a_resync_of_what_is_no_feed_is_refused(
    data_space: DataSpaceClient, body: dict[str, Any]
) -> None:
    answer = data_space.control("POST", "/resyncs", json=body)

    assert answer.status == 400
    assert waiting(data_space) == []


@pytest.mark.parametrize("number", ["0", "x", "99999999999999999999"])
def test_a_resync_that_nobody_asked_for_is_not_found(
    data_space: DataSpaceClient, number: str
) -> None:
    answer = data_space.control("PUT", f"/resyncs/{number}", json={"state": "done"})

    assert answer.status == 404


def test_a_state_that_is_none_is_refused(data_space: DataSpaceClient) -> None:
    asked = ask(data_space, {})

    answer = data_space.control("PUT", f"/resyncs/{asked['id']}", json={"state": "lost"})

    assert answer.status == 400
    assert "requested, running, done, failed" in answer.json()["message"]
