"""What rules make of whole requests, save for cut connections: answers, pauses, clocks."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import urllib3

from mcs.contract.signature import sign
from tests.server.faulty import events, held, put_in_force, wait_for_request
from tests.server.running import DataSpaceClient, product

BATCH = [product("A"), product("B")]


def _of_request(event: dict[str, Any]) -> tuple[Any, ...]:
    return event["action"], event["feed"], event["key"], event["index"], event["items"]


def test_answer_is_as_scripted_and_nothing_is_recorded(data_space: DataSpaceClient) -> None:
    wanted = {"status": 418, "headers": {"X-Tea": "green"}, "body": {"short": "and stout"}}
    rule = put_in_force(data_space, "answer", parameters=wanted)

    answer = data_space.post("products", BATCH)

    assert (answer.status, answer.headers["X-Tea"]) == (418, "green")
    assert answer.json() == {"short": "and stout"}
    assert answer.headers["Content-Type"] == "application/json"
    assert held(data_space) == {}
    [event] = events(data_space)
    assert _of_request(event) == ("answer", "products", None, None, 2)
    [request] = data_space.requests()
    assert (request["status"], request["accepted"], request["code"]) == (418, 0, "fault")
    assert request["fault"] == [{"id": rule["id"], "action": "answer"}]


@pytest.mark.parametrize("status", [200, 204, 302, 599])
def test_scripted_answer_may_be_empty(data_space: DataSpaceClient, status: int) -> None:
    put_in_force(data_space, "answer", parameters={"status": status, "body": ""})

    answer = data_space.http.request(
        "POST",
        data_space.url + data_space.path("products"),
        body=json.dumps(BATCH),
        headers=data_space.headers(),
        redirect=False,
    )

    assert (answer.status, answer.data) == (status, b"")


@pytest.mark.parametrize(
    ("action", "status", "retry_after"), [("throttle", 429, "60"), ("maintenance", 503, "300")]
)
@pytest.mark.parametrize("shape", ["json", "html"])
def test_outage_says_when_to_come_again(
    data_space: DataSpaceClient, action: str, status: int, retry_after: str, shape: str
) -> None:
    put_in_force(data_space, action, parameters={"shape": shape})

    answer = data_space.post("products", BATCH)

    assert (answer.status, answer.headers["Retry-After"]) == (status, retry_after)
    assert shape in answer.headers["Content-Type"]
    assert (held(data_space), len(events(data_space))) == ({}, 1)


def test_outage_may_leave_open_when_to_come_again(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "throttle", parameters={"retry_after_s": None})

    answer = data_space.post("products", BATCH)

    assert "Retry-After" not in answer.headers


def test_dropped_write_is_answered_as_accepted(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "drop_write")
    put_in_force(data_space, "lose")

    answer = data_space.post("products", BATCH)

    assert answer.json() == {"feedItemReceivedCount": 2, "invalidFeedItems": []}
    assert held(data_space) == {}
    assert [event["action"] for event in events(data_space)] == ["drop_write"]
    assert data_space.requests()[0]["accepted"] == 2


def test_malformed_answer_hides_that_all_was_recorded(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "malform")

    answer = data_space.post("products", BATCH)

    with pytest.raises(json.JSONDecodeError):
        answer.json()
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert sorted(held(data_space)) == ["A", "B"]
    assert [event["action"] for event in events(data_space)] == ["malform"]


@pytest.mark.parametrize("where", ["before_answer", "after_headers"])
def test_stalled_answer_comes_too_late_and_all_is_recorded(
    data_space: DataSpaceClient, where: str
) -> None:
    put_in_force(data_space, "stall", parameters={"seconds": 5, "where": where})
    address = data_space.url + data_space.path("products")
    body, headers = json.dumps(BATCH), data_space.headers()

    with pytest.raises(urllib3.exceptions.HTTPError, match=r"[Tt]imed out"):
        data_space.http.request("POST", address, body=body, headers=headers, timeout=0.2)

    wait_for_request(data_space)
    assert sorted(held(data_space)) == ["A", "B"]
    assert [event["action"] for event in events(data_space)] == ["stall"]
    assert data_space.requests()[0]["answered"] is True


def test_trickling_answer_comes_whole(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "trickle", parameters={"piece_bytes": 7, "pause_s": 0})

    answer = data_space.http.request(
        "POST",
        data_space.url + data_space.path("products"),
        body=json.dumps(BATCH),
        headers=data_space.headers(),
        preload_content=False,
    )

    pieces = []
    while piece := answer.read1():
        pieces.append(piece)
    assert json.loads(b"".join(pieces))["feedItemReceivedCount"] == 2
    assert [event["action"] for event in events(data_space)] == ["trickle"]


def test_skewed_clock_finds_a_good_signature_expired(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "skew", identity={"sku": "A"}, count=1)

    expired = data_space.post("products", BATCH)
    good = data_space.post("products", BATCH)

    assert (expired.status, expired.json()["code"], good.status) == (401, "jwt_expired", 200)
    assert [_of_request(event) for event in events(data_space)] == [
        ("skew", "products", None, None, 2)
    ]
    assert data_space.requests()[1]["fault"][0]["action"] == "skew"


def test_late_clock_takes_an_expired_signature(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "skew", parameters={"seconds": -7200})
    expired = sign(data_space.private_key, datetime.now(UTC) - timedelta(hours=1))

    answer = data_space.post("products", BATCH, headers={"x-gw-signature": expired})

    assert answer.status == 200


def test_requests_that_were_not_let_in_pass_no_rule(data_space: DataSpaceClient) -> None:
    rule = put_in_force(data_space, "skew")
    put_in_force(data_space, "maintenance")

    unknown = data_space.post("products", BATCH, headers={"x-api-key": "nobody"})
    unreadable = data_space.post("products", b"no JSON")

    assert (unknown.status, unreadable.status) == (403, 400)
    assert events(data_space) == []
    assert rule["seen"] == 0


def test_first_of_two_rules_decides_the_answer(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "throttle", nth=2)
    put_in_force(data_space, "maintenance")

    statuses = [data_space.post("products", BATCH).status for _ in range(3)]

    assert statuses == [503, 429, 503]
    assert [event["action"] for event in events(data_space)] == [
        "maintenance",
        "throttle",
        "maintenance",
    ]


def test_rules_for_different_parts_of_the_way_all_hit(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "stall", parameters={"seconds": 0})
    put_in_force(data_space, "maintenance")
    put_in_force(data_space, "malform", parameters={"body": "<html>"})
    put_in_force(data_space, "trickle", parameters={"pause_s": 0})

    answer = data_space.post("products", BATCH)

    assert (answer.status, answer.data) == (503, b"<html>")
    assert len(data_space.requests()[0]["fault"]) == 4
