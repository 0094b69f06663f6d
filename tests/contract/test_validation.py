"""What is valid, in which mode, and what is said of the rest."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mcs.contract.feeds import FEEDS
from mcs.contract.validation import Mode, fast_accepts, findings, validate, warnings_of
from tests.contract.strategies import items, near_items

FEED_NAMES = sorted(FEEDS)

quick = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.mark.parametrize("feed_name", FEED_NAMES)
@given(data=st.data())
@quick
def test_the_fast_path_accepts_just_what_marshmallow_bears(
    feed_name: str, data: st.DataObject
) -> None:
    item = data.draw(near_items(feed_name))

    found = [finding for finding, _ in findings(feed_name, item, 0)]

    assert fast_accepts(feed_name, [item], strict=True) == (not found)
    assert fast_accepts(feed_name, [item], strict=False) == all(f.tolerated for f in found)


@pytest.mark.parametrize("feed_name", FEED_NAMES)
@given(data=st.data())
@quick
def test_a_valid_item_passes_on_the_fast_path(feed_name: str, data: st.DataObject) -> None:
    item = data.draw(items(feed_name))

    assert fast_accepts(feed_name, [item], strict=True)
    assert fast_accepts(feed_name, [item], strict=False)


def test_a_number_in_quotes_is_borne_and_warned_of() -> None:
    item = {"sku": "A", "storeViewCode": "default", "deleted": False, "productId": "1"}

    verdict = validate(FEEDS["products"], [item])

    assert not verdict.errors
    assert '/productId is not an integer, got "1".' in _messages(
        warnings_of(FEEDS["products"], [item])
    )


def test_strict_mode_refuses_what_lenient_mode_warns_of() -> None:
    item = {"sku": "A", "storeViewCode": "default", "deleted": 0}

    verdict = validate(FEEDS["products"], [item], Mode.STRICT)

    assert {error.pointer for error in verdict.errors} == {
        "/storeCode",
        "/websiteCode",
        "/productId",
        "/modifiedAt",
        "/deleted",
    }


def test_record_mode_refuses_nothing_and_notes_all() -> None:
    verdict = validate(FEEDS["prices"], [{}, 5, {"regular": "many"}], Mode.RECORD)

    assert not verdict.errors
    assert verdict.warnings is not None
    assert {warning.index for warning in verdict.warnings} == {0, 1, 2}


def test_only_the_bad_item_of_a_batch_is_refused() -> None:
    good = {"sku": "A", "customerGroupCode": "0", "websiteCode": "base", "deleted": False}
    bad = {**good, "regular": "12,50"}

    verdict = validate(FEEDS["prices"], [good, bad, good])

    assert verdict.refused == {1}
    [error] = verdict.errors
    assert (error.pointer, error.code) == ("/regular", "invalid_type")
    assert error.message == '/regular is not a number, got "12,50".'


def test_a_long_value_is_shown_shortened() -> None:
    item = {"sku": "A", "storeViewCode": "default", "deleted": "x" * 500}

    [error] = validate(FEEDS["products"], [item]).errors

    assert len(error.message) < 120
    assert error.message.endswith("….")


def test_pointers_escape_slashes_in_names() -> None:
    item = {"sku": "A", "storeViewCode": "default", "deleted": False, "a/b~c": 1}

    pointers = [warning.pointer for warning in warnings_of(FEEDS["products"], [item])]

    assert "/a~1b~0c" in pointers


def test_price_types_come_in_either_case() -> None:
    item = {"sku": "A", "customerGroupCode": "0", "websiteCode": "base", "deleted": False}

    assert not validate(FEEDS["prices"], [{**item, "type": "configurable"}]).errors
    assert validate(FEEDS["prices"], [{**item, "type": "unheard"}]).refused == {0}


@pytest.mark.parametrize("feed_name", FEED_NAMES)
@pytest.mark.parametrize("mode", [Mode.STRICT, Mode.LENIENT], ids=str)
def test_what_is_no_object_is_refused_as_a_whole(feed_name: str, mode: Mode) -> None:
    verdict = validate(FEEDS[feed_name], [5, None, [], "x", [{}], True], mode)

    assert [(error.index, error.pointer, error.code) for error in verdict.errors] == [
        (index, "", "invalid_type") for index in range(6)
    ]


@pytest.mark.parametrize("feed_name", FEED_NAMES)
def test_a_delete_is_valid_with_its_minimal_payload_alone(feed_name: str) -> None:
    feed = FEEDS[feed_name]
    values: dict[str, Any] = {
        "website": {"websiteId": "1"},
        "customerGroup": {"customerGroupId": "1"},
        "permission": None,
        "type": "STANDARD",
        "attributeType": "catalog_product",
        "optionValues": [],
        "isSalable": True,
        "infiniteStock": False,
        "qty": 0,
        "qtyForSale": 0,
        "modifiedAt": "2026-11-22 19:10:15",
        "updatedAt": "2026-11-22 19:10:15",
    }
    if feed_name == "categoryPermissions":
        values["id"] = {"websiteCode": "a", "customerGroupCode": "b", "categoryId": "c"}
    if feed.wrapper:
        values["updatedAt"] = "2026-11-22T19:10:15+00:00"
    if feed_name != "variants":
        values["productId"] = 1
    payload = {name: values.get(name, "x") for name in feed.delete_payload}

    verdict = validate(feed, [{**payload, "deleted": True}], Mode.STRICT)

    assert not verdict.errors


def _messages(errors: Any) -> list[str]:
    return [error.message for error in errors]
