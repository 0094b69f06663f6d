"""Bucket digests of the service: whatever came, they say what is held."""

from collections import defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mcs.contract.digests import Bucket, bucket_of, holding
from tests.server.running import DataSpaceClient, RunningService, product

Write = tuple[str, str, bool]

skus = st.sampled_from([f"sku-{n}" for n in range(12)])
writes = st.tuples(skus, st.sampled_from(["red", "blue"]), st.booleans())
requests = st.lists(st.lists(writes, min_size=1, max_size=6), max_size=8)


@pytest.fixture(scope="module")
def space(service: RunningService) -> DataSpaceClient:
    return service.data_space()


def kept(space: DataSpaceClient, query: str = "") -> dict[str, dict[str, Bucket]]:
    """The digests as the service tells them."""
    answer = space.control("GET", "/digests" + query).json()["feeds"]
    return {
        feed: {name: Bucket(n[0], int(n[1], 16), n[2], n[3]) for name, n in buckets.items()}
        for feed, buckets in answer.items()
    }


def reckoned(space: DataSpaceClient) -> dict[str, dict[str, Bucket]]:
    """The same, from the list of all that is held."""
    found: dict[str, dict[str, Bucket]] = defaultdict(lambda: defaultdict(Bucket))
    for line in space.received():
        alive = Bucket() if line["deleted"] else holding(line["key"], line["hash"])
        more = Bucket(unsettled=line["repeats"], resent=line["resends"])
        found[line["feed"]][bucket_of(line["key"])] += alive + more
    return found


def settled(digests: dict[str, dict[str, Bucket]]) -> dict[tuple[str, str], Bucket]:
    """Without the buckets that hold nothing."""
    pairs = ((f, name, bucket) for f, held in digests.items() for name, bucket in held.items())
    return {(feed, name): bucket for feed, name, bucket in pairs if bucket != Bucket()}


@settings(deadline=None, max_examples=20)
@given(batches=requests, asked_after=st.sets(st.integers(0, 7)))
def test_digests_are_those_of_the_items_held(
    space: DataSpaceClient, batches: list[list[Write]], asked_after: set[int]
) -> None:
    space.control("POST", "/reset")

    for number, batch in enumerate(batches):
        items = [product(sku, name=name, deleted=gone) for sku, name, gone in batch]
        assert space.post("products", items).status == 200
        if number in asked_after:
            kept(space)

    assert settled(kept(space)) == settled(reckoned(space))


def test_a_feed_can_be_asked_for_alone(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A")])
    data_space.post(
        "categories", [{"categoryId": "1", "storeViewCode": "default", "deleted": True}]
    )

    assert list(kept(data_space, "?feed=categories")) == ["categories"]


def test_a_reset_leaves_no_digests(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A")])
    assert kept(data_space)

    data_space.control("POST", "/reset")

    assert kept(data_space) == {}


def test_items_of_chosen_buckets_are_listed_alone(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product(f"sku-{n}") for n in range(30)])
    keys = [line["key"] for line in data_space.received()]
    chosen = sorted({bucket_of(key) for key in keys[:5]})

    listed = data_space.received(f"?feed=products&buckets={','.join(chosen)}")

    assert [line["key"] for line in listed] == [k for k in keys if bucket_of(k) in chosen]


@pytest.mark.parametrize("given_names", ["", "0a", "xyz", "0a1,"])
def test_a_bucket_that_is_none_is_refused(data_space: DataSpaceClient, given_names: str) -> None:
    answer = data_space.control("GET", f"/received?buckets={given_names}")

    assert answer.status == 400
    body: dict[str, Any] = answer.json()
    assert "expected 3 hex digits each" in body["message"]
