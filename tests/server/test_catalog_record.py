"""What the service holds after calls of the ingestion API: updates, trees, layers, references."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.exporter.databases import KINDS, fresh_database
from tests.server.catalog_client import LOCALE, CatalogClient, book, catalog_client, price, product
from tests.server.faulty import put_in_force
from tests.server.running import RunningService, config, running

WEEK_S = 7 * 24 * 3600
BAG = product(
    "BAG",
    attributes=[{"code": "color", "values": ["red"]}],
    metaTags={"title": "Bag", "keywords": []},
)
TREE = [book("eu"), book("de", "eu"), book("de-vip", "de"), book("us")]
PRICES = [price("BAG", name) for name in ("eu", "de", "de-vip", "us")]


@pytest.fixture
def client(service: RunningService) -> CatalogClient:
    return catalog_client(service)


@pytest.fixture(params=KINDS)
def own_service(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RunningService]:
    """A service of this test alone, whose clock may be turned, on each kind of database."""
    with (
        fresh_database(request.param, tmp_path) as url,
        running(config(tmp_path, database=url)) as service,
    ):
        yield service


def named(sku: str, **fields: Any) -> dict[str, Any]:
    return {"sku": sku, "source": LOCALE, **fields}


def books(client: CatalogClient) -> set[str]:
    return {one["priceBookId"] for one in client.alive("catalogPriceBooks")}


def priced_in(client: CatalogClient) -> set[str]:
    return {one["priceBookId"] for one in client.alive("catalogPrices")}


def test_a_replacement_keeps_nothing_of_what_was(client: CatalogClient) -> None:
    client.send("catalogProducts", BAG)
    client.send("catalogProducts", product("BAG"))

    assert client.alive("catalogProducts") == [product("BAG")]


def test_an_update_keeps_what_it_does_not_name(client: CatalogClient) -> None:
    client.send("catalogProducts", BAG)
    client.patch("catalogProducts", named("BAG", name="New", metaTags={"title": "T"}))

    [held] = client.alive("catalogProducts")
    assert held == {**BAG, "name": "New", "metaTags": {"title": "T", "keywords": []}}


def test_updates_of_one_item_in_one_batch_follow_each_other(client: CatalogClient) -> None:
    client.send("catalogProducts", BAG)
    client.patch("catalogProducts", named("BAG", name="New"), named("BAG", slug="new"))

    [held] = client.alive("catalogProducts")
    assert (held["name"], held["slug"]) == ("New", "new")


def test_updates_at_the_same_time_all_count(own_service: RunningService) -> None:
    client = catalog_client(own_service)
    client.send("catalogProducts", product("BAG"))
    codes = [f"code-{number}" for number in range(12)]

    def update(code: str) -> None:
        client.patch("catalogProducts", named("BAG", attributes=[{"code": code, "values": []}]))

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(update, codes))

    [held] = client.alive("catalogProducts")
    assert sorted(one["code"] for one in held["attributes"]) == sorted(codes)


def test_an_update_of_what_does_not_exist_has_no_effect(client: CatalogClient) -> None:
    client.send("catalogProducts", BAG)
    client.delete("catalogProducts", named("BAG"))

    client.patch("catalogProducts", named("BAG", name="New"), named("NEVER", name="New"))

    assert client.alive("catalogProducts") == []
    assert [line["identity"]["sku"] for line in client.space.received()] == ["BAG"]


def test_a_deleted_product_is_created_again(client: CatalogClient) -> None:
    client.send("catalogProducts", BAG)
    client.delete("catalogProducts", named("BAG"))
    client.send("catalogProducts", product("BAG"))

    assert client.alive("catalogProducts") == [product("BAG")]
    [line] = client.space.received()
    assert line["versions"] == 3


def test_what_came_is_kept_beside_what_it_made(client: CatalogClient) -> None:
    client.send("catalogProducts", BAG)
    client.patch("catalogProducts", named("BAG", name="New"))

    newest = client.space.requests()[0]["id"]
    body = client.space.control("GET", f"/requests/{newest}/body").json()
    assert body == [named("BAG", name="New")]


def test_a_product_is_another_in_another_locale(client: CatalogClient) -> None:
    client.send("catalogProducts", BAG, {**BAG, "source": {"locale": "fr-FR"}})
    client.delete("catalogProducts", named("BAG"))

    [held] = client.alive("catalogProducts")
    assert held["source"] == {"locale": "fr-FR"}


def test_a_parent_of_a_price_book_cannot_be_changed(client: CatalogClient) -> None:
    client.send("catalogPriceBooks", *TREE)
    client.patch("catalogPriceBooks", {**book("de", "us"), "name": "New"}, book("us", "eu"))

    held = {one["priceBookId"]: one for one in client.alive("catalogPriceBooks")}
    assert held["de"] == {**book("de", "eu"), "name": "New"}
    assert held["us"] == book("us")


def test_a_deleted_price_book_takes_its_branch_and_prices_along(client: CatalogClient) -> None:
    client.send("catalogPriceBooks", *TREE)
    client.send("catalogPrices", *PRICES)

    client.delete("catalogPriceBooks", {"priceBookId": "de"})

    assert books(client) == {"eu", "us"}
    assert priced_in(client) == {"eu", "us"}


def test_a_price_book_created_again_within_a_week_brings_all_back(
    own_service: RunningService,
) -> None:
    client = catalog_client(own_service)
    client.send("catalogPriceBooks", *TREE)
    client.send("catalogPrices", *PRICES)
    client.delete("catalogPriceBooks", {"priceBookId": "eu"})
    assert (books(client), priced_in(client)) == ({"us"}, {"us"})

    _pass(own_service, client, WEEK_S - 60)
    client.send("catalogPriceBooks", book("eu"))

    assert sorted(client.alive("catalogPriceBooks"), key=str) == sorted(TREE, key=str)
    assert sorted(client.alive("catalogPrices"), key=str) == sorted(PRICES, key=str)


def test_after_a_week_only_the_price_book_itself_comes_back(own_service: RunningService) -> None:
    client = catalog_client(own_service)
    client.send("catalogPriceBooks", *TREE)
    client.send("catalogPrices", *PRICES)
    client.delete("catalogPriceBooks", {"priceBookId": "eu"})

    _pass(own_service, client, WEEK_S + 60)
    client.send("catalogPriceBooks", book("eu"))

    assert books(client) == {"eu", "us"}
    assert priced_in(client) == {"us"}


def test_a_price_written_meanwhile_is_not_overwritten_by_what_comes_back(
    client: CatalogClient,
) -> None:
    client.send("catalogPriceBooks", *TREE)
    client.send("catalogPrices", *PRICES)
    client.delete("catalogPriceBooks", {"priceBookId": "eu"})
    client.send("catalogPrices", price("BAG", "de", 99))
    client.delete("catalogPrices", {"sku": "BAG", "priceBookId": "eu"})

    client.send("catalogPriceBooks", book("eu"))

    held = {one["priceBookId"]: one["regular"] for one in client.alive("catalogPrices")}
    assert held == {"de": 99, "de-vip": 10, "us": 10}


def test_a_delete_that_a_fault_holds_back_takes_all_along_when_it_is_made(
    own_service: RunningService,
) -> None:
    client = catalog_client(own_service)
    client.send("catalogPriceBooks", *TREE)
    client.send("catalogPrices", *PRICES)
    put_in_force(client.space, "late", count=1, parameters={"delay_s": 60})

    client.delete("catalogPriceBooks", {"priceBookId": "eu"})
    assert priced_in(client) == {"eu", "de", "de-vip", "us"}

    _pass(own_service, client, 61)
    assert (books(client), priced_in(client)) == ({"us"}, {"us"})
    client.send("catalogPriceBooks", book("eu"))
    assert sorted(client.alive("catalogPriceBooks"), key=str) == sorted(TREE, key=str)
    assert sorted(client.alive("catalogPrices"), key=str) == sorted(PRICES, key=str)


def test_a_price_book_that_comes_late_brings_all_back_when_it_comes(
    own_service: RunningService,
) -> None:
    client = catalog_client(own_service)
    client.send("catalogPriceBooks", *TREE)
    client.send("catalogPrices", *PRICES)
    client.delete("catalogPriceBooks", {"priceBookId": "eu"})
    put_in_force(client.space, "late", count=1, parameters={"requests": 1})

    client.send("catalogPriceBooks", book("eu"))
    assert (books(client), priced_in(client)) == ({"us"}, {"us"})

    client.send("catalogProducts", BAG)
    assert sorted(client.alive("catalogPriceBooks"), key=str) == sorted(TREE, key=str)
    assert sorted(client.alive("catalogPrices"), key=str) == sorted(PRICES, key=str)


def test_a_delete_that_is_made_late_takes_what_came_back_meanwhile_along(
    client: CatalogClient,
) -> None:
    client.send("catalogPriceBooks", *TREE)
    client.send("catalogPrices", *PRICES)
    put_in_force(client.space, "late", count=1, parameters={"requests": 2})

    client.delete("catalogPriceBooks", {"priceBookId": "de"})
    client.delete("catalogPriceBooks", {"priceBookId": "eu"})
    client.send("catalogPriceBooks", book("eu"))

    assert (books(client), priced_in(client)) == ({"eu", "us"}, {"eu", "us"})


def test_a_deleted_category_takes_those_below_it_along_in_its_locale(
    client: CatalogClient,
) -> None:
    def category(slug: str, locale: str = "en-US") -> dict[str, Any]:
        return {"slug": slug, "source": {"locale": locale}, "name": slug}

    all_of = [category(slug) for slug in ("men", "men/pants", "men/pants/red", "men-only")]
    client.send("catalogCategories", *all_of, category("men/pants", "fr-FR"))

    client.delete("catalogCategories", {"slug": "men", "source": LOCALE})

    left = {(one["slug"], one["source"]["locale"]) for one in client.alive("catalogCategories")}
    assert left == {("men-only", "en-US"), ("men/pants", "fr-FR")}
    client.send("catalogCategories", category("men"))
    assert len(client.alive("catalogCategories")) == 5


def test_a_price_is_looked_for_up_the_tree_and_the_currency_is_inherited(
    client: CatalogClient,
) -> None:
    client.send("catalogProducts", BAG)
    client.send("catalogPriceBooks", *TREE)
    client.send("catalogPrices", price("BAG", "eu", 10), price("BAG", "de", 8))

    seen = client.view("BAG", price_book="de-vip")

    assert (seen["price"]["regular"], seen["price_book"], seen["currency"]) == (8, "de", "EUR")
    assert client.view("BAG", price_book="us")["price"] is None


def test_layers_lie_over_a_product_in_their_order(client: CatalogClient) -> None:
    client.send("catalogProducts", BAG)
    winter = {"sku": "BAG", "source": {"layer": "winter"}, "name": "Warm bag", "slug": "no"}
    sale = {"sku": "BAG", "source": {"layer": "sale", **LOCALE}, "name": "Cheap bag"}
    client.send("catalogProductLayers", winter, sale)

    seen = client.view("BAG", layer=["winter", "sale"])

    assert (seen["product"]["name"], seen["layers"]) == ("Cheap bag", ["winter", "sale"])
    assert client.view("BAG", layer="winter")["product"]["name"] == "Warm bag"
    assert client.view("BAG")["product"] == BAG
    client.delete("catalogProductLayers", {"sku": "BAG", "source": {"layer": "winter"}})
    assert client.view("BAG", layer="winter")["product"] == BAG


def test_references_that_lead_nowhere_are_found(client: CatalogClient) -> None:
    needed = ("sku", "name", "description", "shortDescription", "price")
    client.send(
        "catalogProductMetadata",
        *({"code": code, "source": LOCALE, "label": code, "dataType": "TEXT"} for code in needed),
    )
    client.send("catalogCategories", {"slug": "men/pants", "source": LOCALE, "name": "Pants"})
    configurations = [
        {"attributeCode": "size", "type": "SWATCH", "values": [{"variantReferenceId": "s"}]}
    ]
    client.send(
        "catalogProducts",
        product("PARENT", configurations=configurations, routes=[{"path": "women"}]),
        product(
            "CHILD",
            links=[{"type": "variant_of", "sku": "PARENT"}, {"type": "related", "sku": "GONE"}],
            attributes=[{"code": "size", "values": ["M"], "variantReferenceId": "m"}],
        ),
    )
    client.send("catalogProductLayers", {"sku": "GONE", "source": {"layer": "winter"}})
    chain = [book("b"), *(book(f"b{n}", f"b{n - 1}" if n > 1 else "b") for n in (1, 2, 3, 4))]
    client.send("catalogPriceBooks", *chain, book("orphan", "nowhere"))
    client.send(
        "catalogPrices",
        price("PARENT", "b"),
        price("GONE", "main", tierPrices=[{"qty": 5, "price": 1}, {"qty": 2, "price": 1}]),
    )

    assert set(client.findings()) == {
        ("catalogCategories", "/slug", "unknown_category"),
        ("catalogProducts", "/routes/0/path", "unknown_category"),
        ("catalogProducts", "/links/1/sku", "unknown_product"),
        ("catalogProducts", "/attributes/0/variantReferenceId", "unknown_option"),
        ("catalogProducts", "/attributes/0/code", "unknown_metadata"),
        ("catalogProductLayers", "/sku", "unknown_product"),
        ("catalogPriceBooks", "/parentId", "unknown_price_book"),
        ("catalogPriceBooks", "/parentId", "price_book_too_deep"),
        ("catalogPrices", "/sku", "price_of_configurable"),
        ("catalogPrices", "/sku", "unknown_product"),
        ("catalogPrices", "/priceBookId", "unknown_price_book"),
        ("catalogPrices", "/tierPrices", "tiers_out_of_order"),
    }


@pytest.mark.parametrize("path", ["products", "stock"])
def test_a_tenant_that_no_database_can_hold_is_not_found(
    own_service: RunningService, path: str
) -> None:
    own = catalog_client(own_service)
    bearer = {"Authorization": f"Bearer {own.ask_for_token().json()['access_token']}"}

    url = f"{own_service.url}/%00/v1/catalog/{path}"
    answer = own_service.http.request("POST", url, body=b"[]", headers=bearer)

    assert answer.status == 404


def test_a_data_space_that_records_all_takes_what_is_no_item(service: RunningService) -> None:
    client = catalog_client(service, mode="record")

    for feed in ("catalogProducts", "catalogPriceBooks", "catalogCategories"):
        client.send(feed, 5, {}, product("A"), book("eu"), {"slug": "men", "source": LOCALE})
        client.patch(feed, 5, {}, {**named("A"), "links": 5}, {"priceBookId": "eu", "name": 7})
        client.delete(feed, 5, {}, {"priceBookId": "eu"}, {"slug": "men", "source": LOCALE})

    assert client.space.control("GET", "/findings").status == 200
    assert client.view("A", price_book="eu")["price"] is None


def test_a_catalog_whose_references_all_hold_has_no_findings(client: CatalogClient) -> None:
    client.send("catalogPriceBooks", *TREE)

    assert client.findings() == []


def test_a_reset_forgets_what_could_come_back(client: CatalogClient) -> None:
    client.send("catalogPriceBooks", *TREE)
    client.delete("catalogPriceBooks", {"priceBookId": "eu"})
    client.space.control("POST", "/reset")

    client.send("catalogPriceBooks", book("eu"))

    assert books(client) == {"eu"}


def _pass(service: RunningService, client: CatalogClient, seconds: int) -> None:
    turn = {"advance_s": seconds}
    assert service.http.request("PUT", service.url + "/control/clock", json=turn).status == 200
    client.token = ""
