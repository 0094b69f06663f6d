"""Measures add up, travel as JSON, and are told as charts over time."""

import json

from hypothesis import given
from hypothesis import strategies as st

from mcs.loadtests.measures import Measures

ANSWERS = st.lists(
    st.tuples(
        st.sampled_from(["prices", "products"]),
        st.floats(1_000, 1_100),
        st.floats(0.001, 5),
        st.integers(0, 500),
        st.booleans(),
    )
)


def measured(answers: list[tuple[str, float, float, int, bool]]) -> Measures:
    measures = Measures()
    for feed, began_at, took_s, items, is_error in answers:
        second = measures.answered(feed, began_at, took_s)
        second.items += items
        measures.items[feed] += items
        measures.errors["500"] += is_error
    return measures


@given(ANSWERS, ANSWERS)
def test_what_two_workers_measured_adds_up(one: list[object], other: list[object]) -> None:
    together = measured(one)  # type: ignore[arg-type]
    together.add(measured(other))  # type: ignore[arg-type]

    assert together == measured([*one, *other])  # type: ignore[list-item]


@given(ANSWERS)
def test_measures_travel_as_json(answers: list[object]) -> None:
    measures = measured(answers)  # type: ignore[arg-type]

    assert Measures.of_document(json.loads(json.dumps(measures.as_document()))) == measures


@given(ANSWERS.filter(bool))
def test_items_of_all_seconds_are_all_items(answers: list[object]) -> None:
    measures = measured(answers)  # type: ignore[arg-type]

    assert measures.total("items") == measures.total_items
    assert measures.total("requests") == measures.requests
