"""No page keeps people out: axe-core on every page that there is, with something on it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, expect

from mcs.exporter.commerce.edits import rename_product
from tests.browser.conftest import NARROW, WIDE
from tests.server.dashboard.conftest import Visitor
from tests.server.faulty import put_in_force
from tests.server.running import config, running
from tests.stories.paired import PairedShop, paired_shop

PAGES = (
    "",
    "?q=bag",
    "?store_view=fr&sort=-price",
    "settings",
    "products/{sku}",
    "feeds",
    "feeds/products",
    "inspect",
    "inspect?show=failed",
    "inspect/requests/{number}",
    "inspect/refused",
    "inspect/faults",
    "keys",
    "diff",
    "diff/1/{discrepancy}",
    "products/none",
)
SERVERS_OWN = ("/data-spaces/", "/dashboard/login", "/misaddressed")
LOOKS: tuple[tuple[Any, ViewportSize], ...] = (("light", WIDE), ("dark", NARROW))


def test_no_page_keeps_people_out(tmp_path: Path, chromium: Browser, axe: str) -> None:
    found: dict[tuple[str, str], list[str]] = {}
    with lived_in(tmp_path) as (urls, product):
        for scheme, viewport in LOOKS:
            context = chromium.new_context(bypass_csp=True, color_scheme=scheme, viewport=viewport)
            page = context.new_page()
            for url in urls:
                page.goto(url)
                found[scheme, url] = problems(page, axe)
            if viewport is WIDE:
                page.goto(urls[0])
                page.get_by_role("link", name=product, exact=True).click()
                expect(page.locator("aside #product-json")).to_be_visible()
                found[scheme, "a product beside the list"] = problems(page, axe)
            context.close()

    assert {place: what for place, what in found.items() if what} == {}


@contextmanager
def lived_in(var: Path) -> Iterator[tuple[list[str], str]]:
    """The URLs of all pages of a service that something went wrong at, and a product's SKU."""
    with running(config(var)) as service:
        space = service.data_space("my-shop", partial_failure=200)
        wrong = {"pointer": "/name", "value": "Another name"}
        put_in_force(space, "reject", feed="products", nth=1, note="one of them")
        put_in_force(space, "corrupt", feed="products", nth=4, parameters=wrong)
        with paired_shop(var, space, products=6) as shop:
            shop.initial_sync()
            sku = _renamed(shop)
            shop.resync("products")
            space.control("POST", "/resyncs", json={})
            visitor, home = Visitor(service.url, service.http), f"/data-spaces/{space.id}/"
            visitor.send(home + "diff", home + "diff")
            while (view := visitor.json(home + "diff"))["running"]:
                pass
            number = next(r["id"] for r in space.requests("?limit=100") if r["rejected"])
            changed = [r for r in view["verdict"]["found"]["rows"] if r["kind"] == "changed"]
            names = {"sku": sku, "number": number, "discrepancy": changed[0]["index"]}
            paths = [home + path.format(**names) for path in PAGES]
            yield [service.url + path for path in (*paths, *SERVERS_OWN)], sku


def problems(page: Page, axe: str) -> list[str]:
    """What axe-core calls serious, and a page that runs off the side of the window."""
    page.evaluate(axe)
    violations = page.evaluate("async () => (await axe.run()).violations")
    found = [
        f"{violation['id']}: {node['html']}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
    width, room = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    return found if width <= room else [*found, f"{width} px wide, where there are {room}"]


def _renamed(shop: PairedShop) -> str:
    held = shop.data_space.received("?feed=products")
    sku = next(
        item["identity"]["sku"] for item in held if item["identity"]["storeViewCode"] == "default"
    )
    with shop.engine.begin() as connection:
        rename_product(connection, sku, "Renamed")
    return str(sku)
