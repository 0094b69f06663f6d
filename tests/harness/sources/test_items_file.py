"""Files of items as either side: lines, documents, lines that say their feed."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from mcs.contract.canonical import content_hash
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.harness.errors import CouldNotTell
from mcs.harness.findings import findings_of
from mcs.harness.sources.opening import open_received, open_sent
from tests.harness.sides import PRICES, deletion, identity_of, price
from tests.harness.sources.written import ndjson, received_lines, rejected_lines, sent_lines

WEBSITE = {"website": {"websiteId": "1"}, "updatedAt": None}
GROUP = {"customerGroup": {"customerGroupId": "2"}, "updatedAt": None}


def skus(lines: list[dict[str, Any]]) -> list[str]:
    return sorted(line["identity"]["sku"] for line in lines)


FORMS: dict[str, tuple[bytes, str]] = {
    "lines": (ndjson(price("A"), price("B")), "prices.ndjson"),
    "gzip": (gzip.compress(ndjson(price("A"), price("B"))), "prices.ndjson.gz"),
    "array": (json.dumps([price("A"), price("B")]).encode(), "prices.json"),
    "pretty": (json.dumps([price("A"), price("B")], indent=4).encode(), "prices.json"),
    "with-feed": (ndjson(*({"feed": "prices", "item": price(s)} for s in "AB")), "x.ndjson"),
    "as-logged": (ndjson({"feed": "prices", "data": [price("A"), price("B")]}), "x.json"),
    "windows": (ndjson(price("A"), price("B")).replace(b"\n", b"\r\n"), "prices.jsonl"),
}


@pytest.mark.parametrize("form", FORMS)
def test_items_are_read_in_every_form_and_found_again(tmp_path: Path, form: str) -> None:
    text, name = FORMS[form]
    (tmp_path / name).write_bytes(text)

    with open_sent(str(tmp_path / name)) as side:
        lines = sent_lines(side, tmp_path)
        items = side.items(PRICES, [line["locator"] for line in lines])

    assert skus(lines) == ["A", "B"]
    assert {line["hash"] for line in lines} == {content_hash(PRICES, price("A"))} | {
        content_hash(PRICES, price("B"))
    }
    assert {line["status"] for line in lines} == {200}
    assert sorted(item["sku"] for item in items.values()) == ["A", "B"]


def test_a_named_feed_comes_before_the_files_name(tmp_path: Path) -> None:
    (tmp_path / "products.ndjson").write_bytes(ndjson(price("A")))

    with open_sent(str(tmp_path / "products.ndjson"), feeds=[PRICES]) as side:
        assert [line["identity"] for line in sent_lines(side, tmp_path)] == [identity_of("A")]


def test_items_of_feeds_that_share_a_route_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "scopesWebsite.ndjson").write_bytes(ndjson(WEBSITE, GROUP))

    with open_sent(str(tmp_path / "scopesWebsite.ndjson")) as side:
        lines = sent_lines(side, tmp_path)

    assert [line["feed"] for line in lines] == ["scopesCustomerGroup", "scopesWebsite"]


def test_the_last_item_of_an_identity_counts_on_both_sides(tmp_path: Path) -> None:
    path = tmp_path / "prices.ndjson"
    path.write_bytes(ndjson(price("A", 1), deletion(PRICES, price("A"))))

    with open_sent(str(path)) as sent, open_received(str(path)) as received:
        [told], [held] = sent_lines(sent, tmp_path), received_lines(received, tmp_path)

    assert (told["deleted"], held["deleted"]) == (True, True)
    assert (told["key"], told["hash"]) == (held["key"], held["hash"])


def test_items_without_identity_and_unknown_feeds_are_findings_on_both_sides(
    tmp_path: Path,
) -> None:
    path = tmp_path / "prices.ndjson"
    path.write_bytes(ndjson({"sku": "A"}, {"feed": "orders", "item": {}}, price("B")))

    with open_sent(str(path)) as sent, open_received(str(path)) as received:
        lines = [*sent_lines(sent, tmp_path), *received_lines(received, tmp_path)]
        told = [str(finding) for finding in findings_of(sent, received)]

    assert skus(lines) == ["A", "A", "B", "B"]
    assert {line["key"][:8] for line in lines if line["identity"] == {"sku": "A"}} == {"unnamed "}
    assert len(told) == 4
    assert "line 1, byte 0: prices: an item without a usable customerGroupCode" in told[0]
    assert 'line 2, byte 13: feed "orders" is not known' in told[1]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ndjson(price("A")) + b'{"sku": \n' + ndjson(price("B")), r"line 2, byte \d+: a line"),
        (ndjson(price("A"), price("B"))[:-9], r"line 2, byte \d+: a line that is no JSON"),
        (ndjson(price("A")) + b"7\n" + ndjson(price("B")), r"line 2, byte \d+: .*no JSON object"),
        (gzip.compress(ndjson(price("A"), price("B")))[:-9], "gzip stream is damaged"),
    ],
    ids=["middle", "end", "no-object", "gzip"],
)
@pytest.mark.parametrize("is_sent", [True, False], ids=["sent", "received"])
def test_what_cannot_be_read_is_told_unless_that_is_allowed(
    tmp_path: Path, text: bytes, told: str, is_sent: bool
) -> None:
    path = tmp_path / "prices.ndjson"
    path.write_bytes(text)

    with pytest.raises(CouldNotTell, match=told):
        read(path, is_sent=is_sent)
    lines, findings = read(path, is_sent=is_sent, lenient=True)

    assert set(skus(lines)) <= {"A", "B"}
    assert len(findings) == 1


def read(path: Path, *, is_sent: bool, **options: Any) -> tuple[list[dict[str, Any]], list[str]]:
    if is_sent:
        with open_sent(str(path), **options) as sent:
            return sent_lines(sent, path.parent), [*map(str, findings_of(sent))]
    with open_received(str(path), **options) as received:
        return received_lines(received, path.parent), [*map(str, findings_of(received))]


def test_a_broken_document_is_told_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "prices.json"
    path.write_bytes(json.dumps([price("A")], indent=1).encode()[:-4])

    with pytest.raises(CouldNotTell, match="line 9"):
        read(path, is_sent=True)


def test_items_whose_feed_nobody_says_are_wrong_usage(tmp_path: Path) -> None:
    path = tmp_path / "items.ndjson"
    path.write_bytes(ndjson(price("A")))

    with pytest.raises(UsageError, match="which feed are its items of"):
        read(path, is_sent=True)


def test_a_plain_file_holds_no_refusals_but_its_items(tmp_path: Path) -> None:
    path = tmp_path / "prices.ndjson"
    path.write_bytes(ndjson(price("A")))

    with open_received(str(path)) as side:
        [line] = received_lines(side, tmp_path)
        [version] = side.versions("prices", line["key"])
        assert rejected_lines(side, tmp_path) == []
        assert side.versions("prices", "0" * 40) == []

    assert version.item == price("A")
    assert version.hash == line["hash"]
    assert set(FEEDS) >= {line["feed"]}
