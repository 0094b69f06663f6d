"""What the ingestion API takes as an item, and what it says of the rest."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcs.contract.canonical import identity
from mcs.contract.catalog import CATALOG_CALLS
from mcs.contract.dialects import ALL_FEEDS, CATALOG_DIALECT, DIALECTS, any_feed_by_cli_name
from mcs.contract.errors import MissingIdentity, UsageError
from mcs.contract.feeds import FEEDS
from mcs.contract.validation import Mode, fast_accepts, findings, validate
from tests.contract.mutations import complete_item, mutations
from tests.contract.strategies import items, near_items
from tests.contract.test_validation import quick

brief = settings(quick, max_examples=15)
CALLS = pytest.mark.parametrize("call", CATALOG_CALLS, ids=lambda call: call.schema)
PRODUCT = {
    "sku": "A",
    "source": {"locale": "en-US"},
    "name": "Bag",
    "slug": "bag",
    "status": "ENABLED",
}


@CALLS
@pytest.mark.parametrize("mode", [Mode.STRICT, Mode.LENIENT], ids=str)
def test_each_single_fault_is_named_and_no_other(call: Any, mode: Mode) -> None:
    good = complete_item(call.schema)
    assert not validate(call.feed, [good], Mode.STRICT, call.schema).errors

    for mutation in mutations(call.schema):
        verdict = validate(call.feed, [good, mutation.item, good], mode, call.schema)
        named = {(error.index, error.pointer) for error in verdict.errors}
        borne = mode is Mode.LENIENT and mutation.tolerated
        assert named == (set() if borne else {(1, mutation.pointer)}), mutation.what


def test_there_are_over_a_thousand_mutations() -> None:
    assert sum(1 for call in CATALOG_CALLS for _ in mutations(call.schema)) > 1000


@CALLS
@given(data=st.data())
@brief
def test_the_fast_path_accepts_only_what_marshmallow_bears(call: Any, data: st.DataObject) -> None:
    item = data.draw(near_items(call.schema))

    found = [finding for finding, _ in findings(call.schema, item, 0)]

    in_full = isinstance(item, dict) and "bundles" in item and "Product" in call.schema
    for strict in (True, False):
        fast = fast_accepts(call.schema, [item], strict=strict)
        borne = not [finding for finding in found if strict or not finding.tolerated]
        assert fast == borne or (in_full and borne)


@CALLS
@given(data=st.data())
@brief
def test_a_valid_item_is_borne_in_strict_mode(call: Any, data: st.DataObject) -> None:
    item = data.draw(items(call.schema))

    errors = validate(call.feed, [item], Mode.STRICT, call.schema).errors

    assert [error for error in errors if error.code != "duplicate_bundle_item"] == []


@pytest.mark.parametrize(
    ("book", "code"),
    [
        ({"currency": "EUR", "parentId": "b"}, "one_too_many"),
        ({}, "missing_required_field"),
        ({"currency": "EUR"}, None),
        ({"parentId": "b"}, None),
    ],
    ids=["both", "neither", "base", "child"],
)
def test_a_price_book_has_a_currency_or_a_parent(book: dict[str, str], code: str | None) -> None:
    item = {"priceBookId": "a", "name": "A", **book}

    errors = validate(ALL_FEEDS["catalogPriceBooks"], [item]).errors

    assert [error.code for error in errors] == ([code] if code else [])


def test_an_item_may_be_in_a_bundle_only_once() -> None:
    groups = [{"group": name, "items": [{"sku": "X"}]} for name in ("tops", "bottoms")]

    [error] = validate(ALL_FEEDS["catalogProducts"], [{**PRODUCT, "bundles": groups}]).errors

    assert (error.pointer, error.code) == ("/bundles", "duplicate_bundle_item")
    assert "Duplicate SKU found in bundle items: X" in error.message


@pytest.mark.parametrize(
    ("schema", "refused"),
    [("catalogProducts", False), ("catalogCategories", True), ("catalogCategories.delete", True)],
)
def test_further_fields_are_borne_unless_the_description_excludes_them(
    schema: str, refused: bool
) -> None:
    item = complete_item(schema) | {"surprise": 1}
    feed = ALL_FEEDS[schema.partition(".")[0]]

    assert bool(validate(feed, [item], Mode.LENIENT, schema).errors) == refused
    assert validate(feed, [item], Mode.STRICT, schema).errors


def test_a_layer_without_a_locale_is_another_than_with_one() -> None:
    layers = ALL_FEEDS["catalogProductLayers"]

    everywhere = identity(layers, {"sku": "A", "source": {"layer": "winter"}})

    assert everywhere == {"sku": "A", "source.locale": "", "source.layer": "winter"}
    with pytest.raises(MissingIdentity):
        identity(ALL_FEEDS["catalogProducts"], {"sku": "A", "source": {}})


def test_a_feed_is_in_one_dialect_and_found_by_its_name() -> None:
    assert len(ALL_FEEDS) == sum(len(dialect.feeds) for dialect in DIALECTS.values())
    assert {any_feed_by_cli_name(name).name for name in ALL_FEEDS} == set(ALL_FEEDS)
    assert not set(FEEDS) & set(CATALOG_DIALECT.feeds)
    with pytest.raises(UsageError, match="catalogPrices"):
        any_feed_by_cli_name("orders")
