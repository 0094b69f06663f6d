"""What all tests share: one running service per worker, one data space per test."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.server.running import DataSpaceClient, RunningService, config, running
from tests.telling import tried_of

# Runs pytest in pytest, for the tests of the plugin; it may be named at the top only.
pytest_plugins = ("pytester",)

# Chance finds new cases on developers' machines; CI must not fail for what nobody changed. Nor
# may a test fail because the machine is busy, which is all that these two see.
settings.register_profile("here", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("here"), derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "here")


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A real server on a free port, with a SQLite file."""
    with running(config(tmp_path_factory.mktemp("service"))) as service:
        yield service


@pytest.fixture
def data_space(service: RunningService) -> DataSpaceClient:
    """A data space of this test alone, with the default settings."""
    return service.data_space()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells how much was tried: a run that tries nothing looks like one that finds nothing."""
    reports = [report for kind in terminalreporter.stats.values() for report in kind]
    told = tried_of(report for report in reports if isinstance(report, pytest.TestReport))
    if told:
        terminalreporter.write_line(told)
