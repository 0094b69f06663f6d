"""Thresholds: read from YAML with errors that name the line, and held against what was measured."""

import pytest

from mcs.contract.errors import UsageError
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.loadtests.measures import Measures
from mcs.loadtests.thresholds import checks, parsed_thresholds, read_thresholds


def measured(*times_ms: float) -> Measures:
    measures = Measures()
    for number, took_ms in enumerate(times_ms):
        measures.answered("prices", 1000 + number, took_ms / 1000)
    measures.items["prices"] = 500
    return measures


def missed(text: str, measures: Measures, **found: int) -> list[str]:
    kinds = {DiscrepancyKind(kind): count for kind, count in found.items()}
    wanted = parsed_thresholds(text, "mine.yaml")
    return [f"{one.group} {one.name}" for one in checks(wanted, measures, kinds) if not one.met]


def test_those_that_come_with_mcs_bear_no_loss() -> None:
    wanted = read_thresholds()

    assert wanted.discrepancies == {"missing": 0, "stale": 0}
    assert wanted.error_rate == 0


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("feeds: {prices: {p50_ms: 20, p95_ms: 30}}", ["prices p95"]),
        ("feeds: {default: {p50_ms: 19}}", ["prices p50"]),
        ("feeds: {default: {p50_ms: 19}, prices: {p99_ms: 40}}", []),
        ("feeds: {products: {p50_ms: 0}}", []),
        ("items_per_s: 1000", ["throughput items/s"]),
        ("error_rate: 0.3", ["answers error rate"]),
        ("error_rate: 0.4", []),
        ("discrepancies: {missing: 1, stale: 0}", ["comparison stale"]),
        ("{}", []),
    ],
)
def test_what_is_missed_is_named(text: str, names: list[str]) -> None:
    measures = measured(10, 20, 40)
    measures.errors["500"] = 1

    assert missed(text, measures, missing=1, stale=1) == names


def test_a_small_threshold_is_shown_as_it_was_given() -> None:
    wanted = parsed_thresholds("feeds: {prices: {p50_ms: 0.001}}", "mine.yaml")

    [check] = checks(wanted, measured(10, 20), {})

    assert (check.wanted, check.met) == ("at most 0.001 ms", False)


def test_a_run_without_an_answer_has_no_error_rate_to_pass_with() -> None:
    assert missed("error_rate: 1\nitems_per_s: 1", Measures()) == [
        "answers error rate",
        "throughput items/s",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: thresholds: got None, expected a mapping"),
        ("error_rat: 0", 'line 1: "error_rat" is not known here. Take of: feeds, error_rate'),
        ("\nfeeds:\n  price: {}", 'line 3: "price" is not known here. Take of: default'),
        ("feeds:\n  prices:\n    p96_ms: 3", 'line 3: "p96_ms" is not known'),
        ("items_per_s: many", "line 1: items_per_s: got 'many', expected a number"),
        ("items_per_s: -1", "line 1: items_per_s: got -1, expected a number of 0 or more"),
        ("discrepancies: {lost: 0}", 'line 1: "lost" is not known here. Take of: missing'),
        ("feeds: [", "line 1: "),
    ],
)
def test_a_wrong_file_is_refused_with_its_line(text: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        parsed_thresholds(text, "mine.yaml")

    assert told in str(refused.value)
