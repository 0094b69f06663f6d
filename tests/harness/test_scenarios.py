"""Scenarios in YAML become fault rules; what is wrong with one is told with its line and step."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mcs.contract.errors import UsageError
from mcs.harness.scenarios import Rule, numbers_in, read_scenario
from mcs.scenarios import scenario_names, scenario_text

START = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
HEAD = "title: T\ndescription: D\nseed: 7\n"


def rules(steps: str, head: str = HEAD) -> list[Rule]:
    return read_scenario(f"{head}steps:\n{steps}", "case.yaml").rules(START)


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_that_comes_with_mcs_can_be_read(name: str) -> None:
    scenario = read_scenario(scenario_text(name), name)

    assert scenario.length is not None
    assert len(scenario.rules(START)) == len(scenario.steps) > 0
    assert all(
        rule["until"] <= (START + scenario.length).isoformat() for rule in scenario.rules(START)
    )


def test_the_scenarios_of_the_documentation_come_with_mcs() -> None:
    assert set(scenario_names()) >= {
        "black-friday",
        "flaky-network",
        "half-answers",
        "maintenance-night",
        "silent-loss",
        "slow-and-throttled",
    }


def test_window_in_time_begins_at_the_scenarios_start() -> None:
    [rule] = rules("- {action: throttle, at: 00:10, for: 5m, parameters: {retry_after_s: 3}}")

    assert rule == {
        "action": "throttle",
        "parameters": {"retry_after_s": 3},
        "from": (START + timedelta(minutes=10)).isoformat(),
        "until": (START + timedelta(minutes=15)).isoformat(),
    }


def test_step_without_a_window_is_in_force_as_long_as_the_scenario() -> None:
    [open_end] = rules("- {action: lose}")
    [ended] = rules("- {action: lose}", HEAD + "lasts: 2h\n")

    assert open_end == {"action": "lose"}
    assert ended["until"] == (START + timedelta(hours=2)).isoformat()


def test_no_step_outlasts_its_scenario() -> None:
    [rule] = rules("- {action: lose, at: 30m, for: 9h}", HEAD + "lasts: 1h\n")

    assert rule["until"] == (START + timedelta(hours=1)).isoformat()


@pytest.mark.parametrize(
    ("window", "nth"),
    [
        ("requests: 10-12", [10, 11, 12]),
        ("requests: 3", [3]),
        ("requests: '2, 5-6'", [2, 5, 6]),
        ("requests: 10-20, every: 4", [13, 17]),
    ],
    ids=["range", "one", "list", "every"],
)
def test_window_over_requests_becomes_a_list_of_numbers(window: str, nth: list[int]) -> None:
    [rule] = rules(f"- {{action: reset, {window}}}")

    assert rule["nth"] == nth
    assert "every" not in rule


def test_open_window_over_requests_goes_on_for_ten_thousand() -> None:
    [rule] = rules("- {action: reset, from_request: 5}")

    assert (rule["nth"][0], rule["nth"][-1], len(rule["nth"])) == (5, 10_004, 10_000)


def test_actions_on_items_count_items() -> None:
    [rule] = rules("- {action: lose, feed: prices, items: 2-3}")

    assert rule == {"action": "lose", "feed": "prices", "nth": [2, 3]}


def test_chance_differs_from_step_to_step_and_not_from_run_to_run() -> None:
    steps = "- {action: lose, probability: 0.5}\n- {action: lose, probability: 0.5}\n"

    assert [rule["seed"] for rule in rules(steps)] == [7, 8]
    assert rules(steps) == rules(steps)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (HEAD + "steps:\n- action: lose\n  evry: 2\n", 'line 6, step 1: "evry" is not known'),
        (HEAD + "steps:\n- action: lost\n", "line 5, step 1: action: got 'lost', expected one of"),
        (HEAD + "steps:\n- action: lose\n- feed: prices\n", "line 6, step 2: action: got None"),
        (HEAD + "steps:\n- action: lose\n  for: 5\n", "line 6, step 1: for: got 5, expected a dur"),
        (HEAD + "steps:\n- action: lose\n  at: 25:99\n", "line 6, step 1: at: got '25:99'"),
        (HEAD + "steps:\n- action: lose\n  requests: 3\n", "requests counts requests, yet lose is"),
        (HEAD + "steps:\n- action: lose\n  items: 3-1\n", "line 6, step 1: items: got '3-1'"),
        (
            HEAD + "steps:\n- action: reset\n  requests: 1\n  from_request: 2\n",
            "requests and from_request contradict",
        ),
        (
            HEAD + "lasts: 1h\nsteps:\n- action: lose\n  at: 01:00\n",
            "not before the scenario's end",
        ),
        (HEAD + "steps:\n- lose\n", "line 5, step 1: got a str, expected a mapping"),
        (HEAD, "steps is missing"),
        (HEAD + "step: []\n", '"step" is not known here. Take of: title'),
        ("title: T\nsteps:\n- action: lose\n", "description: got None, expected a text"),
        (HEAD + "seed: 8\n", "case.yaml: line 4: found duplicate key"),
        ("title: [\n", "case.yaml: line 2"),
        ("- action: lose\n", "got a list, expected a scenario"),
        ("", "got nothing, expected a scenario"),
        (HEAD + "steps:\n- action: lose\n  note: 2026-01-01\n", "note: a date is not possible"),
    ],
    ids=[
        "unknown-key",
        "unknown-action",
        "no-action",
        "no-duration",
        "no-time",
        "wrong-counter",
        "backwards",
        "two-windows",
        "after-the-end",
        "no-mapping",
        "no-steps",
        "unknown-top-key",
        "no-description",
        "twice",
        "broken",
        "a-list",
        "empty",
        "a-date",
    ],
)
def test_what_is_wrong_with_a_scenario_is_told_with_its_place(text: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        read_scenario(text, "case.yaml")

    assert str(refused.value).startswith("case.yaml: ")
    assert told in str(refused.value)


@given(st.sets(st.integers(1, 500), min_size=1, max_size=20))
def test_numbers_are_read_as_they_are_written(numbers: set[int]) -> None:
    assert numbers_in(",".join(map(str, numbers))) == sorted(numbers)


def test_scenario_can_be_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(HEAD, "utf-8")

    assert scenario_text(str(path)) == HEAD


def test_scenario_that_there_is_not_is_answered_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere.*black-friday, flaky-network"):
        scenario_text("nowhere")
    with pytest.raises(UsageError, match="cannot be read"):
        scenario_text(str(tmp_path))
