"""What a place is: told by prefix, first bytes, content or name."""

import gzip
from pathlib import Path

import pytest

from mcs.contract.errors import UsageError
from mcs.harness.sources.kinds import Kind, kind_of
from mcs.harness.sources.opening import open_received, open_sent
from tests.harness.logs.lines import payload
from tests.harness.sides import PRICES, Exporter, price
from tests.harness.sources.written import sent_lines

ALL = tuple(Kind)
LOG = payload("prices", [price("A")])
HEADER = b"id,feed_id,feed_data,feed_hash,is_deleted,modified_at,status,errors,metadata\n"


@pytest.mark.parametrize(
    ("name", "start", "kind"),
    [
        ("x", b"SQLite format 3\0", Kind.DATABASE),
        ("x", b"PAR1", Kind.PARQUET),
        ("x.csv", LOG, Kind.LOG),
        ("x", gzip.compress(LOG, mtime=0), Kind.LOG),
        ("x", b"junk of a rotation\n" + LOG, Kind.LOG),
        ("x", b'{"log": {"version": "1.2"', Kind.HAR),
        ("x.har", b'{"lo', Kind.HAR),
        ("x.json.gz", gzip.compress(b'{"log":{"entries": []}}', mtime=0)[:-12], Kind.HAR),
        ("x", b'{"sku": "A"}', Kind.NDJSON),
        ("x", gzip.compress(b"[{}]", mtime=0), Kind.NDJSON),
        ("x", HEADER, Kind.CSV),
        ("x", HEADER.replace(b",", b";"), Kind.CSV),
        ("x", b"-- MySQL dump 10", Kind.SQL),
        ("x", b"INSERT INTO `cde_prices` (feed_id, feed_data, feed_hash)", Kind.SQL),
        ("x", b"SET NAMES utf8;\n\nCREATE TABLE a (b int);", Kind.SQL),
        ("saas-export.log.2", b"", Kind.LOG),
        ("x.ndjson.gz", b"", Kind.NDJSON),
    ],
)
def test_a_file_is_known_by_what_is_in_it(
    tmp_path: Path, name: str, start: bytes, kind: Kind
) -> None:
    path = tmp_path / name
    path.write_bytes(start)

    assert kind_of(str(path), ALL, "") == (kind, str(path))


def test_a_prefix_comes_before_what_is_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "x.log").write_bytes(b"")

    assert kind_of(f"har:{tmp_path}/x.log", ALL, "") == (Kind.HAR, f"{tmp_path}/x.log")


@pytest.mark.parametrize("place", ["{folder}/away", "{folder}/text", "http://127.0.0.1:9"])
def test_a_place_that_is_nothing_to_read_from_is_wrong_usage(tmp_path: Path, place: str) -> None:
    (tmp_path / "text").write_text("nothing in particular")

    with pytest.raises(UsageError), open_sent(place.format(folder=tmp_path)):
        pass


@pytest.mark.parametrize("place", ["har:{folder}/x", "parquet:{folder}/away", "http://x"])
def test_what_no_received_side_is_read_from_is_wrong_usage(tmp_path: Path, place: str) -> None:
    with pytest.raises(UsageError), open_received(place.format(folder=tmp_path)):
        pass


def test_of_several_places_the_last_that_knows_an_identity_counts(
    exporter: Exporter, tmp_path: Path
) -> None:
    exporter.note(price("A", 1), status=2, keep=True)
    exporter.note(price("C", 1), keep=True)
    log = tmp_path / "saas-export.log"
    log.write_bytes(payload("prices", [price("B", 2), price("C", 2)]))
    items = tmp_path / "prices.ndjson"
    items.write_text('{"sku": "B", "customerGroupCode": "0", "websiteCode": "base"}')

    with open_sent([str(exporter.path), str(log), str(items)]) as side:
        lines = sent_lines(side, tmp_path)
        kept = side.items(PRICES, [line["locator"] for line in lines])

    assert [line["status"] for line in lines if line["identity"]["sku"] == "A"] == [2]
    regular = {item["sku"]: item.get("regular") for item in kept.values()}
    assert regular == {"A": 1, "B": None, "C": 2}


def test_a_folder_without_logs_is_told_as_a_folder(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match=r"no file in this folder is called saas-export\.log"),
        open_sent(str(tmp_path)),
    ):
        pass
