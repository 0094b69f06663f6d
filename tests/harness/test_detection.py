"""The law of the harness: what is injected is detected, exactly, on every feed."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcs.contract.canonical import Item, identity_key
from mcs.contract.feeds import FEEDS, Feed
from mcs.harness.diff import DiffResult, Options
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.fields import difference
from tests.harness.catalog_items import (
    MOST_PER_FEED,
    catalog_items,
    corrupted,
    earlier,
    has_scope,
    under_another_scope,
)
from tests.harness.sides import DataSpace, Exporter, deletion
from tests.server.running import RunningService

Catalog = Mapping[str, list[Item]]


class Fate(Enum):
    """What happens to an item on its way."""

    ARRIVES = auto()
    ARRIVES_UNNOTICED = auto()
    ARRIVES_AGAIN = auto()
    DELETED = auto()
    LOST = auto()
    THROTTLED = auto()
    CORRUPTED = auto()
    OVERWRITTEN = auto()
    SET_BACK = auto()
    REFUSED = auto()
    DELETION_LOST = auto()
    FOREIGN = auto()
    IN_OTHER_DATA_SPACE = auto()
    IN_OTHER_SCOPE = auto()


KIND = {
    Fate.LOST: DiscrepancyKind.MISSING,
    Fate.THROTTLED: DiscrepancyKind.MISSING,
    Fate.CORRUPTED: DiscrepancyKind.CHANGED,
    Fate.OVERWRITTEN: DiscrepancyKind.STALE,
    Fate.SET_BACK: DiscrepancyKind.STALE,
    Fate.REFUSED: DiscrepancyKind.REJECTED,
    Fate.DELETION_LOST: DiscrepancyKind.UNDELETED,
    Fate.FOREIGN: DiscrepancyKind.UNEXPECTED,
    Fate.IN_OTHER_DATA_SPACE: DiscrepancyKind.MISROUTED,
    Fate.IN_OTHER_SCOPE: DiscrepancyKind.MISROUTED,
}
NOTED = {Fate.THROTTLED: 2, Fate.ARRIVES_UNNOTICED: 2, Fate.REFUSED: 1}
NOT_RECORDED_HERE = (Fate.LOST, Fate.THROTTLED, Fate.REFUSED, Fate.IN_OTHER_DATA_SPACE)
IN_ORDER = (Fate.ARRIVES, Fate.ARRIVES_UNNOTICED, Fate.ARRIVES_AGAIN)


@dataclass(frozen=True, slots=True)
class Journey:
    """One item's way. twice: its first request carries it two times. kept: the exporter has it
    whole."""

    feed: Feed
    item: Item
    fate: Fate
    twice: bool
    kept: bool

    @property
    def there(self) -> Item:
        """The item as it arrives, if it does unharmed."""
        if self.fate is Fate.IN_OTHER_SCOPE:
            return under_another_scope(self.feed, self.item)
        return self.item

    @property
    def injected(self) -> Iterable[tuple[str, str, DiscrepancyKind]]:
        """What a diff has to say about it: feed, key and kind."""
        if self.fate in KIND:
            yield self.feed.name, identity_key(self.feed, self.item), KIND[self.fate]
        again = self.fate is Fate.ARRIVES_AGAIN
        if again or (self.twice and self.fate not in NOT_RECORDED_HERE):
            key = identity_key(self.feed, self.there)
            yield self.feed.name, key, DiscrepancyKind.DUPLICATED

    @property
    def arrivals(self) -> list[list[Item]]:
        """What the service's requests carry of it, one after the other."""
        item, other = self.item, corrupted(self.feed, self.item)
        before, between = (earlier(self.feed, corrupted(self.feed, item, n)) for n in (0, 1))
        ways: dict[Fate, list[Item]] = {
            Fate.ARRIVES_AGAIN: [item, item],
            Fate.DELETED: [item, deletion(self.feed, item)],
            Fate.LOST: [],
            Fate.THROTTLED: [],
            Fate.CORRUPTED: [other],
            Fate.OVERWRITTEN: [item, other],
            Fate.SET_BACK: [before, between, before],
            Fate.REFUSED: [item | {"deleted": "perhaps"}],
            Fate.IN_OTHER_DATA_SPACE: [],
        }
        requests = [[arriving] for arriving in ways.get(self.fate, [self.there])]
        if self.twice and requests:
            requests[0] *= 2
        return requests


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return catalog_items(tmp_path_factory.mktemp("catalog"))


@pytest.fixture(scope="module")
def spaces(service: RunningService) -> tuple[DataSpace, DataSpace]:
    return DataSpace(service.data_space()), DataSpace(service.data_space())


ways = st.tuples(st.sampled_from(Fate), st.booleans(), st.booleans())
places = st.tuples(st.sampled_from(sorted(FEEDS)), st.integers(0, MOST_PER_FEED - 1))


@settings(deadline=None, max_examples=20)
@given(drawn=st.dictionaries(places, ways, max_size=40))
def test_exactly_what_was_injected_is_detected(
    spaces: tuple[DataSpace, DataSpace],
    catalog: Catalog,
    drawn: dict[tuple[str, int], tuple[Fate, bool, bool]],
) -> None:
    journeys = [
        Journey(FEEDS[name], catalog[name][place], *way)
        for (name, place), way in drawn.items()
        if place < len(catalog[name])
        and (way[0] is not Fate.IN_OTHER_SCOPE or has_scope(FEEDS[name]))
    ]
    injected = Counter(one for journey in journeys for one in journey.injected)

    result = travelled(spaces, journeys)

    assert Counter((one.feed, one.key, one.kind) for one in result.discrepancies) == injected
    arrived = Counter(journey.feed.name for journey in journeys if journey.fate in IN_ORDER)
    assert {name: counts.in_sync for name, counts in result.feeds.items()} == {
        name: arrived[name] for name in result.feeds
    }


@pytest.mark.parametrize("feed", FEEDS.values(), ids=lambda feed: feed.name)
def test_a_corrupted_field_is_named_with_both_values(
    spaces: tuple[DataSpace, DataSpace], catalog: Catalog, feed: Feed
) -> None:
    items = catalog[feed.name]
    journeys = [Journey(feed, item, Fate.CORRUPTED, twice=False, kept=True) for item in items]

    found = travelled(spaces, journeys).discrepancies

    by_key = {identity_key(feed, item): item for item in items}
    assert len(found) == len(items)
    for one in found:
        item = by_key[one.key]
        assert list(one.differences) == difference(item, corrupted(feed, item))
        assert len(one.differences) == 1


def travelled(spaces: tuple[DataSpace, DataSpace], journeys: Iterable[Journey]) -> DiffResult:
    """The diff after every item went its way, in as few requests as can be."""
    here, there = spaces
    here.forget()
    there.forget()
    requests: dict[tuple[int, str], list[Item]] = {}
    with TemporaryDirectory() as folder:
        exporter = Exporter(Path(folder) / "commerce.sqlite")
        exporter.configure()
        for journey in journeys:
            note(exporter, journey, there)
            for place, arriving in enumerate(journey.arrivals):
                requests.setdefault((place, journey.feed.name), []).extend(arriving)
        for (_, name), items in sorted(requests.items(), key=lambda request: request[0]):
            here.receive(*items, feed=FEEDS[name])
        return here.diff_with(exporter, Options(resends=True))


def note(exporter: Exporter, journey: Journey, there: DataSpace) -> None:
    """Has the exporter note the item, and send it to the other data space if that is its fate."""
    feed, item, fate = journey.feed, journey.item, journey.fate
    if fate is Fate.FOREIGN:
        return
    sent_there = there.receive(item, feed=feed) if fate is Fate.IN_OTHER_DATA_SPACE else None
    exporter.note(
        item,
        feed=feed,
        status=NOTED.get(fate, 200),
        deleted=fate in (Fate.DELETED, Fate.DELETION_LOST),
        keep=journey.kept,
        request_id=(sent_there and sent_there.request_id) or "r-1",
    )
