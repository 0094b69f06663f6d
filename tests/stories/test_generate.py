"""`mcs generate`: a catalog as files, the same from everywhere, whole or in shards."""

import json
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from mcs.cli import cli
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.items import FeedItems
from mcs.fixtures.profile_file import read_profile
from mcs.fixtures.sharding import Shard
from mcs.fixtures.writing import write_items
from mcs.harness.sources.opening import open_sent


def generated(*options: str) -> str:
    return CliRunner().invoke(cli, ["generate", *options], catch_exceptions=False).stdout


def items_of(profile: str, version: int = 0) -> FeedItems:
    return FeedItems(Catalog.of_profile(read_profile(profile)), version)


def test_every_feed_gets_a_file_of_its_items(tmp_path: Path) -> None:
    told = generated("--profile", "coverage", "-o", str(tmp_path))

    assert {path.name for path in tmp_path.iterdir()} == {f"{feed}.ndjson" for feed in FEEDS}
    for feed in FEEDS:
        lines = (tmp_path / f"{feed}.ndjson").read_bytes().splitlines()
        assert lines == list(items_of("coverage").slice(feed))
    assert "items/s" in told


def test_shards_are_disjoint_and_complete(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        document = json.loads(
            generated(
                "--profile",
                "coverage",
                "--feed",
                "prices",
                "--shard",
                f"{number}/3",
                "-o",
                str(tmp_path),
                "--json",
            )
        )
        assert [file["feed"] for file in document["files"]] == ["prices"]

    parts = sorted(tmp_path.iterdir())

    lines = [line for part in parts for line in part.read_bytes().splitlines()]
    assert len(parts) == 3
    assert lines == list(items_of("coverage").slice("prices"))


def test_processes_write_what_one_would(tmp_path: Path) -> None:
    items = items_of("medium")
    shard = Shard(1, 2)
    span = shard.span("prices", items.count("prices"))

    written = list(write_items(items, ["prices"], tmp_path, shard=shard, jobs=2))

    assert sum(part.items for part in written) == span.stop - span.start > 20_000
    lines = [
        line
        for part in sorted(written, key=lambda one: one.path)
        for line in part.path.read_bytes().splitlines()
    ]
    assert lines == list(items.slice("prices", span.start, span.stop))


def test_parquet_is_a_sent_side_with_keys_and_hashes(tmp_path: Path) -> None:
    generated("--profile", "coverage", "--feed", "variants", "--format", "parquet", "-o",
              str(tmp_path))  # fmt: skip
    listed = tmp_path / "sent.ndjson"

    with open_sent(str(tmp_path / "variants.parquet")) as sent:
        sent.write_sent([FEEDS["variants"]], listed)

    rows = {
        (line["key"], line["hash"]) for line in map(orjson.loads, listed.read_bytes().splitlines())
    }
    assert rows == {(row.key, row.hash) for row in items_of("coverage").rows("variants")}


def test_what_changed_is_written_alone(tmp_path: Path) -> None:
    generated("--profile", "coverage", "--version", "3", "--since", "1", "-o", str(tmp_path))

    items = items_of("coverage", version=3)
    for feed in FEEDS:
        lines = (tmp_path / f"{feed}.ndjson").read_bytes().splitlines()
        assert lines == [items.item(feed, index) for index in items.changed(feed, since=1)]


def test_the_commerce_database_is_filled(tmp_path: Path) -> None:
    database = tmp_path / "shop.sqlite"

    told = generated("--profile", "coverage", "--into", "commerce-db", "--commerce", str(database))

    assert told == "The catalog has 128 products now (profile coverage, seed 42).\n"
    assert database.stat().st_size > 100_000


def test_profiles_are_listed() -> None:
    names = [profile["name"] for profile in json.loads(generated("--list", "--json"))]

    assert names[:2] == ["coverage", "small"]
    assert "medium-multi-site" in generated("--list")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ([], "which profile"),
        (["--profile", "small"], "where to"),
        (["--profile", "small", "-o", "x", "--shard", "3/2"], 'shard "3/2": expected one such as'),
        (["--profile", "small", "-o", "x", "--since", "2"], "is not before --version 0"),
        (["--profile", "small", "--into", "commerce-db", "-o", "x"], "Leave out -o"),
        (["--profile", "small", "-o", "/proc/nowhere"], "/proc/nowhere: it cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(options: list[str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        generated(*options)
