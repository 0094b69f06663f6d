"""Catalog Sync and its product pages, as HTML, JSON and CSV, over the live server."""

import csv
import io
import re
from typing import Any

import pytest

from tests.server.dashboard.conftest import Visitor
from tests.server.running import DataSpaceClient, RunningService, product

HOSTILE = '<script>alert("x")</script>'
GROUP_ONE = "356a192b7913b04c54574d18c28d46e6395428ab"


def price(sku: str, regular: float | None, **fields: Any) -> dict[str, Any]:
    return {
        "sku": sku,
        "customerGroupCode": "0",
        "websiteCode": "base",
        "deleted": False,
        "regular": regular,
        **fields,
    }


def rows(visitor: Visitor, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = visitor.json(path)["products"]["table"]["rows"]
    return found


def test_the_root_leads_to_the_catalog_sync_of_a_data_space(
    visitor: Visitor, data_space: DataSpaceClient
) -> None:
    answer = visitor.get("/")

    assert answer.status == 302
    assert re.fullmatch(r"/data-spaces/[0-9a-f-]{36}/", answer.headers["Location"])


def test_an_exporter_without_a_route_is_told_not_found_as_ever(visitor: Visitor) -> None:
    answer = visitor.post("/")

    assert (answer.status, answer.json()["code"]) == (404, "not_found")


def test_a_synced_product_is_listed_with_all_columns(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    fields = {
        "name": "Joust Bag",
        "type": "simple",
        "productId": 7,
        "websiteCode": "base",
        "visibility": "Catalog, Search",
        "updatedAt": "2026-11-01 10:00:00",
    }
    data_space.post("products", [product("24-MB01", **fields)])
    data_space.post("prices", [price("24-MB01", 34)])

    [row] = rows(visitor, home)

    assert (row["product_id"], row["name"], row["type"]) == (7, "Joust Bag", "simple")
    assert (row["sku"], row["price"], row["visibility"]) == ("24-MB01", 34, "Catalog, Search")
    assert row["modified_at"] == "2026-11-01 10:00:00"
    assert row["exported_at"] == data_space.received("?feed=products")[0]["received_at"]


@pytest.mark.parametrize("wanted", ["24-MB01", "joust", "bag jou", "MB01", "4711", "bAG"])
def test_a_product_is_found_by_name_sku_and_id(
    visitor: Visitor, data_space: DataSpaceClient, home: str, wanted: str
) -> None:
    others = [product(f"X-{number}", name="Ring") for number in range(20)]
    data_space.post("products", [*others, product("24-MB01", name="Joust Bag", productId=4711)])

    found = rows(visitor, f"{home}?q={wanted.replace(' ', '+')}")

    assert [row["sku"] for row in found] == ["24-MB01"]


@pytest.mark.parametrize("wanted", ["%25", "*", "'--", '"', "nothing-like-it"])
def test_a_search_that_matches_nothing_says_so(
    visitor: Visitor, data_space: DataSpaceClient, home: str, wanted: str
) -> None:
    data_space.post("products", [product("A", name="Bag")])

    page = visitor.page(f"{home}?q={wanted}")

    assert "No product matches." in page


def test_a_hostile_name_is_shown_as_text(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("<b>", name=HOSTILE)])

    pages = [visitor.page(home), visitor.page(f"{home}products/%3Cb%3E")]

    for page in pages:
        assert HOSTILE not in page
        assert "&lt;script&gt;" in page


@pytest.mark.parametrize(
    "sku", ["a/b", "/a", "ä ö", "100%", "a?b#c", "..", "a/../b", "./", "x" * 200]
)
def test_a_product_of_any_sku_has_a_page(
    visitor: Visitor, data_space: DataSpaceClient, home: str, sku: str
) -> None:
    data_space.post("products", [product(sku, name="Odd")])
    [row] = rows(visitor, home)

    [link] = set(re.findall(rf'href="({home}product[^"]+)"', visitor.page(home)))
    view = visitor.json(link.replace("&amp;", "&"))

    assert view["item"]["sku"] == sku
    assert row["name"] == "Odd"


def test_the_json_of_a_product_is_what_was_sent(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    sent = product("A", name="Bag", weight=1.50, attributes=None)
    data_space.post("products", [sent])

    view = visitor.json(f"{home}products/A")

    assert view["item"] == sent


def test_versions_are_listed_and_compared(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    for name in ("First", "Second", "Third"):
        data_space.post("products", [product("A", name=name)])
    newest, middle, oldest = visitor.json(f"{home}products/A")["versions"]["rows"]
    names = [f"{version['request']}-{version['index']}" for version in (oldest, newest)]

    view = visitor.json(f"{home}products/A?from={names[0]}&to={names[1]}")

    changed = [line for line in view["comparison"]["lines"] if line["kind"] in ("added", "removed")]
    assert [line["text"].strip() for line in changed] == ['"name": "First",', '"name": "Third",']
    assert middle["received_at"] < newest["received_at"]


def test_a_refused_attempt_stands_on_the_products_page(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A", name={"no": "text"})])

    view = visitor.json(f"{home}products/A")

    assert view["item"] is None
    assert "/name" in view["refusals"]["rows"][0]["errors"]


def test_what_belongs_to_a_product_stands_beside_it(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    group = {"customerGroup": {"customerGroupId": "1", "customerGroupCode": "General"}}
    data_space.post("scopesCustomerGroup", [{**group, "deleted": False}])
    fields = {
        "websiteCode": "base",
        "variants": [{"sku": "A-S"}],
        "parents": [{"sku": "SET", "productType": "grouped"}],
        "categoryData": [{"categoryId": "3"}],
    }
    data_space.post("products", [product("A", **fields)])
    data_space.post("prices", [price("A", 10), price("A", 8, customerGroupCode=GROUP_ONE)])
    data_space.post(
        "categories",
        [{"categoryId": "3", "storeViewCode": "default", "name": "Bags", "deleted": False}],
    )

    view = visitor.json(f"{home}products/A")

    prices = [(row["group"], row["regular"]) for row in view["prices"]["rows"]]
    assert prices == [("all", 10), ("group 1", 8)]
    assert [(row["sku"], row["state"]) for row in view["related"]["rows"]] == [
        ("A-S", "not received"),
        ("SET", "none, as it is grouped"),
    ]
    assert [row["name"] for row in view["categories"]["rows"]] == ["Bags"]


def test_a_page_and_its_twin_say_the_same_numbers(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product(f"S-{number}") for number in range(3)])

    view, page = visitor.json(home), visitor.page(home)

    assert view["status"]["products_synced"] == 3
    assert '<p class="big">3</p>' in page


def test_a_table_is_csv_without_formulas(
    visitor: Visitor, data_space: DataSpaceClient, home: str
) -> None:
    data_space.post("products", [product("A", name='=HYPERLINK("http://x")')])

    answer = visitor.get(f"{home}?format=csv")

    [row] = csv.DictReader(io.StringIO(answer.data.decode()))
    assert (row["SKU"], row["Name"]) == ("A", '\'=HYPERLINK("http://x")')


def test_one_data_space_never_shows_anothers_products(
    visitor: Visitor, service: RunningService, data_space: DataSpaceClient, home: str
) -> None:
    other = service.data_space()
    other.post("products", [product("SECRET", name="Secret bag")])
    data_space.post("products", [product("A", name="Bag")])

    pages = [
        visitor.get(home),
        visitor.get(f"{home}?q=secret"),
        visitor.get(f"{home}products/SECRET"),
    ]

    assert rows(visitor, f"/data-spaces/{other.id}/?q=secret") != []
    assert [page.status for page in pages] == [200, 200, 404]
    assert not any(b"Secret bag" in page.data for page in pages)


def test_the_switcher_leads_to_the_same_page_of_the_other_data_space(
    visitor: Visitor, service: RunningService, home: str
) -> None:
    other = service.data_space("other shop")

    page = visitor.page(f"{home}settings")

    assert f'href="/data-spaces/{other.id}/settings"' in page


@pytest.mark.parametrize(
    "path", ["?sort=colour", "?after=x", "?format=xml", "?fragment=nothing", "products/none"]
)
def test_what_there_is_not_is_explained_in_a_page(visitor: Visitor, home: str, path: str) -> None:
    answer = visitor.get(home + path)

    assert answer.status in (400, 404)
    assert answer.headers["Content-Type"].startswith("text/")
    assert b"Traceback" not in answer.data


def test_an_unknown_page_of_a_data_space_is_a_page_that_says_so(
    visitor: Visitor, home: str
) -> None:
    page, twin = visitor.get(f"{home}no/such"), visitor.get(f"{home}no/such", "application/json")

    assert (page.status, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert "There is no page no/such here" in page.data.decode()
    assert (twin.status, twin.json()["code"]) == (404, "not_found")
