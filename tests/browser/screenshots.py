"""`make screenshots`: pictures of every page in docs/images/, some on a phone, in the dark."""

import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, ViewportSize, sync_playwright

from mcs.exporter.commerce.random_edits import random_edits
from tests.browser.chromium import CHROMIUM, OPTIONS, executable
from tests.server.dashboard.conftest import Visitor
from tests.server.faulty import put_in_force
from tests.server.running import DataSpaceClient, RunningService, config, running
from tests.stories.paired import PairedShop, paired_shop

IMAGES = Path(__file__).parents[2] / "docs" / "images"
ColorScheme = Literal["light", "dark"]
LOOKS: dict[str, tuple[ViewportSize, ColorScheme]] = {
    "wide": ({"width": 1440, "height": 900}, "light"),
    "narrow": ({"width": 360, "height": 740}, "dark"),
}
ON_A_PHONE = ("catalog-sync", "product", "inspector", "discrepancy")
PAGES = {
    "catalog-sync": "",
    "settings": "settings",
    "product": "products/{sku}",
    "feeds": "feeds",
    "feed": "feeds/products",
    "inspector": "inspect",
    "request": "inspect/requests/{request}",
    "faults": "inspect/faults",
    "discrepancies": "diff",
    "discrepancy": "diff/1/{discrepancy}",
}


def main() -> None:
    """Writes all pictures, and says where."""
    path = executable()
    if path is None:
        sys.exit(f"no browser at {CHROMIUM}; apt-get install chromium")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(config(Path(folder) / "service")) as service,
        paired_shop(Path(folder) / "service", _data_space(service), products=400) as shop,
        sync_playwright() as playwright,
    ):
        places = _live_through(shop, service)
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        for name, page in PAGES.items():
            url = f"{service.url}/data-spaces/{shop.data_space.id}/{page.format(**places)}"
            _take(browser, name, url)
        browser.close()


def _data_space(service: RunningService) -> DataSpaceClient:
    return service.data_space("my-shop", partial_failure=200)


def _live_through(shop: PairedShop, service: RunningService) -> dict[str, Any]:
    """A first sync that goes wrong here and there, some edits, a comparison; what to look at."""
    service.data_space("another-shop")
    wrong = {"pointer": "/name", "value": "Another name"}
    put_in_force(shop.data_space, "corrupt", feed="products", nth=[30, 31], parameters=wrong)
    put_in_force(shop.data_space, "lose", feed="prices", every=90, count=5)
    put_in_force(shop.data_space, "reject", feed="products", nth=[70, 200], note="two of them")
    put_in_force(
        shop.data_space, "throttle", feed="variants", nth=1, parameters={"retry_after_s": 1}
    )
    shop.initial_sync()
    with shop.engine.begin() as connection:
        list(random_edits(connection, 40, seed=1))
    shop.partial_sync()
    while service.store.catalog.step(shop.data_space.id, 100).behind:
        pass
    while service.store.feed_statuses.count(shop.data_space.id, 100):
        pass
    visitor, page = Visitor(service.url, service.http), f"/data-spaces/{shop.data_space.id}/diff"
    visitor.send(page, page)
    while (view := visitor.json(page))["running"]:
        pass
    found = view["verdict"]["found"]["rows"]
    refused = next(r for r in shop.data_space.requests("?limit=1000") if r["rejected"])
    return {
        "sku": _changed_sku(shop.data_space),
        "request": refused["id"],
        "discrepancy": next(row["index"] for row in found if row["kind"] == "changed"),
    }


def _changed_sku(data_space: DataSpaceClient) -> str:
    changed = [i for i in data_space.received("?feed=products") if i["versions"] > 1]
    alive = next(item for item in changed if not item["deleted"])
    return str(alive["identity"]["sku"])


def _take(browser: Browser, name: str, url: str) -> None:
    for look, (viewport, scheme) in LOOKS.items():
        if look == "narrow" and name not in ON_A_PHONE:
            continue
        context = browser.new_context(viewport=viewport, color_scheme=scheme)
        page = context.new_page()
        page.goto(url)
        if name == "catalog-sync" and look == "wide":
            page.locator("#products [data-beside]").nth(1).click()
        # The first event of the live part replaces what the page came with.
        page.wait_for_timeout(600)
        page.screenshot(path=IMAGES / f"{name}-{look}.png")
        context.close()


if __name__ == "__main__":
    main()
