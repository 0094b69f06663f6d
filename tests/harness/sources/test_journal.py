"""What a service's journal answers, as values; and a service that keeps none of it."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from mcs.harness.errors import CouldNotTell
from mcs.harness.evidence import Journal, Visibility
from mcs.harness.known import NamedItems
from mcs.harness.sources.journal import request_facts
from mcs.harness.sources.service import Service
from tests.harness.sides import PRICES, DataSpace, price

SPACE = "3f1c8f6e-0000-4000-8000-000000000000"
REQUEST = {
    "request_id": "r-1",
    "feed": "prices",
    "received_at": "2026-11-22T10:00:00+00:00",
    "status": 200,
    "items": 2,
    "accepted": 2,
    "rejected": 0,
    "code": None,
    "message": None,
}


def answering(value: Any, status: str = "200 OK") -> bytes:
    body = orjson.dumps(value)
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status.encode(), len(body)) + body


@pytest.mark.parametrize(
    ("fault", "names"),
    [
        ({}, ()),
        ({"fault": None}, ()),
        ({"fault": ["drop_write"]}, ("drop_write",)),
        ({"fault": [{"id": 7, "action": "close"}]}, ("close",)),
    ],
    ids=["none-told", "null", "names", "objects"],
)
def test_a_request_tells_the_faults_that_hit_it(
    fault: dict[str, Any], names: tuple[str, ...]
) -> None:
    assert request_facts({**REQUEST, **fault}).fault == names


def test_requests_are_asked_for_in_parts_and_once(data_space: DataSpace) -> None:
    batch = data_space.receive(price("A"))
    unknown = [f"r-{number}" for number in range(1500)]

    with Service(data_space.url, data_space.id) as service:
        found = service.requests([*unknown, batch.request_id])
        again = service.requests([batch.request_id])

    assert list(found) == [batch.request_id]
    assert again == found
    assert (found[batch.request_id].status, found[batch.request_id].items) == (200, 1)


def test_a_feed_is_empty_until_anything_of_it_came(data_space: DataSpace) -> None:
    data_space.receive(price("A"))

    with Service(data_space.url, data_space.id) as service:
        assert isinstance(service, Journal)
        assert isinstance(service, NamedItems)
        assert (service.is_empty("products"), service.is_empty(PRICES.name)) == (True, False)
        assert service.histories("orders", ["k"]) == {}


def test_it_is_told_where_an_item_is_shown(canned: Callable[[bytes], str]) -> None:
    since, later = "2026-11-22T10:00:00+00:00", "2026-11-22T10:15:00+00:00"
    shown = {"visible": True, "since": since, "from": None}
    coming = {"visible": False, "since": None, "from": later}
    page = answering({"services": {"catalog_service": shown, "live_search": coming}})

    with Service(canned(page), SPACE) as service:
        found = service.visibility("prices", "k")

    assert found == [
        Visibility("catalog_service", visible=True, since=since),
        Visibility("live_search", visible=False, since=later),
    ]


def test_a_service_that_does_not_tell_what_is_shown_is_borne(
    canned: Callable[[bytes], str],
) -> None:
    with Service(canned(answering({}, "404 Not Found")), SPACE) as service:
        assert service.visibility("prices", "k") == []


@pytest.mark.parametrize(
    ("page", "told"),
    [
        (answering({}, "404 Not Found"), "answered 404 Not Found"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{", "broke off"),
        (answering([]), "broke off"),
        (answering({"requests": [{}]}), "broke off"),
    ],
    ids=["no-journal", "no-json", "no-object", "no-request"],
)
def test_a_journal_that_cannot_be_read_is_told(
    canned: Callable[[bytes], str], page: bytes, told: str
) -> None:
    with Service(canned(page), SPACE) as service, pytest.raises(CouldNotTell, match=told):
        service.requests(["r-1"])
