"""A real browser for the pages: one for all tests, a fresh context for each.

MCS_TEST_CHROMIUM: where Chromium is, if not at /usr/bin/chromium. MCS_TEST_AXE: the folder of the
npm package axe-core.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.chromium import CHROMIUM, OPTIONS, executable

WIDE: ViewportSize = {"width": 1440, "height": 900}
NARROW: ViewportSize = {"width": 360, "height": 740}

Open = Callable[..., AbstractContextManager[Page]]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Chromium, started once; skips where there is none."""
    path = executable()
    if path is None:
        pytest.skip(f"no browser at {CHROMIUM}; apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium: Browser) -> Open:
    """Opens a page in a context of its own; whatever the browser complains of fails the test."""

    @contextmanager
    def open_page(url: str, **options: Any) -> Iterator[Page]:
        complaints: list[str] = []
        context = chromium.new_context(**options)
        context.set_default_timeout(15_000)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on(
            "console",
            lambda said: complaints.append(said.text) if said.type == "error" else None,
        )
        page.goto(url)
        yield page
        context.close()
        assert complaints == []

    return open_page


@pytest.fixture(scope="session")
def axe() -> str:
    """The script that looks for what keeps people out; skips where it is not installed."""
    folder = os.environ.get("MCS_TEST_AXE")
    if not folder:
        pytest.skip("MCS_TEST_AXE names no folder of axe-core; npm install --prefix DIR axe-core")
    return (Path(folder) / "axe.min.js").read_text("utf-8")
