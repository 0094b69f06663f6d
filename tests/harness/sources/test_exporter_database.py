"""The reader of the sent side: feed tables in whatever database an exporter has."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from mcs.contract.canonical import content_hash, identity_key
from mcs.contract.feeds import FEEDS
from mcs.harness.errors import CouldNotTell
from mcs.harness.sources.exporter_database import opened
from tests.harness.sides import MODIFIED_AT, PRICES, Exporter, identity_of, price


def lines(place: str | Path, folder: Path) -> list[dict[str, Any]]:
    path = folder / "sent.ndjson"
    with opened(place) as sent:
        sent.write_sent(tuple(FEEDS.values()), path)
    return [orjson.loads(line) for line in path.read_bytes().splitlines()]


def test_a_row_becomes_a_line_with_identity_and_key(exporter: Exporter, tmp_path: Path) -> None:
    exporter.note(price("A"), status=2, errors="Bad Gateway", request_id="r-7")

    [line] = lines(exporter.path, tmp_path)

    assert line == {
        "feed": "prices",
        "locator": "1",
        "key": identity_key(PRICES, price("A")),
        "identity": identity_of("A"),
        "hash": content_hash(PRICES, price("A")),
        "deleted": False,
        "modified_at": MODIFIED_AT,
        "status": 2,
        "errors": "Bad Gateway",
        "request_id": "r-7",
    }


def test_a_feed_without_a_table_was_never_exported(exporter: Exporter, tmp_path: Path) -> None:
    assert lines(exporter.path, tmp_path) == []


def test_a_database_may_be_named_by_url(exporter: Exporter, tmp_path: Path) -> None:
    exporter.note(price("A"))

    [line] = lines(f"sqlite+pysqlite:///{exporter.path}", tmp_path)

    assert line["identity"] == identity_of("A")


@pytest.mark.parametrize("feed_data", ["", "no JSON", "[]", "{}", '{"sku": ""}', None])
def test_a_row_that_does_not_name_its_item_keeps_its_feed_id(
    exporter: Exporter, tmp_path: Path, feed_data: str | None
) -> None:
    row = {"feed_id": "ABC", "feed_data": feed_data, "status": 200, "metadata": "no JSON"}
    exporter.insert(PRICES, row)

    [line] = lines(exporter.path, tmp_path)

    assert (line["key"], line["identity"], line["request_id"]) == ("abc", {}, None)


def test_only_whole_items_are_taken_as_kept(exporter: Exporter) -> None:
    exporter.note(price("A"), keep=True)
    exporter.note(price("B"))
    exporter.insert(PRICES, {"feed_id": "c", "feed_data": "no JSON", "feed_hash": "0"})

    with opened(exporter.path) as sent:
        kept = sent.items(PRICES, ["1", "2", "3"])

    assert kept == {"1": price("A")}


def test_a_table_with_other_columns_is_told(exporter: Exporter, tmp_path: Path) -> None:
    exporter.execute(f"create table {PRICES.table} (id integer, feed_id text)")

    with pytest.raises(CouldNotTell, match="it has no column feed_data, feed_hash"):
        lines(exporter.path, tmp_path)


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("{folder}/away.sqlite", "there is no such file"),
        ("{folder}", "there is no such file"),
        ("{folder}/text", "file is not a database"),
        ("sqlite:///{folder}/away/x.sqlite", "unable to open database file"),
        ("nosuch://shop", "nosuch"),
        ("://", "Could not parse"),
    ],
    ids=["away", "folder", "text", "url-away", "unknown-database", "no-url"],
)
def test_a_database_that_cannot_be_read_is_told_why(
    tmp_path: Path, place: str, reason: str
) -> None:
    (tmp_path / "text").write_text("This is a text and no database at all.\n" * 100)

    with pytest.raises(CouldNotTell, match=reason) as told:
        lines(place.format(folder=tmp_path), tmp_path)

    assert "--commerce" in str(told.value)
    assert not (tmp_path / "away.sqlite").exists()


def test_a_password_is_not_told(tmp_path: Path) -> None:
    with pytest.raises(CouldNotTell) as told:
        lines("nosuch://shop:secret@host/db", tmp_path)

    assert "secret" not in str(told.value)
