"""`mcs faults` as a command: rules and scenarios at a real service, what is printed, exit codes."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from mcs.contract.errors import UsageError
from mcs.harness.fault_actions import ACTIONS, Scope
from mcs.harness.fault_texts import conditions_text, event_text
from mcs.harness.faults_cli import faults
from tests.harness.sides import DataSpace, Exporter, price

SCENARIO = """\
title: A case
description: Two prices are lost.
seed: 1
settings: {requests_per_minute: 1000}
steps:
- action: lose
  feed: prices
  every: 2
  count: 2
"""


@pytest.fixture
def run(
    tmp_path: Path, data_space: DataSpace, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Result]:
    """Runs `mcs faults …`; the one credentials file tells which service is meant."""
    monkeypatch.setenv("MCS_VAR", str(tmp_path))
    monkeypatch.delenv("MCS_CONTROL_TOKEN", raising=False)
    folder = tmp_path / "credentials"
    folder.mkdir()
    (folder / "shop.json").write_text(json.dumps(asdict(data_space.credentials)))
    return run_faults


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """The path of a scenario."""
    path = tmp_path / "case.yaml"
    path.write_text(SCENARIO, "utf-8")
    return str(path)


def run_faults(*args: str) -> Result:
    return CliRunner().invoke(faults, args)


def settings_of(data_space: DataSpace) -> dict[str, Any]:
    settings: dict[str, Any] = data_space.client.control("GET", "").json()["settings"]
    return settings


def document(result: Result) -> Any:
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


def test_added_fault_acts_and_its_journal_names_what_it_hit(
    run: Callable[..., Result], data_space: DataSpace
) -> None:
    added = document(run("add", "lose", "--feed", "prices", "--every", "2", "--json"))

    data_space.receive(price("A"), price("B"))
    [event] = document(run("journal", "--json"))["events"]
    [listed] = document(run("list", "--json"))["faults"]

    assert (event["fault_id"], event["identity"]["sku"]) == (added["id"], "B")
    assert (listed["seen"], listed["applied"]) == (2, 1)


def test_people_read_faults_and_what_they_did(
    run: Callable[..., Result], data_space: DataSpace
) -> None:
    said = run("add", "lose", "--feed", "prices", "--count", "1").stdout
    data_space.receive(price("A"))
    number = said.split()[1].rstrip(":")

    assert said == f"fault {number}: lose, feed prices, 1 in all\n"
    assert "feed prices, 1 in all" in run("list").stdout
    line, count = run("journal", "--fault", number, "--feed", "prices").stdout.splitlines()
    assert f"fault {number} lose prices sku=A" in line
    assert "item 0)" in line
    assert count == "1 events."
    assert run("journal", "--feed", "products").stdout == "0 events.\n"
    assert run("clear").stdout == "ended 1 faults; what they did stays in the journal.\n"
    assert run("list").stdout == "no faults in force.\n"


def test_actions_are_listed_with_their_parameters() -> None:
    listed = document(run_faults("actions", "--json"))

    assert {action["name"] for action in listed} == set(ACTIONS)
    assert {action["scope"] for action in listed} == set(Scope)
    assert "retry_after_s" in run_faults("actions").output


def test_scenario_is_put_in_force_with_its_settings(
    run: Callable[..., Result], data_space: DataSpace, scenario: str
) -> None:
    begun = document(run("run", scenario, "--json"))

    data_space.receive(*map(price, "ABCD"))

    assert begun["scenario"] == "A case"
    assert begun["settings_before"] == {"requests_per_minute": None}
    assert [(fault["step"], fault["hits"]) for fault in begun["faults"]] == [(1, 0)]
    assert document(run("list", "--json"))["faults"][0]["applied"] == 2
    assert settings_of(data_space)["requests_per_minute"] == 1000


def test_scenario_is_watched_until_it_is_spent_and_settings_are_put_back(
    run: Callable[..., Result], data_space: DataSpace, scenario: str
) -> None:
    with ThreadPoolExecutor(1) as threads:
        watching = threads.submit(run, "run", scenario, "--watch", "--poll", "0", "--json")
        while not watching.done():
            data_space.receive(price("A"))

    [fault] = document(watching.result())["faults"]
    assert (fault["applied"], fault["hits"]) == (2, 2)
    assert settings_of(data_space)["requests_per_minute"] is None


def test_scenario_is_put_in_force_as_a_whole_or_not_at_all(
    run: Callable[..., Result], data_space: DataSpace, tmp_path: Path
) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(SCENARIO + "- action: lose\n  feed: orders\n", "utf-8")

    result = run("run", str(path))

    told = f"{path}: line 10, step 2: the service refused it: feed: got 'orders'"
    assert str(result.exception).startswith(told)
    assert settings_of(data_space)["requests_per_minute"] is None


def test_people_read_what_a_scenario_did(run: Callable[..., Result], scenario: str) -> None:
    told = run("run", scenario).stdout

    assert told.startswith("A case, since ")
    assert "lose" in told
    assert '{"requests_per_minute":null}' in told
    assert "`mcs faults list` shows how far they are" in told


def test_scenarios_that_come_with_mcs_are_listed() -> None:
    assert "black-friday" in document(run_faults("scenarios", "--json"))["scenarios"]
    assert "maintenance-night" in run_faults("scenarios").output


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (("add", "lost"), "the service refused it: action: got 'lost'"),
        (("add", "lose", "--feed", "orders"), 'unknown feed "orders"'),
        (("add", "lose", "--nth", "3-1"), '--nth: got "3-1"'),
        (("add", "lose", "--identity", "sku"), '--identity: got "sku", expected NAME=VALUE'),
        (("add", "lose", "--from", "noon"), '--from: got "noon"'),
        (("end", "999999"), "there is no fault 999999"),
        (("run", "nowhere"), '"nowhere" is neither a file nor a scenario'),
    ],
    ids=["action", "feed", "numbers", "identity", "moment", "fault", "scenario"],
)
def test_wrong_usage_is_told(run: Callable[..., Result], args: tuple[str, ...], told: str) -> None:
    result = run(*args)

    assert isinstance(result.exception, UsageError)
    assert told in str(result.exception)


def test_service_that_is_away_leaves_nothing_to_tell(data_space: DataSpace) -> None:
    away = run_faults("list", "--url", "http://127.0.0.1:9", "--data-space", data_space.id)
    unknown = run_faults("list", "--url", data_space.url, "--data-space", "nobody")

    assert (away.exit_code, unknown.exit_code) == (3, 3)
    assert "no answer from" in away.stderr
    assert 'There is no data space "nobody"' in unknown.stderr


@pytest.mark.usefixtures("run")
def test_configured_shop_tells_which_service_is_meant(
    exporter: Exporter, data_space: DataSpace
) -> None:
    exporter.configure(services_connector__services_id__environment_id=data_space.id)

    [refused] = [run_faults("list", "--url", data_space.url, "--json")]

    assert document(refused) == {"faults": []}


def test_rule_is_read_with_all_that_narrows_it() -> None:
    rule = {
        "action": "corrupt",
        "note": "VAT",
        "feed": "prices",
        "identity": {"sku": "A"},
        "nth": [1, 2, 3, 4, 5, 6, 9],
        "every": 1,
        "probability": 0.5,
        "seed": 3,
        "count": None,
        "parameters": {"pointer": "/regular"},
    }

    assert conditions_text(rule) == (
        "VAT, feed prices, sku=A, number 1, 2, 3, 4, 5 … 9, probability 0.5, "
        'pointer="/regular", seed 3'
    )


def test_event_tells_what_changed_and_whole_requests_are_named_so() -> None:
    event = {
        "at": "noon",
        "fault_id": 1,
        "action": "corrupt",
        "feed": "prices",
        "key": "k",
        "identity": {"sku": "A"},
        "request_id": "r",
        "index": 4,
        "change": {"pointer": "/regular", "before": 1, "after": 2},
    }
    request = {**event, "action": "reset", "key": None, "index": None, "change": None}

    assert event_text(event) == (
        "noon fault 1 corrupt prices sku=A (request r, item 4): /regular 1 became 2"
    )
    assert event_text(request) == "noon fault 1 reset prices the whole request (request r)"
