"""The list of synced products, as the store keeps it, on both databases."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine, event

from mcs.server.store.catalog import SORTED_MATCHES, ProductPage, Wanted
from mcs.server.store.catalog_tables import CATALOG_SORTS
from mcs.server.store.journal import Filter
from mcs.server.store.journal_names import carrying
from tests.exporter.databases import KINDS, fresh_database
from tests.server.dashboard.test_pages import price
from tests.server.running import DataSpaceClient, RunningService, config, product, running

FIRST = Wanted("default", limit=7)


@pytest.fixture(scope="module", params=KINDS)
def kept(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningService]:
    """A service on each kind of database."""
    folder = tmp_path_factory.mktemp("kept")
    with (
        fresh_database(request.param, folder) as url,
        running(config(folder, database=url)) as service,
    ):
        yield service


@pytest.fixture
def shop(kept: RunningService) -> DataSpaceClient:
    """A data space of forty products with a price each."""
    space = kept.data_space()
    space.post("prices", [price(f"S-{n}", n + 0.5) for n in range(40)])
    space.post("products", [shirt(n) for n in range(40)])
    return space


def shirt(number: int, **fields: Any) -> dict[str, Any]:
    names = {
        "name": f"Shirt {number % 5}",
        "productId": number,
        "websiteCode": "base",
        "type": "simple",
    }
    return product(f"S-{number}", **(names | fields))


def listed(service: RunningService, space: DataSpaceClient, wanted: Wanted = FIRST) -> ProductPage:
    while service.store.catalog.step(space.id, 10).behind:
        pass
    return service.store.catalog.products(space.id, wanted)


def skus(page: ProductPage) -> list[str]:
    return [found.sku for found in page.products]


@pytest.mark.parametrize("sort", CATALOG_SORTS)
@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
def test_pages_there_and_back_show_each_product_once(
    kept: RunningService, shop: DataSpaceClient, sort: str, *, descending: bool
) -> None:
    start = replace(FIRST, sort=sort, descending=descending)
    page, there = listed(kept, shop, start), []
    there.append(page)
    while page.more_after:
        page = listed(kept, shop, replace(start, after=page.products[-1].id))
        there.append(page)
    back = [page]
    while back[0].more_before:
        back.insert(0, listed(kept, shop, replace(start, before=back[0].products[0].id)))

    seen = [getattr(found, sort) for page in there for found in page.products]
    assert len({found.id for page in there for found in page.products}) == 40
    assert seen == sorted(seen, reverse=descending)
    assert [skus(page) for page in back] == [skus(page) for page in there]


def test_a_deleted_product_is_neither_listed_nor_found_nor_counted(
    kept: RunningService, shop: DataSpaceClient
) -> None:
    listed(kept, shop)
    shop.post("products", [product("S-3", deleted=True)])

    found = listed(kept, shop, replace(FIRST, search="S-3"))

    assert "S-3" not in skus(found)
    assert [view.products for view in kept.store.catalog.store_views(shop.id)] == [39]


def test_a_renamed_product_is_found_by_its_new_name_only(
    kept: RunningService, shop: DataSpaceClient
) -> None:
    listed(kept, shop)
    shop.post("products", [shirt(3, name="Crème hat")])

    by_new, by_old = (replace(FIRST, search=words) for words in ("creme", "shirt 3"))

    assert skus(listed(kept, shop, by_new)) == ["S-3"]
    assert "S-3" not in skus(listed(kept, shop, by_old))


@pytest.mark.parametrize("price_first", [True, False], ids=["price-first", "product-first"])
def test_the_price_is_that_of_the_feed_else_the_products_own(
    kept: RunningService, *, price_first: bool
) -> None:
    space = kept.data_space()
    batches = [("prices", [price("S-1", 10)]), ("products", [shirt(1, price=7), shirt(2, price=8)])]
    for feed, batch in batches if price_first else reversed(batches):
        space.post(feed, batch)
        listed(kept, space)
    before = [found.price for found in listed(kept, space).products]
    space.post("prices", [price("S-1", None, deleted=True)])

    after = [found.price for found in listed(kept, space).products]

    assert (before, after) == ([10, 8], [7, 8])


def test_prices_of_other_groups_and_websites_are_not_the_price(
    kept: RunningService, shop: DataSpaceClient
) -> None:
    others = [price("S-1", 99, customerGroupCode="b6589fc6"), price("S-1", 98, websiteCode="other")]
    shop.post("prices", others)

    [found] = listed(kept, shop, replace(FIRST, search="S-1", limit=1)).products

    assert (found.sku, found.price) == ("S-1", 1.5)


def test_too_many_matches_stand_as_they_arrived_with_the_exact_sku_first(
    kept: RunningService,
) -> None:
    space = kept.data_space()
    names = [f"T-{number:05}" for number in range(SORTED_MATCHES)]
    space.post("products", [product(sku, name=f"Shirt {sku}") for sku in [*names, "T"]])
    wanted = replace(FIRST, search="T", sort="name", descending=True)

    first = listed(kept, space, wanted)
    second = listed(kept, space, replace(wanted, after=first.products[-1].id))
    back = listed(kept, space, replace(wanted, before=second.products[0].id))

    assert first.broad
    assert skus(first) == ["T", *names[:6]]
    assert (skus(second), second.more_before) == (names[6:13], True)
    assert skus(back) == names[:6]


@pytest.mark.parametrize("descending", [False, True], ids=["up", "down"])
@pytest.mark.parametrize("sku", ["T-2", "T 9 - Z", "--"])
def test_a_whole_sku_stands_before_all_that_is_found_with_it(
    kept: RunningService, sku: str, *, descending: bool
) -> None:
    space = kept.data_space()
    alike = [product(f"{sku}{number}", name=f"A {number}") for number in (*range(4), *range(5, 9))]
    space.post("products", [*alike, product(sku, name="A 4")])
    wanted = replace(FIRST, search=sku, sort="name", descending=descending)

    first = listed(kept, space, wanted)
    following = listed(kept, space, replace(wanted, after=first.products[-1].id))

    # A SKU without a letter is found as a whole only.
    found = 9 if any(map(str.isalnum, sku)) else 1
    assert (first.matches, skus(first)[0]) == (found, sku)
    assert len({*skus(first), *skus(following)}) == found
    assert sku not in skus(following)
    if following.products:
        back = listed(kept, space, replace(wanted, before=following.products[0].id))
        assert skus(back) == skus(first)


def test_a_reset_empties_the_list(kept: RunningService, shop: DataSpaceClient) -> None:
    other = kept.data_space()
    other.post("products", [shirt(1)])
    listed(kept, other)
    listed(kept, shop)

    shop.control("POST", "/reset")

    assert listed(kept, shop) == ProductPage((), more_before=False, more_after=False)
    assert skus(listed(kept, other, replace(FIRST, search="shirt"))) == ["S-1"]


def test_items_lost_to_a_fault_are_not_listed(kept: RunningService) -> None:
    space = kept.data_space()
    space.control("POST", "/faults", json={"action": "lose", "count": 1})
    space.post("products", [shirt(1), shirt(2)])

    assert skus(listed(kept, space)) == ["S-2"]


@pytest.mark.parametrize("sort", CATALOG_SORTS)
def test_a_page_is_read_by_the_index_of_its_order(
    kept: RunningService, shop: DataSpaceClient, sort: str
) -> None:
    first = listed(kept, shop, replace(FIRST, sort=sort)).products[-1]

    wanted = replace(FIRST, sort=sort, after=first.id)
    [*_, plan] = plans(lambda: kept.store.catalog.products(shop.id, wanted))

    assert f"catalog_products_by_{sort}" in plan
    assert "TEMP B-TREE" not in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("search", ["S-3", "shirt"])
def test_a_search_reads_no_table_whole(
    kept: RunningService, shop: DataSpaceClient, search: str
) -> None:
    listed(kept, shop)

    wanted = replace(FIRST, search=search)

    for plan in plans(lambda: kept.store.catalog.products(shop.id, wanted)):
        assert "SCAN catalog_products" not in plan
        assert "Seq Scan on catalog_products" not in plan
        assert "Seq Scan on catalog_words" not in plan


def test_the_requests_of_a_sku_are_read_by_index(
    kept: RunningService, shop: DataSpaceClient
) -> None:
    journal = kept.store.journalled
    page = carrying(journal, shop.id, "S-3", Filter())

    for plan in plans(lambda: carrying(journal, shop.id, "S-3", Filter())):
        assert "SCAN item" not in plan
        assert "Seq Scan on item" not in plan
    assert page is not None
    assert [entry.feed for entry in page.entries] == ["products", "prices"]


def plans(read: Callable[[], Any]) -> list[str]:
    """How the database reads: the plan of each statement, in order."""
    found: list[str] = []

    def explain(_: Any, cursor: Any, statement: str, given: Any, *__: Any) -> None:
        is_sqlite = type(cursor).__module__ == "sqlite3"
        if not is_sqlite:
            # So few rows are read whole; the question is what is possible at a million.
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(("EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN ") + statement, given)
        found.append("\n".join(map(str, cursor.fetchall())))

    event.listen(Engine, "before_cursor_execute", explain)
    try:
        read()
    finally:
        event.remove(Engine, "before_cursor_execute", explain)
    return found
