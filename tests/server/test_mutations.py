"""Every way to break a value, posted: the answer names just that item and pointer."""

from typing import Any

import pytest

from mcs.contract.feeds import FEEDS
from tests.contract.mutations import Mutation, mutations
from tests.server.running import RunningService


@pytest.mark.parametrize("feed_name", FEEDS)
def test_a_strict_data_space_names_every_broken_item_by_its_pointer(
    service: RunningService, feed_name: str
) -> None:
    broken = list(mutations(feed_name))

    answer = service.data_space(mode="strict").post(feed_name, [m.item for m in broken])

    assert answer.status == 400
    assert answer.json()["feedItemReceivedCount"] == len(broken)
    assert _named(answer.json()) == {
        f"/{index}{mutation.pointer}" for index, mutation in enumerate(broken)
    }


@pytest.mark.parametrize("feed_name", FEEDS)
def test_a_lenient_data_space_names_only_what_the_service_does_not_bear(
    service: RunningService, feed_name: str
) -> None:
    broken = list(mutations(feed_name))
    refused = {index: mutation for index, mutation in enumerate(broken) if not mutation.tolerated}

    answer = service.data_space().post(feed_name, [m.item for m in broken])

    assert _named(answer.json()) == {f"/{index}{m.pointer}" for index, m in refused.items()}


@pytest.mark.parametrize("feed_name", FEEDS)
def test_the_other_shape_names_the_same_items_by_index_and_code(
    service: RunningService, feed_name: str
) -> None:
    broken: list[Mutation] = [m for m in mutations(feed_name) if m.what == "removed"]

    data_space = service.data_space(mode="strict", error_shape="code")
    answer = data_space.post(feed_name, [m.item for m in broken])

    entries = answer.json()["invalidFeedItems"]
    assert [entry["itemIndex"] for entry in entries] == list(range(len(broken)))
    assert {entry["code"] for entry in entries} == {"missing_required_field"}


def _named(answer: dict[str, Any]) -> set[str]:
    return {entry["field"] for entry in answer["invalidFeedItems"]}
