"""What all tests share: one running service per worker, one data space per test."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from mcs.server.clock import ClockKind
from tests.server.running import DataSpaceClient, RunningService, config, running
from tests.telling import tried_of

# Runs pytest in pytest, for the tests of the plugin; it may be named at the top only.
pytest_plugins = ("pytester",)

# Chance finds new cases on developers' machines; CI must not fail for what nobody changed. Nor
# may a test fail because the machine is busy, which is all that these two see.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True, max_examples=25)
settings.load_profile("ci" if os.environ.get("CI") else "here")

GARBAGE = 50_000
"""How many new objects there are until the collector looks for what is garbage among them."""
SHARED_SERVICE = pytest.StashKey[RunningService]()
LEFT_TURNED = (
    "a test or fixture of {module} leaves the clock of the service turned ({kind}, {now}), which "
    "tests of other modules share. Have it turned back, or give the test a service of its own "
    "(tests.server.running)."
)


@pytest.fixture(scope="session")
def service(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[RunningService]:
    """A real server on a free port, with a SQLite file."""
    with running(config(tmp_path_factory.mktemp("service"))) as service:
        pytestconfig.stash[SHARED_SERVICE] = service
        yield service
        del pytestconfig.stash[SHARED_SERVICE]


@pytest.fixture(scope="module", autouse=True)
def shared_clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a module that leaves the clock of the shared service turned, and turns it back.

    Made before all other fixtures of the module, so it looks when they are gone.
    """
    yield
    service = request.config.stash.get(SHARED_SERVICE, None)
    if service is None or (shown := service.clock.reading()).kind is ClockKind.REAL:
        return
    service.clock.run_real()
    told = {"module": request.node.nodeid, "kind": shown.kind, "now": shown.now}
    pytest.fail(LEFT_TURNED.format(**told), pytrace=False)


@pytest.fixture
def data_space(service: RunningService) -> DataSpaceClient:
    """A data space of this test alone, with the default settings."""
    return service.data_space()


def pytest_collection_finish() -> None:
    """Lets the garbage collector pass over what was collected, which is there to the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells how much was tried: a run that tries nothing looks like one that finds nothing."""
    reports = [report for kind in terminalreporter.stats.values() for report in kind]
    told = tried_of(report for report in reports if isinstance(report, pytest.TestReport))
    if told:
        terminalreporter.write_line(told)
