"""When an exporter's windows open, as it tells the service."""

from typing import Any

import pytest

from tests.server.dashboard.conftest import Visitor
from tests.server.running import DataSpaceClient, RunningService

TOLD = {"every_s": 900, "next_at": "2000-01-01T01:05:00+01:00"}


def test_what_was_told_last_is_kept(data_space: DataSpaceClient) -> None:
    before = data_space.control("GET", "/schedule")
    data_space.control("PUT", "/schedule", json={**TOLD, "every_s": 60})
    data_space.control("PUT", "/schedule", json=TOLD)

    kept = data_space.control("GET", "/schedule").json()

    assert (before.status, before.json()["code"]) == (404, "unknown_schedule")
    assert (kept["every_s"], kept["next_at"]) == (900, "2000-01-01T00:05:00.000000+00:00")


@pytest.mark.parametrize("place", ["", "settings"])
def test_pages_count_down_to_the_window_that_was_told(
    service: RunningService, data_space: DataSpaceClient, place: str
) -> None:
    visitor, page = Visitor(service.url, service.http), f"/data-spaces/{data_space.id}/{place}"
    guessed = _window(visitor.json(page))
    data_space.control("PUT", "/schedule", json=TOLD)

    told = _window(visitor.json(page))

    assert (guessed["told"], guessed["opens_at"][13:]) == (False, ":00:00+00:00")
    assert (told["told"], told["within_s"]) == (True, 900)
    assert int(told["opens_at"][14:16]) % 15 == 5


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ({"every_s": 0}, "every_s: got 0, expected a whole number of seconds from 1"),
        ({"every_s": True}, "every_s: got True"),
        ({"every_s": "60"}, "every_s: got '60'"),
        ({"next_at": "noon"}, "next_at: got 'noon', expected an ISO 8601 time with a zone"),
        ({"next_at": "2026-11-22T19:00:00"}, "with a zone"),
        ({"next_at": None}, "next_at: got None"),
    ],
    ids=str,
)
def test_what_is_no_schedule_is_refused(
    data_space: DataSpaceClient, wrong: dict[str, Any], expected: str
) -> None:
    answer = data_space.control("PUT", "/schedule", json={**TOLD, **wrong})

    assert answer.status == 400
    assert expected in answer.json()["message"] + str(answer.json())
    assert data_space.control("GET", "/schedule").status == 404


def _window(view: dict[str, Any]) -> dict[str, Any]:
    window: dict[str, Any] = view.get("status", view)["next_window"]
    return window
