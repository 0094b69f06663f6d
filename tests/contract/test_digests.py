"""Bucket digests: they add up, and see whatever makes two sides unequal."""

from collections.abc import Sequence

from hypothesis import assume, given
from hypothesis import strategies as st

from mcs.contract.digests import MODULUS, Bucket, added, bucket_of, digests_of, unequal

Rows = Sequence[tuple[str, str]]

keys = st.text("0123456789abcdef", min_size=40, max_size=40)
rows = st.dictionaries(keys, keys, max_size=30).map(lambda held: list(held.items()))
buckets = st.builds(Bucket, st.integers(0, 9), st.integers(0, MODULUS - 1), st.integers(0, 9))


@given(rows, st.randoms(use_true_random=False))
def test_an_order_makes_no_difference(items: Rows, chance: object) -> None:
    shuffled = list(items)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]  # a random.Random

    assert digests_of(shuffled) == digests_of(items)


@given(rows, st.integers(0, 30))
def test_shards_add_up_to_the_whole(items: Rows, cut: int) -> None:
    assert added(digests_of(items[:cut]), digests_of(items[cut:])) == digests_of(items)


@given(buckets, buckets)
def test_what_is_added_can_be_taken_away(one: Bucket, other: Bucket) -> None:
    assert (one + other) - other == one


@given(rows)
def test_equal_sides_have_no_unequal_bucket(items: Rows) -> None:
    assert unequal(digests_of(items), digests_of(items)) == []


@given(rows.filter(bool), st.data())
def test_a_lost_item_is_seen_in_its_bucket(items: Rows, data: st.DataObject) -> None:
    lost = data.draw(st.sampled_from(items))

    left = [item for item in items if item != lost]

    assert unequal(digests_of(items), digests_of(left)) == [bucket_of(lost[0])]


@given(rows.filter(bool), keys, st.data())
def test_a_changed_item_is_seen_in_its_bucket(
    items: Rows, content: str, data: st.DataObject
) -> None:
    key, before = data.draw(st.sampled_from(items))
    assume(content != before)

    changed = dict(items) | {key: content}

    assert unequal(digests_of(items), digests_of(changed.items())) == [bucket_of(key)]


def test_an_unsettled_bucket_is_never_proven() -> None:
    settled, unsettled = Bucket(1, 5), Bucket(1, 5, unsettled=1)

    assert unequal({"7ac": unsettled}, {"7ac": settled}) == ["7ac"]
    assert unequal({"7ac": settled}, {"7ac": unsettled}) == ["7ac"]
