"""A generated catalog needs no stored sent side: the diff computes again what was sent."""

from collections.abc import Iterable
from itertools import islice

import orjson
import pytest

from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.items import FeedItems
from mcs.fixtures.profile_file import read_profile
from mcs.harness.diff import DiffResult, Options, diff
from mcs.harness.sources.opening import open_sent
from mcs.harness.sources.service import Service
from tests.server.running import DataSpaceClient, RunningService

SENT = ("prices", "variants", "inventoryStockStatus")


def send(space: DataSpaceClient, feed: str, items: Iterable[bytes]) -> None:
    left = iter(items)
    while batch := list(islice(left, FEEDS[feed].batch_size)):
        space.post(feed, [orjson.loads(item) for item in batch])


def compare(space: DataSpaceClient, version: int, digests: bool) -> DiffResult:
    place = f"generated:coverage?seed=9&version={version}"
    with open_sent(place) as sent, Service(space.url, space.id) as received:
        feeds = tuple(FEEDS[feed] for feed in SENT)
        return diff(sent, received, Options(feeds, digests=digests))


@pytest.mark.parametrize("digests", [True, False], ids=["by digests", "by rows"])
def test_a_catalog_is_in_sync_through_its_versions(service: RunningService, digests: bool) -> None:
    space = service.data_space()
    catalog = Catalog.of_profile(read_profile("coverage"), seed=9)
    first, later = FeedItems(catalog), FeedItems(catalog, version=6)
    for feed in SENT:
        send(space, feed, first.slice(feed))

    assert compare(space, 0, digests).in_sync
    stale = compare(space, 6, digests)
    assert {"missing", "undeleted"} < {found.kind for found in stale.discrepancies}
    assert not stale.in_sync

    for feed in SENT:
        send(space, feed, (later.item(feed, index) for index in later.changed(feed, since=0)))
    assert compare(space, 6, digests).in_sync


@pytest.mark.parametrize("digests", [True, False], ids=["by digests", "by rows"])
def test_where_no_feed_is_named_all_are_compared_that_catalogs_are_generated_of(
    data_space: DataSpaceClient, digests: bool
) -> None:
    with (
        open_sent("generated:coverage?seed=9") as sent,
        Service(data_space.url, data_space.id) as received,
    ):
        result = diff(sent, received, Options(digests=digests))

    assert {found.feed for found in result.discrepancies} == set(FEEDS)
    assert {found.kind for found in result.discrepancies} == {"missing"}


def test_a_lost_item_is_found_and_shown(service: RunningService) -> None:
    space = service.data_space()
    items = FeedItems(Catalog.of_profile(read_profile("coverage"), seed=9))
    lost_item = items.item("prices", 77)
    for feed in SENT:
        send(space, feed, (item for item in items.slice(feed) if item != lost_item))

    [lost] = compare(space, 0, digests=True).discrepancies

    assert (lost.feed, lost.kind) == ("prices", "missing")
    assert tuple(lost.identity.values()) == items.identity("prices", 77)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("generated:huge", "neither a file nor a profile"),
        ("generated:small?sed=1", '"sed" is not known here. Take seed, version or'),
        ("generated:small?seed=x", 'seed is "x", expected a whole number'),
        ("generated:small?called=variants", 'feed "variants" has no place'),
    ],
)
def test_a_wrong_place_is_refused_with_what_to_give(place: str, told: str) -> None:
    with pytest.raises(UsageError, match=told), open_sent(place):
        pass
