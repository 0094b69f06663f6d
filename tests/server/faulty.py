"""A data space whose service misbehaves by rule, as tests set it up and look at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import urllib3

from tests.server.running import Answer, DataSpaceClient, RunningService, config, running


@dataclass
class TurnedClock:
    """The service's clock, as a test turns it; exporters sign by the one on the wall."""

    ahead: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def turn(self, **by: float) -> None:
        """Lets time go by."""
        self.ahead += timedelta(**by)


@contextmanager
def turned(directory: Path) -> Iterator[tuple[RunningService, TurnedClock]]:
    """A service on a clock that can be turned; signatures are good for a century after."""
    clock = TurnedClock()
    with running(config(directory, jwt_leeway_s=100 * 366 * 86_400), clock) as service:
        yield service, clock


def put_in_force(data_space: DataSpaceClient, action: str, **rule: Any) -> dict[str, Any]:
    """The rule with this action, as the service shows it."""
    answer = data_space.control("POST", "/faults", json={"action": action, **rule})
    assert answer.status == 201, answer.data
    made: dict[str, Any] = answer.json()
    return made


def rules(data_space: DataSpaceClient) -> list[dict[str, Any]]:
    """The rules as the service shows them."""
    shown: list[dict[str, Any]] = data_space.control("GET", "/faults").json()["faults"]
    return shown


def events(data_space: DataSpaceClient) -> list[dict[str, Any]]:
    """What the rules did."""
    journal: list[dict[str, Any]] = data_space.control("GET", "/faults/journal").json()["events"]
    return journal


def held(data_space: DataSpaceClient) -> dict[str, Any]:
    """The products that the service holds, by SKU."""
    return {line["item"]["sku"]: line["item"] for line in data_space.received("?payload=1")}


def versions(data_space: DataSpaceClient, sku: str) -> list[dict[str, Any]]:
    """The writes of a product, oldest first."""
    [line] = [line for line in data_space.received() if line["identity"]["sku"] == sku]
    answer = data_space.control("GET", f"/received/{line['feed']}/{line['key']}")
    found: list[dict[str, Any]] = answer.json()["versions"]
    return found


def wait_for_request(data_space: DataSpaceClient) -> None:
    """Returns once the journal has a request whose client did not wait for the answer."""
    for _ in range(1000):
        if data_space.requests():
            return
    raise AssertionError("the request never came into the journal")


def outcome_of(answer: Answer | Exception) -> Any:
    """The status of an answer, or the name of what came instead of one."""
    if isinstance(answer, urllib3.exceptions.ProtocolError) and len(answer.args) > 1:
        return type(answer.args[1]).__name__
    return type(answer).__name__ if isinstance(answer, Exception) else answer.status


def posted(data_space: DataSpaceClient, feed: str, batch: Any) -> Answer | Exception:
    """The answer to a batch, or what came instead of one."""
    try:
        return data_space.post(feed, batch)
    except urllib3.exceptions.HTTPError as error:
        return error
