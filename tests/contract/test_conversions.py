"""Feed items as payloads of the ingestion API, row by row of the connector's field mapping."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from mcs.contract.conversions import CONVERSIONS, CannotName, Surroundings
from mcs.contract.feeds import FEEDS
from mcs.contract.validation import validate
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.indexers import INDEXERS
from mcs.exporter.surroundings import surroundings
from mcs.fixtures.catalog import Catalog
from tests.contract.mutations import complete_item

EMPTY = Surroundings()
BAG: dict[str, Any] = {
    "sku": "BAG",
    "storeViewCode": "fr",
    "productId": 7,
    "type": "simple",
    "name": "Sac",
    "urlKey": "sac",
    "status": "Enabled",
    "deleted": False,
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_commerce(tmp_path_factory.mktemp("shop") / "commerce.sqlite")
    load_catalog(engine, Catalog(seed=42, products=200), lambda _: None)
    yield engine
    engine.dispose()


def items_of(shop: Engine, feed_name: str) -> list[Any]:
    """Every item of a feed."""
    indexer = INDEXERS[feed_name]
    with shop.connect() as connection:
        pages = list(indexer.pages(connection, 500))
        return [item for page in pages for _, item in indexer.items(connection, page)]


def converted(feed_name: str, item: Any, around: Surroundings = EMPTY) -> Any:
    """What one item becomes."""
    [payload] = CONVERSIONS[feed_name].payloads(item, around)
    return payload


def product(**fields: Any) -> Any:
    """A product as it is converted."""
    return converted("products", {**BAG, **fields})


@pytest.mark.parametrize("feed_name", CONVERSIONS)
def test_a_generated_catalog_becomes_what_the_api_takes(shop: Engine, feed_name: str) -> None:
    items, conversion = items_of(shop, feed_name), CONVERSIONS[feed_name]
    around = surroundings(shop, feed_name, items)

    payloads = [payload for item in items for payload in conversion.payloads(item, around)]

    assert payloads
    assert not validate(conversion.target, payloads).errors


@pytest.mark.parametrize("feed_name", CONVERSIONS)
def test_what_names_a_payload_is_what_deletes_it(shop: Engine, feed_name: str) -> None:
    items, conversion = items_of(shop, feed_name), CONVERSIONS[feed_name]
    around = surroundings(shop, feed_name, items)
    schema = f"{conversion.target.name}.delete"

    for item in items:
        names = list(conversion.names(item))
        payloads = list(conversion.payloads(item, around))
        assert not validate(conversion.target, names, schema=schema).errors
        assert names == [
            {part: payload[part] for part in conversion.target.delete_payload}
            for payload in payloads
        ]


def test_variants_refer_to_the_values_of_their_parents_configurations(shop: Engine) -> None:
    items = items_of(shop, "products")
    around = surroundings(shop, "products", items)
    payloads = [payload for i in items for payload in CONVERSIONS["products"].payloads(i, around)]
    options = {
        (one["sku"], one["source"]["locale"]): {
            value["variantReferenceId"]
            for configuration in one["configurations"]
            for value in configuration["values"]
        }
        for one in payloads
        if "configurations" in one
    }

    references = [
        (attribute["variantReferenceId"], options[link["sku"], one["source"]["locale"]])
        for one in payloads
        for link in one["links"]
        if link["type"] == "VARIANT_OF"
        for attribute in one["attributes"]
        if "variantReferenceId" in attribute
    ]

    assert references
    assert all(reference in known for reference, known in references)


def test_simple_fields_of_a_product_have_their_places() -> None:
    payload = product(
        visibility="Catalog, Search",
        metaTitle="T",
        metaKeyword="a\n b \n",
        categoryData=[
            {"categoryId": "3", "categoryPath": "men", "productPosition": 2},
            {"categoryId": "4", "categoryPath": ""},
        ],
        links=[{"type": "related", "sku": "HAT"}, {"type": "upsell"}],
        parents=[
            {"sku": "SET", "productType": "bundle_fixed"},
            {"sku": "ALL", "productType": "grouped"},
        ],
    )

    assert (payload["sku"], payload["source"]) == ("BAG", {"locale": "fr"})
    assert (payload["name"], payload["slug"], payload["status"]) == ("Sac", "sac", "ENABLED")
    assert (payload["description"], payload["visibleIn"]) == ("", ["CATALOG", "SEARCH"])
    assert payload["metaTags"] == {"title": "T", "keywords": ["a", "b"]}
    assert payload["routes"] == [{"path": "men", "position": 2}]
    assert payload["externalIds"] == [{"id": "7", "origin": "AdobeCommerce"}]
    assert payload["links"] == [
        {"type": "RELATED", "sku": "HAT"},
        {"type": "IN_BUNDLE", "sku": "SET"},
        {"type": "GROUPED", "sku": "ALL"},
    ]


@pytest.mark.parametrize(
    ("visibility", "places"),
    [("Not Visible Individually", []), ("Search", ["SEARCH"]), (None, [])],
)
def test_a_product_is_visible_where_its_visibility_says(
    visibility: str | None, places: list[str]
) -> None:
    assert product(visibility=visibility)["visibleIn"] == places


def test_stock_and_weight_are_the_first_attribute_and_no_other() -> None:
    payload = product(
        inStock=True,
        weight=1.5,
        attributes=[
            {"attributeCode": "weight", "value": ["1.5"]},
            {"attributeCode": "color", "value": ["red"]},
        ],
    )

    first, second = payload["attributes"]
    assert first["code"] == "aco_ac_attributes"
    assert json.loads(first["values"][0]) == {"inStock": "true", "lowStock": "false", "weight": 1.5}
    assert second == {"code": "color", "values": ["red"]}


def test_images_are_in_their_order_with_their_roles() -> None:
    images = [
        {"resource": {"url": "b", "label": "B", "roles": ["hero", "image"]}, "sortOrder": "2"},
        {"resource": {"url": "a", "label": None, "roles": None}, "sortOrder": "1"},
        {"resource": {"url": None}, "sortOrder": "0"},
    ]

    assert product(images=images)["images"] == [
        {"url": "a", "label": "", "roles": [], "customRoles": []},
        {"url": "b", "label": "B", "roles": ["BASE"], "customRoles": ["hero"]},
    ]


@pytest.mark.parametrize("kind", ["configurable", "bundle"])
def test_a_composite_product_without_options_is_disabled(kind: str) -> None:
    assert product(type=kind)["status"] == "DISABLED"
    assert product(type="grouped")["status"] == "ENABLED"


def test_options_of_a_bundle_are_groups() -> None:
    values = [
        {"id": "x", "sku": "TOP", "qty": 2.0, "isDefault": True, "qtyMutability": True},
        {"id": "y", "sku": "HAT", "qty": None, "isDefault": None, "qtyMutability": None},
    ]
    option = {"type": "bundle", "label": "", "renderType": "checkbox", "values": values}

    assert product(type="bundle", optionsV2=[option])["bundles"] == [
        {
            "group": "Bundle group",
            "required": False,
            "multiSelect": True,
            "defaultItemSkus": ["TOP"],
            "items": [
                {"sku": "TOP", "qty": 2.0, "userDefinedQty": True},
                {"sku": "HAT", "qty": 0, "userDefinedQty": False},
            ],
        }
    ]


@pytest.mark.parametrize(
    ("data_type", "kind", "converted_type"),
    [
        ("int", "boolean", "BOOLEAN"),
        ("int", "select", "TEXT"),
        ("int", "text", "TEXT"),
        ("int", None, "INTEGER"),
        ("decimal", "price", "DECIMAL"),
        ("varchar", "boolean", "TEXT"),
        ("datetime", "date", "TEXT"),
    ],
)
def test_the_type_of_an_attribute_follows_from_two_fields(
    data_type: str, kind: str | None, converted_type: str
) -> None:
    item = complete_item("productAttributes") | {"dataType": data_type, "frontendInput": kind}

    assert converted("productAttributes", item)["dataType"] == converted_type


def test_the_root_of_a_tree_of_categories_is_not_sent() -> None:
    root = complete_item("categories") | {"urlPath": None}

    assert list(CONVERSIONS["categories"].payloads(root, EMPTY)) == []
    assert list(CONVERSIONS["categories"].names(root)) == []


def test_a_category_in_the_menu_is_of_its_family() -> None:
    item = complete_item("categories") | {"urlPath": "men", "isActive": 1, "includeInMenu": 1}

    assert converted("categories", item)["families"] == ["top_menu"]
    assert converted("categories", item | {"isActive": 0})["families"] == []


def test_a_deleted_category_of_which_only_the_id_is_known_cannot_be_named() -> None:
    least = {"categoryId": "3", "storeViewCode": "fr", "deleted": True}

    with pytest.raises(CannotName, match="--cleanup-feed"):
        list(CONVERSIONS["categories"].names(least))


@pytest.mark.parametrize(("paid", "off"), [(80.0, 20.0), (100.0, 0), (0.0, 0), (120.0, 0)])
def test_a_special_price_in_percent_is_what_is_taken_off(paid: float, off: float) -> None:
    item = {
        "sku": "BAG",
        "websiteCode": "base",
        "customerGroupCode": "0",
        "regular": 5,
        "discounts": [
            {"code": "special_price", "percentage": paid},
            {"code": "group", "percentage": paid},
        ],
    }

    payload = converted("prices", item)

    assert payload["priceBookId"] == "base"
    assert [one["percentage"] for one in payload["discounts"]] == [off, paid]
    assert payload["tierPrices"] == []


def test_a_website_is_a_base_price_book_and_a_group_a_child_on_each() -> None:
    around = Surroundings(
        websites={"base": ("Main", "EUR"), "us": ("States", "USD")}, groups={"b6": "Retail"}
    )
    group = {"customerGroup": {"customerGroupCode": "b6", "websites": ["base", "us"]}}

    base = converted("scopesWebsite", {"website": {"websiteCode": "us"}}, around)
    children = list(CONVERSIONS["scopesCustomerGroup"].payloads(group, around))

    assert base == {"priceBookId": "us", "name": "States", "currency": "USD"}
    assert children == [
        {"priceBookId": "base::b6", "name": "Retail (Main)", "parentId": "base"},
        {"priceBookId": "us::b6", "name": "Retail (States)", "parentId": "us"},
    ]


def test_feeds_that_the_connector_does_not_send_have_no_conversion() -> None:
    assert set(FEEDS) - set(CONVERSIONS) == {
        "productOverrides",
        "variants",
        "categoryPermissions",
        "inventoryStockStatus",
    }
