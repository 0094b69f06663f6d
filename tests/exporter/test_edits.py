"""Edits of the shop: what they change, what they log, what they refuse."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, func, select

from mcs.contract.errors import UsageError
from mcs.exporter.commerce import edits, tables
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.commerce.edits import Edited
from mcs.exporter.commerce.random_edits import WEIGHTS
from mcs.exporter.indexers import INDEXERS
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.draw import Draw
from tests.exporter.databases import KINDS, fresh_database
from tests.exporter.shops import (
    Contents,
    changed,
    contents,
    fill,
    forget_log,
    invalid,
    logged,
    overlooked,
)

CATALOG = Catalog(seed=42, products=60)
SKUS = [product.sku for product in CATALOG]
CONFIGURABLE, VARIANT, BUNDLE, GROUPED, SIMPLE = (SKUS[index] for index in (0, 1, 7, 8, 12))

SEEDS = range(6)


@pytest.fixture(params=KINDS, ids=str, scope="module")
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """A shop of 60 products that is wholly exported; tests leave it as it was."""
    with fresh_database(request.param, tmp_path_factory.mktemp("edits")) as url:
        engine = open_commerce(url)
        fill(engine, CATALOG.products, CATALOG.seed)
        yield engine
        engine.dispose()


@pytest.fixture(scope="module")
def before(engine: Engine) -> Contents:
    with engine.connect() as connection:
        return contents(connection)


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    """Edits are rolled back."""
    with engine.connect() as connection:
        yield connection
        connection.rollback()


def _grants(draw: Draw) -> dict[str, str]:
    return {
        name: draw.pick(name, ("ALLOW", "DENY", "USE_PARENT"))
        for name in ("displayed", "display_product_price", "add_to_cart")
    }


def _category_id(connection: Connection, draw: Draw) -> int:
    found = connection.scalars(
        select(tables.Category.category_id)
        .where(tables.Category.parent_id.is_not(None))
        .order_by(tables.Category.category_id)
    )
    return draw.pick("category", list(found))


def _sku(connection: Connection, draw: Draw) -> str:
    found = connection.scalars(select(tables.Product.sku).order_by(tables.Product.product_id))
    return draw.pick("sku", list(found))


def _family(draw: Draw) -> list[str]:
    """The parts of a composite, all of them."""
    first = draw.pick("block", (0, 20, 40))
    return draw.pick("family", (SKUS[first + 1 : first + 7], SKUS[first + 12 : first + 20]))


def _for_each(
    edit: Callable[[Connection, str], Edited],
) -> Callable[[Connection, Draw], Edited]:
    """The edit of every part of a composite, which counts for the composite, too."""
    return lambda c, draw: [edit(c, sku) for sku in _family(draw)][-1]


EVERY_EDIT: Mapping[str, Callable[[Connection, Draw], Edited | None]] = {
    **{edit.__name__.removeprefix("_"): edit for edit in WEIGHTS},
    "stock of any type": lambda c, draw: edits.set_stock(
        c, _sku(c, draw), draw.pick("qty", (0.0, 5.0, 500.0)), in_stock=draw.chance("in", 0.5)
    ),
    "special price of any type": lambda c, draw: edits.set_special_price(
        c, draw.pick("sku", (BUNDLE, SIMPLE, VARIANT)), draw.pick("price", (None, 12.5))
    ),
    "tier price removed": lambda c, draw: (
        edits.set_tier_price(c, SIMPLE, 3.0, qty=7, group=2)
        and edits.remove_tier_price(c, SIMPLE, qty=7, group=2)
    ),
    "name in a store view": lambda c, draw: edits.rename_product(
        c, _sku(c, draw), "Ein neuer Name", store_view=draw.pick("view", ("default", "de", "fr"))
    ),
    "visibility": lambda c, draw: edits.set_visibility(
        c, _sku(c, draw), draw.pick("to", ("Catalog", "Not Visible Individually"))
    ),
    "category name in a store view": lambda c, draw: edits.rename_category(
        c, _category_id(c, draw), "Eine Kategorie", store_view="de"
    ),
    "delete category": lambda c, draw: edits.delete_category(c, _category_id(c, draw)),
    "sold out family": _for_each(lambda c, sku: edits.set_stock(c, sku, 0)),
    "disabled family": _for_each(lambda c, sku: edits.set_enabled(c, sku, False)),
    "deleted family": _for_each(edits.delete_product),
    "deleted composite": lambda c, draw: edits.delete_product(
        c, draw.pick("sku", (CONFIGURABLE, BUNDLE, GROUPED))
    ),
    "default for all": lambda c, _: edits.set_default_permission(c, "displayed", "DENY"),
    "many new products": lambda c, draw: edits.new_products(c, draw.whole("count", 2, 45)),
    "new after deletes": lambda c, draw: (
        edits.delete_product(c, SKUS[40 + draw.whole("which", 0, 19)])
        and edits.delete_category(c, 3)
        and edits.new_products(c, 25)
    ),
    "new store view": lambda c, draw: edits.new_store_view(
        c, "at", website=draw.pick("website", ("base", "b2b")), locale="de_AT"
    ),
    "new customer group": lambda c, draw: edits.new_customer_group(c, "Press"),
    "permission": lambda c, draw: edits.set_permission(
        c,
        _category_id(c, draw),
        _grants(draw),
        website=draw.pick("website", (None, "base", "b2b")),
        group=draw.pick("group", (None, 0, 3)),
    ),
    "default permission": lambda c, draw: edits.set_default_permission(
        c,
        draw.pick("what", ("displayed", "display_product_price", "add_to_cart")),
        draw.pick("grant", ("ALLOW", "DENY")),
        website=draw.pick("website", (None, "base", "b2b")),
        group=draw.pick("group", (None, 0, 3)),
    ),
    "attribute label in a store view": lambda c, draw: edits.set_attribute_label(
        c, draw.pick("code", ("color", "size", "brand")), "Etikett", store_view="de"
    ),
}


@pytest.mark.parametrize("kind", EVERY_EDIT)
def test_every_changed_item_is_logged_or_its_feed_invalid(
    connection: Connection, before: Contents, kind: str
) -> None:
    found = {}
    for seed in SEEDS:
        edited = EVERY_EDIT[kind](connection, Draw(seed, "law"))

        found[seed, str(edited)] = overlooked(connection, before)
        connection.rollback()

    assert {edit: missed for edit, missed in found.items() if missed} == {}


IN_A_BRANCH: Mapping[str, Callable[[Connection], Edited]] = {
    "move": lambda c: edits.move_category(c, 4, 6),
    "delete": lambda c: edits.delete_category(c, 4),
    "rename": lambda c: edits.rename_category(c, 4, "Umbenannt", store_view="de"),
    "permission": lambda c: edits.set_permission(c, 4, {"displayed": "DENY"}),
}


@pytest.mark.parametrize("kind", IN_A_BRANCH)
def test_an_edit_of_a_branch_logs_all_that_hangs_on_it(connection: Connection, kind: str) -> None:
    edits.move_category(connection, 4, 3)
    edits.move_category(connection, 5, 4)
    edits.move_category(connection, 7, 5)
    forget_log(connection)
    before = contents(connection)

    IN_A_BRANCH[kind](connection)

    assert overlooked(connection, before) == {}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_law_holds_for_edits_on_top_of_edits(
    connection: Connection, before: Contents, seed: int
) -> None:
    draw = Draw(seed, "sequence")
    for step in range(12):
        kind = draw.pick(f"kind {step}", list(EVERY_EDIT))
        # What one edit deleted, another may look for in vain.
        with suppress(UsageError):
            EVERY_EDIT[kind](connection, Draw(seed, "sequence", step))

    assert overlooked(connection, before) == {}


def test_edits_of_products_log_little_that_did_not_change(
    connection: Connection, before: Contents
) -> None:
    entries = unchanged = 0
    for seed in SEEDS:
        for edit in WEIGHTS:
            if edit(connection, Draw(seed, "modest")):
                after = changed(before, contents(connection))
                for name, ids in logged(connection).items():
                    entries += len(ids)
                    unchanged += len(ids - after[name])
            connection.rollback()

    assert unchanged < entries / 2


def test_an_exception_after_an_edit_leaves_neither_edit_nor_log(
    engine: Engine, before: Contents
) -> None:
    def fail(connection: Connection) -> None:
        edits.delete_product(connection, SIMPLE)
        edits.new_store_view(connection, "at", website="base", locale="de_AT")
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"), engine.begin() as connection:
        fail(connection)

    with engine.connect() as connection:
        assert contents(connection) == before
        assert not any(logged(connection).values())
        assert invalid(connection) == set()


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


UNKNOWN: Mapping[str, tuple[Callable[[Connection], Edited], str]] = {
    "sku": (lambda c: edits.set_price(c, "X", 1), 'no product with the SKU "X".*mcs catalog list'),
    "website": (
        lambda c: edits.set_price(c, SIMPLE, 1, website="x"),
        'no website "x". Take one of: base, b2b',
    ),
    "store view": (
        lambda c: edits.rename_product(c, SIMPLE, "A", store_view="x"),
        'no store view "x". Take one of: default, de, fr',
    ),
    "category": (
        lambda c: edits.assign_category(c, SIMPLE, 999),
        "no category 999.*mcs catalog list categories",
    ),
    "customer group": (
        lambda c: edits.set_tier_price(c, SIMPLE, 1, group=9),
        r"no customer group 9. Take one of: 0 \(NOT LOGGED IN\)",
    ),
    "attribute": (
        lambda c: edits.set_attribute_label(c, "x", "A"),
        'no attribute "x".*mcs catalog list attributes',
    ),
    "stock": (lambda c: edits.set_stock(c, SIMPLE, 1, stock_id=9), "not in stock 9.*: 1, 2"),
    "visibility": (lambda c: edits.set_visibility(c, SIMPLE, "x"), 'visibility "x". Take one of'),
    "category of the product": (
        lambda c: edits.unassign_category(c, SIMPLE, 2),
        "not in category 2. Its categories: ",
    ),
    "tier price": (
        lambda c: edits.remove_tier_price(c, SIMPLE, qty=77),
        "no price for all customer groups from 77 on.*mcs catalog show",
    ),
    "permission": (
        lambda c: edits.set_permission(c, 3, {"x": "ALLOW"}),
        'unknown permission "x". Take one of: displayed',
    ),
    "grant": (
        lambda c: edits.set_default_permission(c, "displayed", "USE_PARENT"),
        'got "USE_PARENT", expected one of: ALLOW, DENY',
    ),
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_is_unknown_is_told_with_what_there_is(connection: Connection, what: str) -> None:
    make, message = UNKNOWN[what]

    with pytest.raises(UsageError, match=message):
        make(connection)

    assert not any(logged(connection).values())


REFUSED: Mapping[str, tuple[Callable[[Connection], Edited], str]] = {
    "negative price": (lambda c: edits.set_price(c, SIMPLE, -1), "got -1, expected a number"),
    "price that is none": (lambda c: edits.set_price(c, SIMPLE, float("nan")), "got nan"),
    "price of a composite": (lambda c: edits.set_price(c, GROUPED, 5), "is that of its parts"),
    "quantity that is none": (lambda c: edits.set_stock(c, SIMPLE, float("inf")), "got inf"),
    "tier of nothing": (lambda c: edits.set_tier_price(c, SIMPLE, 1, qty=0), "at least 1"),
    "more than all of a bundle": (lambda c: edits.set_special_price(c, BUNDLE, 101), "at most 100"),
    "empty name": (lambda c: edits.rename_product(c, SIMPLE, " "), "got an empty one"),
    "no products": (lambda c: edits.new_products(c, 0), "got a count of 0"),
    "store view twice": (
        lambda c: edits.new_store_view(c, "de", website="base", locale="de_DE"),
        'a store view "de" already',
    ),
    "code of all store views": (
        lambda c: edits.new_store_view(c, "admin", website="base", locale="de_DE"),
        'got "admin", expected',
    ),
    "locale": (
        lambda c: edits.new_store_view(c, "at", website="base", locale="german"),
        'got "german", expected one like de_DE',
    ),
    "customer group twice": (
        lambda c: edits.new_customer_group(c, "General"),
        'a customer group "General" already',
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_makes_no_sense_is_refused(connection: Connection, what: str) -> None:
    make, message = REFUSED[what]

    with pytest.raises(UsageError, match=message):
        make(connection)


def test_without_a_catalog_there_is_nothing_to_add_to(commerce_url: str) -> None:
    engine = open_commerce(commerce_url)

    with engine.connect() as connection, pytest.raises(UsageError, match="there is no catalog yet"):
        edits.new_products(connection)
    engine.dispose()
