"""Items that are lost on purpose, and the journal that says exactly which."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcs.contract.feeds import FEEDS
from mcs.server.faults.candidates import Candidate
from mcs.server.faults.counting import Count, Tally
from mcs.server.faults.rules import Rule
from tests.server.running import DataSpaceClient, product


def _add(data_space: DataSpaceClient, **fault: Any) -> dict[str, Any]:
    answer = data_space.control("POST", "/faults", json={"action": "lose", **fault})
    assert answer.status == 201, answer.data
    made: dict[str, Any] = answer.json()
    return made


def _held(data_space: DataSpaceClient) -> set[str]:
    return {line["identity"]["sku"] for line in data_space.received()}


def test_lost_item_is_answered_as_accepted_and_not_recorded(data_space: DataSpaceClient) -> None:
    _add(data_space, every=3)

    answer = data_space.post("products", [product(sku) for sku in "ABCDEF"])

    assert answer.json() == {"feedItemReceivedCount": 6, "invalidFeedItems": []}
    assert _held(data_space) == set("ABDE")
    assert data_space.requests()[0]["accepted"] == 6


def test_journal_names_every_lost_item(data_space: DataSpaceClient) -> None:
    fault = _add(data_space, every=2)
    answer = data_space.post("products", [product("A"), product("B")])

    [event] = data_space.control("GET", "/faults/journal").json()["events"]

    assert event.pop("at")
    assert len(event.pop("key")) == 40
    assert event == {
        "fault_id": fault["id"],
        "action": "lose",
        "feed": "products",
        "identity": {"sku": "B", "storeViewCode": "default"},
        "request_id": answer.headers["x-request-id"],
        "index": 1,
        "items": 1,
        "recorded": False,
        "change": None,
        "due": None,
        "recorded_at": None,
    }


def test_counting_goes_on_from_request_to_request(data_space: DataSpaceClient) -> None:
    _add(data_space, every=2, count=2)

    for sku in "ABCDEF":
        data_space.post("products", [product(sku)])

    [fault] = data_space.control("GET", "/faults").json()["faults"]
    assert _held(data_space) == set("ACEF")
    assert (fault["seen"], fault["applied"]) == (6, 2)


def test_refused_items_do_not_pass_a_fault(data_space: DataSpaceClient) -> None:
    _add(data_space, every=2)

    data_space.post("products", [product("A"), product(""), product("B")])

    assert _held(data_space) == {"A"}


def test_fault_of_one_feed_leaves_the_others_alone(data_space: DataSpaceClient) -> None:
    _add(data_space, feed="prices")

    data_space.post("products", [product("A")])

    assert _held(data_space) == {"A"}


def test_cleared_faults_end_and_their_journal_stays(data_space: DataSpaceClient) -> None:
    _add(data_space, count=5)
    data_space.post("products", [product("A")])

    cleared = data_space.control("DELETE", "/faults").json()
    data_space.post("products", [product("B")])

    assert cleared == {"cleared": 1}
    assert _held(data_space) == {"B"}
    assert len(data_space.control("GET", "/faults/journal").json()["events"]) == 1


def test_new_fault_is_answered_with_its_defaults(data_space: DataSpaceClient) -> None:
    fault = _add(data_space)

    del fault["id"]
    assert fault == {
        "action": "lose",
        "parameters": {},
        "enabled": True,
        "note": "",
        "feed": None,
        "nth": None,
        "every": 1,
        "probability": None,
        "seed": 0,
        "identity": None,
        "where": None,
        "indexes": None,
        "attempt": None,
        "from": None,
        "until": None,
        "count": None,
        "seen": 0,
        "applied": 0,
    }


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({}, "expected one of: answer"),
        ({"action": "explode"}, "action: got 'explode'"),
        ({"action": ["lose"]}, "expected one of: answer"),
        ({"action": "lose", "every": 0}, "every: got 0"),
        ({"action": "lose", "every": "2"}, "whole number of 1 or more"),
        ({"action": "lose", "every": 2**63}, "whole number of 1 or more"),
        ({"action": "lose", "count": True}, "count: got True"),
        ({"action": "lose", "feed": "toys"}, "feed: got 'toys'"),
        ({"action": "lose", "evry": 2}, '"evry" is no part of a fault'),
        ([], "no JSON object"),
    ],
    ids=str,
)
def test_fault_that_makes_no_sense_is_explained(
    data_space: DataSpaceClient, fault: Any, reason: str
) -> None:
    answer = data_space.control("POST", "/faults", json=fault)

    assert answer.status == 400
    assert reason in answer.json()["message"]


@given(
    every=st.integers(1, 5),
    count=st.none() | st.integers(1, 5),
    batches=st.lists(st.integers(0, 7), max_size=6),
)
def test_every_nth_item_is_lost_however_items_are_batched(
    every: int, count: int | None, batches: list[int]
) -> None:
    rule = Rule("lose", id=1, every=every, count=count)
    item = Candidate(FEEDS["products"], 0, [product("A")])
    lost: list[int] = []
    total = 0
    for size in batches:
        tally = Tally([rule], {1: Count(rule.seen, rule.applied)}, {})
        lost += [total + number for number in range(size) if tally.hits(rule, item)]
        for seen, applied, _ in tally.moved():
            rule = replace(rule, seen=seen, applied=applied)
        total += size

    assert lost == list(range(every - 1, total, every))[:count]
    assert (rule.seen, rule.applied) == (total, len(lost))
