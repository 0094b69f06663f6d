"""What rules make of single items: each action has its effect, and the journal names exactly it."""

from pathlib import Path
from typing import Any

import pytest

from tests.server.faulty import events, held, put_in_force, rules, turned, versions
from tests.server.running import DataSpaceClient, RunningService, product

DELETE = {"deleted": True}


def test_rejected_item_is_named_in_the_answer_and_not_recorded(data_space: DataSpaceClient) -> None:
    wanted = {"pointer": "/name", "code": "invalid_name", "message": "Not nice."}
    put_in_force(data_space, "reject", identity={"sku": "B"}, parameters=wanted)

    answer = data_space.post("products", [product("A"), product("B")])

    assert answer.status == 400
    assert answer.json()["invalidFeedItems"] == [{"field": "/1/name", "message": "Not nice."}]
    assert sorted(held(data_space)) == ["A"]
    [refused] = data_space.lines("/rejected")
    assert refused["errors"] == [
        {"pointer": "/name", "code": "invalid_name", "message": "Not nice."}
    ]
    [event] = events(data_space)
    assert (event["action"], event["index"], event["identity"]["sku"]) == ("reject", 1, "B")


def test_rejection_takes_the_shape_that_the_rule_wants(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "reject", parameters={"shape": "code", "code": "bad"})

    answer = data_space.post("products", [product("A"), product("", name=1)])

    shapes = [set(entry) for entry in answer.json()["invalidFeedItems"]]
    assert shapes[0] == {"itemIndex", "code", "message"}
    assert shapes[1] == {"field", "message"}


def test_rejection_lets_no_item_be_hit_that_is_not_recorded(service: RunningService) -> None:
    data_space = service.data_space(keep_valid_items=False)
    put_in_force(data_space, "lose")
    put_in_force(data_space, "reject", identity={"sku": "B"})

    data_space.post("products", [product("A"), product("B")])

    assert [event["action"] for event in events(data_space)] == ["reject"]
    assert data_space.received() == []


def test_corrupted_field_is_recorded_otherwise_than_it_was_sent(
    data_space: DataSpaceClient,
) -> None:
    put_in_force(data_space, "corrupt", parameters={"pointer": "/weight", "value": 7})
    sent = product("A", weight=3, name="Bag")

    data_space.post("products", [sent])

    assert held(data_space)["A"] == sent | {"weight": 7}
    [event] = events(data_space)
    assert event["change"] == {"pointer": "/weight", "before": 3, "after": 7}


def test_corrupted_item_has_the_hash_of_what_is_recorded(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "corrupt", count=1)
    data_space.post("products", [product("A", name="Bag")])
    [corrupted] = data_space.received()
    recorded = held(data_space)["A"]

    data_space.post("products", [recorded])

    assert recorded["name"] != "Bag"
    assert data_space.received()[0]["hash"] == corrupted["hash"]


def test_field_to_corrupt_is_chosen_by_the_seed(data_space: DataSpaceClient) -> None:
    fields = {f"field{number}": "value" for number in range(20)}
    for seed in (1, 1, 2, 3):
        put_in_force(data_space, "corrupt", count=1, seed=seed)
        data_space.post("products", [product("A", **fields)])
        data_space.control("DELETE", "/faults")

    first, again, *others = [event["change"]["pointer"] for event in events(data_space)]
    assert first == again
    assert set(others) != {first}


def test_item_without_content_cannot_be_corrupted(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "corrupt")

    data_space.post("products", [product("A", modifiedAt="2026-11-22 10:00:00")])
    data_space.post("products", [product("B", name="Bag", **DELETE)])

    assert events(data_space) == []
    assert rules(data_space)[0]["seen"] == 0


def test_duplicated_item_is_recorded_twice(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "duplicate", identity={"sku": "A"})

    data_space.post("products", [product("A"), product("B")])

    counts = {
        line["identity"]["sku"]: (line["versions"], line["repeats"])
        for line in data_space.received()
    }
    assert counts == {"A": (2, 1), "B": (1, 0)}
    [event] = events(data_space)
    assert event["action"] == "duplicate"


def test_late_item_waits_for_further_requests(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "late", identity={"sku": "A"}, count=1, parameters={"requests": 2})
    data_space.post("products", [product("A", name="old")])
    before = held(data_space)
    data_space.post("products", [product("A", name="new")])
    waiting = events(data_space)[0]["recorded_at"]

    data_space.post("products", b"no JSON")

    assert (before, waiting) == ({}, None)
    assert held(data_space)["A"]["name"] == "old"
    assert [write["item"]["name"] for write in versions(data_space, "A")] == ["new", "old"]
    assert events(data_space)[0]["recorded_at"] is not None


def test_late_item_is_recorded_once_its_moment_has_come(tmp_path: Path) -> None:
    with turned(tmp_path) as (service, clock):
        data_space = service.data_space()
        put_in_force(data_space, "late", parameters={"delay_s": 60})
        data_space.post("products", [product("A")])
        before = held(data_space)

        clock.turn(seconds=60)

        assert before == {}
        [line] = data_space.received()
        [event] = events(data_space)
        assert event["due"] == {"delay_s": 60, "requests": None}
        assert line["received_at"] == event["recorded_at"]


def test_late_item_is_recorded_before_what_comes_after_its_moment(tmp_path: Path) -> None:
    with turned(tmp_path) as (service, clock):
        data_space = service.data_space()
        put_in_force(data_space, "late", count=1, parameters={"delay_s": 60})
        data_space.post("products", [product("A", name="old")])
        clock.turn(seconds=90)

        data_space.post("products", [product("A", name="new")])

        assert [write["item"]["name"] for write in versions(data_space, "A")] == ["old", "new"]


def test_stale_item_is_overwritten_by_its_older_version(data_space: DataSpaceClient) -> None:
    rule = put_in_force(data_space, "stale")
    old, new = product("A", name="old"), product("A", name="new")

    for item in (old, old, new):
        data_space.post("products", [item])

    [line] = data_space.received("?payload=1")
    assert (line["item"], line["versions"], line["repeats"]) == (old, 4, 0)
    [event] = events(data_space)
    assert event["fault_id"] == rule["id"]
    assert event["change"] == {"pointer": "", "before": new, "after": old}


@pytest.mark.parametrize("item", [product("A"), product("A", **DELETE)], ids=["item", "delete"])
def test_only_deletes_are_lost_where_deletes_are_meant(
    data_space: DataSpaceClient, item: dict[str, Any]
) -> None:
    put_in_force(data_space, "lose_delete")

    answer = data_space.post("products", [item])

    assert answer.json()["invalidFeedItems"] == []
    assert len(events(data_space)) == (1 if item["deleted"] else 0)
    assert len(data_space.received()) == (0 if item["deleted"] else 1)


def test_batch_is_replayed_over_what_came_since(data_space: DataSpaceClient) -> None:
    rule = put_in_force(data_space, "replay", nth=1)
    data_space.post("products", [product("A", name="old"), product("B")])

    data_space.post("products", [product("A", name="new")])

    counts = {
        line["identity"]["sku"]: (line["versions"], line["repeats"])
        for line in data_space.received()
    }
    assert held(data_space)["A"]["name"] == "old"
    assert counts == {"A": (3, 1), "B": (2, 1)}
    [event] = events(data_space)
    assert (event["fault_id"], event["key"], event["index"]) == (rule["id"], None, None)
    assert (event["items"], event["due"]["requests"]) == (2, 1)


def test_reordered_batch_leaves_the_first_of_two_as_current(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "reorder")
    batch = [product("A", name="first"), product("B"), product("A", name="last")]

    data_space.post("products", batch)

    assert held(data_space)["A"]["name"] == "first"
    [event] = events(data_space)
    assert (event["action"], event["key"], event["items"]) == ("reorder", None, 3)


def test_rules_work_together_in_the_order_of_their_numbers(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "corrupt", parameters={"pointer": "/name", "value": "odd"})
    put_in_force(data_space, "duplicate")
    put_in_force(data_space, "lose", identity={"sku": "B"})
    put_in_force(data_space, "duplicate")

    data_space.post("products", [product("A", name="Bag"), product("B", name="Box")])

    [line] = data_space.received("?payload=1")
    assert (line["item"]["name"], line["versions"]) == ("odd", 3)
    by_sku = [(event["identity"]["sku"], event["action"]) for event in events(data_space)]
    assert [action for sku, action in by_sku if sku == "A"] == ["corrupt", "duplicate", "duplicate"]
    assert [action for sku, action in by_sku if sku == "B"] == ["corrupt", "duplicate", "lose"]


def test_request_in_the_journal_names_the_rules_that_hit_its_items(
    data_space: DataSpaceClient,
) -> None:
    stall = put_in_force(data_space, "stall", nth=1, parameters={"seconds": 0})
    lose = put_in_force(data_space, "lose", identity={"sku": "B"})
    data_space.post("products", [product("A"), product("B")])
    data_space.post("products", [product("A")])

    untouched, hit = data_space.requests()

    assert untouched["fault"] is None
    assert hit["fault"] == [
        {"id": stall["id"], "action": "stall"},
        {"id": lose["id"], "action": "lose"},
    ]


def test_reset_forgets_what_waits_and_what_was_altered(data_space: DataSpaceClient) -> None:
    put_in_force(data_space, "late", count=1)
    put_in_force(data_space, "corrupt", attempt=1)
    put_in_force(data_space, "replay")
    data_space.post("products", [product("A", name="Bag"), product("B", name="Box")])

    data_space.control("POST", "/reset")
    data_space.post("products", [product("C")])

    assert sorted(held(data_space)) == ["C"]
    assert (events(data_space), rules(data_space)) == ([], [])
