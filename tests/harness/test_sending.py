"""Sending as a small client: what goes over the wire, and what is made of the answers."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mcs.contract.canonical import Item
from mcs.contract.errors import UsageError
from mcs.contract.signature import key_pair
from mcs.harness.errors import CouldNotTell
from mcs.harness.send import BatchResult, send
from tests.harness.sides import PRICES, DataSpace, identity_of, price


def in_order(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(lines, key=lambda line: str(line["identity"]))


@pytest.mark.parametrize("packed", [True, False], ids=["gzip", "plain"])
def test_items_arrive_in_signed_batches(data_space: DataSpace, packed: bool) -> None:
    items = [price(f"p{n}") for n in range(5)]

    results = send(items, PRICES, data_space.credentials, batch_size=2, gzip=packed)

    assert [(result.first_index, result.accepted) for result in results] == [(0, 2), (2, 2), (4, 1)]
    assert [line["item"] for line in in_order(data_space.client.received("?payload=1"))] == items
    newest, *_ = data_space.client.requests()
    headers = {name.lower(): value for name, value in newest["headers"].items()}
    assert newest["request_id"] == results[-1].request_id
    assert headers["content-type"] == "application/json"
    assert headers.get("content-encoding") == ("gzip" if packed else None)


def test_each_batch_is_told_as_it_is_done(data_space: DataSpace) -> None:
    told: list[BatchResult] = []

    results = send(
        map(price, "AB"), PRICES, data_space.credentials, batch_size=1, on_batch=told.append
    )

    assert told == results


def test_refused_items_are_named_by_index_and_identity(data_space: DataSpace) -> None:
    items: list[Any] = [price("A"), price("B"), {**price("C"), "regular": "12,50"}, 7]

    first, second = send(items, PRICES, data_space.credentials, batch_size=2)

    assert (first.accepted, first.refused) == (2, [])
    assert (second.accepted, second.unconfirmed) == (0, 0)
    [(index, identity, outcome), (last, nobody, _)] = second.refused
    assert (index, identity) == (2, identity_of("C"))
    assert outcome.error == '/regular is not a number, got "12,50".'
    assert (last, nobody) == (3, {})


def test_items_that_share_a_refused_batch_are_unconfirmed(data_space: DataSpace) -> None:
    items: list[Item] = [price("A"), {**price("B"), "regular": "12,50"}]

    [result] = send(items, PRICES, data_space.credentials)

    assert (result.http_status, result.accepted, result.unconfirmed) == (400, 0, 1)
    assert [index for index, _, _ in result.refused] == [1]


def test_a_wrong_key_is_turned_away_in_the_services_words(data_space: DataSpace) -> None:
    stranger = replace(data_space.credentials, private_key=key_pair()[0])

    with pytest.raises(CouldNotTell, match=r"401 Unauthorized: JWT is invalid .*credentials"):
        send([price("A")], PRICES, stranger)


def test_a_key_that_is_none_is_wrong_usage(data_space: DataSpace) -> None:
    with pytest.raises(UsageError, match="private key"):
        send([price("A")], PRICES, replace(data_space.credentials, private_key="none"))


def test_a_service_that_is_away_is_told(data_space: DataSpace) -> None:
    with pytest.raises(CouldNotTell, match=r"no answer from http://127\.0\.0\.1:9/feeds/"):
        send([price("A")], PRICES, data_space.credentials, "http://127.0.0.1:9/")


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        ("302 Found", "Send again"),
        ("413 Payload Too Large", "--batch-size"),
        ("429 Too Many Requests", "Send again later"),
        ("503 Service Unavailable", "Send again when"),
    ],
)
def test_an_answer_that_judges_no_items_ends_the_sending(
    data_space: DataSpace, canned: Callable[[bytes], str], status: str, advice: str
) -> None:
    url = canned(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())

    with pytest.raises(CouldNotTell, match=f"answered {status[:3]} .*before index 0.*{advice}"):
        send([price("A")], PRICES, data_space.credentials, url)
