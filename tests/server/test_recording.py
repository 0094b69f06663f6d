"""What is kept of accepted and refused items, byte for byte."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from mcs.contract.canonical import content_hash, identity_key
from mcs.contract.feeds import FEEDS
from tests.server.running import DataSpaceClient, RunningService, config, product, running

ODD = (
    b'[ {"sku" : "A\\u00e9\\/","storeViewCode":"default",\r\n\t"deleted":false,"weight": 34.0 }\n,'
    b'{"storeViewCode":"default","deleted":false , "sku":"\xc3\xa9 ]}\\""}]'
)


def _item_text(data_space: DataSpaceClient, line: dict[str, Any]) -> bytes:
    answer = data_space.control("GET", f"/received/{line['feed']}/{line['key']}")
    return answer.data


@pytest.mark.parametrize("compress", [True, False], ids=["gzip", "plain"])
def test_items_are_kept_exactly_as_they_came(data_space: DataSpaceClient, compress: bool) -> None:
    data_space.post("products", ODD, compress=compress)

    texts = b"".join(_item_text(data_space, line) for line in data_space.received())
    assert (
        b'{"sku" : "A\\u00e9\\/","storeViewCode":"default",\r\n\t"deleted":false,"weight": 34.0 }'
        in texts
    )
    assert b'{"storeViewCode":"default","deleted":false , "sku":"\xc3\xa9 ]}\\""}' in texts


def test_listed_items_stay_on_one_line_with_their_numbers(data_space: DataSpaceClient) -> None:
    data_space.post("products", ODD)

    answer = data_space.control("GET", "/received?payload=1")

    assert answer.data.count(b"\n") == 2
    assert b'"weight": 34.0 }' in answer.data


def test_received_item_is_described_in_full(data_space: DataSpaceClient) -> None:
    item = product("A", modifiedAt="2026-11-22 19:10:15", name="Tote")

    answer = data_space.post("products", [item])

    [line] = data_space.received("?payload=1")
    received_at = line.pop("received_at")
    assert received_at.endswith("+00:00")
    assert line == {
        "feed": "products",
        "key": identity_key(FEEDS["products"], item),
        "identity": {"sku": "A", "storeViewCode": "default"},
        "hash": content_hash(FEEDS["products"], item),
        "deleted": False,
        "modified_at": "2026-11-22 19:10:15",
        "request_id": answer.headers["x-request-id"],
        "index": 0,
        "versions": 1,
        "repeats": 0,
        "resends": 0,
        "item": item,
    }


def test_later_request_replaces_what_an_earlier_one_brought(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A", name="old")])

    data_space.post("products", [product("A", name="new"), product("B")])

    lines = {line["item"]["sku"]: line for line in data_space.received("?payload=1")}
    assert lines["A"]["item"]["name"] == "new"
    assert (lines["A"]["versions"], lines["A"]["repeats"]) == (2, 0)
    assert (lines["B"]["versions"], lines["B"]["index"]) == (1, 1)


def test_last_of_a_repeated_item_in_one_request_wins(data_space: DataSpaceClient) -> None:
    batch = [product("A", name=name) for name in ("first", "second", "last")]

    data_space.post("products", batch)
    data_space.post("products", batch[:1])

    [line] = data_space.received("?payload=1")
    assert line["item"]["name"] == "first"
    assert (line["versions"], line["repeats"]) == (4, 2)


def test_delete_is_recorded_as_the_current_version(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A")])

    data_space.post("products", [product("A") | {"deleted": True}])

    [line] = data_space.received()
    assert line["deleted"] is True
    assert line["versions"] == 2


def test_every_accepted_version_is_remembered_in_order(data_space: DataSpaceClient) -> None:
    for name in ("one", "two"):
        data_space.post("products", [product("A", name=name)])
    [line] = data_space.received()

    answer = data_space.control("GET", f"/received/products/{line['key']}")

    writes = answer.json()["versions"]
    assert [write["item"]["name"] for write in writes] == ["one", "two"]
    assert writes[1]["hash"] == line["hash"]


def test_refused_item_is_kept_with_its_errors(data_space: DataSpaceClient) -> None:
    data_space.post("products", [product("A"), product(""), product("C", deleted="no")])

    nameless, wrong = data_space.lines("/rejected")
    assert (nameless["index"], nameless["key"], nameless["identity"]) == (1, None, None)
    assert nameless["item"]["sku"] == ""
    assert [error["pointer"] for error in nameless["errors"]] == ["/sku"]
    assert wrong["identity"] == {"sku": "C", "storeViewCode": "default"}
    assert wrong["key"]


def test_data_space_in_record_mode_refuses_nothing(service: RunningService) -> None:
    data_space = service.data_space(mode="record")

    answer = data_space.post("products", [{"no": "name"}, 7, product("A")])

    lines = data_space.received()
    assert answer.json() == {"feedItemReceivedCount": 3, "invalidFeedItems": []}
    assert [line["identity"] for line in lines if line["identity"]] == [
        {"sku": "A", "storeViewCode": "default"}
    ]
    assert all(line["key"] == line["hash"] for line in lines if not line["identity"])


def test_nameless_item_that_comes_again_is_the_same_item(service: RunningService) -> None:
    data_space = service.data_space(mode="record")

    for _ in range(2):
        data_space.post("products", [{"no": "name"}])

    [line] = data_space.received()
    assert line["versions"] == 2


def test_data_spaces_do_not_see_each_other(service: RunningService) -> None:
    first, second = service.data_space(), service.data_space()

    first.post("products", [product("A")])

    assert len(first.received()) == 1
    assert second.received() == []


def test_batch_of_many_items_is_listed_in_full(data_space: DataSpaceClient) -> None:
    batch = [product(f"SKU, {number}/ü", sortOrder="1", price=1e2) for number in range(250)]
    body = gzip.compress(json.dumps(batch, ensure_ascii=False, indent=1).encode())

    answer = data_space.post("products", body, headers={"Content-Encoding": "gzip"})

    assert answer.status == 200
    assert len(data_space.received("?payload=1")) == 250


def test_requests_at_the_same_time_are_all_recorded(data_space: DataSpaceClient) -> None:
    batch = [product(f"S-{number}") for number in range(20)]

    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(lambda _: data_space.post("products", batch), range(24)))

    assert {answer.status for answer in answers} == {200}
    assert {line["versions"] for line in data_space.received()} == {24}
    assert len(data_space.requests()) == 24


def test_oldest_requests_are_forgotten_but_current_items_are_not(tmp_path: Path) -> None:
    with running(config(tmp_path, journal_size=5)) as service:
        data_space = service.data_space()
        data_space.post("products", [product("stays", name="as it came")])
        for number in range(12):
            data_space.post("products", [product("moves", name=str(number))])

        lines = data_space.received("?payload=1")
        journal = data_space.requests()

    names = sorted(line["item"]["name"] for line in lines)
    assert names == ["11", "as it came"]
    assert len(journal) == 6
    assert [line["versions"] for line in lines if line["item"]["sku"] == "moves"] == [12]


def test_unchanged_content_in_a_later_request_is_a_resend(data_space: DataSpaceClient) -> None:
    same, other = product("A", name="Bag"), product("A", name="Tote")

    for batch in ([same, same], [same, other], [same], [same], [same | {"deleted": True}]):
        data_space.post("products", batch)

    [line] = data_space.received()
    assert (line["versions"], line["repeats"], line["resends"]) == (7, 2, 2)


def test_a_new_time_alone_makes_no_new_content(data_space: DataSpaceClient) -> None:
    for second in range(3):
        data_space.post("products", [product("A", modifiedAt=f"2026-11-22 10:00:0{second}")])

    [line] = data_space.received()
    assert line["resends"] == 2
