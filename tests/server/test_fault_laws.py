"""The claim of the fault engine: what was sent, and its journal, tell exactly what is held."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.server.faulty import TurnedClock, events, posted, put_in_force, turned
from tests.server.journal_model import Model, Sent
from tests.server.running import DataSpaceClient, RunningService, product

World = tuple[RunningService, TurnedClock]
Step = tuple[int, bytes | list[dict[str, Any]]]

LATE = st.one_of(
    st.builds(lambda n: {"requests": n}, st.integers(1, 3)),
    st.builds(lambda s: {"delay_s": s}, st.sampled_from([0, 50])),
)
CUT = st.builds(lambda recorded: {"recorded": recorded}, st.booleans())
PARAMETERS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "lose": st.just({}),
    "lose_delete": st.just({}),
    "reject": st.just({}),
    "corrupt": st.sampled_from([{}, {"pointer": "/name", "value": "odd"}]),
    "duplicate": st.just({}),
    "late": LATE,
    "stale": st.just({}),
    "replay": st.builds(lambda n: {"requests": n}, st.integers(1, 3)),
    "reorder": st.just({}),
    "answer": st.just({}),
    "throttle": st.just({}),
    "maintenance": st.just({}),
    "drop_write": st.just({}),
    "malform": st.just({}),
    "skew": st.just({}),
    "reset": CUT,
    "close": CUT,
    "half_close": CUT,
    "truncate": CUT,
    "stall": st.just({"seconds": 0}),
    "trickle": st.just({"pause_s": 0}),
}
CONDITIONS = st.fixed_dictionaries(
    {"seed": st.integers(0, 9)},
    optional={
        "every": st.integers(1, 3),
        "nth": st.lists(st.integers(1, 6), min_size=1, max_size=3),
        "probability": st.sampled_from([0.3, 0.7]),
        "count": st.integers(1, 3),
        "identity": st.sampled_from([{"sku": "A"}, {"sku": "B"}]),
        "where": st.sampled_from(["@.name == 'old'", "@.weight > 2"]),
        "attempt": st.integers(1, 2),
    },
)
RULES = st.sampled_from(sorted(PARAMETERS)).flatmap(
    lambda action: st.builds(
        lambda parameters, conditions: {"action": action, "parameters": parameters, **conditions},
        PARAMETERS[action],
        CONDITIONS,
    )
)
ITEMS = st.builds(
    lambda sku, fields, deleted: product(sku, **fields) | {"deleted": deleted},
    st.sampled_from(["A", "B", "C", ""]),
    st.fixed_dictionaries(
        {}, optional={"name": st.sampled_from(["old", "new"]), "weight": st.integers(1, 4)}
    ),
    st.booleans(),
)
STEPS = st.tuples(st.integers(0, 40), st.just(b"no JSON") | st.lists(ITEMS, min_size=1, max_size=5))
LAW = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A service of this module alone, on a clock that is turned."""
    with turned(tmp_path_factory.mktemp("world")) as world:
        yield world


def _told(world: World, data_space: DataSpaceClient, steps: list[Step]) -> list[Sent]:
    sent = []
    for seconds, body in steps:
        world[1].turn(seconds=seconds)
        posted(data_space, "products", body)
        [request] = data_space.requests("?limit=1")
        items = None if isinstance(body, bytes) else body
        refused = frozenset(index for index, item in enumerate(items or ()) if not item["sku"])
        is_known = request["status"] != 401
        sent.append(
            Sent(
                request["request_id"], request["received_at"], items if is_known else None, refused
            )
        )
    return sent


@LAW
@given(
    rules=st.lists(RULES, min_size=1, max_size=5),
    steps=st.lists(STEPS, min_size=1, max_size=6),
    keeps_valid_items=st.booleans(),
)
def test_sent_items_and_journal_tell_what_is_held(
    world: World, rules: list[dict[str, Any]], steps: list[Step], keeps_valid_items: bool
) -> None:
    data_space = world[0].data_space(keep_valid_items=keeps_valid_items)
    for rule in rules:
        put_in_force(data_space, **rule)
    sent = _told(world, data_space, steps)
    world[1].turn(days=1)

    model = Model(keeps_valid_items)
    for request in sent:
        model.take(request, events(data_space))
    model.let_come(datetime.now(UTC) + world[1].ahead)

    held = {
        line["item"]["sku"]: (line["item"], line["versions"], line["repeats"])
        for line in data_space.received("?payload=1")
    }
    assert held == model.held


@LAW
@given(rules=st.lists(RULES, min_size=1, max_size=4), steps=st.lists(STEPS, min_size=1, max_size=4))
def test_same_rules_and_same_traffic_have_the_same_journal(
    world: World, rules: list[dict[str, Any]], steps: list[Step]
) -> None:
    journals = []
    for _ in range(2):
        data_space = world[0].data_space()
        numbers = [put_in_force(data_space, **rule)["id"] for rule in rules]
        order = [request.request_id for request in _told(world, data_space, steps)]
        journals.append(
            [
                (
                    numbers.index(event["fault_id"]),
                    order.index(event["request_id"]),
                    event["key"],
                    event["index"],
                    json.dumps(event["change"]),
                )
                for event in events(data_space)
            ]
        )

    first, second = journals
    assert first == second
