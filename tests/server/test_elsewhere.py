"""Which other data spaces hold an item alive."""

from typing import Any

import orjson
import pytest

from mcs.contract.canonical import identity_key
from mcs.contract.feeds import FEEDS
from tests.server.running import Answer, DataSpaceClient, RunningService, product
from tests.server.test_openapi import conforms


def key_of(sku: str) -> str:
    return identity_key(FEEDS["products"], product(sku))


def ask(data_space: DataSpaceClient, body: Any, feed: str = "products") -> Answer:
    return data_space.http.request("POST", f"{data_space.url}/control/items/{feed}", json=body)


def test_an_item_alive_in_other_data_spaces_is_found_there(service: RunningService) -> None:
    here, *others = sorted((service.data_space() for _ in range(3)), key=lambda space: space.id)
    for space in (here, *others):
        space.post("products", [product("found elsewhere", name="Bag")])
    last = others[1].post("products", [product("found elsewhere", name="Tote")])

    answer = ask(here, {"keys": [key_of("found elsewhere"), key_of("nowhere")], "except": here.id})

    lines = answer.data.splitlines()
    assert all(conforms("Holding", line) for line in map(orjson.loads, lines))
    assert [orjson.loads(line)["data_space_id"] for line in lines] == [one.id for one in others]
    assert orjson.loads(lines[1])["request_id"] == last.headers["x-request-id"]


def test_an_item_deleted_there_is_not_found(service: RunningService) -> None:
    here, there = service.data_space(), service.data_space()
    there.post("products", [product("deleted elsewhere")])
    there.post("products", [product("deleted elsewhere") | {"deleted": True}])

    answer = ask(here, {"keys": [key_of("deleted elsewhere")], "except": here.id})

    assert answer.data == b""


def test_many_data_spaces_are_listed_page_by_page(
    service: RunningService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mcs.server.store.elsewhere.PAGE_ROWS", 2)
    here, *others = (service.data_space() for _ in range(6))
    for space in others:
        space.post("products", [product("paged 1"), product("paged 2")])

    answer = ask(here, {"keys": [key_of("paged 1"), key_of("paged 2")], "except": here.id})

    assert len(set(answer.data.splitlines())) == 10


@pytest.mark.parametrize(
    ("feed", "body", "status"),
    [
        ("toys", {"keys": ["0" * 40]}, 400),
        ("products", {}, 400),
        ("products", {"keys": []}, 400),
        ("products", {"keys": ["A"]}, 400),
        ("products", {"keys": ["0" * 40] * 1001}, 400),
        ("products", {"keys": ["0" * 40], "except": "elsewhere"}, 404),
        ("products", {"keys": ["0" * 40], "but": 1}, 400),
    ],
)
def test_a_wrong_question_is_refused(
    data_space: DataSpaceClient, feed: str, body: dict[str, Any], status: int
) -> None:
    given = {"except": data_space.id, **body}

    assert ask(data_space, given, feed).status == status
