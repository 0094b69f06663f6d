"""Faults on their page: put in force, switched, ended, and what they did."""

from typing import Any

import pytest

from tests.server.dashboard.conftest import Visitor
from tests.server.faulty import put_in_force, rules
from tests.server.running import DataSpaceClient, product


def add(visitor: Visitor, home: str, **fields: Any) -> int:
    """The status of the answer to the filled form."""
    return visitor.send(
        home + "inspect/faults", home + "inspect/faults", headers=None, **fields
    ).status


def switch(visitor: Visitor, home: str, number: int, do: str) -> int:
    page = home + "inspect/faults"
    return visitor.send(page, f"{page}/{number}", do=do).status


def test_a_fault_of_the_form_is_in_force(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    fields = {"action": "answer", "feed": "products", "parameters": '{"status": 503}', "every": ""}

    status = add(visitor, home, **fields)

    assert status == 303
    assert data_space.post("products", [product("A")]).status == 503
    assert data_space.post("prices", []).status == 400


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"action": "explode"}, "expected one of"),
        ({"action": "lose", "count": "many"}, "expected a number"),
        ({"action": "answer", "parameters": "[1]"}, "no JSON object"),
        ({"action": "lose", "where": "((("}, "where"),
        ({"action": "answer", "parameters": '{"statu": 1}'}, "no parameter"),
    ],
    ids=["action", "count", "parameters", "where", "unknown"],
)
def test_a_form_that_makes_no_sense_says_what_is_wrong(
    visitor: Visitor, data_space: DataSpaceClient, home: str, fields: dict[str, Any], told: str
) -> None:
    page = home + "inspect/faults"

    answer = visitor.send(page, page, headers=None, **fields)

    assert answer.status == 400
    assert told in answer.data.decode()
    assert rules(data_space) == []


def test_a_fault_is_switched_off_and_on_and_ended(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    number = put_in_force(data_space, "throttle")["id"]
    statuses = []
    for do in ("off", "on", "end"):
        assert switch(visitor, home, number, do) == 303
        statuses.append(data_space.post("products", [product("A")]).status)

    assert statuses == [200, 429, 200]
    assert switch(visitor, home, number, "on") == 404


def test_what_a_fault_did_stays_on_the_page_after_its_end(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    put_in_force(data_space, "lose")
    data_space.post("products", [product("LOST-1")])
    visitor.send(home + "inspect/faults", home + "inspect/faults/clear")

    view: dict[str, Any] = visitor.json(home + "inspect/faults")

    assert view["rules"]["rows"] == []
    assert [event["action"] for event in view["events"]["rows"]] == ["lose"]
    assert "LOST-1" in visitor.page(home + "inspect/faults")


def test_a_rule_is_told_in_words(visitor: Visitor, data_space: DataSpaceClient, home: str) -> None:
    put_in_force(data_space, "lose", feed="prices", every=3, count=2, identity={"sku": "A"})

    [row] = visitor.json(home + "inspect/faults")["rules"]["rows"]

    assert row["hits"] == "prices; sku A; one in 3; at most 2"


def test_another_data_spaces_fault_cannot_be_switched(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    number = put_in_force(data_space, "lose")["id"]
    other = visitor.http.request(
        "POST", visitor.url + "/control/data-spaces", json={"name": "other"}
    ).json()["id"]

    assert switch(visitor, f"/data-spaces/{other}/", number, "off") == 404
    assert rules(data_space)[0]["enabled"]
