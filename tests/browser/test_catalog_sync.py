"""What a person does with Catalog Sync, in a real browser."""

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mcs.contract.feeds import FEEDS
from mcs.exporter.run import Resync
from mcs.exporter.schedule import CronPass
from tests.browser.conftest import NARROW, WIDE, Open
from tests.server.running import DataSpaceClient, product
from tests.stories.paired import VirtualClock, paired_shop

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


@pytest.fixture
def home(data_space: DataSpaceClient) -> str:
    """The URL of a data space's first page."""
    return f"{data_space.url}/data-spaces/{data_space.id}/"


def some_products(count: int = 3) -> list[dict[str, Any]]:
    names = {"type": "simple", "visibility": "Catalog, Search", "updatedAt": "2026-11-01 10:00:00"}
    return [
        product(f"24-MB{number:02}", name=f"Joust Bag {number}", productId=number, **names)
        for number in range(count)
    ]


def test_a_sync_is_seen_from_its_start_to_success(
    tmp_path: Path, data_space: DataSpaceClient, home: str, opened: Open
) -> None:
    seen = threading.Event()
    with paired_shop(tmp_path, data_space, products=10) as shop, opened(home) as page:
        sync = threading.Thread(
            target=shop.exporter.resync,
            args=(FEEDS["products"], Resync(), lambda _: seen.wait(20)),
        )
        expect(page.get_by_text("Never synced")).to_be_visible()

        sync.start()
        expect(page.get_by_text("In progress")).to_be_visible()
        expect(page.get_by_role("progressbar")).to_be_visible()
        seen.set()
        sync.join()

        expect(page.get_by_text("Success", exact=True)).to_be_visible()


@pytest.mark.parametrize("wanted", ["24-MB07", "bag 7"], ids=["by-sku", "by-name"])
def test_a_product_is_found_and_its_json_is_the_catalogs(
    data_space: DataSpaceClient, home: str, opened: Open, wanted: str
) -> None:
    sent = some_products(20)
    data_space.post("products", sent)
    with opened(home, viewport=WIDE) as page:
        page.keyboard.press("/")
        page.keyboard.type(wanted)
        expect(page.locator("tbody tr")).to_have_count(1)

        page.get_by_role("link", name="24-MB07").click()
        shown = page.locator("aside #product-json")
        expect(shown).to_be_visible()

        assert json.loads(shown.inner_text()) == sent[7]
        assert wanted.split()[0].split("-")[0] in page.url


def test_a_resync_from_settings_is_taken_at_the_next_window(
    tmp_path: Path, data_space: DataSpaceClient, home: str, opened: Open
) -> None:
    clock = VirtualClock()
    with (
        paired_shop(tmp_path, data_space, products=5, time=clock.time()) as shop,
        opened(home) as page,
    ):
        CronPass(shop.exporter, clock.now()).run()
        page.get_by_role("navigation").get_by_role("link", name="Settings").click()
        page.get_by_label("variants").check()
        page.get_by_role("button", name="Resync").click()
        expect(page.locator("#asked ~ .scroll")).to_contain_text("requested")

        clock.sleep(3600)
        CronPass(shop.exporter, clock.now()).run()

        # The page keeps up by itself.
        expect(page.locator("#asked ~ .scroll")).to_contain_text("done", timeout=20_000)


def test_a_products_json_is_copied_and_escape_closes_it(
    data_space: DataSpaceClient, home: str, opened: Open
) -> None:
    sent = some_products()
    data_space.post("products", sent)
    allowed = ["clipboard-read", "clipboard-write"]
    with opened(home, viewport=WIDE, permissions=allowed) as page:
        page.get_by_role("link", name="24-MB01").click()
        page.locator("aside").get_by_role("button", name="Copy").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")

        page.keyboard.press("Escape")

        expect(page.locator("aside")).to_be_hidden()
        assert json.loads(copied) == sent[1]


def test_two_versions_of_any_number_are_compared(
    data_space: DataSpaceClient, home: str, opened: Open
) -> None:
    for name in ("First", "Second", "Third"):
        data_space.post("products", [product("24-MB01", name=name)])
    with opened(home + "products/24-MB01", viewport=WIDE) as page:
        page.get_by_label("From").select_option(index=2)
        page.get_by_role("button", name="Compare").click()

        expect(page.locator("pre.diff del")).to_contain_text(['"name": "First"'])
        expect(page.locator("pre.diff ins")).to_contain_text(['"name": "Third"'])


def test_a_product_is_reached_from_its_name_on_a_phone(
    data_space: DataSpaceClient, home: str, opened: Open
) -> None:
    data_space.post("products", some_products())
    with opened(home, viewport=NARROW, has_touch=True) as page:
        page.get_by_role("link", name="Joust Bag 2").tap()

        expect(page).to_have_url(re.compile("/products/24-MB02"))


def test_a_hostile_name_stays_text(data_space: DataSpaceClient, home: str, opened: Open) -> None:
    data_space.post("products", [product("<b>", name=HOSTILE)])
    with opened(home, viewport=WIDE) as page:
        page.get_by_role("link", name="<b>").click()

        expect(page.locator("td.name", has_text=HOSTILE)).to_be_visible()
        expect(page.locator("aside h1")).to_have_text(HOSTILE)
        assert page.locator("main img").count() == 0


@pytest.mark.parametrize(
    "path", ["", "settings", "products/24-MB01"], ids=["list", "settings", "product"]
)
def test_pages_fit_a_phone_in_the_dark(
    data_space: DataSpaceClient, home: str, opened: Open, path: str
) -> None:
    data_space.post("products", some_products())
    data_space.post("products", some_products(2))
    with opened(home + path, viewport=NARROW, color_scheme="dark") as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        assert luminance(page) < 0.1


def test_everything_works_without_script(
    data_space: DataSpaceClient, home: str, opened: Open
) -> None:
    data_space.post("products", some_products(60))
    with opened(home, java_script_enabled=False) as page:
        page.get_by_role("link", name="Next").click()
        expect(page.locator("tbody tr")).to_have_count(10)
        page.get_by_label("Search").fill("24-MB42")
        page.get_by_role("button", name="Search").click()
        page.get_by_role("link", name="24-MB42").click()
        expect(page.get_by_role("heading", name="Joust Bag 42")).to_be_visible()
        page.get_by_role("navigation").get_by_role("link", name="Settings").click()
        page.get_by_role("button", name="Resync").click()

        expect(page.locator("#asked ~ .scroll")).to_contain_text("requested")


def luminance(page: Page) -> float:
    """How bright the ground of a page is, of 1."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    parts = [
        float(part) for part in colour[colour.index("(") + 1 : -1].replace(",", " ").split()[:3]
    ]
    return sum(parts) / 3 / 255
