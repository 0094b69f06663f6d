"""When a rule hits, how it is switched and ended, and how one that makes no sense is explained."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mcs.contract.errors import UsageError
from mcs.server.faults.actions import ACTIONS
from mcs.server.faults.rules import defined_rule, new_rule
from tests.server.faulty import events, held, put_in_force, rules
from tests.server.running import DataSpaceClient, product


def _lost(data_space: DataSpaceClient) -> list[str]:
    return [event["identity"]["sku"] for event in events(data_space)]


@pytest.mark.parametrize(
    ("conditions", "lost"),
    [
        ({"nth": 2}, "B"),
        ({"nth": [1, 4]}, "AD"),
        ({"every": 2, "count": 1}, "B"),
        ({"nth": [2, 3, 4], "every": 2}, "BD"),
        ({"probability": 1}, "ABCD"),
        ({"probability": 0}, ""),
        ({"identity": {"sku": "C", "storeViewCode": "default"}}, "C"),
        ({"where": "@.weight >= 3"}, "CD"),
        ({"where": "@.tags[?@ == 'new']", "nth": 1}, "A"),
        ({"where": "match(@.sku, '[AD]')"}, "AD"),
        ({"indexes": [0, 3]}, "AD"),
        ({"feed": "prices"}, ""),
        ({"enabled": False}, ""),
        ({"from": "2200-01-01"}, ""),
        ({"from": "2020-01-01T00:00:00Z", "until": "2021-01-01T00:00:00+01:00"}, ""),
        ({"from": "2020-01-01", "until": "2200-01-01", "nth": 3}, "C"),
    ],
    ids=str,
)
def test_rule_hits_what_meets_all_its_conditions(
    data_space: DataSpaceClient, conditions: dict[str, Any], lost: str
) -> None:
    put_in_force(data_space, "lose", **conditions)
    batch = [product(sku, weight=number, tags=["new"]) for number, sku in enumerate("ABCD", 1)]

    data_space.post("products", batch)

    assert _lost(data_space) == list(lost)
    assert sorted(held(data_space)) == sorted(set("ABCD") - set(lost))


def test_third_attempt_of_the_batch_that_holds_an_item_is_hit(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "throttle", identity={"sku": "B"}, attempt=3)

    statuses = [
        data_space.post("products", [product(sku) for sku in skus]).status
        for skus in ("AB", "A", "BC", "B", "AB")
    ]

    assert statuses == [200, 200, 200, 429, 200]


def test_attempts_are_counted_for_each_item(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "reject", attempt=2)

    for skus in ("A", "AB", "BC"):
        data_space.post("products", [product(sku) for sku in skus])

    assert _lost(data_space) == ["A", "B"]


def test_rule_can_be_switched_off_and_on_again(data_space: DataSpaceClient) -> None:
    rule = put_in_force(data_space, "lose")
    path = f"/faults/{rule['id']}"

    off = data_space.control("PATCH", path, json={"enabled": False}).json()
    data_space.post("products", [product("A")])
    on = data_space.control("PATCH", path, json={"enabled": True}).json()
    data_space.post("products", [product("B")])

    assert (off["enabled"], on["enabled"]) == (False, True)
    assert (_lost(data_space), rules(data_space)[0]["seen"]) == (["B"], 1)


def test_one_rule_can_be_ended(data_space: DataSpaceClient) -> None:
    first = put_in_force(data_space, "lose", attempt=1)
    second = put_in_force(data_space, "duplicate")
    data_space.post("products", [product("A")])

    ended = data_space.control("DELETE", f"/faults/{first['id']}").json()

    assert (ended["id"], ended["applied"]) == (first["id"], 1)
    assert [rule["id"] for rule in rules(data_space)] == [second["id"]]


@pytest.mark.parametrize("number", ["0", "999999", "x"])
@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_fault_of_nobody_is_not_found(
    data_space: DataSpaceClient, method: str, number: str
) -> None:
    answer = data_space.control(method, f"/faults/{number}", json={"enabled": True})

    assert (answer.status, answer.json()["code"]) == (404, "unknown_fault")


def test_switch_that_is_none_is_explained(data_space: DataSpaceClient) -> None:
    rule = put_in_force(data_space, "lose")

    answer = data_space.control("PATCH", f"/faults/{rule['id']}", json={"enabled": "no"})

    assert (answer.status, answer.json()["message"]) == (
        400,
        "enabled: got 'no', expected true or false.",
    )


def test_ended_numbers_are_not_given_again(data_space: DataSpaceClient) -> None:
    first = put_in_force(data_space, "lose")
    data_space.control("DELETE", "/faults")

    second = put_in_force(data_space, "lose")

    assert second["id"] > first["id"]


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_is_ready_with_its_defaults(action: str) -> None:
    rule = new_rule({"action": action})

    assert defined_rule(rule.definition()).as_json() == rule.as_json()
    assert rule.does.help


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ({"nth": 0}, "nth: got 0, expected null, a whole number of 1 or more, or a list of them."),
        ({"nth": []}, "nth: got []"),
        ({"probability": 2}, "null or a number from 0 to 1"),
        ({"seed": -1}, "seed: got -1"),
        ({"identity": {}}, "identity: got {}"),
        ({"identity": {"name": "A"}}, 'identity: "name" names no item of any feed. Take of: '),
        ({"feed": "prices", "identity": {"storeViewCode": "a"}}, "names no item of prices"),
        ({"where": "$.sku == 'A'"}, "it is a whole query. Write what a JSONPath filter holds"),
        ({"where": "@.sku =="}, "where: '@.sku ==' is no condition"),
        ({"where": "@.a], [?@.b"}, "where: '@.a], [?@.b' is no condition"),
        ({"where": "nope(@.sku)"}, "function 'nope' is not defined"),
        ({"indexes": [-1]}, "indexes: got [-1], expected null or a list of whole numbers of 0"),
        ({"attempt": 0}, "attempt: got 0"),
        ({"from": "today"}, "from: got 'today', expected null or a moment such as \"2026-"),
        ({"from": "2026-01-02", "until": "2026-01-01"}, "expected a moment after from"),
        ({"note": 3}, "note: got 3, expected a text"),
        ({"parameters": {"seconds": 1}}, '"seconds" is no parameter of lose. It has none.'),
        ({"action": "stall", "parameters": {"s": 1}}, "Take of: seconds, where."),
        ({"action": "stall", "parameters": {"seconds": -1}}, "parameters.seconds: got -1"),
        ({"action": "answer", "parameters": {"status": 99}}, "a status from 200 to 599"),
        ({"action": "answer", "parameters": {"headers": {"A": "b\r\nC: d"}}}, "line breaks"),
        ({"action": "answer", "parameters": {"headers": {"Content-Length": "1"}}}, "server itself"),
        ({"action": "late", "parameters": {"delay_s": 1, "requests": 1}}, "not both"),
        ({"action": "corrupt", "parameters": {"pointer": "name"}}, "a JSON pointer to a field"),
        ({"action": "corrupt", "parameters": {"pointer": "/sku"}}, "is not content alone of"),
        ({"action": "corrupt", "parameters": {"pointer": "/modifiedAt"}}, "times of sending"),
        ({"action": "corrupt", "parameters": {"pointer": "/id"}}, "of categoryPermissions"),
    ],
    ids=str,
)
def test_rule_that_makes_no_sense_is_explained(rule: dict[str, Any], reason: str) -> None:
    with pytest.raises(UsageError) as refused:
        new_rule({"action": "lose", **rule})

    assert reason in str(refused.value)


def test_window_of_a_rule_begins_with_from_and_ends_before_until(
    data_space: DataSpaceClient,
) -> None:
    now = datetime.now(UTC)
    around = {"from": now - timedelta(minutes=1), "until": now + timedelta(hours=1)}
    window = {name: moment.isoformat() for name, moment in around.items()}

    rule = put_in_force(data_space, "lose", **window)
    data_space.post("products", [product("A")])

    assert (rule["from"], rule["until"]) == (window["from"], window["until"])
    assert _lost(data_space) == ["A"]
