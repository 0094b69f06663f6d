"""The claim of the fault engine: what was sent, and its journal, tell exactly what is held."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.server.faulty import TurnedClock, events, posted, put_in_force, turned
from tests.server.journal_model import Model, Sent
from tests.server.running import DataSpaceClient, product

Step = tuple[int, bytes | list[dict[str, Any]]]

SENT_AT = "2026-11-22 19:10:15"

LATE = st.one_of(
    st.builds(lambda n: {"requests": n}, st.integers(1, 3)),
    st.builds(lambda s: {"delay_s": s}, st.sampled_from([0, 50])),
)
CUT = st.builds(lambda recorded: {"recorded": recorded}, st.booleans())
WHILE_RECORDING: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "lose": st.just({}),
    "lose_delete": st.just({}),
    "corrupt": st.sampled_from([{}, {"pointer": "/name", "value": "odd"}]),
    "duplicate": st.just({}),
    "late": LATE,
    "stale": st.just({}),
    "replay": st.builds(lambda n: {"requests": n}, st.integers(1, 3)),
    "reorder": st.just({}),
}
BEFORE: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "reject": st.just({}),
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
SOME = {"every": st.integers(2, 3)}
ANY = {
    "every": st.integers(1, 3),
    "nth": st.lists(st.integers(1, 6), min_size=1, max_size=3),
    "probability": st.sampled_from([0.3, 0.7]),
    "count": st.integers(1, 3),
    "identity": st.sampled_from([{"sku": "A"}, {"sku": "B"}]),
    "where": st.sampled_from(["@.name == 'old'", "@.weight > 2"]),
    "attempt": st.integers(1, 2),
}


def _rules(
    actions: dict[str, st.SearchStrategy[dict[str, Any]]],
    conditions: st.SearchStrategy[dict[str, Any]],
) -> st.SearchStrategy[dict[str, Any]]:
    return st.sampled_from(sorted(actions)).flatmap(
        lambda action: st.builds(
            lambda parameters, more, seed: {
                "action": action,
                "parameters": parameters,
                "seed": seed,
                **more,
            },
            actions[action],
            conditions,
            st.integers(0, 9),
        )
    )


# Most rules hit much: a law that is tried where nothing happens says nothing.
RULES = st.lists(
    _rules(WHILE_RECORDING, st.just({}))
    | _rules(WHILE_RECORDING, st.fixed_dictionaries(SOME))
    | _rules(WHILE_RECORDING, st.fixed_dictionaries({}, optional=ANY))
    | _rules(BEFORE, st.fixed_dictionaries({}, optional=ANY).map({"every": 2}.__or__)),
    min_size=1,
    max_size=4,
)
ITEMS = st.builds(
    lambda sku, fields, deleted: product(sku, **fields) | {"deleted": deleted},
    st.sampled_from(["A", "A", "A", "B", "B", ""]),
    st.fixed_dictionaries(
        {"name": st.sampled_from(["old", "new", "other"])}, optional={"weight": st.integers(1, 4)}
    ),
    st.sampled_from([False, False, True]),
)
# What a strict reader takes goes another way: it is neither parsed nor hashed before it has to be.
WHOLE = {"storeCode": "main", "websiteCode": "base", "productId": 1, "modifiedAt": SENT_AT}
BATCHES = st.builds(
    lambda items, whole: [item | whole for item in items],
    st.lists(ITEMS, min_size=2, max_size=5),
    st.sampled_from([{}, WHOLE, WHOLE]),
)
STEPS = st.lists(
    st.tuples(st.sampled_from([0, 0, 40]), BATCHES | BATCHES | BATCHES | st.just(b"no JSON")),
    min_size=3,
    max_size=6,
)
LAW = settings(max_examples=20, deadline=None)


@dataclass(frozen=True)
class World:
    """A service on a clock that is turned, and data spaces that each example begins anew."""

    clock: TurnedClock
    spaces: dict[bool, DataSpaceClient]
    other: DataSpaceClient

    def fresh(self, data_space: DataSpaceClient, rules: list[dict[str, Any]]) -> list[int]:
        """The numbers of the rules that are all there is in a data space now."""
        data_space.control("POST", "/reset")
        return [put_in_force(data_space, **rule)["id"] for rule in rules]

    def told(self, data_space: DataSpaceClient, steps: list[Step]) -> list[Sent]:
        """What was sent, one step after the other."""
        sent = []
        for seconds, body in steps:
            self.clock.turn(seconds=seconds)
            posted(data_space, "products", body)
            [request] = data_space.requests("?limit=1")
            items = None if isinstance(body, bytes) else body
            refused = frozenset(index for index, item in enumerate(items or ()) if not item["sku"])
            sent.append(Sent(request["request_id"], request["received_at"], items, refused))
        return sent


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A service of this module alone."""
    with turned(tmp_path_factory.mktemp("world")) as (service, clock):
        spaces = {keeps: service.data_space(keep_valid_items=keeps) for keeps in (True, False)}
        yield World(clock, spaces, service.data_space())


@LAW
@given(rules=RULES, steps=STEPS, keeps_valid_items=st.sampled_from([True, True, False]))
@example(
    rules=[{"action": "stale", "parameters": {}, "seed": 0}],
    steps=[(0, [product("A", name=name) for name in names]) for names in (["old"], ["new", "odd"])],
    keeps_valid_items=True,
)
def test_sent_items_and_journal_tell_what_is_held(
    world: World, rules: list[dict[str, Any]], steps: list[Step], keeps_valid_items: bool
) -> None:
    data_space = world.spaces[keeps_valid_items]
    world.fresh(data_space, rules)
    sent = world.told(data_space, steps)
    world.clock.turn(seconds=100)

    model = Model(keeps_valid_items)
    journal = events(data_space)
    for request in sent:
        model.take(request, journal)
    model.let_come(world.clock())

    held = {
        line["item"]["sku"]: (line["item"], line["versions"], line["repeats"])
        for line in data_space.received("?payload=1")
    }
    assert held == model.held


@LAW
@given(rules=RULES, steps=STEPS)
def test_same_rules_and_same_traffic_have_the_same_journal(
    world: World, rules: list[dict[str, Any]], steps: list[Step]
) -> None:
    journals = []
    for data_space in (world.spaces[True], world.other):
        numbers = world.fresh(data_space, rules)
        order = [request.request_id for request in world.told(data_space, steps)]
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
