"""case.yaml is read as it was written, edited by hand, and refused with what is wrong."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcs.contract.errors import UsageError
from mcs.harness.cases.document import Case, Step, case_text, parsed_case, steps_of
from mcs.harness.cases.symptom import symptom_of

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30)


@given(title=TEXTS, note=TEXTS, expectation=TEXTS, seed=st.none() | st.integers(0, 2**40))
def test_a_case_is_read_as_it_was_written(
    title: str, note: str, expectation: str, seed: int | None
) -> None:
    case = Case(
        title,
        symptom_of("discrepancy missing products 24-MB01"),
        expectation,
        seed=seed,
        settings={"mode": "strict", "items_limit": {"products": 3}, "requests_per_minute": None},
        notes=(note,),
        steps=(Step(1, 1, 2.5, {"feed": "products"}), Step(3, 9)),
    )

    assert parsed_case(case_text(case).encode(), "case.yaml") == case


def test_a_person_may_write_it_otherwise_and_in_another_order() -> None:
    text = b"""
format: 1
title: The price did not change
symptom: answer 429 and discrepancy changed
steps: [{request: 2, at_s: 10}, {requests: 4-5}, {request: 1}]
"""

    case = parsed_case(text, "case.yaml")

    assert list(case.numbers()) == [(2, 10), (4, None), (5, None), (1, None)]
    assert str(case.symptom) == "answer 429 and discrepancy changed"


def test_many_requests_are_listed_as_ranges() -> None:
    assert steps_of([(number, {}) for number in range(1, 1001)]) == (Step(1, 1000),)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"format: 2\ntitle: x", "it is a case of format 2, and this release reads format 1"),
        (b"title: x", "it is a case of format 'unknown'"),
        (b"- a\n- b", "expected a mapping with format, title"),
        (b"format: 1\ntitle: [", "line 2: "),
        (b"format: 1\ntitle: caf\xe9", "line 2: it is not UTF-8"),
        (b"format: 1\nstepps: []", "'stepps' is not known here. Take of: format, title"),
        (b"format: 1\ntitle: 3", "title: got 3, expected a text"),
        (b"format: 1\nsteps: [{request: 0}]", "steps[0]: got {'request': 0}"),
        (b"format: 1\nsteps: [{requests: 5-2}]", "steps[0]"),
        (b"format: 1\nsymptom: discrepency", '"discrepency" is not known'),
        (b"format: 1\nsymptom: discrepancy lost", "neither a kind nor a feed"),
        (b"a: &a [x]\nformat: 1", "'a' is not known"),
    ],
)
def test_what_is_wrong_with_it_is_said(text: bytes, reason: str) -> None:
    with pytest.raises(UsageError) as refused:
        parsed_case(text, "case.zip: case.yaml")

    assert str(refused.value).startswith(("case.zip: case.yaml: ", '"'))
    assert reason in str(refused.value)
