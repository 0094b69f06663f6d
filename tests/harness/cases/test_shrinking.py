"""Delta debugging keeps what shows the symptom, and nothing that it can do without."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from mcs.harness.cases.shrinking import smallest


@given(st.integers(1, 200).flatmap(lambda n: st.tuples(st.just(n), st.sets(st.integers(0, n - 1)))))
def test_exactly_the_culprits_are_left(given: tuple[int, set[int]]) -> None:
    count, culprits = given

    assert smallest(range(count), culprits.issubset) == sorted(culprits)


@given(st.sets(st.integers(0, 30), min_size=1), st.integers(1, 5))
def test_no_part_of_what_is_left_can_be_left_out(numbers: set[int], wanted: int) -> None:
    whole = sorted(numbers)

    def shows(parts: Sequence[int]) -> bool:
        return sum(parts) >= wanted

    left = smallest(whole, shows) if shows(whole) else whole

    for place in range(len(left)):
        assert not shows(left[:place] + left[place + 1 :]) or left == whole


def test_one_culprit_among_ten_thousand_takes_few_questions() -> None:
    asked = []

    def shows(parts: Sequence[int]) -> bool:
        asked.append(len(parts))
        return 6_789 in parts

    assert smallest(range(10_000), shows) == [6_789]
    assert len(asked) < 30


@given(st.sets(st.integers(0, 40)))
def test_nothing_is_asked_twice(culprits: set[int]) -> None:
    asked: set[tuple[int, ...]] = set()

    def shows(parts: Sequence[int]) -> bool:
        assert tuple(parts) not in asked
        asked.add(tuple(parts))
        return culprits <= set(parts)

    smallest(range(41), shows)
