"""pytest fixtures for whoever tests an exporter: a mock of Commerce Services that really runs.

Installed with the package; `-p no:mcs` leaves it out. It loads nothing before a test asks for a
fixture, and starts no service before that either.
"""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mcs.fixtures.catalog import Catalog
    from mcs.testing.exporter import PairedExporter
    from mcs.testing.live import LiveService
    from mcs.testing.services import CommerceServices

GROUP = "mock commerce services"
URL_HELP = "Use the mock service that runs there (`mcs serve`) instead of starting one."
SHOWN_HELP = "Items of each kind that a failing assert_in_sync shows. [default: 10]"
SETTINGS_MARKER = (
    'commerce_services(**settings): settings of the test\'s data space, such as mode="strict".'
)
CATALOG_MARKER = "catalog(seed=42, products=20): which generated catalog the fixture catalog is."
SECTION = "mock commerce services"

_SERVICES = pytest.StashKey["CommerceServices"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options and ini values of the plugin."""
    group = parser.getgroup("mcs", GROUP)
    group.addoption("--mcs-url", metavar="URL", help=URL_HELP)
    group.addoption("--mcs-shown", metavar="N", type=int, default=10, help=SHOWN_HELP)
    parser.addini("mcs_url", URL_HELP, default="")


def pytest_configure(config: pytest.Config) -> None:
    """The markers of the plugin."""
    config.addinivalue_line("markers", SETTINGS_MARKER)
    config.addinivalue_line("markers", CATALOG_MARKER)


@pytest.fixture(scope="session")
def commerce_services_server(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator["LiveService"]:
    """The mock service of this run, one per xdist worker; `data_space(name, **settings)` makes
    data spaces for fixtures of a wider scope than a test's."""
    from mcs.testing.live import running_service, started_service

    shown: int = pytestconfig.getoption("--mcs-shown")
    url = pytestconfig.getoption("--mcs-url") or pytestconfig.getini("mcs_url")

    def folder() -> Path:
        return tmp_path_factory.mktemp("commerce-services")

    is_worker = hasattr(pytestconfig, "workerinput")
    opened = (
        running_service(url, folder, shown, shared=is_worker)
        if url
        else started_service(folder(), folder, shown)
    )
    with opened as service:
        yield service


@pytest.fixture
def commerce_services(
    request: pytest.FixtureRequest, commerce_services_server: "LiveService"
) -> Iterator["CommerceServices"]:
    """A data space of this test alone on a running mock service, with its keys: what to send to
    (url, data_space_id, api_key, private_key, env), what came (received, item, requests, rejected),
    what must be (assert_in_sync, assert_received, assert_rejected), and faults and clock."""
    marker = request.node.get_closest_marker("commerce_services")
    settings = marker.kwargs if marker else {}
    services = commerce_services_server.data_space(request.node.nodeid, **settings)
    request.node.stash[_SERVICES] = services
    yield services
    services.restore()


@pytest.fixture
def catalog(request: pytest.FixtureRequest) -> "Catalog":
    """A generated catalog, the same each time; `@pytest.mark.catalog(seed=…, products=…)` chooses
    another one."""
    from mcs.fixtures.catalog import Catalog

    def chosen(seed: int = 42, products: int = 20) -> Catalog:
        return Catalog(seed, products)

    marker = request.node.get_closest_marker("catalog")
    return chosen(*marker.args, **marker.kwargs) if marker else chosen()


@pytest.fixture
def exporter(
    commerce_services: "CommerceServices", catalog: "Catalog", tmp_path: Path
) -> Iterator["PairedExporter"]:
    """An exporter that behaves as Adobe Commerce does, with the shop of the fixture catalog, paired
    with the test's data space: sync, edit, partial, retry."""
    from mcs.testing.exporter import paired_exporter

    with paired_exporter(commerce_services, catalog, tmp_path / "shop") as exporter:
        yield exporter


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Adds to the report of a failed test what came to its data space."""
    report = yield
    services = item.stash.get(_SERVICES, None)
    if services and report.failed and call.when != "teardown":
        from mcs.testing.story import what_came

        report.sections.append((SECTION, what_came(services)))
    return report
