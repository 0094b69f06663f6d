"""What an update keeps, changes and clears."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcs.contract.canonical import canonical_json, identity
from mcs.contract.catalog import CATALOG_FEEDS, LAYERING, MERGES
from mcs.contract.merging import Merge, merged
from mcs.contract.price_books import (
    currency,
    descendants,
    is_rooted,
    lineage,
    price_of,
    settled,
)
from mcs.contract.validation import Mode, validate
from tests.contract.strategies import items
from tests.contract.test_validation import quick

PRODUCT: dict[str, Any] = {
    "sku": "pants",
    "source": {"locale": "en-US"},
    "name": "Pants",
    "description": "long",
    "visibleIn": ["CATALOG"],
    "metaTags": {"title": "Pants", "keywords": ["red", "blue"]},
    "attributes": [
        {"code": "color", "values": ["Red"], "variantReferenceId": "color-red"},
        {"code": "states", "values": ["TX", "CA"]},
    ],
    "links": [{"type": "VARIANT_OF", "sku": "outfit"}],
}
brief = settings(quick, max_examples=15)
UPDATABLE = pytest.mark.parametrize("feed_name", MERGES)
BOOKS = {
    "eu": {"currency": "EUR"},
    "de": {"parentId": "eu"},
    "de-vip": {"parentId": "de"},
    "de-vip-1": {"parentId": "de-vip"},
    "too-deep": {"parentId": "de-vip-1"},
    "lost": {"parentId": "nowhere"},
    "ring-a": {"parentId": "ring-b"},
    "ring-b": {"parentId": "ring-a"},
}


def updated(**said: Any) -> dict[str, Any]:
    """The product after an update."""
    return merged(MERGES["catalogProducts"], PRODUCT, {"sku": "pants", **said})


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ({"name": "New"}, {"name": "New"}),
        ({"description": None}, {"description": None}),
        (
            {"metaTags": {"title": "New"}},
            {"metaTags": {"title": "New", "keywords": ["red", "blue"]}},
        ),
        ({"metaTags": {"keywords": ["a"]}}, {"metaTags": {"title": "Pants", "keywords": ["a"]}}),
        ({"visibleIn": ["SEARCH"]}, {"visibleIn": ["CATALOG", "SEARCH"]}),
        ({"visibleIn": ["CATALOG"]}, {"visibleIn": ["CATALOG"]}),
        ({"visibleIn": []}, {"visibleIn": []}),
        ({"links": []}, {"links": []}),
        (
            {"links": [{"type": "IN_BUNDLE", "sku": "outfit"}]},
            {
                "links": [
                    {"type": "VARIANT_OF", "sku": "outfit"},
                    {"type": "IN_BUNDLE", "sku": "outfit"},
                ]
            },
        ),
        ({"routes": [{"path": "men"}]}, {"routes": [{"path": "men"}]}),
    ],
    ids=[
        "text",
        "null",
        "object",
        "list in object",
        "value is added",
        "value is there",
        "values are emptied",
        "entries are emptied",
        "entry is added",
        "list is new",
    ],
)
def test_an_update_of_a_product_changes_what_it_names_alone(
    said: dict[str, Any], after: dict[str, Any]
) -> None:
    assert updated(**said) == {**PRODUCT, **after}


def test_an_entry_of_a_product_is_matched_by_its_key_and_merged() -> None:
    said = [
        {"code": "color", "values": ["Blue"]},
        {"code": "states", "values": ["NY"], "variantReferenceId": None},
        {"code": "warehouse", "values": ["Austin"]},
    ]

    assert updated(attributes=said)["attributes"] == [
        {"code": "color", "values": ["Blue"], "variantReferenceId": "color-red"},
        {"code": "states", "values": ["NY"], "variantReferenceId": None},
        {"code": "warehouse", "values": ["Austin"]},
    ]


def test_an_entry_of_a_price_takes_the_place_of_the_one_with_its_key() -> None:
    price = {
        "discounts": [{"code": "sale", "percentage": 10}, {"code": "vip", "price": 2}],
        "tierPrices": [{"qty": 5, "percentage": 15}],
    }
    said = {
        "discounts": [{"code": "sale", "price": 5}],
        "tierPrices": [{"qty": 5, "price": 9}, {"qty": 20, "price": 8}],
    }

    assert merged(MERGES["catalogPrices"], price, said) == {
        "discounts": [{"code": "sale", "price": 5}, {"code": "vip", "price": 2}],
        "tierPrices": [{"qty": 5, "price": 9}, {"qty": 20, "price": 8}],
    }


def test_lists_of_categories_and_metadata_are_replaced() -> None:
    category = {"families": ["a", "b"], "images": [{"url": "x"}], "name": "Men"}

    after = merged(MERGES["catalogCategories"], category, {"families": ["c"], "images": []})

    assert after == {"families": ["c"], "images": [], "name": "Men"}


def test_a_layer_covers_simple_fields_and_joins_lists() -> None:
    layer = {"name": "Winter pants", "attributes": [{"code": "color", "values": ["Crimson"]}]}

    shown = merged(LAYERING, PRODUCT, layer)

    assert shown["name"] == "Winter pants"
    assert [one["code"] for one in shown["attributes"]] == ["color", "states"]
    assert shown["attributes"][0]["values"] == ["Crimson"]


@UPDATABLE
@given(data=st.data())
@brief
def test_an_update_that_says_nothing_changes_nothing(feed_name: str, data: st.DataObject) -> None:
    current = data.draw(items(feed_name))

    assert merged(MERGES[feed_name], current, {}) == current


@UPDATABLE
@given(data=st.data())
@brief
def test_an_update_that_comes_again_changes_nothing_more(
    feed_name: str, data: st.DataObject
) -> None:
    current, said = data.draw(items(feed_name)), data.draw(items(f"{feed_name}.update"))

    once = merged(MERGES[feed_name], current, said)

    assert canonical_json(merged(MERGES[feed_name], once, said)) == canonical_json(once)


@UPDATABLE
@given(data=st.data())
@brief
def test_what_an_update_does_not_name_is_kept_and_the_result_is_valid(
    feed_name: str, data: st.DataObject
) -> None:
    feed = CATALOG_FEEDS[feed_name]
    current, drawn = data.draw(items(feed_name)), data.draw(items(f"{feed_name}.update"))
    said = {
        **drawn,
        **{path.partition(".")[0]: current[path.partition(".")[0]] for path in feed.identity},
    }

    after = merged(MERGES[feed_name], current, said)
    if feed_name == "catalogPriceBooks":
        after = settled(current, after)

    assert identity(feed, after) == identity(feed, current)
    assert {name: after[name] for name in current if name not in said} == {
        name: value for name, value in current.items() if name not in said
    }
    errors = validate(feed, [after], Mode.STRICT).errors
    assert [error for error in errors if error.code != "duplicate_bundle_item"] == []


@given(data=st.data())
@brief
def test_a_list_that_grows_loses_no_entry(data: st.DataObject) -> None:
    entries = st.lists(st.fixed_dictionaries({"k": st.integers(0, 5), "v": st.integers()}))
    known, said = data.draw(entries), data.draw(entries.filter(bool))

    after = merged(Merge({"list": ("k",)}), {"list": known}, {"list": said})["list"]

    assert {one["k"] for one in after} == {one["k"] for one in [*known, *said]}
    newest = {one["k"]: one["v"] for one in said}
    found = {one["k"]: one["v"] for one in reversed(after)}
    assert {k: found[k] for k in newest} == newest


@pytest.mark.parametrize(
    ("current", "written", "after"),
    [
        ({"currency": "EUR"}, {"name": "B", "currency": "USD"}, {"name": "B", "currency": "USD"}),
        ({"currency": "EUR"}, {"name": "B", "parentId": "x"}, {"name": "B", "currency": "EUR"}),
        ({"parentId": "a"}, {"name": "B", "parentId": "x"}, {"name": "B", "parentId": "a"}),
        ({"parentId": "a"}, {"name": "B", "currency": "EUR"}, {"name": "B", "parentId": "a"}),
    ],
    ids=["currency changes", "base stays base", "parent stays", "child stays child"],
)
def test_a_price_book_keeps_its_place_in_the_tree(
    current: dict[str, str], written: dict[str, str], after: dict[str, str]
) -> None:
    assert settled(current, written) == after


def test_a_currency_is_inherited_from_the_base_book() -> None:
    assert currency(BOOKS, "de-vip-1") == "EUR"
    assert currency(BOOKS, "lost") is None
    assert currency(BOOKS, "ring-a") is None


def test_three_levels_hang_below_a_base_book() -> None:
    rooted = [name for name in BOOKS if is_rooted(BOOKS, name)]

    assert rooted == ["eu", "de", "de-vip", "de-vip-1"]


def test_a_price_is_the_first_on_the_way_up() -> None:
    prices = {"eu": {"regular": 10}, "de-vip": {"regular": 8}}

    assert price_of(BOOKS, prices, "de-vip-1") == {"regular": 8}
    assert price_of(BOOKS, prices, "de") == {"regular": 10}
    assert price_of(BOOKS, prices, "lost") is None
    assert lineage(BOOKS, "ring-a") == ["ring-a", "ring-b"]


def test_what_hangs_below_a_book_is_found_however_deep() -> None:
    assert sorted(descendants(BOOKS, "de")) == ["de-vip", "de-vip-1", "too-deep"]
    assert list(descendants(BOOKS, "ring-a")) == ["ring-b"]
