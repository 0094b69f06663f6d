"""An HTTP archive as a sent side: whatever recorded it, and however bodies are written in it."""

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from mcs.contract.errors import UsageError
from mcs.harness.diff import diff
from mcs.harness.errors import CouldNotTell
from mcs.harness.findings import findings_of
from mcs.harness.sources.opening import open_received, open_sent
from tests.harness.sides import PRICES, price
from tests.harness.sources.written import sent_lines

SPACE = "3f1c7e1e-0000-4000-8000-000000000001"
OTHER_SPACE = "3f1c7e1e-0000-4000-8000-000000000002"
ROUTE = "feeds/products/v1/prices"


def body_text(items: list[Any]) -> dict[str, str]:
    return {"text": json.dumps(items)}


def zipped_base64(items: list[Any]) -> dict[str, str]:
    body = gzip.compress(json.dumps(items).encode())
    return {"text": base64.b64encode(body).decode(), "encoding": "base64"}


def zipped_base64_unmarked(items: list[Any]) -> dict[str, str]:
    return {"text": zipped_base64(items)["text"]}


def zipped_letters(items: list[Any]) -> dict[str, str]:
    return {"text": gzip.compress(json.dumps(items).encode()).decode("latin-1")}


def entry(
    *items: Any,
    body: Any = body_text,
    status: int = 200,
    answer: Any = None,
    space: str = SPACE,
    route: str = ROUTE,
    at: str = "2026-11-22T10:00:00.000Z",
    method: str = "POST",
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    """One recorded request with its answer."""
    text = base64.b64encode(json.dumps(answer or {}).encode()).decode()
    return {
        "startedDateTime": at,
        "request": {
            "method": method,
            "url": f"https://gateway.example/base/{route}/{space}?x=1",
            "headers": [
                {"name": name, "value": value}
                for name, value in {"X-Request-ID": "r-9", **(headers or {})}.items()
            ],
            "postData": {"mimeType": "application/json", **body(list(items))},
        },
        "response": {
            "status": status,
            "headers": [],
            "content": {"text": text, "encoding": "base64"},
        },
    }


def read(folder: Path, *entries: Any, **options: Any) -> tuple[list[dict[str, Any]], list[str]]:
    path = folder / "recorded.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": entries}}), "utf-8")
    with open_sent(str(path), **options) as side:
        return sent_lines(side, folder), [*map(str, findings_of(side))]


def statuses(lines: list[dict[str, Any]]) -> dict[str, int]:
    return {line["identity"]["sku"]: line["status"] for line in lines}


@pytest.mark.parametrize("body", [body_text, zipped_base64, zipped_base64_unmarked, zipped_letters])
def test_bodies_are_read_however_they_were_recorded(tmp_path: Path, body: Any) -> None:
    lines, findings = read(tmp_path, entry(price("Ä"), body=body))
    with open_sent(str(tmp_path / "recorded.har")) as side:
        items = side.items(PRICES, [line["locator"] for line in lines])

    assert (statuses(lines), findings) == ({"Ä": 200}, [])
    assert [line["request_id"] for line in lines] == ["r-9"]
    assert list(items.values()) == [price("Ä")]


def test_the_answer_gives_each_item_its_status(tmp_path: Path) -> None:
    refused = {"invalidFeedItems": [{"field": "/1/regular", "message": "no"}]}

    lines, _ = read(tmp_path, entry(price("A"), price("B"), status=400, answer=refused))

    assert statuses(lines) == {"A": 400, "B": 1}


@pytest.mark.parametrize(("status", "stored"), [(503, 2), (202, 2), (0, 2), (200, 200)])
def test_other_answers_are_kept_as_an_exporter_keeps_them(
    tmp_path: Path, status: int, stored: int
) -> None:
    lines, _ = read(tmp_path, entry(price("A"), status=status))

    assert statuses(lines) == {"A": stored}


def test_the_last_request_that_was_sent_counts_not_the_last_recorded(tmp_path: Path) -> None:
    later = entry(price("A", 2), at="2026-11-22T11:00:00.000Z", status=503)

    lines, _ = read(tmp_path, later, entry(price("A", 1)))

    assert statuses(lines) == {"A": 2}


def test_other_requests_do_not_count(tmp_path: Path) -> None:
    others = [
        entry(price("B"), method="GET"),
        entry(price("C"), route="merchant-registry/v1/ping"),
        entry(price("D"), space="no-uuid"),
        {},
    ]

    lines, _ = read(tmp_path, entry(price("A")), *others)

    assert statuses(lines) == {"A": 200}
    with pytest.raises(CouldNotTell, match="none of its 4 requests went to an ingest route"):
        read(tmp_path, *others)


def test_a_body_that_was_not_recorded_is_told_unless_that_is_allowed(tmp_path: Path) -> None:
    entries = (entry(price("A")), entry(body=lambda _: {}))

    with pytest.raises(CouldNotTell, match="entry 1: a request whose body was not recorded"):
        read(tmp_path, *entries)
    lines, findings = read(tmp_path, *entries, lenient=True)

    assert (statuses(lines), len(findings)) == ({"A": 200}, 1)


def test_archives_of_several_data_spaces_are_refused_until_one_is_picked(tmp_path: Path) -> None:
    entries = (entry(price("A")), entry(price("B"), space=OTHER_SPACE))

    with pytest.raises(UsageError, match="mixes data spaces"):
        read(tmp_path, *entries)

    assert statuses(read(tmp_path, *entries, data_space_id=SPACE)[0]) == {"A": 200}
    assert statuses(read(tmp_path, *entries, mixed=True)[0]) == {"A": 200, "B": 200}


def test_an_archive_that_breaks_off_is_told(tmp_path: Path) -> None:
    path = tmp_path / "broken.har"
    path.write_text(json.dumps({"log": {"entries": [entry(price("A"))]}})[:-9])

    with (
        pytest.raises(CouldNotTell, match="no whole HTTP archive"),
        open_sent(str(path)) as side,
    ):
        sent_lines(side, tmp_path)


COMMERCE = "Magento Services Connector (Magento: Community 2.4.7)"


@pytest.mark.parametrize(
    ("headers", "is_of_commerce"),
    [
        ({}, False),
        ({"User-Agent": "python-requests/2.32"}, False),
        ({"user-agent": COMMERCE}, True),
        ({"Service-Connector-Metadata": ""}, True),
    ],
    ids=["unsaid", "other", "connector", "metadata"],
)
@pytest.mark.parametrize(
    ("status", "request_id"), [(200, "r-lost"), (503, "r-away"), (429, "r-many"), (404, "r-where")]
)
def test_commands_of_commerce_are_advised_only_where_requests_show_that_it_sent_them(
    tmp_path: Path, headers: dict[str, str], is_of_commerce: bool, status: int, request_id: str
) -> None:
    recorded = entry(price("A"), status=status, headers={**headers, "X-Request-ID": request_id})
    path = tmp_path / "recorded.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": [recorded]}}), "utf-8")
    received = tmp_path / "received.ndjson"
    received.write_text("")

    with open_sent(str(path)) as sent, open_received(str(received)) as side:
        [found] = diff(sent, side).discrepancies

    assert ("bin/magento" in found.explanation) == is_of_commerce
    assert request_id in found.explanation
