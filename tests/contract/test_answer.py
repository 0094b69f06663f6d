"""How an answer is written, and what a genuine exporter makes of it."""

import orjson
import pytest

from mcs.contract.answer import ErrorShape, ItemError, answer_body, read_answer

REFUSED = [
    ItemError(1, "/regular", "invalid_type", "regular is not a number"),
    ItemError(1, "/type", "invalid_choice", "type is unheard of"),
    ItemError(3, "", "invalid_type", "the item is not an object"),
]


@pytest.mark.parametrize("shape", list(ErrorShape), ids=str)
@pytest.mark.parametrize("status", [200, 400])
def test_the_items_named_as_refused_are_read_back_as_failed(status: int, shape: ErrorShape) -> None:
    body = answer_body(4, REFUSED, shape)

    outcomes = read_answer(status, body, 4)

    assert [int(outcome.status) for outcome in outcomes] == [status, 1, status, 1]
    assert outcomes[1].error == "regular is not a number"


def test_unnamed_items_of_a_refused_batch_keep_its_400_without_a_text() -> None:
    outcomes = read_answer(400, answer_body(4, REFUSED, ErrorShape.FIELD), 4)

    assert (outcomes[0].status, outcomes[0].error) == (400, "")


def test_items_beyond_the_limit_are_to_be_retried() -> None:
    entry = {"itemIndex": 1, "code": "items_limit_exceeded", "message": "too many"}

    outcomes = read_answer(400, orjson.dumps({"invalidFeedItems": [entry]}), 2)

    assert [int(outcome.status) for outcome in outcomes] == [400, 2]


@pytest.mark.parametrize(
    "stray",
    [{"field": "/0", "message": "x"}, {"message": "x"}, "text", {"itemIndex": True, "code": "c"}],
    ids=["short-path", "neither", "no-object", "no-index"],
)
def test_one_entry_of_neither_shape_makes_all_void(stray: object) -> None:
    good = {"field": "/1/sku", "message": "no"}

    outcomes = read_answer(200, orjson.dumps({"invalidFeedItems": [good, stray]}), 2)

    assert [int(outcome.status) for outcome in outcomes] == [200, 200]


@pytest.mark.parametrize(
    ("status", "stored"),
    [(200, 200), (201, 2), (202, 2), (204, 2), (302, 2), (400, 400)]
    + [(status, 2) for status in (401, 403, 404, 413, 429, 500, 503)],
)
@pytest.mark.parametrize("body", [b"", b"not json", b"[]", b'{"success": true}'], ids=repr)
def test_the_http_status_decides_where_no_item_is_named(
    status: int, stored: int, body: bytes
) -> None:
    [outcome] = read_answer(status, body, 1)

    assert outcome.status == stored


def test_the_reason_phrase_is_the_error_that_users_see() -> None:
    [outcome] = read_answer(429, b"<html>", 1)

    assert outcome.error == "Too Many Requests"
