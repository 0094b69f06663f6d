"""A project of a user's, whose tests run in a process of their own; and a data space in this one.

Of the plugins that are installed the runs load none but ours: what a user has installed is up to
her, and ours must not depend on it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from mcs.testing.live import running_service
from mcs.testing.services import CommerceServices
from tests.server.running import RunningService

HELPERS = """
import json, urllib3

def price(sku, regular=10, **fields):
    return {"sku": sku, "customerGroupCode": "0", "websiteCode": "base", "regular": regular,
            "deleted": False, **fields}

def post(services, feed, *items):
    with urllib3.PoolManager() as http:
        body = json.dumps(items)
        return http.request("POST", services.feed_url(feed), body=body, headers=services.headers())
"""
HEAD = """
import json
from pathlib import Path

from helpers import post, price
"""
INI = """
[pytest]
addopts = --strict-markers --strict-config -p no:cacheprovider
filterwarnings = error
"""

Run = Callable[..., pytest.RunResult]


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the tests of a text as a strict project of its own, with these options."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makefile(".ini", pytest=INI)
    pytester.makepyfile(helpers=HELPERS)

    def run(tests: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(test_exporter=HEAD + dedent(tests))
        return pytester.runpytest_subprocess("-p", "mcs.pytest_plugin", *options)

    return run


@pytest.fixture
def run_here(run: Run, service: RunningService) -> Run:
    """The same, with the service that all our tests share: that saves its start."""

    def run_here(tests: str, *options: str) -> pytest.RunResult:
        return run(tests, "--mcs-url", service.url, *options)

    return run_here


@pytest.fixture
def services(service: RunningService, tmp_path: Path) -> Iterator[CommerceServices]:
    """What the fixture commerce_services gives, on the service that all our tests share."""
    folders = iter(tmp_path / str(number) for number in range(10))

    def folder() -> Path:
        path = next(folders)
        path.mkdir()
        return path

    with running_service(service.url, folder, 3, shared=False) as live:
        services = live.data_space("plugin")
        yield services
        services.restore()
