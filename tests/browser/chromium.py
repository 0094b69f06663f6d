"""Where the browser is, and how it is started on a machine without a screen."""

import os
from pathlib import Path

CHROMIUM = os.environ.get("MCS_TEST_CHROMIUM", "/usr/bin/chromium")
OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
]


def executable() -> str | None:
    """The path of the browser, None where there is none."""
    return CHROMIUM if Path(CHROMIUM).exists() else None
