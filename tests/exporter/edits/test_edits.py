"""What edits of the shop change."""

from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from mcs.contract.errors import UsageError
from mcs.exporter.commerce import edits, tables
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.indexers import INDEXERS
from mcs.fixtures.catalog import Catalog
from tests.exporter.edits.shop import CATALOG, SIMPLE, SKUS, VARIANT
from tests.exporter.shops import (
    contents,
    fill,
    invalid,
    logged,
)


def test_a_price_concerns_one_website_or_all(connection: Connection) -> None:
    edits.set_price(connection, SIMPLE, 12.5, website="base")
    on_base = prices(connection, SIMPLE)
    edits.set_price(connection, SIMPLE, 9.0)

    assert on_base["base"] == 12.5
    assert on_base["b2b"] != 12.5
    assert prices(connection, SIMPLE) == {"base": 9.0, "b2b": 9.0}


def test_a_price_is_logged_for_its_product_in_the_prices_feed_alone(
    connection: Connection,
) -> None:
    edited = edits.set_price(connection, VARIANT, 12.5)

    assert edited.logged == {"prices": 1}
    assert {name: ids for name, ids in logged(connection).items() if ids} == {"prices": {2}}


def prices(connection: Connection, sku: str) -> dict[str, float]:
    """The price for all groups by website."""
    return {
        item["websiteCode"]: item["regular"]
        for item in items(connection, "prices", SKUS.index(sku) + 1)
        if item["customerGroupCode"] == "0"
    }


def items(connection: Connection, feed_name: str, source_id: int) -> list[dict[str, Any]]:
    return [item for _, item in INDEXERS[feed_name].items(connection, [source_id])]


def test_a_group_price_replaces_the_one_before_it(connection: Connection) -> None:
    for price in (8.0, 7.0):
        edits.set_tier_price(connection, SIMPLE, price, group=2, website="base")

    discounts = [
        discount
        for item in items(connection, "prices", 13)
        if item["websiteCode"] == "base" and item["customerGroupCode"].startswith("da4b92")
        for discount in item["discounts"]
        if discount["code"] == "group"
    ]
    assert discounts == [{"code": "group", "price": 7.0}]


def test_a_sold_out_child_takes_its_parents_stock_along(connection: Connection) -> None:
    for index in range(1, 7):
        edits.set_stock(connection, SKUS[index], 0)

    [is_salable, *_] = [item["isSalable"] for item in items(connection, "inventoryStockStatus", 1)]
    assert not is_salable
    assert 1 in logged(connection)["inventoryStockStatus"]
    assert 1 in logged(connection)["products"]


def test_a_name_shows_in_bundles_that_offer_the_product(connection: Connection) -> None:
    offered = connection.execute(
        select(tables.Product.sku, tables.BundleOption.product_id)
        .join(
            tables.BundleSelection, tables.BundleSelection.product_id == tables.Product.product_id
        )
        .join(
            tables.BundleOption, tables.BundleOption.option_id == tables.BundleSelection.option_id
        )
        .order_by(tables.BundleSelection.selection_id)
    ).first()
    assert offered is not None

    edits.rename_product(connection, offered.sku, "Renamed", store_view="de")

    assert offered.product_id in logged(connection)["products"]
    [german] = [
        item
        for item in items(connection, "products", offered.product_id)
        if item["storeViewCode"] == "de"
    ]
    labels = {value["label"] for option in german["optionsV2"] for value in option["values"]}
    assert "Renamed" in labels


def test_a_name_for_all_store_views_spares_those_with_their_own(connection: Connection) -> None:
    edits.rename_product(connection, SIMPLE, "Everywhere")

    names = {item["storeViewCode"]: item["name"] for item in items(connection, "products", 13)}

    assert names["default"] == "Everywhere"
    assert "Everywhere" not in (names["de"], names["fr"])


def test_a_moved_category_takes_paths_levels_and_urls_of_its_subtree_along(
    connection: Connection,
) -> None:
    edits.move_category(connection, 4, 3)
    edits.move_category(connection, 5, 4)

    edits.move_category(connection, 4, 6)

    [below] = [item for item in items(connection, "categories", 5) if item["storeViewCode"] == "de"]
    assert (below["path"], below["level"]) == ("1/2/6/4/5", 4)
    assert below["urlPath"] == "wohnen/schuhe/taschen"
    assert logged(connection)["categories"] >= {3, 4, 5, 6}
    assert {"4"} == set(items(connection, "categories", 6)[0]["children"])


def test_a_category_cannot_go_below_itself_nor_where_its_address_is_taken(
    connection: Connection,
) -> None:
    edits.move_category(connection, 4, 3)

    with pytest.raises(UsageError, match="category 3 cannot go below 4, which is itself or below"):
        edits.move_category(connection, 3, 4)
    with pytest.raises(UsageError, match="category 4 is below 3 already"):
        edits.move_category(connection, 4, 3)
    with pytest.raises(UsageError, match="category 2 is the root of a store and cannot be moved"):
        edits.move_category(connection, 2, 4)


def test_an_address_belongs_to_one_category(connection: Connection) -> None:
    connection.execute(
        tables.CategoryText.__table__.update()  # type: ignore[attr-defined]
        .where(tables.CategoryText.category_id == 5)
        .values(url_path="home/shoes")
    )

    with pytest.raises(UsageError, match="category 5 has the URL path home/shoes already"):
        edits.move_category(connection, 4, 6)


def test_a_deleted_category_goes_with_all_below_it_and_leaves_the_products(
    connection: Connection,
) -> None:
    edits.move_category(connection, 4, 3)

    edits.delete_category(connection, 3)

    assert items(connection, "categories", 3) == items(connection, "categories", 4) == []
    assert connection.scalar(select(func.count()).select_from(tables.Product)) == 60


def test_new_products_go_on_where_the_generated_catalog_ends(connection: Connection) -> None:
    edited = edits.new_products(connection, 2)
    larger = Catalog(CATALOG.seed, 62)

    found = connection.scalars(
        select(tables.Product.sku)
        .where(tables.Product.product_id > 60)
        .order_by(tables.Product.product_id)
    )
    assert list(found) == [larger.product(60).sku, larger.product(61).sku]
    assert larger.product(60).sku in str(edited)


def test_a_new_variant_joins_the_configurable_that_was_there(connection: Connection) -> None:
    edits.new_products(connection)
    edits.new_products(connection)

    assert {item["parentId"] for item in items(connection, "variants", 62)} == {"61"}
    assert 61 in logged(connection)["products"]


def test_an_id_is_not_given_to_a_second_product(connection: Connection) -> None:
    edits.delete_product(connection, SKUS[59])

    edits.new_products(connection)

    ids = connection.scalars(select(tables.Product.product_id))
    assert {60, 61} & set(ids) == {61}


def test_new_products_refer_to_nothing_that_is_not_there(commerce_url: str) -> None:
    engine = open_commerce(commerce_url)
    fill(engine)
    with engine.begin() as connection:
        for sku in SKUS[40:]:
            edits.delete_product(connection, sku)
        edits.delete_category(connection, 3)

    with engine.begin() as connection:
        edits.new_products(connection, 60)

    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(tables.Product)) == 100
        assert len(contents(connection)["products"]) == 100
    engine.dispose()


def test_a_deleted_product_disappears_from_those_that_showed_it(connection: Connection) -> None:
    edits.delete_product(connection, VARIANT)

    assert items(connection, "products", 2) == items(connection, "variants", 2) == []
    [parent, *_] = items(connection, "products", 1)
    assert VARIANT not in {variant["sku"] for variant in parent["variants"]}
    assert 2 in logged(connection)["variants"]


def test_a_new_store_view_shows_the_texts_of_all_store_views(connection: Connection) -> None:
    edited = edits.new_store_view(connection, "at", website="base", locale="de_AT")

    by_view = {item["storeViewCode"]: item for item in items(connection, "products", 13)}
    assert by_view["at"]["name"] == by_view["default"]["name"]
    assert by_view["at"]["url"] is None or "/at/" in by_view["at"]["url"]
    assert set(edited.invalidated) == invalid(connection)
    assert invalid(connection) == {"products", "productAttributes", "categories", "scopesWebsite"}


def test_a_new_customer_group_is_exported_and_gets_overrides(connection: Connection) -> None:
    edits.new_customer_group(connection, "Press")

    [group] = items(connection, "scopesCustomerGroup", 4)
    assert group["customerGroup"]["customerGroupId"] == "4"
    assert invalid(connection) == {"productOverrides"}


def test_a_permission_is_changed_where_there_is_one_and_else_added(connection: Connection) -> None:
    rows = select(func.count()).select_from(tables.CategoryPermission)
    count = connection.scalar(rows) or 0

    for grant in ("DENY", "ALLOW"):
        edits.set_permission(connection, 9, {"displayed": grant}, website="base", group=0)

    of_category = select(tables.CategoryPermission.displayed).where(
        tables.CategoryPermission.category_id == 9,
        tables.CategoryPermission.website_id == 1,
        tables.CategoryPermission.customer_group_id == 0,
    )
    assert connection.scalars(of_category).all() == ["ALLOW"]
    assert connection.scalar(rows) in (count, count + 1)
