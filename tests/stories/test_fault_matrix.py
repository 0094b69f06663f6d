"""Every fault on every feed: the exporter recovers, or the diff names just what was injected."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mcs.contract.feeds import SEED_FEEDS
from mcs.server.faults.actions import ACTIONS
from tests.server.faulty import TurnedClock, turned
from tests.server.running import RunningService
from tests.stories.fault_matrix import PAGE, Played, play
from tests.stories.fault_matrix_calls import play_calls


@pytest.fixture(scope="module")
def turned_service(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[RunningService, TurnedClock]]:
    with turned(tmp_path_factory.mktemp("service")) as service_and_clock:
        yield service_and_clock


@pytest.mark.parametrize("action", ACTIONS)
def test_what_a_fault_left_wrong_is_named_and_nothing_else(
    turned_service: tuple[RunningService, TurnedClock], tmp_path: Path, action: str
) -> None:
    played = play(*turned_service, tmp_path, action)

    assert all(played.hit[feed.name] for feed in SEED_FEEDS), "the fault hit every feed"
    assert played.found == played.expected
    assert_on_page(played)


@pytest.mark.parametrize("action", ACTIONS)
def test_what_a_fault_left_wrong_of_calls_is_named_and_nothing_else(
    turned_service: tuple[RunningService, TurnedClock], tmp_path: Path, action: str
) -> None:
    played = play_calls(*turned_service, tmp_path, action)

    assert all(played.hit[feed] for feed in played.feeds), "the fault hit every resource"
    assert played.found == played.expected
    assert_on_page(played)


def assert_on_page(played: Played) -> None:
    assert played.row() in PAGE.read_text("utf-8").splitlines(), (
        f"run `python -m tests.stories.fault_matrix docs/{PAGE.name}`"
    )
