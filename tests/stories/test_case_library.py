"""Every support case of the library reproduces what is reported, and its fix heals it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mcs.contract.errors import UsageError
from mcs.library.breakages import BREAKAGES
from mcs.library.case import Case
from mcs.library.playing import Part, Played, play
from mcs.library.reading import read_case
from mcs.library.verbs import VERBS
from mcs.shipped import CASES
from tests.server.running import RunningService, config, running

TOUR = """\
title: A tour of the verbs that no case needs
symptom: None.
cause: None.
evidence: [this test]
catalog: {products: 10}
feeds: [products, prices]
steps:
  - sync: all
  - set_group_price: {product: 10, price: 5.5, group: 1}
  - set_stock: {product: 10, quantity: 0}
  - settings: {changes: {mode: strict}}
  - cron: 1m
  - switch_data_space: by command
  - cron: 1m
    note: Commerce notices, and sends everything to the new data space
seen:
  diff: in sync
  sent: {products: 30}
  held: {feed: products, product: 10, having: {inStock: false}}
look_at: [nothing]
fix: None.
fix_steps:
  - wait: 1m
"""


@pytest.fixture(scope="module")
def own_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """A service for cases alone: they turn its clock."""
    with running(config(tmp_path_factory.mktemp("case-service"))) as service:
        yield service


def case_named(name: str) -> Case:
    """A case that comes with mcs."""
    return read_case(CASES.text(name), name)


def played(case: Case, service: RunningService, home: Path) -> Played:
    """The case, gone through; nothing of it is left at the service for others to find."""
    result = play(case, service.url, home)
    for data_space in result.data_spaces:
        path = f"/control/data-spaces/{data_space}/reset"
        assert service.http.request("POST", service.url + path).status < 300
    return result


def unseen(result: Played, *parts: Part) -> list[str]:
    """What should have been seen in these parts and was not."""
    return [
        f"{one.part}, {one.finding.fact}: expected {one.finding.expected}; {one.finding.found}"
        for one in result.happened
        if one.finding and not one.finding.holds and one.part in parts
    ]


@pytest.mark.parametrize("name", CASES.names())
def test_a_case_is_reproduced_and_healed(
    name: str, own_service: RunningService, tmp_path: Path
) -> None:
    result = played(case_named(name), own_service, tmp_path)

    assert unseen(result, *Part) == []
    assert result.as_told


def test_a_fix_that_does_nothing_does_not_heal(own_service: RunningService, tmp_path: Path) -> None:
    case = case_named("deleted-still-there")

    result = played(replace(case, fix_steps=()), own_service, tmp_path)

    assert (result.reproduced, result.healed) == (True, False)
    assert [line.partition(":")[0] for line in unseen(result, Part.HEALED)] == [
        "healed, diff",
        "healed, catalog",
        "healed, held",
    ]


def test_a_sound_exporter_does_not_reproduce_the_fault_of_another(
    own_service: RunningService, tmp_path: Path
) -> None:
    case = case_named("phantom-changes")
    steps = [step for step in case.steps if step.verb != "break"]

    result = played(replace(case, steps=steps, fix_steps=()), own_service, tmp_path)

    assert not result.reproduced
    assert unseen(result, Part.SEEN) == [
        "seen, sent: expected products 36; products 0",
        "seen, catalog: expected 36 products changed (order_only); in sync",
        "seen, conformance: expected fails SYNC-3; passes SYNC-3",
    ]


def test_a_discrepancy_that_the_case_does_not_name_is_not_overlooked(
    own_service: RunningService, tmp_path: Path
) -> None:
    case = case_named("deleted-in-an-outage")
    [diff, *others] = [fact for fact in case.seen if fact.name == "diff"]
    first_alone = replace(diff, expected=diff.expected[:1])

    result = played(replace(case, seen=[first_alone, *others]), own_service, tmp_path)

    assert not result.reproduced


def test_the_whole_vocabulary_is_played(own_service: RunningService, tmp_path: Path) -> None:
    tour = read_case(TOUR, "tour")
    cases = [tour, *map(case_named, CASES.names())]

    result = played(tour, own_service, tmp_path)

    assert unseen(result, *Part) == []
    steps = [step for case in cases for step in (*case.steps, *case.fix_steps)]
    assert {step.verb for step in steps} == set(VERBS)
    assert {step.values["what"] for step in steps if step.verb == "break"} == set(BREAKAGES)


@pytest.mark.parametrize(
    ("good", "bad", "said"),
    [
        ("product: 10, price", "product: 99, price", "line 9, step 2: there is no product 99"),
        ("wait: 1m", "repair: 10", "line 23, step 1: MEM-00009: not all of it is damaged"),
        ("wait: 1m", "mend: token_kept", "line 23, step 1: token_kept is not at fault here"),
        ("product: 10, having", "product: 77, having", "line 19: there is no product 77"),
    ],
    ids=["no-such-product", "not-damaged", "not-broken", "nothing-to-see"],
)
def test_what_cannot_be_done_or_seen_says_where_it_is(
    own_service: RunningService, tmp_path: Path, good: str, bad: str, said: str
) -> None:
    wrong = TOUR.replace(good, bad)

    with pytest.raises(UsageError, match=f"^tour: {said}"):
        play(read_case(wrong, "tour"), own_service.url, tmp_path)
