"""Judges are pure: what they make of given traffic, one thing at a time."""

from dataclasses import replace

import pytest

from mcs.harness.conformance.judging import Jury
from mcs.harness.conformance.observation import Fate, Observation, SeenRequest
from mcs.harness.conformance.report import verdict_of
from mcs.harness.conformance.steps import StepKind
from mcs.harness.conformance.suites import ALL_CLAUSES as CLAUSES
from mcs.harness.conformance.suites import SUITES, Suite
from mcs.harness.conformance.verdict import Grade, Ruling, Verdict, together
from mcs.harness.reports.parts import Tone
from tests.harness.conformance_observed import START, observation, product, request

NOTHING = observation("initial")


def ruling(clause: str, seen: Observation) -> Ruling:
    return CLAUSES[clause].judge(seen).ruling


@pytest.mark.parametrize("clause", CLAUSES)
def test_what_nothing_shows_is_not_observed(clause: str) -> None:
    assert ruling(clause, NOTHING) is Ruling.NOT_OBSERVED


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_every_clause_says_its_theme_source_and_scenarios(suite: Suite) -> None:
    for clause in suite.clauses.values():
        assert clause.theme in suite.themes
        assert clause.source.startswith("contract/")
        assert set(clause.scenarios) <= set(suite.scenarios)


def test_a_clause_is_in_one_suite_alone() -> None:
    assert len(CLAUSES) == sum(len(suite.clauses) for suite in SUITES.values())


def test_advice_alone_says_why_it_is_no_must() -> None:
    assert all(bool(one.why) == (one.grade is Grade.ADVICE) for one in CLAUSES.values())


def test_an_item_of_a_cut_connection_that_never_comes_again_is_lost() -> None:
    lost = request(1, [product("A")], answered=False, faults=("reset",))

    seen = observation("reset-lost", lost, request(2, [product("B")], step=0))

    assert ruling("CONN-4", seen) is Ruling.FAIL


def test_an_item_of_a_cut_connection_that_comes_again_is_not_lost() -> None:
    lost = request(1, [product("A")], answered=False, faults=("reset",))

    seen = observation("reset-lost", lost, request(2, [product("A")]))

    assert ruling("CONN-4", seen) is Ruling.PASS


def test_evidence_names_the_request_and_the_item() -> None:
    seen = observation("initial", request(7, [product("A"), product("B", modifiedAt="today")]))

    verdict = CLAUSES["ITEM-3"].judge(seen)

    assert verdict.evidence == ("request 7, item 1: modifiedAt is 'today'",)


def test_evidence_never_shows_a_secret() -> None:
    leak = request(1, [product("A", name="key 0123456789abcdef")])
    seen = Observation(
        "initial", (StepKind.INITIAL,), [leak], secrets={"the API key": "0123456789abcdef"}
    )

    verdict = CLAUSES["SECRET-1"].judge(seen)

    assert verdict.evidence == ("request 1: its body holds the API key",)


def test_retry_after_is_waited_for_by_the_services_clock() -> None:
    throttled = request(1, [product("A")], status=429, faults=("throttle",))
    early = request(2, [product("A")], after_s=30)
    late = request(2, [product("A")], after_s=60)

    assert ruling("RETRY-4", observation("throttled", throttled, early)) is Ruling.FAIL
    assert ruling("RETRY-4", observation("throttled", throttled, late)) is Ruling.PASS


def test_pauses_within_a_sync_must_not_shrink() -> None:
    attempts = [
        request(number, [product("A")], after_s=after_s, status=503, faults=("maintenance",))
        for number, after_s in enumerate((0, 8, 12), start=1)
    ]

    assert ruling("RETRY-5", observation("outage", *attempts)) is Ruling.FAIL


def test_an_outage_of_seconds_is_none_of_half_an_hour() -> None:
    down = request(1, [product("A")], status=503, faults=("maintenance",))
    soon, late = (request(2, [product("A")], after_s=after_s) for after_s in (12, 1_800))

    assert ruling("RETRY-7", observation("outage", down, soon)) is Ruling.NOT_OBSERVED
    assert ruling("RETRY-7", observation("outage", down, late)) is Ruling.PASS
    assert ruling("RETRY-7", observation("outage", down)) is Ruling.FAIL


def test_a_token_that_is_kept_shows_only_over_time() -> None:
    def signed(number: int, after_s: float, left_s: float) -> SeenRequest:
        claims = {"exp": START.timestamp() + after_s + left_s}
        one = request(number, [product("A")], after_s=after_s)
        return replace(one, signature={"claims": claims})

    def fresh(*requests: SeenRequest) -> Ruling:
        return ruling("AUTH-4", observation("initial", *requests))

    assert fresh(signed(1, 0, 300), signed(2, 2, 298)) is Ruling.NOT_OBSERVED
    assert fresh(signed(1, 0, 300), signed(2, 60, 240)) is Ruling.FAIL
    assert fresh(signed(1, 0, 300), signed(2, 60, 300)) is Ruling.PASS


def test_an_item_that_never_came_after_a_failure_is_forgotten() -> None:
    failed = request(1, [product("A")], status=503, faults=("maintenance",))
    other = request(2, [product("B")], status=503, faults=("maintenance",))
    both = frozenset(item.name for one in (failed, other) for item in one.posted)

    def goes_on(*requests: SeenRequest) -> Ruling:
        return ruling("SYNC-9", replace(observation("outage", *requests), catalog=both))

    assert goes_on(failed) is Ruling.FAIL
    assert goes_on(failed, other) is Ruling.PASS
    assert goes_on(request(1, [product("A")])) is Ruling.NOT_OBSERVED


def test_one_batch_alone_does_not_show_whether_others_are_sent() -> None:
    failed = request(1, [product("A")], status=503, faults=("maintenance",))
    refused = request(1, [product("A")], status=400)
    catalog = frozenset(item.name for item in failed.posted)

    for clause, one in (("SYNC-9", failed), ("SYNC-8", refused)):
        seen = replace(observation("outage", one), catalog=catalog)

        assert ruling(clause, seen) is Ruling.NOT_OBSERVED


@pytest.mark.parametrize("step", [StepKind.INITIAL, StepKind.RETRY, StepKind.RECOVER])
def test_a_batch_that_was_turned_down_may_be_repeated_in_no_step(step: StepKind) -> None:
    steps = (StepKind.INITIAL, StepKind.RETRY, StepKind.RECOVER)
    turned_down = request(1, [product("A")], status=400)
    again = request(2, [product("A")], step=steps.index(step))

    seen = observation("bad-request", turned_down, again, steps=steps)

    assert ruling("REFUSE-6", seen) is Ruling.FAIL


def test_an_order_of_lists_alone_is_told_as_such() -> None:
    first = request(1, [product("A", links=["x", "y"])])
    again = request(2, [product("A", links=["y", "x"])], step=1)
    steps = (StepKind.INITIAL, StepKind.AGAIN)

    verdict = CLAUSES["SYNC-3"].judge(observation("again", first, again, steps=steps))

    assert "but for the order of its lists" in verdict.evidence[0]


def test_an_item_named_in_a_400_is_refused_and_the_others_are_unnamed() -> None:
    batch = request(1, [product("A"), product("B")], status=400, refused=(1,))

    assert [item.fate for item in batch.posted] == [Fate.UNNAMED, Fate.REFUSED]


def test_a_corrected_item_may_be_refused_again() -> None:
    steps = (StepKind.INITIAL, StepKind.CORRECT, StepKind.PARTIAL)
    first = request(1, [product("A")], status=400, refused=(0,))
    again = request(2, [product("A", name="better")], step=2, status=400, refused=(0,))

    assert ruling("REFUSE-2", observation("rejected", first, again, steps=steps)) is Ruling.PASS


def test_one_failure_outweighs_passes_of_other_scenarios() -> None:
    verdicts = [("a", Verdict(Ruling.PASS)), ("b", Verdict(Ruling.FAIL, ("late",)))]

    assert together(verdicts) == Verdict(Ruling.FAIL, ("b: late",))


def test_a_run_that_saw_nothing_could_not_tell() -> None:
    jury = Jury(CLAUSES.values())
    jury.hear(NOTHING)

    assert jury.outcome({}).exit_code == 3


@pytest.mark.parametrize("suite", SUITES.values(), ids=SUITES)
def test_requests_of_another_dialect_are_set_aside_and_told(suite: Suite) -> None:
    signed = request(1, [product("A")])
    called = replace(signed, feed="catalogProducts", route="v1/catalog/products")
    jury = Jury(suite.clauses.values(), suite.dialect.name)
    jury.hear(observation("initial", called if suite.dialect.name == "feeds" else signed))

    outcome = jury.outcome({})

    assert (outcome.exit_code, outcome.requests) == (3, 0)
    assert "1 requests are not judged, they speak" in outcome.notes[0]


def test_a_waived_failure_fails_no_run_and_keeps_its_evidence() -> None:
    jury = Jury([CLAUSES["ITEM-3"], CLAUSES["ITEM-1"]])
    jury.hear(observation("initial", request(1, [product("A", modifiedAt="today")])))

    outcome = jury.outcome({"ITEM-3": "we are working on it"})

    [waived] = outcome.having(Ruling.WAIVED)
    assert waived.verdict.evidence[0] == "waived: we are working on it"
    assert (outcome.exit_code, jury.outcome({}).exit_code) == (0, 1)


def test_a_waiver_does_not_make_a_run_green_that_saw_nothing() -> None:
    jury = Jury([CLAUSES["DEL-1"]])
    jury.hear(NOTHING)

    assert jury.outcome({"DEL-1": "we delete nothing"}).exit_code == 3


def test_advice_alone_is_judged_by_itself() -> None:
    jury = Jury([CLAUSES["WIRE-8"]])
    jury.hear(observation("initial", request(1, [product("A")], headers={"user-agent": "me/1"})))

    assert jury.outcome({}).exit_code == 0


def test_what_is_not_observed_fails_only_under_strict() -> None:
    jury = Jury([CLAUSES["ITEM-1"], CLAUSES["DEL-1"]])
    jury.hear(observation("initial", request(1, [product("A")])))

    assert (jury.outcome({}).exit_code, jury.outcome({}, strict=True).exit_code) == (0, 1)


def test_the_verdict_is_no_green_one_where_a_must_was_not_observed() -> None:
    jury = Jury([CLAUSES["ITEM-1"], CLAUSES["DEL-1"]])
    jury.hear(observation("initial", request(1, [product("A")])))

    verdict = verdict_of(jury.outcome({}))
    strict = verdict_of(jury.outcome({}, strict=True))

    assert verdict.text == "no must failed, 1 not observed (1 pass, 1 not observed)."
    assert (verdict.tone, strict.tone) == (Tone.PLAIN, Tone.BAD)


def test_failed_advice_fails_no_run() -> None:
    jury = Jury([CLAUSES["WIRE-8"], CLAUSES["ITEM-1"]])
    jury.hear(observation("initial", request(1, [product("A")], headers={"user-agent": "me/1"})))

    outcome = jury.outcome({})

    assert [one.clause.id for one in outcome.having(Ruling.FAIL)] == ["WIRE-8"]
    assert outcome.exit_code == 0
