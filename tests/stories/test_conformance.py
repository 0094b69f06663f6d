"""Our own exporter meets every clause that the suite knows, scenario by scenario."""

import sys
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from mcs.conform_driver import drive, main
from mcs.harness.conform_cli import conform
from mcs.harness.conformance.scenarios import Scenario
from mcs.harness.conformance.suites import CATALOG_SUITE, SUITES, Suite
from mcs.harness.conformance.verdict import Ruling
from tests.mutants.trial import TrialService, failures, tried
from tests.server.running import RunningService


@pytest.fixture(scope="module")
def on_trial(service: RunningService) -> Iterator[TrialService]:
    """The service as the suite uses it."""
    with TrialService(service.url) as on_trial:
        yield on_trial


@pytest.fixture
def live(on_trial: TrialService) -> Iterator[TrialService]:
    """The same; its clock returns to real time afterwards."""
    with on_trial.trial() as live:
        yield live


LED = [(suite, scenario) for suite in SUITES.values() for scenario in suite.scenarios.values()]


@pytest.mark.parametrize(
    ("suite", "scenario"), LED, ids=[f"{one.dialect.name} {led.name}" for one, led in LED]
)
def test_our_exporter_meets_every_clause(
    suite: Suite, scenario: Scenario, live: TrialService, tmp_path: Path
) -> None:
    outcome = tried(drive, live, tmp_path, [scenario], suite)

    unseen = {one.clause.id: one.clause.scenarios for one in outcome.having(Ruling.NOT_OBSERVED)}
    assert failures(outcome) == []
    assert [clause for clause, shown_in in unseen.items() if scenario.name in shown_in] == []


def test_our_exporter_conforms_as_a_command_that_is_run_per_step(
    service: RunningService, live: TrialService, tmp_path: Path
) -> None:
    command = f"{sys.executable} -m mcs.conform_driver"
    options = ["--virtual-clock", "--scenario", "throttled", "--json", "--url", service.url]

    result = CliRunner().invoke(
        conform, ["--exporter", command, "--work", str(tmp_path / "work"), *options]
    )

    verdicts = {one["id"]: one["verdict"] for one in orjson.loads(result.stdout)["clauses"]}
    logs = sorted(path.name for path in (tmp_path / "work" / "throttled" / "logs").iterdir())
    assert (verdicts["RETRY-2"], verdicts["RETRY-4"], verdicts["AUTH-3"]) == ("pass",) * 3
    assert logs == ["01-initial.log", "02-retry.log", "03-recover.log"]
    assert result.exit_code == 0


def test_our_exporter_of_the_ingestion_api_conforms_as_a_command(
    service: RunningService, live: TrialService, tmp_path: Path
) -> None:
    command = f"{sys.executable} -m mcs.conform_driver"
    options = ["--virtual-clock", "--scenario", "revoked", "--json", "--url", service.url]

    result = CliRunner().invoke(
        conform, ["--dialect", CATALOG_SUITE.dialect.name, "--exporter", command, *options]
    )

    document = orjson.loads(result.stdout)
    verdicts = {one["id"]: one["verdict"] for one in document["clauses"]}
    assert (verdicts["CAT-TOKEN-2"], verdicts["CAT-TOKEN-4"]) == ("pass", "pass")
    assert (document["notes"], result.exit_code) == ([], 0)


def test_the_driver_says_that_it_is_run_by_the_suite(capsys: pytest.CaptureFixture[str]) -> None:
    assert main({}, []) == 2
    assert "MCS_STEP is not set" in capsys.readouterr().err
