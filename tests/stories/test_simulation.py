"""A day in virtual time: the same seed is the same day, and what is lost in it is found."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mcs.harness.scenarios import Scenario, read_scenario
from mcs.simulate_cli import simulate as command
from mcs.simulation import Day, Simulated, simulate
from tests.server.running import config, running

LOSS = """\
title: Loss
description: Every tenth product is answered as accepted, and lost.
seed: 1
settings: {visibility_lag_s: {live_search: 86400}}
steps:
- {action: lose, feed: products, every: 10}
"""


@pytest.fixture
def loss() -> Scenario:
    """A scenario in which products are lost."""
    return read_scenario(LOSS, "loss.yaml")


def lived(day: Day, var: Path) -> Simulated:
    """The day, at a service of its own."""
    with running(config(var / "service")) as service:
        return simulate(day, service.url, var)


def test_the_same_seed_is_the_same_day(tmp_path: Path, loss: Scenario) -> None:
    day = Day(hours=0.6, products=12, seed=7, scenario=loss)

    first, second = (lived(day, tmp_path / name).document() for name in ("first", "second"))

    assert first == second
    assert first["passes"] == 36
    assert first["edits"] > 0
    assert first["operations"]["full sync"]["runs"] == 9
    assert first["operations"]["partial sync"]["runs"] > 0


def test_a_day_without_faults_ends_in_sync(tmp_path: Path) -> None:
    simulated = lived(Day(hours=0.3, products=12, seed=7), tmp_path)

    assert simulated.result.in_sync
    assert simulated.document()["faults"] == []
    assert simulated.document()["requests"] == {"200": sum(simulated.requests.values())}


def test_what_a_scenario_loses_is_what_the_diff_finds(tmp_path: Path, loss: Scenario) -> None:
    told = lived(Day(hours=0.05, products=12, seed=7, scenario=loss), tmp_path).document()

    [fault] = told["faults"]
    assert fault["hits"] == told["discrepancies"]["missing"] > 0
    assert not told["in_sync"]
    assert told["visible_products"]["catalog_service"] > 0
    assert told["visible_products"]["live_search"] == 0


def test_time_in_the_service_passes_with_the_shops(tmp_path: Path) -> None:
    with running(config(tmp_path / "service")) as service:
        simulate(Day(hours=0.1, products=2, seed=1), service.url, tmp_path)
        told = service.http.request("GET", f"{service.url}/control/clock").json()

    assert told["clock"] == "fixed"
    assert told["now"].startswith("2030-01-01T00:")


def test_the_command_tells_the_day_and_exits_with_the_verdict(tmp_path: Path) -> None:
    path = tmp_path / "loss.yaml"
    path.write_text(LOSS, "utf-8")

    ran = run(str(path), "--seed", "7", "--var", str(tmp_path))

    assert ran.exit_code == 1, ran.output
    assert ran.stdout.startswith("Loss: 0.05 hours, 12 products, seed 7\npasses of cron: 3, and")
    assert "step 1, lose:" in ran.stdout
    assert "missing (" in ran.stdout


def test_a_day_without_faults_exits_with_0_and_one_document(tmp_path: Path) -> None:
    ran = run("--json", "--var", str(tmp_path))

    assert (ran.exit_code, ran.stderr) == (0, "")
    assert json.loads(ran.stdout)["in_sync"]


def run(*args: str) -> Result:
    """`mcs simulate` for three minutes."""
    return CliRunner().invoke(command, [*args, "--hours", "0.05", "--products", "12"])
