"""What a failing assertion of the plugin says, and when it does not fail."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import urllib3

from mcs.contract.canonical import Item
from mcs.contract.errors import UsageError
from mcs.testing.services import CommerceServices
from tests.harness.sides import PRICES, Exporter, deletion, price


def post(services: CommerceServices, *items: Item, **headers: str) -> None:
    """Posts prices to the data space, whatever comes of it."""
    with urllib3.PoolManager() as http:
        url, carried = services.feed_url("prices"), services.headers() | headers
        http.request("POST", url, body=json.dumps(items), headers=carried)


def failure(services: CommerceServices, sent: Any, **options: Any) -> str:
    with pytest.raises(AssertionError) as failed:
        services.assert_in_sync(sent, **options)
    return str(failed.value)


def test_equal_items_are_in_sync_however_they_are_given(
    services: CommerceServices, tmp_path: Path
) -> None:
    items = [price("A"), price("B", 2.50)]
    file = tmp_path / "prices.ndjson"
    file.write_text("\n".join(map(json.dumps, items)))

    post(services, *items)

    services.assert_in_sync(iter(items), feed="prices")
    services.assert_in_sync({"prices": items})
    services.assert_in_sync(file, feed="prices")


def test_an_exporters_database_is_compared_with_its_own_explanations(
    services: CommerceServices, tmp_path: Path
) -> None:
    noted = Exporter(tmp_path / "commerce.sqlite")
    noted.note(price("A"), status=2, errors="Bad Gateway")

    said = failure(services, noted.path, feed="prices")

    assert "missing: prices sku=A" in said
    assert "It waits for a retry with export status 2 (Bad Gateway)" in said


def test_changed_fields_are_shown_with_both_values(services: CommerceServices) -> None:
    post(services, price("A", 38))

    said = failure(services, [price("A", 34)], feed="prices")

    assert "not in sync: 1 changed\nprices: 0 in sync, of 1 sent and 1 received" in said
    assert "changed: prices sku=A, customerGroupCode=0, websiteCode=base" in said
    assert "/regular: sent 34, received 38" in said


def test_a_refused_item_is_explained_by_the_services_reason(services: CommerceServices) -> None:
    wrong = price("A") | {"regular": "1,299.00"}
    post(services, wrong)

    said = failure(services, [wrong], feed="prices")

    assert 'The service refused it: /regular is not a number, got "1,299.00".' in said


def test_what_was_refused_before_is_past(services: CommerceServices) -> None:
    post(services, price("A") | {"regular": "?"})
    post(services, price("A", 38))

    said = failure(services, [price("A", 34)], feed="prices")

    assert "refused it" not in said


def test_an_item_hit_by_a_fault_is_explained_by_it(services: CommerceServices) -> None:
    with services.faults.add("lose", feed="prices", every=2) as fault:
        post(services, price("A"), price("B"))

    said = failure(services, [price("A"), price("B")], feed="prices")

    assert [hit.identity for hit in fault.hits] == [
        {"sku": "B", "customerGroupCode": "0", "websiteCode": "base"}
    ]
    assert f"The fault lose hit it (fault {fault.number}" in said


def test_requests_that_were_turned_away_explain_what_is_missing(
    services: CommerceServices,
) -> None:
    post(services, price("A"), **{"x-gw-signature": "none"})

    said = failure(services, [price("A")], feed="prices")

    assert "1 of 1 requests of prices was turned away whole: 1 × 401 Unauthorized" in said


def test_an_item_that_nothing_brought_points_to_unsent_batches(
    services: CommerceServices,
) -> None:
    post(services, price("A"))

    said = failure(services, [price("A"), price("B")], feed="prices")

    assert "No request that the service took carried it." in said


def test_items_that_should_not_be_there_name_what_brought_them(
    services: CommerceServices,
) -> None:
    post(services, price("A"), price("U"))
    post(services, deletion(PRICES, price("A")))
    [first, second] = services.requests()

    said = failure(services, [price("A"), deletion(PRICES, price("U"))], feed="prices")

    assert f"request {second.request_id} did it." in said
    assert "which may have come after it.\n\nprices in all: requests 2" in said
    assert f"or for request {first.request_id}" in said


def test_of_many_discrepancies_some_are_shown_and_all_are_counted(
    services: CommerceServices,
) -> None:
    post(services, price("A"))

    said = failure(services, [price(f"M{number}") for number in range(9)], feed="prices")

    assert "not in sync: 9 missing, 1 unexpected" in said
    assert said.count("missing: prices") == services.shown == 3
    assert "… and 6 more missing" in said


def test_comparing_nothing_with_nothing_fails(services: CommerceServices) -> None:
    assert "nothing to compare" in failure(services, [], feed="prices")


def test_deletions_on_both_sides_are_in_sync(services: CommerceServices) -> None:
    gone = deletion(PRICES, price("A"))
    post(services, price("A"))
    post(services, gone)

    services.assert_in_sync([gone], feed="prices")
    services.assert_deleted("prices", sku="A")


def test_fields_that_do_not_count_are_left_out(services: CommerceServices) -> None:
    post(services, price("A", 38))

    services.assert_in_sync([price("A", 34)], feed="prices", ignore=["/regular"])


@pytest.mark.parametrize(
    ("sent", "options", "told"),
    [
        ([price("A")], {}, 'Say feed="prices"'),
        ({"price": []}, {}, "'price' is no feed"),
        (42, {"feed": "prices"}, "got 42, which tells nothing"),
        ("nowhere.json", {"feed": "prices"}, "nowhere.json: No such file"),
        ([price("A")], {"feed": "orders"}, 'unknown feed "orders"'),
    ],
    ids=["no-feed", "wrong-name", "no-items", "no-file", "unknown-feed"],
)
def test_what_is_no_sent_side_is_told(
    services: CommerceServices, sent: Any, options: Mapping[str, str], told: str
) -> None:
    with pytest.raises(UsageError) as refused:
        services.assert_in_sync(sent, **options)

    assert told in str(refused.value)


def test_an_item_is_found_by_what_names_it(services: CommerceServices) -> None:
    post(services, price("A", 34), price("A", 31, websiteCode="eu"), price("B"))

    found = services.assert_received("prices", sku="A", websiteCode="eu", having={"regular": 31})

    assert found["regular"] == 31
    assert services.item("prices", sku="B") == price("B")
    with pytest.raises(AssertionError, match="2 prices items have sku=A; name one of them:"):
        services.item("prices", sku="A")


def test_an_item_that_is_not_as_expected_shows_its_fields(services: CommerceServices) -> None:
    post(services, price("A", 38))

    with pytest.raises(AssertionError, match="/regular: expected 34, received 38"):
        services.assert_received("prices", sku="A", having={"regular": 34})


def test_an_item_that_is_not_there_is_told_with_what_is(services: CommerceServices) -> None:
    post(services, price("A"), price("B") | {"regular": "?"})

    with pytest.raises(AssertionError) as other:
        services.assert_received("prices", sku="C", websiteCode="base")
    with pytest.raises(AssertionError) as refused:
        services.item("prices", sku="B")

    assert "It holds:\n    sku=A, customerGroupCode=0, websiteCode=base" in str(other.value)
    assert "The service refused it: /regular is not a number" in str(refused.value)


def test_a_refusal_is_found_by_item_pointer_and_code(services: CommerceServices) -> None:
    post(services, price("A"), price("B") | {"regular": "?"})

    refused = services.assert_rejected("prices", sku="B", pointer="/regular", code="invalid_type")

    assert (refused.index, refused.identity["sku"]) == (1, "B")
    with pytest.raises(AssertionError, match="It refused it for another reason"):
        services.assert_rejected("prices", sku="B", pointer="/sku")
    with pytest.raises(AssertionError, match="It accepted it at"):
        services.assert_rejected("prices", sku="A")


def test_a_living_item_does_not_count_as_deleted(services: CommerceServices) -> None:
    post(services, price("A"))

    with pytest.raises(AssertionError, match="sku=A alive since"):
        services.assert_deleted("prices", sku="A")
    with pytest.raises(AssertionError, match="holds no prices item with sku=B"):
        services.assert_deleted("prices", sku="B")


def test_a_name_that_is_no_part_of_the_identity_is_told(services: CommerceServices) -> None:
    with pytest.raises(UsageError, match='"storeViewCode" does not name items of prices'):
        services.item("prices", storeViewCode="default")
