"""What names an item, and when two items say the same."""

import random
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mcs.contract.canonical import canonical_json, content_hash, identity, identity_key
from mcs.contract.errors import MissingIdentity
from mcs.contract.feeds import FEEDS

PRICE = {"sku": "A", "customerGroupCode": "0", "websiteCode": "base", "regular": 34.0}

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=10,
)


@given(item=st.dictionaries(st.text(max_size=3), json_values), seed=st.integers())
def test_key_order_does_not_change_the_hash(item: dict[str, Any], seed: int) -> None:
    names = list(item)
    random.Random(seed).shuffle(names)  # noqa: S311 - an order, not a secret

    shuffled = {name: item[name] for name in names}

    assert canonical_json(shuffled) == canonical_json(item)


@given(number=st.integers(-(10**15), 10**15))
def test_a_whole_number_hashes_alike_with_and_without_a_fraction(number: int) -> None:
    assert canonical_json({"price": [number]}) == canonical_json({"price": [float(number)]})


def plainly(value: Any) -> Any:
    """The value with whole numbers as integers, by walking all of it."""
    if isinstance(value, dict):
        return {name: plainly(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plainly(inner) for inner in value]
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e16
    return int(value) if is_whole else value


numbers = st.integers(-(10**15), 10**15).map(float) | st.sampled_from([0.0, -0.0, 1e15, 1e16, 0.05])
lookalikes = st.text(st.sampled_from('\\":,[{}1.0-'), max_size=8)
numeric_items = st.recursive(
    numbers | lookalikes,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(lookalikes, inner, max_size=3),
    max_leaves=8,
)


@given(item=numeric_items)
@example(item={"a\\": 1.0, ":": 1.0, "": {":1.0,": ':1.0,"', "b": -0.0, "c": [2.0]}})
def test_the_quick_way_writes_whole_numbers_as_the_plain_way_does(item: Any) -> None:
    assert canonical_json(item) == orjson.dumps(plainly(item), option=orjson.OPT_SORT_KEYS)


def test_a_text_that_looks_like_a_number_stays_a_text() -> None:
    assert canonical_json({"name": "a:1.0,", "x": 1.0}) == b'{"name":"a:1.0,","x":1}'


@pytest.mark.parametrize("name", ["modifiedAt", "updatedAt"])
def test_the_time_of_sending_is_no_content(name: str) -> None:
    stamped = {**PRICE, name: "2026-11-22 19:10:15"}

    assert content_hash(FEEDS["prices"], stamped) == content_hash(FEEDS["prices"], PRICE)


def test_a_changed_value_changes_the_hash() -> None:
    assert content_hash(FEEDS["prices"], {**PRICE, "regular": 34.5}) != content_hash(
        FEEDS["prices"], PRICE
    )


def test_a_number_and_its_text_name_the_same_item() -> None:
    website = FEEDS["scopesWebsite"]

    assert identity_key(website, {"website": {"websiteId": 1}}) == identity_key(
        website, {"website": {"websiteId": "1"}}
    )


@pytest.mark.parametrize("value", [None, "", True, [], {}], ids=repr)
def test_an_item_without_a_usable_identity_is_told_where(value: object) -> None:
    with pytest.raises(MissingIdentity, match="prices: no usable value at sku") as caught:
        identity(FEEDS["prices"], {**PRICE, "sku": value})

    assert caught.value.path == "sku"
