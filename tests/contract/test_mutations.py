"""Whatever is wrong in one value, just that item and pointer are named; nothing else is."""

import pytest

from mcs.contract.feeds import FEEDS
from mcs.contract.validation import Mode, validate, warnings_of
from tests.contract.mutations import complete_item, mutations


@pytest.mark.parametrize("feed_name", FEEDS)
def test_a_complete_item_is_strictly_valid(feed_name: str) -> None:
    assert warnings_of(FEEDS[feed_name], [complete_item(feed_name)]) == []


@pytest.mark.parametrize("feed_name", FEEDS)
def test_strict_mode_names_each_single_fault_and_no_other(feed_name: str) -> None:
    good, feed = complete_item(feed_name), FEEDS[feed_name]

    for mutation in mutations(feed_name):
        verdict = validate(feed, [good, mutation.item, good], Mode.STRICT)
        named = {(error.index, error.pointer) for error in verdict.errors}
        assert named == {(1, mutation.pointer)}, mutation.what


@pytest.mark.parametrize("feed_name", FEEDS)
def test_lenient_mode_refuses_the_faults_that_the_service_does_not_bear(feed_name: str) -> None:
    good, feed = complete_item(feed_name), FEEDS[feed_name]

    for mutation in mutations(feed_name):
        verdict = validate(feed, [good, mutation.item], Mode.LENIENT)
        named = {(error.index, error.pointer) for error in verdict.errors}
        assert named == (set() if mutation.tolerated else {(1, mutation.pointer)}), mutation.what


def test_there_are_thousands_of_mutations() -> None:
    assert sum(1 for name in FEEDS for _ in mutations(name)) > 1500
