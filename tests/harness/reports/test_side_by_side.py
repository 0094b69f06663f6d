"""Two values beside each other: nothing is left out, and only what differs is marked."""

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from mcs.harness.fields import ABSENT
from mcs.harness.reports.parts import printable
from mcs.harness.reports.side_by_side import MOST_LINES, Line, facts_beside, side_by_side

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def texts(lines: list[Line | None]) -> list[str]:
    return ["".join(piece.text for piece in line) for line in lines if line is not None]


def marked(lines: list[Line | None]) -> list[str]:
    return [piece.text for line in lines if line for piece in line if piece.differs]


def json_lines(value: Any) -> list[str]:
    options = orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
    return [printable(line) for line in orjson.dumps(value, option=options).decode().split("\n")]


@settings(max_examples=50)
@given(VALUES, VALUES)
def test_each_side_is_told_whole_and_marked_only_if_they_differ(sent: Any, received: Any) -> None:
    rows = list(side_by_side(sent, received))

    left, right = [row.sent for row in rows], [row.received for row in rows]
    assert texts(left) == json_lines(sent)
    assert texts(right) == json_lines(received)
    assert bool(marked(left) + marked(right)) == (json_lines(sent) != json_lines(received))


def test_a_value_that_is_not_there_is_nothing() -> None:
    [row] = side_by_side(None, ABSENT)

    assert (texts([row.sent]), texts([row.received])) == (["null"], ["nothing"])
    assert (marked([row.sent]), marked([row.received])) == (["null"], ["nothing"])


def test_a_comma_is_no_difference() -> None:
    rows = list(side_by_side([1], [1, 2]))

    assert marked([row.sent for row in rows]) == []
    assert marked([row.received for row in rows]) == ["  2"]


def test_a_huge_value_is_cut_and_says_so() -> None:
    rows = list(side_by_side(list(range(1000)), ABSENT))

    assert texts([row.sent for row in rows])[-1] == f"… {1002 - MOST_LINES} more lines"


def test_facts_are_marked_where_both_sides_have_them_and_differ() -> None:
    rows = list(facts_beside({"hash": "a", "status": 200}, {"hash": "b", "index": 4}))

    assert [row.name for row in rows] == ["hash", "status", "index"]
    assert marked([row.sent for row in rows]) == ["a"]
    assert marked([row.received for row in rows]) == ["b"]
    assert rows[1].received is None
