"""The service's clock, turned by tests and tools: everything that takes a time follows it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mcs.contract.errors import UsageError
from mcs.server.clock import ClockKind, TurnableClock
from tests.server.running import Answer, DataSpaceClient, RunningService, config, running

NOW = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
PRICE = {"sku": "A", "customerGroupCode": "0", "websiteCode": "base", "deleted": False}


@pytest.fixture
def own_service(tmp_path: Path) -> Iterator[RunningService]:
    """A service of this test alone, since its clock is turned for all its data spaces."""
    with running(config(tmp_path)) as service:
        yield service


def turn(service: RunningService, how: Any) -> Answer:
    return service.http.request("PUT", service.url + "/control/clock", json=how)


def show(service: RunningService) -> dict[str, Any]:
    shown: dict[str, Any] = service.http.request("GET", service.url + "/control/clock").json()
    return shown


def received_at(data_space: DataSpaceClient) -> datetime:
    [line] = data_space.received()
    return datetime.fromisoformat(line["received_at"])


def test_clock_shows_the_machines_time_until_it_is_turned(service: RunningService) -> None:
    before = datetime.now(UTC)

    shown = show(service)

    assert (shown["clock"], shown["offset_s"]) == ("real", 0)
    assert before <= datetime.fromisoformat(shown["now"]) <= datetime.now(UTC)


def test_what_is_received_on_a_stopped_clock_bears_its_time(own_service: RunningService) -> None:
    data_space = own_service.data_space()
    moment = datetime.now(UTC) - timedelta(minutes=3)

    stopped = turn(own_service, {"now": moment.isoformat()}).json()
    data_space.post("prices", [PRICE])

    assert (stopped["clock"], stopped["now"]) == ("fixed", moment.isoformat())
    assert received_at(data_space) == moment


def test_signatures_expire_by_the_services_clock(own_service: RunningService) -> None:
    data_space = own_service.data_space()
    signed = data_space.headers()

    ahead = turn(own_service, {"advance_s": 3600}).json()
    late = data_space.post("prices", [PRICE], headers=dict(signed))
    turn(own_service, {"real": True})
    in_time = data_space.post("prices", [PRICE], headers=dict(signed))

    assert (ahead["clock"], ahead["offset_s"]) == ("offset", 3600)
    assert (late.status, late.json()["code"]) == (401, "jwt_expired")
    assert in_time.status == 200
    assert show(own_service)["clock"] == "real"


def test_throttled_exporter_is_admitted_once_the_clock_moved_on(
    own_service: RunningService,
) -> None:
    data_space = own_service.data_space(requests_per_minute=1)
    turn(own_service, {"now": datetime.now(UTC).isoformat()})

    first, second = (data_space.post("prices", [PRICE]) for _ in range(2))
    turn(own_service, {"advance_s": 60})
    third = data_space.post("prices", [PRICE])

    assert [first.status, second.status, third.status] == [200, 429, 200]
    assert second.headers["Retry-After"] == "60"


def test_clock_that_is_turned_back_does_not_shut_anyone_out(own_service: RunningService) -> None:
    data_space = own_service.data_space(requests_per_minute=2)

    first = data_space.post("prices", [PRICE])
    turn(own_service, {"advance_s": -86_400})
    second = data_space.post("prices", [PRICE])

    assert [first.status, second.status] == [200, 200]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({}, "Send one of"),
        ({"now": NOW.isoformat(), "advance_s": 1}, "Send one of"),
        ({"real": False}, "Send one of"),
        ({"now": "2026-11-22T19:00:00"}, "with its zone"),
        ({"now": 7}, "now: got 7"),
        ({"advance_s": "60"}, "expected a number of seconds"),
        ({"advance_s": 1e300}, "1970 to 9998"),
        ({"advance_s": -1e11}, "1970 to 9998"),
        ({"speed": 60}, '"speed" is not known here'),
    ],
    ids=["empty", "two", "not-real", "no-zone", "number", "text", "huge", "early", "unknown"],
)
def test_turn_that_cannot_be_made_is_explained(
    service: RunningService, how: dict[str, Any], told: str
) -> None:
    answer = turn(service, how)

    assert answer.status == 400
    assert told in answer.json()["message"]
    assert show(service)["clock"] == "real"


def test_stopped_clock_stands_and_is_moved_by_advancing_alone() -> None:
    clock = TurnableClock(lambda: datetime.now(UTC))

    clock.freeze(NOW)
    stood = clock()
    clock.advance(1.5)

    assert stood == NOW
    assert clock() == NOW + timedelta(seconds=1.5)
    assert clock.reading().kind is ClockKind.FIXED


def test_offsets_add_up_and_cancel_out() -> None:
    clock = TurnableClock(lambda: NOW)

    clock.advance(90)
    ahead = clock.reading()
    clock.advance(-90)

    assert (ahead.kind, ahead.now) == (ClockKind.OFFSET, NOW + timedelta(seconds=90))
    assert clock.reading().kind is ClockKind.REAL


def test_clock_out_of_range_stays_as_it_was() -> None:
    clock = TurnableClock(lambda: NOW)

    with pytest.raises(UsageError, match="1970 to 9998"):
        clock.freeze(datetime(1969, 1, 1, tzinfo=UTC))

    assert clock() == NOW
