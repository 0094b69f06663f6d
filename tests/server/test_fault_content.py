"""What a corrupted item is: another one of the same name, and the same one for the same seed."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mcs.contract.canonical import content_hash, identity
from mcs.contract.feeds import FEEDS
from mcs.server.faults.content import Change, changed, content_fields, corruption

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
