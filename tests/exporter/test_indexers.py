"""Feed items made of a catalog: complete, valid without a finding, one per identity."""

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from marshmallow import Schema
from sqlalchemy import Connection, Engine, delete, event, insert, update

from mcs.contract.canonical import Item, identity_key
from mcs.contract.feeds import FEEDS, Feed, TimeFormat
from mcs.contract.schemas import ITEM_SCHEMAS
from mcs.contract.schemas.fields import Many, Record
from mcs.exporter.commerce import tables
from mcs.exporter.commerce.database import open_commerce, write_config
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.indexers import INDEXERS
from mcs.exporter.indexers.product_overrides import ENABLED_PATH
from mcs.fixtures.catalog import Catalog

FEED_NAMES = pytest.mark.parametrize("name", list(FEEDS), ids=str)
TINY = pytest.mark.parametrize("size", [1, 3, 7, 20], ids=str)

NEVER_FILLED = {
    "products": {"productType", "deletedAt", "inventory"},
    "prices": {"websiteId"},
    "productAttributes": {"attributeOptions"},
}
"""No collector of the real exporter fills these (contract/feeds.json)."""

NOW = {
    TimeFormat.COMMERCE: "2026-11-22 19:10:15",
    TimeFormat.ATOM: "2026-11-22T19:10:15+00:00",
}
GROUP_0 = "b6589fc6ab0dc82cf12099d1c2d40ab994e8410c"


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_commerce(tmp_path_factory.mktemp("indexers") / "commerce.db")
    load_catalog(engine, Catalog(seed=42, products=1000), lambda _: None)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Edits are rolled back."""
    with engine.connect() as connection:
        yield connection


def all_items(connection: Connection, name: str, page_size: int = 400) -> list[Item]:
    indexer = INDEXERS[name]
    pages = indexer.pages(connection, page_size)
    return [item for page in pages for _, item in indexer.items(connection, page)]


def items_of(connection: Connection, name: str, *ids: int) -> list[Item]:
    return [item for _, item in INDEXERS[name].items(connection, ids)]


def as_sent(feed: Feed, item: Item) -> Item:
    return {**item, feed.timestamp: NOW[feed.timestamp_format]}


def schema_paths(schema: type[Schema], prefix: str = "") -> Iterator[str]:
    for name, field in schema().fields.items():
        path = f"{prefix}{field.data_key or name}"
        yield path
        inner = field.inner if isinstance(field, Many) else field
        if isinstance(inner, Record):
            yield from schema_paths(type(inner.schema), f"{path}.")


def filled_paths(value: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(value, list):
        for inner in value:
            yield from filled_paths(inner, prefix)
    elif isinstance(value, dict):
        for name, inner in value.items():
            if inner is not None:
                yield f"{prefix}{name}"
                yield from filled_paths(inner, f"{prefix}{name}.")


def findings(feed: Feed, items: Iterable[Item]) -> list[Any]:
    schema = ITEM_SCHEMAS[feed.name]()
    return [found for item in items if (found := schema.validate(as_sent(feed, item)))]


def test_there_is_an_indexer_for_every_feed() -> None:
    assert {name: indexer.feed for name, indexer in INDEXERS.items()} == dict(FEEDS)


@FEED_NAMES
def test_items_pass_the_strict_schema_without_finding(connection: Connection, name: str) -> None:
    items = all_items(connection, name)

    assert items
    assert findings(FEEDS[name], items) == []


@FEED_NAMES
def test_every_field_of_the_schema_is_filled_somewhere(connection: Connection, name: str) -> None:
    feed = FEEDS[name]
    items = (as_sent(feed, item) for item in all_items(connection, name))

    filled = {path for item in items for path in filled_paths(item)}

    exempt = NEVER_FILLED.get(name, set())
    wanted = {path for path in schema_paths(ITEM_SCHEMAS[name]) if path.split(".")[0] not in exempt}
    assert wanted - filled == set()


@FEED_NAMES
def test_fields_that_no_collector_fills_stay_away(connection: Connection, name: str) -> None:
    fields = {field for item in all_items(connection, name) for field in item}

    assert fields.isdisjoint(NEVER_FILLED.get(name, set()))


@FEED_NAMES
def test_the_keys_that_are_null_when_empty_are_always_there(
    connection: Connection, name: str
) -> None:
    always = {
        field.data_key or key
        for key, field in ITEM_SCHEMAS[name]().fields.items()
        if field.metadata["x-when-empty"] in ("null", "never")
    } - {FEEDS[name].timestamp, *NEVER_FILLED.get(name, ())}

    for item in all_items(connection, name):
        assert always <= item.keys()


@FEED_NAMES
def test_the_time_of_sending_is_left_to_the_sender(connection: Connection, name: str) -> None:
    assert all(FEEDS[name].timestamp not in item for item in all_items(connection, name))


@FEED_NAMES
def test_an_identity_names_one_item(connection: Connection, name: str) -> None:
    keys = Counter(identity_key(FEEDS[name], item) for item in all_items(connection, name))

    assert [key for key, count in keys.items() if count > 1] == []


@FEED_NAMES
def test_paging_meets_every_source_once_in_order(connection: Connection, name: str) -> None:
    indexer = INDEXERS[name]

    ids = [one for page in indexer.pages(connection, 7) for one in page]

    assert ids == sorted(set(ids))
    assert len(ids) == indexer.count_sources(connection)


@FEED_NAMES
def test_items_are_the_same_alone_and_in_company(connection: Connection, name: str) -> None:
    indexer = INDEXERS[name]
    [first_page, *_] = indexer.pages(connection, 25)

    together = list(indexer.items(connection, first_page))

    alone = [pair for one in first_page for pair in indexer.items(connection, [one])]
    assert alone == together


@FEED_NAMES
def test_the_number_of_queries_does_not_grow_with_the_products(
    engine: Engine, connection: Connection, name: str
) -> None:
    indexer = INDEXERS[name]
    executed: list[str] = []

    def note(*arguments: Any) -> None:
        executed.append(arguments[2])

    event.listen(engine, "before_cursor_execute", note)
    list(indexer.items(connection, range(1, 501)))
    event.remove(engine, "before_cursor_execute", note)

    assert len(executed) <= 20


@FEED_NAMES
def test_an_id_that_is_no_source_gives_no_item(connection: Connection, name: str) -> None:
    assert items_of(connection, name, 999_999) == []


@TINY
def test_a_tiny_catalog_has_valid_items(size: int, tmp_path: Path) -> None:
    engine = open_commerce(tmp_path / "tiny.db")
    load_catalog(engine, Catalog(seed=1, products=size), lambda _: None)

    with engine.connect() as connection:
        found = {name: findings(FEEDS[name], all_items(connection, name)) for name in FEEDS}
        count = INDEXERS["products"].count_sources(connection)
    engine.dispose()

    assert not any(found.values())
    assert count == size


def test_the_same_catalog_gives_the_same_items_in_another_database(
    connection: Connection, tmp_path: Path
) -> None:
    other = open_commerce(tmp_path / "other.db")
    load_catalog(other, Catalog(seed=42, products=1000), lambda _: None)

    with other.connect() as other_connection:
        for name in FEEDS:
            assert all_items(other_connection, name) == all_items(connection, name)
    other.dispose()


def test_a_configurable_without_enabled_variant_is_disabled(connection: Connection) -> None:
    enable(connection, 1, 2, 3, 4, 5, 6, 7)
    before = items_of(connection, "products", 1)

    connection.execute(
        update(tables.Product).where(tables.Product.product_id.between(2, 7)).values(enabled=False)
    )

    after = items_of(connection, "products", 1)
    assert {(item["status"], item["displayable"]) for item in before} == {("Enabled", True)}
    assert {(item["status"], item["displayable"], item["buyable"]) for item in after} == {
        ("Disabled", False, False)
    }


def test_a_bundle_needs_an_enabled_product_for_each_required_option(
    connection: Connection,
) -> None:
    enable(connection, *range(8, 21))
    [*before] = items_of(connection, "products", 8)

    connection.execute(
        update(tables.Product)
        .where(tables.Product.product_id.between(13, 16))
        .values(enabled=False)
    )

    after = items_of(connection, "products", 8)
    assert {item["status"] for item in before} == {"Enabled"}
    assert {item["status"] for item in after} == {"Disabled"}


def enable(connection: Connection, *product_ids: int) -> None:
    """Enabled, visible, in stock and sold everywhere."""
    ids = list(product_ids)
    connection.execute(
        update(tables.Product).where(tables.Product.product_id.in_(ids)).values(enabled=True)
    )
    connection.execute(
        update(tables.StockItem)
        .where(tables.StockItem.product_id.in_(ids))
        .values(is_in_stock=True, qty=100.0)
    )


def test_a_product_has_items_only_for_the_websites_where_it_is_sold(
    connection: Connection,
) -> None:
    connection.execute(
        delete(tables.ProductWebsite).where(
            tables.ProductWebsite.product_id == 13, tables.ProductWebsite.website_id == 2
        )
    )

    views = [item["storeViewCode"] for item in items_of(connection, "products", 13)]

    assert views == ["default", "de"]
    assert {item["websiteCode"] for item in items_of(connection, "prices", 13)} == {"base"}


def test_a_group_without_terms_of_its_own_has_no_price_row(connection: Connection) -> None:
    rows = Counter(
        (item["sku"], item["websiteCode"], item["customerGroupCode"] == "0")
        for item in all_items(connection, "prices")
    )

    assert all(count == 1 for (_, _, is_for_all), count in rows.items() if is_for_all)
    assert sum(count for (_, _, is_for_all), count in rows.items() if not is_for_all) < len(rows)


def test_discounts_and_tiers_have_either_price_or_percentage(connection: Connection) -> None:
    terms = [
        entry
        for item in all_items(connection, "prices")
        for entry in [*(item["discounts"] or []), *item.get("tierPrices", [])]
    ]

    assert terms
    assert all(("price" in entry) != ("percentage" in entry) for entry in terms)


def test_numbers_are_written_with_a_fraction_also_where_they_are_whole(
    connection: Connection,
) -> None:
    prices = {type(item["regular"]) for item in all_items(connection, "prices")}
    quantities = {type(item["qty"]) for item in all_items(connection, "inventoryStockStatus")}

    assert prices == quantities == {float}


def test_special_prices_of_bundles_are_percentages(connection: Connection) -> None:
    codes = {
        (item["type"].startswith("BUNDLE"), *sorted(discount))
        for item in all_items(connection, "prices")
        for discount in item["discounts"] or []
        if discount["code"] == "special_price"
    }

    assert codes == {(True, "code", "percentage"), (False, "code", "price")}


def test_overrides_stop_while_category_permissions_are_off(connection: Connection) -> None:
    write_config(connection, ENABLED_PATH, "0")

    assert all_items(connection, "productOverrides") == []
    assert items_of(connection, "productOverrides", 1, 2, 3) == []


def test_a_product_without_category_has_no_override(connection: Connection) -> None:
    connection.execute(delete(tables.ProductCategory).where(tables.ProductCategory.product_id == 1))

    assert items_of(connection, "productOverrides", 1) == []


def test_a_denied_category_hides_the_product_its_price_and_the_cart(
    connection: Connection,
) -> None:
    denied = {"displayed": "DENY", "display_product_price": "ALLOW", "add_to_cart": "ALLOW"}
    connection.execute(delete(tables.CategoryPermission))
    for category_id in range(3, 33):
        connection.execute(
            insert(tables.CategoryPermission).values(
                category_id=category_id, website_id=1, customer_group_id=0, **denied
            )
        )

    items = [
        item
        for item in all_items(connection, "productOverrides")
        if item["customerGroupCode"] == GROUP_0 and item["websiteCode"] == "base"
    ]

    assert items
    assert not any(
        item["displayable"] or item["priceDisplayable"] or item["addToCartAllowed"]
        for item in items
    )


def test_the_four_fallbacks_are_sent_and_a_website_that_repeats_one_is_not(
    connection: Connection,
) -> None:
    defaults = [
        item["id"]
        for item in all_items(connection, "categoryPermissions")
        if item["type"] == "GLOBAL"
    ]

    fallbacks = [one for one in defaults if one["websiteCode"] == "FALLBACK_WEBSITE"]
    assert [one["categoryId"] for one in fallbacks] == [
        "GLOBAL_ENABLED",
        "DISPLAYED",
        "DISPLAY_PRODUCT_PRICE",
        "ADD_TO_CART",
    ]
    assert not [
        one
        for one in defaults
        if one["websiteCode"] == "base" and one["customerGroupCode"] == "FALLBACK_CUSTOMER_GROUP"
    ]


def test_a_new_store_view_shows_the_whole_catalog(connection: Connection) -> None:
    before = len(items_of(connection, "products", 13))
    connection.execute(
        insert(tables.StoreView).values(
            store_view_id=4,
            store_id=1,
            code="uk",
            name="Great Britain",
            locale="en_GB",
            base_url="https://uk.shop.example/",
            weight_unit="kgs",
        )
    )

    items = items_of(connection, "products", 13)

    [english] = [item for item in items if item["storeViewCode"] == "default"]
    [british] = [item for item in items if item["storeViewCode"] == "uk"]
    assert len(items) == before + 1
    assert british["name"] == english["name"]
