"""What a person does with Inspector, Faults, Feed sync status and Discrepancies."""

import json
import re
from pathlib import Path
from time import monotonic

import pytest
from playwright.sync_api import expect

from mcs.exporter.commerce.edits import rename_product
from mcs.exporter.schedule import CronPass
from tests.browser.conftest import WIDE, Open
from tests.server.faulty import put_in_force
from tests.server.running import DataSpaceClient, config, product, running
from tests.stories.paired import VirtualClock, paired_shop

HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"
WATCH = """() => {
  const list = document.getElementById("requests");
  const seen = window.seen = { fewest: 1e9, redrawn: 0 };
  new MutationObserver(() => {
    seen.redrawn += 1;
    seen.fewest = Math.min(seen.fewest, list.querySelectorAll("tbody tr td a").length);
  }).observe(list, { childList: true });
}"""
BAD = {"sku": HOSTILE, "storeViewCode": "default", "name": [HOSTILE]}


@pytest.fixture
def home(data_space: DataSpaceClient) -> str:
    """The URL of a data space's first page."""
    return f"{data_space.url}/data-spaces/{data_space.id}/"


def test_requests_are_seen_as_they_come_and_the_failed_by_one_key(
    data_space: DataSpaceClient, home: str, opened: Open
) -> None:
    with opened(home + "inspect", viewport=WIDE) as page:
        expect(page.get_by_text("No request came yet.")).to_be_visible()
        data_space.post("products", [product("A")])
        data_space.post("products", [product("B"), BAD])
        rows = page.locator("#requests tbody tr")
        expect(rows).to_have_count(2)

        page.keyboard.press("f")
        expect(rows).to_have_count(1)
        expect(page).to_have_url(re.compile("show=failed"))
        data_space.post("prices", b"{nope")

        expect(rows).to_have_count(2)
        expect(rows.first).to_contain_text("no JSON")


def test_the_list_waits_while_it_is_pointed_at(
    data_space: DataSpaceClient, home: str, opened: Open
) -> None:
    data_space.post("products", [product("A")])
    with opened(home + "inspect", viewport=WIDE) as page:
        rows = page.locator("#requests tbody tr")
        expect(rows).to_have_count(1)
        rows.first.hover()
        with page.expect_response(re.compile("/inspect/charts")):
            data_space.post("products", [product("B")])
        expect(rows).to_have_count(1)

        page.mouse.move(5, 5)

        expect(rows).to_have_count(2)


def test_the_list_is_never_empty_and_seldom_redrawn_while_thousands_of_items_come(
    data_space: DataSpaceClient, home: str, opened: Open
) -> None:
    batch = [product(f"S-{number}") for number in range(100)]
    data_space.post("products", batch)
    with opened(home + "inspect", viewport=WIDE) as page:
        rows = page.locator("#requests tbody tr td a")
        expect(rows).to_have_count(1)
        page.evaluate(WATCH)
        began = monotonic()
        for _ in range(40):
            data_space.post("products", batch)
        expect(rows.first).to_have_text(str(data_space.requests()[0]["id"]))
        took_s = monotonic() - began
        seen = page.evaluate("window.seen")

    assert seen["fewest"] >= 1
    assert 1 <= seen["redrawn"] <= 4 * took_s + 2


def test_a_request_is_saved_and_copied_as_curl(
    data_space: DataSpaceClient, home: str, opened: Open
) -> None:
    data_space.post("products", [product("A"), BAD])
    allowed = ["clipboard-read", "clipboard-write"]
    with opened(home + "inspect", viewport=WIDE, permissions=allowed) as page:
        page.locator("#requests tbody a").first.click()
        page.get_by_role("button", name="Copy as curl").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert "curl -sS -X POST" in page.evaluate("navigator.clipboard.readText()")

        with page.expect_download() as downloaded:
            page.get_by_role("link", name="Save as case").click()

        saved = json.loads(downloaded.value.path().read_bytes())
        assert saved["log"]["entries"][0]["_mcs"]["rejected"] == 1


def test_a_request_with_hostile_names_is_text_and_is_sent_again(
    data_space: DataSpaceClient, home: str, opened: Open
) -> None:
    data_space.post("products", [BAD])
    with opened(home + "inspect", viewport=WIDE) as page:
        page.locator("#requests tbody a").first.click()
        expect(page.get_by_role("cell", name="sku <img src=x")).to_be_visible()
        expect(page.get_by_text("/name", exact=True)).to_be_visible()

        page.get_by_role("button", name="Resend").click()

        expect(page.get_by_text("the body of request")).to_be_visible()
    assert len(data_space.requests()) == 2


def test_a_fault_is_added_seen_and_switched_off(
    data_space: DataSpaceClient, home: str, opened: Open
) -> None:
    with opened(home + "inspect/faults", viewport=WIDE) as page:
        page.get_by_label("Action").select_option("throttle")
        page.get_by_label("Note").fill("peak hour")
        page.get_by_role("button", name="Put it in force").click()
        expect(page.get_by_text("peak hour")).to_be_visible()
        throttled = data_space.post("products", [product("A")]).status
        # The page keeps up by itself.
        page.mouse.move(5, 5)
        expect(page.get_by_role("cell", name="the request")).to_be_visible(timeout=20_000)

        page.get_by_role("button", name=re.compile("^Switch off")).click()

        expect(page.get_by_role("button", name=re.compile("^Switch on"))).to_be_visible()
    assert (throttled, data_space.post("products", [product("A")]).status) == (429, 200)


def test_a_discrepancy_is_mended_step_by_step(tmp_path: Path, opened: Open) -> None:
    clock = VirtualClock()
    with running(config(tmp_path)) as service:
        space = service.data_space(partial_failure=200)
        fault = {"pointer": "/name", "value": "Wrong"}
        put_in_force(space, "corrupt", feed="products", count=1, parameters=fault)
        url = f"{service.url}/data-spaces/{space.id}/diff"
        with (
            paired_shop(tmp_path, space, products=3, time=clock.time()) as shop,
            opened(url, viewport=WIDE) as page,
        ):
            page.set_default_timeout(40_000)
            shop.resync("products")
            page.get_by_role("button", name="Compare now").click()
            page.get_by_role("table", name="Discrepancies").get_by_role("link").click()
            expect(page.locator(".sides .changed td").last).to_contain_text('"Wrong"')
            sku = page.locator("h1").inner_text().split()[1].rstrip(",")
            mended = page.url

            with shop.engine.begin() as connection:
                rename_product(connection, sku, "A name with a period.")
            page.get_by_role("button", name="Resync this item").click()
            expect(page.get_by_text("1 item of products")).to_be_visible()
            CronPass(shop.exporter, clock.now(), at_once=frozenset({"resync_now"})).run()

            page.goto(mended)
            page.get_by_role("button", name="Compare now").click()
            expect(page.get_by_text("Both sides agree.")).to_be_visible(timeout=40_000)
            page.goto(mended)
            expect(page.get_by_text("Resolved: comparison 2")).to_be_visible()
