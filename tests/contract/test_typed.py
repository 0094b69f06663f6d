"""A batch that is read straight from its text is one that the full judgement accepts."""

import re
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import UNSET

from mcs.contract.calls import Call
from mcs.contract.canonical import identity, value_at
from mcs.contract.dialects import DIALECTS
from mcs.contract.typed import always_told, typed_items
from mcs.contract.validation import Mode, fast_accepts, validate
from tests.contract.mutations import complete_item, mutations
from tests.contract.strategies import items, near_items

CALLS = [call for dialect in DIALECTS.values() for call in dialect.calls]
TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|-?[0-9][0-9.eE+-]*|true|false|null|[\[\]{},:]')
HOSTILE = [
    *(b"NaN", b"Infinity", b"-Infinity", b"1e400", b"-1e400", b"01", b"1.", b".5", b"+1", b"-"),
    *(
        b"-0",
        b"1.0",
        b"1e2",
        b"9" * 19,
        b"9" * 20,
        b"9" * 400,
        b"-" + b"9" * 19,
        b"0." + b"1" * 400,
    ),
    *(rb'"\ud800"', rb'"\udc00"', rb'"\ud83d\ude00"', rb'"\u0000"', rb'"\x"', b'"\xff"', b'"\x01"'),
    *(
        b'"\xed\xa0\x80"',
        b'"2026-11-22 19:10:15\\n"',
        b'"',
        b"\\",
        b"\xef\xbb\xbf",
        b"\x00",
        b"\x0c",
    ),
    *(
        b"[" * 300,
        b"[" * 300 + b"]" * 300,
        b'{"a":' * 300,
        b",",
        b"}",
        b"]",
        b" ",
        b"\n",
        b"//",
        b"null",
    ),
    *(
        b'"sku":1,',
        b'"deleted":0,',
        b'"sku":"A","sku":"B",',
        b'"deleted":true,"deleted":1,',
        b'"x":1,',
    ),
]

quick = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
each_call = pytest.mark.parametrize("call", CALLS, ids=[call.schema for call in CALLS])


def _accepted_in_full(call: Call, text: bytes) -> bool:
    try:
        batch = orjson.loads(text)
    except orjson.JSONDecodeError:
        return False
    return (
        isinstance(batch, list)
        and fast_accepts(call.schema, batch, strict=True)
        and not validate(call.feed, batch, Mode.STRICT, call.schema).errors
    )


@each_call
@given(data=st.data())
@quick
def test_what_is_read_is_accepted_in_full(call: Call, data: st.DataObject) -> None:
    batch = data.draw(st.lists(near_items(call.schema), min_size=1, max_size=2))

    text = orjson.dumps(batch)

    assert typed_items(call.schema, text) is None or _accepted_in_full(call, text)


@each_call
@given(data=st.data())
@quick
def test_what_is_read_of_a_hostile_text_is_accepted_in_full(
    call: Call, data: st.DataObject
) -> None:
    text = orjson.dumps([data.draw(items(call.schema))])
    for _ in range(data.draw(st.integers(1, 3))):
        start, end = data.draw(
            st.sampled_from([m.span() for m in TOKEN.finditer(text)] or [(0, 0)])
        )
        is_put_before = data.draw(st.booleans())
        hostile = data.draw(st.sampled_from(HOSTILE))
        text = text[:start] + hostile + text[start if is_put_before else end :]

    assert typed_items(call.schema, text) is None or _accepted_in_full(call, text)


@each_call
def test_no_item_with_a_single_fault_is_read(call: Call) -> None:
    for mutation in mutations(call.schema):
        assert typed_items(call.schema, orjson.dumps([mutation.item])) is None, mutation.what


@each_call
@given(data=st.data())
@quick
def test_what_is_accepted_in_full_is_read(call: Call, data: st.DataObject) -> None:
    item = data.draw(items(call.schema))
    item.pop("bundles", None)

    assert typed_items(call.schema, orjson.dumps([item])) is not None


@each_call
@given(data=st.data())
@quick
def test_whatever_a_strict_reader_accepts_is_named(call: Call, data: st.DataObject) -> None:
    item = data.draw(near_items(call.schema))

    if fast_accepts(call.schema, [item], strict=True):
        # Items are hashed long after they were accepted: none may turn out to be nameless then.
        assert set(identity(call.feed, item)) == set(call.feed.identity)
        assert all(item.get(name) is not None for name in always_told(call.schema))


@each_call
def test_fields_are_found_by_their_paths(call: Call) -> None:
    item: dict[str, Any] = complete_item(call.schema)
    item.pop("bundles", None)

    for typed in typed_items(call.schema, orjson.dumps([item])) or ():
        for path in call.feed.identity:
            found = typed
            for name in path.split("."):
                found = getattr(found, name)
            assert found is not UNSET
            assert found == value_at(item, path)


@pytest.mark.parametrize("text", [b"", b"{}", b"[1]", b"[[]]", b"null", b"[", b"[{}]"], ids=str)
def test_a_text_that_is_no_batch_is_not_read(text: bytes) -> None:
    assert typed_items("products", text) is None


BOOK = {"priceBookId": "b", "name": "B"}
OVERRIDE = {
    "websiteCode": "base",
    "customerGroupCode": "g",
    "sku": "A",
    "productId": 1,
    "modifiedAt": "2026-11-22 19:10:15",
    "deleted": False,
    "displayable": True,
    "priceDisplayable": True,
    "addToCartAllowed": False,
}
PRICE = {"sku": "A", "priceBookId": "b", "regular": 3.5}
CHOICES: list[tuple[str, dict[str, Any], bool]] = [
    ("catalogPriceBooks", {**BOOK, "currency": "EUR"}, True),
    ("catalogPriceBooks", {**BOOK, "parentId": "a"}, True),
    ("catalogPriceBooks", BOOK, False),
    ("catalogPriceBooks", {**BOOK, "currency": "EUR", "parentId": "a"}, False),
    ("productOverrides", OVERRIDE, True),
    ("productOverrides", {k: v for k, v in OVERRIDE.items() if k != "displayable"}, False),
    (
        "productOverrides",
        {k: v for k, v in OVERRIDE.items() if k != "displayable"} | {"deleted": True},
        True,
    ),
    ("catalogPrices", {**PRICE, "tierPrices": [{"qty": 2, "price": 3}]}, True),
    ("catalogPrices", {**PRICE, "tierPrices": [{"qty": 2, "percentage": 3}]}, True),
    ("catalogPrices", {**PRICE, "tierPrices": [{"qty": 2, "percentage": 3, "price": 3}]}, True),
    ("catalogPrices", {**PRICE, "tierPrices": [{"qty": 2}]}, False),
    ("catalogPrices", {**PRICE, "discounts": [{"code": "c"}]}, False),
]


@pytest.mark.parametrize(("schema", "item", "is_valid"), CHOICES, ids=str)
def test_of_fields_that_exclude_each_other_just_those_are_read_that_a_schema_accepts(
    schema: str, item: dict[str, Any], is_valid: bool
) -> None:
    assert fast_accepts(schema, [item], strict=True) == is_valid
    assert (typed_items(schema, orjson.dumps([item])) is not None) == is_valid
