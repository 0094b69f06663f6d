"""What is kept of comparisons: one runs at a time, whoever asks, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from mcs.server.config import Settings
from mcs.server.store.comparisons import INTERRUPTED, DiffState
from mcs.server.store.repository import Store
from tests.exporter.databases import KINDS, fresh_database

HOME = "a-folder"


@pytest.fixture(scope="module", params=KINDS, ids=str)
def stores(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, Store]]:
    """Two stores on each database, as two processes have them."""
    with (
        fresh_database(request.param, tmp_path_factory.mktemp("comparisons")) as url,
        Store(url) as one,
        Store(url) as other,
    ):
        yield one, other


@pytest.fixture
def data_space(stores: tuple[Store, Store]) -> str:
    """A data space of this test alone."""
    made = str(uuid4())
    stores[0].data_spaces.add(made, "test", Settings())
    return made


def alive(_: int) -> bool:
    return True


def dead(_: int) -> bool:
    return False


def test_of_those_that_begin_at_once_one_runs(stores: tuple[Store, Store], data_space: str) -> None:
    def begin(number: int) -> bool:
        store = stores[number % 2].comparisons
        return store.begin(HOME, data_space, number, "a file", alive) is not None

    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(begin, range(1, 17)))

    assert sum(begun) == 1
    assert [run.number for run in stores[0].comparisons.all(HOME, data_space)] == [
        1 + begun.index(True)
    ]


def test_one_whose_process_is_gone_makes_room_and_is_noted(
    stores: tuple[Store, Store], data_space: str
) -> None:
    one, other = (store.comparisons for store in stores)
    one.begin(HOME, data_space, 1, "a file", alive)

    begun = other.begin(HOME, data_space, 2, "a file", dead)

    broken = one.find(HOME, data_space, 1)
    assert begun is not None
    assert broken is not None
    assert (broken.state, broken.error) == (DiffState.FAILED, INTERRUPTED)


def test_folders_elsewhere_have_comparisons_of_their_own(
    stores: tuple[Store, Store], data_space: str
) -> None:
    one, other = (store.comparisons for store in stores)
    one.begin(HOME, data_space, 1, "a file", alive)

    begun = other.begin("another-folder", data_space, 1, "a file", alive)
    one.end(HOME, data_space, 1, DiffState.IN_SYNC)

    assert begun is not None
    assert [run.state for run in other.all("another-folder", data_space)] == [DiffState.RUNNING]
    assert [run.state for run in other.all(HOME, data_space)] == [DiffState.IN_SYNC]


def test_what_a_program_said_is_kept_whatever_it_is(
    stores: tuple[Store, Store], data_space: str
) -> None:
    kept = stores[0].comparisons
    kept.begin(HOME, data_space, 1, "a\0file", alive)

    kept.end(HOME, data_space, 1, DiffState.FAILED, "no\0thing")

    run = kept.find(HOME, data_space, 1)
    assert run is not None
    assert (run.sent, run.error) == ("a\ufffdfile", "no\ufffdthing")
