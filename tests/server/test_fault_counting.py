"""Counting many at once is counting one by one, and chance is the same each time."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from mcs.contract.feeds import FEEDS
from mcs.server.faults.candidates import Candidates, candidates_of
from mcs.server.faults.counting import Count, Tally, struck_items
from mcs.server.faults.drawing import different, first_drawn, is_drawn
from mcs.server.faults.rules import Rule
from tests.server.running import product

ITEMS = candidates_of(FEEDS["products"], [product(str(number)) for number in range(64)])
SEEDS = st.integers(0, 2**53 - 1)
RULES = st.builds(
    Rule,
    st.just("reject"),
    every=st.integers(1, 9),
    nth=st.none() | st.sets(st.integers(1, 90), min_size=1, max_size=9).map(sorted).map(tuple),
    probability=st.none() | st.sampled_from([0, 0.01, 0.1, 0.5, 1]),
    seed=st.integers(0, 99),
    count=st.none() | st.integers(1, 3),
    attempt=st.none() | st.none() | st.integers(1, 2),
    indexes=st.none() | st.sets(st.integers(0, 63), max_size=30).map(sorted).map(tuple),
)
COUNTS = st.none() | st.builds(Count, st.integers(0, 40), st.integers(0, 3))


def _of(rule: Rule) -> Candidates:
    return ITEMS if rule.indexes is None else ITEMS.among(rule.indexes)


@given(chosen=st.lists(st.tuples(RULES, COUNTS), min_size=1, max_size=4))
def test_items_of_a_batch_are_hit_as_if_they_passed_the_rules_one_by_one(
    chosen: list[tuple[Rule, Count | None]],
) -> None:
    rules = [replace(rule, id=number) for number, (rule, _) in enumerate(chosen)]
    counts = {number: count for number, (_, count) in enumerate(chosen) if count is not None}
    at_once, one_by_one = Tally(rules, counts, {}), Tally(rules, counts, {})
    by_rule = [(rule, _of(rule)) for rule in rules]

    expected = []
    for item in ITEMS:
        passed = (rule for rule, matching in by_rule if item in matching)
        hit = next((rule for rule in passed if one_by_one.hits(rule, item)), None)
        expected += [(item, hit)] if hit else []

    assert struck_items(by_rule, at_once) == expected
    assert at_once.moved() == one_by_one.moved()
    assert at_once.moved_passes() == one_by_one.moved_passes()


@given(
    seed=SEEDS,
    probability=st.floats(0, 1) | st.sampled_from([0, 1, 1e-3, 2**-8, 2**-64]),
    numbers=st.builds(
        lambda start, length, step: range(start, start + length, step),
        st.integers(1, 10_000),
        st.integers(0, 500),
        st.integers(1, 12),
    ),
)
def test_first_that_is_drawn_is_the_first_of_those_drawn_one_by_one(
    seed: int, probability: float, numbers: range
) -> None:
    drawn = [number for number in numbers if is_drawn(seed, probability, number)]

    assert first_drawn(seed, probability, numbers) == (drawn[0] if drawn else None)


@given(seed=SEEDS, number=st.integers(1, 1000))
def test_chance_depends_on_the_seed_and_not_on_the_number(seed: int, number: int) -> None:
    def hit(rule: Rule) -> list[bool]:
        tally = Tally([rule], {rule.id: Count()}, {})
        return [tally.hits(rule, item) for item in ITEMS]

    first = hit(Rule("lose", probability=0.5, seed=seed, id=1))
    assert hit(Rule("lose", probability=0.5, seed=seed, id=number)) == first
    assert 0 < sum(first) < len(ITEMS)


def test_a_seed_draws_what_it_always_drew() -> None:
    # Recorded cases and scenarios go by it: change these numbers, and they play something else.
    def drawn(seed: int) -> list[int]:
        return [number for number in range(1, 1_001) if is_drawn(seed, 0.005, number)]

    assert drawn(0) == [779]
    assert drawn(42) == [150, 733]
    assert drawn(2**53 - 1) == [74, 254, 537, 585, 624, 714, 846]
    assert different(42, "one key") == 10533630095241796461
