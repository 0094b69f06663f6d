"""The law of the harness: what is injected is detected, exactly."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcs.contract.canonical import Item, identity_key
from mcs.contract.feeds import FEEDS, Feed
from mcs.harness.discrepancy import DiffResult, DiscrepancyKind
from mcs.harness.fields import Difference
from tests.harness.sides import DataSpace, Exporter, deletion, price
from tests.server.running import RunningService

ItemMaker = Callable[[int], Item]


class Fate(Enum):
    """What happens to an item on its way."""

    ARRIVES = auto()
    ARRIVES_UNNOTICED = auto()
    DELETED = auto()
    LOST = auto()
    THROTTLED = auto()
    CORRUPTED = auto()
    OVERWRITTEN = auto()
    REFUSED = auto()
    DELETION_LOST = auto()
    FOREIGN = auto()


KIND = {
    Fate.LOST: DiscrepancyKind.MISSING,
    Fate.THROTTLED: DiscrepancyKind.MISSING,
    Fate.CORRUPTED: DiscrepancyKind.CHANGED,
    Fate.OVERWRITTEN: DiscrepancyKind.STALE,
    Fate.REFUSED: DiscrepancyKind.REJECTED,
    Fate.DELETION_LOST: DiscrepancyKind.UNDELETED,
    Fate.FOREIGN: DiscrepancyKind.UNEXPECTED,
}
MAKERS: dict[str, ItemMaker] = {
    "products": lambda n: {
        "sku": f"p{n}",
        "storeViewCode": "default",
        "name": f"Bag {n}",
        "modifiedAt": "2026-11-22 10:00:00",
        "deleted": False,
    },
    "prices": lambda n: price(f"p{n}", n),
    "categories": lambda n: {
        "categoryId": str(n),
        "storeViewCode": "default",
        "name": f"Gear {n}",
        "deleted": False,
    },
}
CORRUPTION: dict[str, Item] = {
    "products": {"name": "other"},
    "prices": {"regular": 1001},
    "categories": {"name": "other"},
}
NOTED = {Fate.THROTTLED: 2, Fate.ARRIVES_UNNOTICED: 2, Fate.REFUSED: 1}
NEVER_RECORDED = (Fate.LOST, Fate.THROTTLED, Fate.REFUSED)


@dataclass(frozen=True, slots=True)
class Journey:
    """One item's way. twice: its request carries it two times. kept: the exporter has it whole."""

    fate: Fate
    twice: bool
    kept: bool

    @property
    def arrives(self) -> bool:
        return self.fate in (Fate.ARRIVES, Fate.ARRIVES_UNNOTICED)

    @property
    def kinds(self) -> set[DiscrepancyKind]:
        """What a diff has to say about it."""
        kinds = {KIND[self.fate]} if self.fate in KIND else set()
        twice = self.twice and self.fate not in NEVER_RECORDED
        return kinds | ({DiscrepancyKind.DUPLICATED} if twice else set())


@pytest.fixture(scope="module")
def space(service: RunningService) -> DataSpace:
    return DataSpace(service.data_space())


@settings(deadline=None, max_examples=25)
@given(
    journeys=st.dictionaries(
        st.tuples(st.sampled_from(sorted(MAKERS)), st.integers(1, 40)),
        st.builds(Journey, st.sampled_from(Fate), twice=st.booleans(), kept=st.booleans()),
        max_size=30,
    )
)
def test_exactly_what_was_injected_is_detected(
    space: DataSpace, journeys: dict[tuple[str, int], Journey]
) -> None:
    injected = {
        (name, identity_key(FEEDS[name], MAKERS[name](number)), kind)
        for (name, number), journey in journeys.items()
        for kind in journey.kinds
    }

    result = travelled(space, journeys)

    assert {(found.feed, found.key, found.kind) for found in result.discrepancies} == injected
    assert len(result.discrepancies) == len(injected)
    arrived = Counter(name for (name, _), journey in journeys.items() if journey.arrives)
    assert {name: counts.in_sync for name, counts in result.feeds.items()} == {
        name: arrived[name] for name in result.feeds
    }


@settings(deadline=None, max_examples=10)
@given(numbers=st.sets(st.integers(1, 1000), max_size=20))
def test_a_corrupted_field_is_named_with_both_values(space: DataSpace, numbers: set[int]) -> None:
    corrupted = Journey(Fate.CORRUPTED, twice=False, kept=True)

    found = travelled(space, {("prices", n): corrupted for n in numbers}).discrepancies

    assert sorted((one.differences for one in found), key=lambda d: int(d[0].sent)) == [
        (Difference("/regular", number, 1001),) for number in sorted(numbers)
    ]


def travelled(space: DataSpace, journeys: dict[tuple[str, int], Journey]) -> DiffResult:
    """The diff after every item went its way, in as few requests as can be."""
    space.forget()
    requests: dict[tuple[int, str], list[Item]] = {}
    with TemporaryDirectory() as folder:
        exporter = Exporter(Path(folder) / "commerce.sqlite")
        exporter.configure()
        for (name, number), journey in journeys.items():
            feed, item = FEEDS[name], MAKERS[name](number)
            if journey.fate is not Fate.FOREIGN:
                exporter.note(
                    item,
                    feed=feed,
                    status=NOTED.get(journey.fate, 200),
                    deleted=journey.fate in (Fate.DELETED, Fate.DELETION_LOST),
                    keep=journey.kept,
                )
            for place, arriving in enumerate(arrivals(feed, item, journey)):
                requests.setdefault((place, name), []).extend(arriving)
        for (_, name), items in sorted(requests.items(), key=lambda request: request[0]):
            space.receive(*items, feed=FEEDS[name])
        return space.diff(exporter)


def arrivals(feed: Feed, item: Item, journey: Journey) -> list[list[Item]]:
    """What the service's requests carry of an item, one after the other."""
    other = item | CORRUPTION[feed.name]
    ways: dict[Fate, list[Item]] = {
        Fate.DELETED: [item, deletion(feed, item)],
        Fate.LOST: [],
        Fate.THROTTLED: [],
        Fate.CORRUPTED: [other],
        Fate.OVERWRITTEN: [item, other],
        Fate.REFUSED: [item | {"deleted": "perhaps"}],
    }
    requests = [[arriving] for arriving in ways.get(journey.fate, [item])]
    if journey.twice and requests:
        requests[0] *= 2
    return requests
