"""What a corrupted item is: another one of the same name, and the same one for the same seed."""

from collections.abc import Sequence
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcs.contract.canonical import content_hash, identity
from mcs.contract.feeds import FEEDS
from mcs.server.faults.applying import play, script_for
from mcs.server.faults.candidates import candidates_of
from mcs.server.faults.content import Change, changed, content_fields, corruption
from mcs.server.faults.counting import Count, Tally
from mcs.server.faults.rules import Rule
from mcs.server.judging import call_of
from mcs.server.store.accepted import AsTheyCame
from mcs.server.unparsed import unparsed_items

FEED = FEEDS["products"]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8"), max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
ITEMS = st.dictionaries(st.sampled_from(["name", "a/b", "~x", "", "modifiedAt"]), VALUES).map(
    lambda fields: {"sku": "A", "storeViewCode": "fr", "deleted": False, **fields}
)


@given(item=ITEMS, seed=st.integers(0, 99))
def test_corruption_changes_the_content_and_nothing_else(item: dict[str, Any], seed: int) -> None:
    change = corruption(FEED, item, {"pointer": None}, seed, "key")

    if change is None:
        assert not list(content_fields(FEED, item))
        return
    corrupted = changed(item, change)
    assert identity(FEED, corrupted) == identity(FEED, item)
    assert content_hash(FEED, corrupted) != content_hash(FEED, item)
    assert changed(corrupted, Change(change.pointer, change.after, change.before)) == item
    assert corruption(FEED, item, {"pointer": None}, seed, "key") == change


@given(item=ITEMS)
def test_each_field_can_be_named_by_its_pointer(item: dict[str, Any]) -> None:
    for pointer in content_fields(FEED, item):
        change = corruption(FEED, item, {"pointer": pointer}, 0, "key")

        assert change is not None
        assert type(change.after) is type(change.before)


@given(item=ITEMS)
def test_corruption_that_is_there_already_is_none(item: dict[str, Any]) -> None:
    parameters = {"pointer": "/sku", "value": "A"}

    assert corruption(FEED, item, parameters, 0, "key") is None
    assert corruption(FEED, item, {"pointer": "/gone/0"}, 0, "key") is None


PRODUCT = {
    "sku": "A",
    "storeViewCode": "fr",
    "storeCode": "main",
    "websiteCode": "base",
    "productId": 1,
    "modifiedAt": "2026-11-22 19:10:15",
    "deleted": False,
}
VARIED = [
    PRODUCT,
    {**PRODUCT, "name": "odd"},
    {**PRODUCT, "name": "even"},
    {**PRODUCT, "name": "odd", "deleted": True},
    {**PRODUCT, "weight": 1},
    {**PRODUCT, "weight": 1.5},
    {**PRODUCT, "images": []},
]


@pytest.mark.parametrize(
    "parameters",
    [
        {"pointer": None},
        {"pointer": None, "value": "odd"},
        {"pointer": "/name"},
        {"pointer": "/name", "value": "odd"},
        {"pointer": "/name", "value": None},
        {"pointer": "/weight"},
        {"pointer": "/weight", "value": 1},
        {"pointer": "/websiteCode", "value": "base"},
        {"pointer": "/images"},
        {"pointer": "/images/0/url"},
        {"pointer": "/unknown", "value": 1},
    ],
    ids=str,
)
def test_items_that_are_read_typed_are_corrupted_as_parsed_ones_are(
    parameters: dict[str, Any],
) -> None:
    typed = unparsed_items(call_of(FEED), orjson.dumps(VARIED))
    assert typed is not None

    def hit(items: Sequence[Any]) -> list[tuple[int | None, Change | None]]:
        rule = Rule("corrupt", parameters, id=1)
        candidates = candidates_of(FEED, items)
        script = script_for([rule], FEED, candidates, candidates.indexes)
        assert script is not None
        accepted = AsTheyCame(call_of(FEED), items)
        played = play(script, accepted.at, Tally([rule], {1: Count()}, {}), lambda _: None)
        return [
            (one.candidate.index if one.candidate else None, one.change) for one in played.strikes
        ]

    assert hit(typed) == hit(VARIED)
