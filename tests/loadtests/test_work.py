"""The parts of a load test: what each process sends, and in which order."""

from collections.abc import Iterator
from contextlib import closing

import orjson
from hypothesis import given
from hypothesis import strategies as st
from isal import igzip

from mcs.fixtures.catalog import Catalog
from mcs.fixtures.items import FeedItems
from mcs.fixtures.profile_file import read_profile
from mcs.fixtures.sharding import Shard
from mcs.loadtests.plan import SCENARIOS, Stage, Wish, update_storm
from mcs.loadtests.work import Batch, ShardBatches, Spool, Work

CATALOG = Catalog.of_profile(read_profile("coverage"), seed=5)
STAGES = tuple(update_storm(Wish(("prices", "inventoryStockStatus"), rounds=3)))


def batches(stage: Stage, number: int) -> Iterator[Batch]:
    return (Batch(number, stage.feed, 1, 1, bytes([place]), "") for place in range(3))


def all_taken(work: Work) -> Iterator[Batch]:
    while batch := work.take(0):
        yield batch
        work.finished()


@given(st.integers(1, 5))
def test_all_shards_together_send_each_item_of_each_stage_once(shards: int) -> None:
    sent: dict[int, list[bytes]] = {number: [] for number in range(len(STAGES))}
    for number in range(1, shards + 1):
        work = Work(STAGES, ShardBatches(CATALOG, Shard(number, shards)))
        for batch in all_taken(work):
            found = orjson.loads(igzip.decompress(batch.body))
            assert len(found) == batch.items
            sent[batch.stage] += map(orjson.dumps, found)
        assert work.is_done

    for number, stage in enumerate(STAGES):
        items = FeedItems(CATALOG, stage.version)
        whole = range(items.count(stage.feed))
        indexes = whole if stage.since is None else items.changed(stage.feed, stage.since)
        wanted = sorted(items.item(stage.feed, index) for index in indexes)
        assert sorted(sent[number]) == [orjson.dumps(orjson.loads(item)) for item in wanted]


def test_an_item_belongs_to_one_shard_in_all_versions() -> None:
    owners: dict[tuple[str, ...], set[int]] = {}
    for number in (1, 2, 3):
        for batch in all_taken(Work(STAGES, ShardBatches(CATALOG, Shard(number, 3)))):
            for item in orjson.loads(igzip.decompress(batch.body)):
                name = (batch.feed, item["sku"], str(item.get("customerGroupCode")),
                        str(item.get("websiteCode")), str(item.get("stockId")))  # fmt: skip
                owners.setdefault(name, set()).add(number)

    assert {len(numbers) for numbers in owners.values()} == {1}


def test_a_stage_begins_when_all_before_it_is_answered() -> None:
    work = Work((Stage("products"), Stage("prices")), batches)
    first = [work.take(0) for _ in range(3)]

    assert work.take(0) is None
    work.finished()
    work.finished()
    assert work.take(0) is None
    work.finished()

    following = work.take(0)
    assert [batch.feed for batch in first if batch] == ["products"] * 3
    assert following
    assert following.feed == "prices"


def test_a_stage_waits_for_its_time() -> None:
    work = Work((Stage("prices", not_before_s=5),), batches)

    assert work.take(4.9) is None
    assert not work.is_done
    assert work.take(5)


def test_what_is_taken_back_is_sent_by_another() -> None:
    work = Work((Stage("products"), Stage("prices")), batches)
    left = work.take(0)
    assert left

    work.take_back(left)

    assert [batch.body for batch in all_taken(work)] == [b"\0", b"\1", b"\2"] * 2
    assert work.is_done


def test_what_is_abandoned_is_not_sent() -> None:
    work = Work((Stage("products"),), batches)
    work.take(0)

    work.abandon()

    assert work.take(0) is None
    assert not work.is_done
    work.finished()
    assert work.is_done


def test_payloads_made_ahead_are_the_same() -> None:
    made = ShardBatches(CATALOG, Shard(1, 2))
    as_it_goes = list(all_taken(Work(STAGES, made)))

    with closing(Spool()) as spool:
        for batch in as_it_goes:
            spool.add(batch)

        assert list(all_taken(Work(STAGES, spool))) == as_it_goes


def test_every_scenario_begins_with_an_initial_sync_of_what_it_sends() -> None:
    for scenario in SCENARIOS.values():
        stages = list(scenario.stages(Wish(("products",), rounds=2)))
        first = {stage.feed for stage in stages if stage.since is None}
        assert {stage.feed for stage in stages} == first
