"""What a customer can send becomes a case; what could not be read is told."""

import gzip
import json
from pathlib import Path
from typing import Any

import orjson
import pytest

from mcs.contract.canonical import content_hash, identity_key
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.harness.cases import archive
from mcs.harness.cases.importing import Import, import_files
from mcs.harness.cases.requests import parsed_request
from tests.harness.logs.lines import failure, log_line, payload, progress
from tests.harness.sides import price
from tests.harness.sources.test_har import entry

ITEMS = [price("A"), price("B"), price("C")]


def imported(folder: Path, *places: Path, **options: Any) -> Import:
    target = folder / "case"
    target.mkdir()
    return import_files([str(place) for place in places], target, **options)


def requests(folder: Path) -> list[Any]:
    lines = (folder / "case" / archive.REQUESTS).read_bytes().splitlines()
    return sorted((parsed_request(line, "") for line in lines), key=lambda one: one.number)


def written(path: Path, *parts: bytes) -> Path:
    path.write_bytes(b"".join(parts))
    return path


def test_each_logged_batch_is_a_request(tmp_path: Path) -> None:
    log = written(
        tmp_path / "saas-export.log", payload("prices", ITEMS), payload("prices", [ITEMS[0]])
    )

    done = imported(tmp_path, log)

    first, second = requests(tmp_path)
    assert (first.batch(), second.batch()) == (ITEMS, [ITEMS[0]])
    assert first.route == "feeds/products/v1/prices"
    assert done.case.counts["requests"] == 2
    assert done.findings == ()


def test_rotated_and_packed_logs_come_in_the_order_of_time(tmp_path: Path) -> None:
    old = payload("prices", [price("OLD")], at="2026-11-21T10:00:00+00:00")
    (tmp_path / "saas-export.log.1.gz").write_bytes(gzip.compress(old))
    written(tmp_path / "saas-export.log", payload("prices", [price("NEW")]))

    imported(tmp_path, tmp_path)

    assert [one.batch()[0]["sku"] for one in requests(tmp_path)] == ["OLD", "NEW"]


def test_a_failure_is_tied_to_its_request_and_done_again(tmp_path: Path) -> None:
    failed = {"1": {"message": "Not a valid number.", "field": "regular", "status": 1}}
    log = written(
        tmp_path / "saas-export.log",
        payload("prices", ITEMS),
        failure("prices", failedItems=failed, metadata=["r-7"]),
    )

    done = imported(tmp_path, log)

    [request] = requests(tmp_path)
    [event] = request.events
    assert (request.request_id, request.status) == ("r-7", 400)
    assert (event.action, event.index, event.parameters["pointer"]) == ("reject", 1, "/regular")
    assert str(done.case.symptom) == "refused prices"
    [line] = map(orjson.loads, (tmp_path / "case/log.ndjson").read_bytes().splitlines())
    assert line["requests"] == [1]


@pytest.mark.parametrize(
    ("reason", "status", "action", "symptom"),
    [
        ("Too Many Requests", 2, "answer", "answer 429"),
        ("Service Unavailable", 2, "answer", "answer 503"),
        ("cURL error 28", 2, "close", "answer cut"),
        ("Bad Request", 400, "answer", "answer 400"),
    ],
)
def test_a_request_that_was_turned_away_is_turned_away_again(
    tmp_path: Path, reason: str, status: int, action: str, symptom: str
) -> None:
    log = written(
        tmp_path / "saas-export.log",
        payload("prices", ITEMS),
        failure("prices", status_code=status, reason=reason),
    )

    done = imported(tmp_path, log)

    [request] = requests(tmp_path)
    assert [event.action for event in request.events] == [action]
    assert str(done.case.symptom) == symptom


def test_processed_and_synced_are_explained_by_the_requests(tmp_path: Path) -> None:
    sent = written(
        tmp_path / "saas-export.log",
        payload("prices", ITEMS),
        failure("prices", status_code=2, reason="Too Many Requests"),
    )
    told = written(
        tmp_path / "commerce-data-export.log",
        progress("prices", "Initialize"),
        progress("prices", "Progress 1/1, processed 500, synced 100"),
        progress("prices", "Complete"),
    )

    done = imported(tmp_path, sent, told)

    [one] = done.explanations
    assert one.requests == [1]
    assert str(one) == (
        "prices, full sync: processed 500, synced 100: 1 requests carried 3 items; 3 of them "
        "failed: 3 × Too Many Requests; 497 were left out, since their content had not changed "
        "since they were sent"
    )


def test_a_feed_table_tells_the_request_of_a_batch(tmp_path: Path) -> None:
    log = written(tmp_path / "saas-export.log", payload("prices", [ITEMS[0]]))
    feed = FEEDS["prices"]
    row = {
        "id": "1",
        "feed_id": identity_key(feed, ITEMS[0]),
        "feed_data": json.dumps(ITEMS[0]).replace('"', '""'),
        "feed_hash": content_hash(feed, ITEMS[0]),
        "is_deleted": "0",
        "modified_at": "2026-11-22 10:00:00",
        "status": "200",
        "errors": "",
        "metadata": '[""r-from-table""]',
    }
    header = ",".join(["id", "source_entity_id", *list(row)[1:]])
    values = ",".join(f'"{value}"' for value in [row["id"], "1", *list(row.values())[1:]])
    table = written(tmp_path / "cde_product_prices_feed.csv", f"{header}\n{values}\n".encode())

    imported(tmp_path, log, table)

    assert [one.request_id for one in requests(tmp_path)] == ["r-from-table"]


def test_an_archive_keeps_its_bodies_and_headers(tmp_path: Path) -> None:
    recorded = entry(*ITEMS, status=503)
    recorded["request"]["headers"] = [
        {"name": "X-Request-Id", "value": "r-9"},
        {"name": "x-api-key", "value": "very-secret-key"},
        {"name": "User-Agent", "value": "shop"},
    ]
    path = tmp_path / "shop.har"
    path.write_text(json.dumps({"log": {"entries": [recorded]}}))

    imported(tmp_path, path)

    [request] = requests(tmp_path)
    assert request.body.decode() == json.dumps(ITEMS)
    assert (request.request_id, request.status) == ("r-9", 503)
    assert request.headers == {"X-Request-Id": "r-9", "User-Agent": "shop"}
    assert [event.action for event in request.events] == ["answer"]


def test_around_mere_items_requests_are_made_up_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "prices.ndjson"
    path.write_bytes(
        b"".join(orjson.dumps({"feed": "prices", "item": one}) + b"\n" for one in ITEMS)
    )

    done = imported(tmp_path, path)

    assert [one.batch() for one in requests(tmp_path)] == [ITEMS]
    assert "no request is known; 1 were made up" in done.case.notes[0]


def test_what_cannot_be_read_is_counted_and_said(tmp_path: Path) -> None:
    whole = payload("prices", ITEMS)
    log = written(tmp_path / "saas-export.log", b"    rest of a line\n", whole, whole[:-40])

    done = imported(tmp_path, log)

    told = [str(finding) for finding in done.findings]
    assert len(told) == 2
    assert "line 1, byte 0: no log line" in told[0]
    assert "breaks off" in told[1]
    assert done.case.counts["unread"] == 2
    assert [one.batch() for one in requests(tmp_path)] == [ITEMS]


def test_a_log_in_utf_16_is_read(tmp_path: Path) -> None:
    log = written(tmp_path / "saas-export.log", payload("prices", ITEMS).decode().encode("utf-16"))

    imported(tmp_path, log)

    assert [one.batch() for one in requests(tmp_path)] == [ITEMS]


@pytest.mark.parametrize("encoding", ["utf-32", "cp037"])
def test_a_log_in_an_encoding_that_nobody_can_tell_is_refused(
    tmp_path: Path, encoding: str
) -> None:
    text = payload("prices", ITEMS).decode()
    log = written(tmp_path / "saas-export.log", text.encode(encoding))

    with pytest.raises(UsageError, match="in another encoding"):
        imported(tmp_path, log)


@pytest.mark.parametrize(("name", "text"), [("saas-export.log", b""), ("dump.sql", b"SELECT 1;")])
def test_files_that_tell_nothing_are_refused(tmp_path: Path, name: str, text: bytes) -> None:
    file = written(tmp_path / name, text)

    with pytest.raises(UsageError, match=f"{name}: nothing in there tells what was sent"):
        imported(tmp_path, file)


def test_secrets_in_a_log_do_not_enter(tmp_path: Path) -> None:
    token = "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjE3NjM4Mzg5NzB9.c2lnbmF0dXJl"
    headers = {"x-api-key": ["0123456789abcdef"], "x-gw-signature": token}
    log = written(
        tmp_path / "saas-export.log",
        payload("prices", ITEMS),
        failure("prices", headers=headers),
        log_line(f"the token was {token}", "WARNING"),
    )

    imported(tmp_path, log)

    texts = [path.read_bytes() for path in (tmp_path / "case").rglob("*") if path.is_file()]
    assert not any(token.encode() in text or b"0123456789abcdef" in text for text in texts)


def test_two_imports_of_the_same_files_are_equal(tmp_path: Path) -> None:
    log = written(tmp_path / "saas-export.log", payload("prices", ITEMS))
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    imported(tmp_path / "a", log)
    imported(tmp_path / "b", log)

    first, second = ((tmp_path / name / "case" / archive.REQUESTS).read_bytes() for name in "ab")
    assert first == second


def test_a_log_that_was_cut_is_told_as_such(tmp_path: Path) -> None:
    whole = payload("prices", [price(f"S{number}", number * 1.37) for number in range(3_000)])
    cut = written(tmp_path / "saas-export.log", whole[: len(whole) // 2])
    packed = gzip.compress(whole + whole)
    cut_packed = written(tmp_path / "saas-export.log.1.gz", packed[: len(packed) // 4])
    nothing_left = written(tmp_path / "saas-export.log.2.gz", packed[:12])

    with pytest.raises(UsageError, match=r"export\.log: it breaks off within its first entry"):
        imported(tmp_path, cut)
    for number, (log, told) in enumerate(
        [(cut_packed, "breaks off within its first entry"), (nothing_left, "gzip stream ends")]
    ):
        folder = tmp_path / str(number)
        folder.mkdir()
        with pytest.raises(UsageError, match=told):
            imported(folder, log)
