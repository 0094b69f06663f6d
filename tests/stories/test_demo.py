"""`mcs demo`: a newcomer types one command and watches a catalog travel."""

import json
from pathlib import Path

from tests.stories.shop import Shop

NINE_FEEDS = {
    "productAttributes",
    "products",
    "scopesCustomerGroup",
    "scopesWebsite",
    "prices",
    "productOverrides",
    "variants",
    "categories",
    "categoryPermissions",
}


def test_nine_feeds_end_in_sync_and_a_second_run_repeats_the_content(tmp_path: Path) -> None:
    shop = Shop(tmp_path)

    first = shop.process("demo", "--products", "60", "--json")
    second = shop.process("demo", "--products", "60", "--json")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    document, again = json.loads(first.stdout), json.loads(second.stdout)
    assert set(document["feeds"]) == NINE_FEEDS
    assert document["discrepancies"] == []
    for counts in document["feeds"].values():
        assert counts["sent"] == counts["received"] == counts["in_sync"] > 0
    assert document["feeds"] == again["feeds"]
    assert document["demo"]["digests"] == again["demo"]["digests"]


def test_another_seed_is_another_catalog(tmp_path: Path) -> None:
    shop = Shop(tmp_path)

    one = json.loads(shop.process("demo", "--products", "5", "--json").stdout)
    other = json.loads(shop.process("demo", "--products", "5", "--seed", "7", "--json").stdout)

    assert one["demo"]["digests"]["products"] != other["demo"]["digests"]["products"]


def test_five_lost_items_are_named_and_no_other(tmp_path: Path) -> None:
    lossy = Shop(tmp_path).process("demo", "--products", "60", "--lose", "5", "--json")

    document = json.loads(lossy.stdout)
    named = [(found["feed"], found["identity"]) for found in document["discrepancies"]]
    lost = [(item["feed"], item["identity"]) for item in document["demo"]["lost"]]
    assert lossy.returncode == 1
    assert len(lost) == 5
    assert sorted(named, key=repr) == sorted(lost, key=repr)
    assert {found["kind"] for found in document["discrepancies"]} == {"missing"}


def test_the_demo_tells_its_story_to_people(tmp_path: Path) -> None:
    told = Shop(tmp_path).process("demo", "--products", "20", "--lose", "2")

    assert told.returncode == 1
    assert "The server lost 2 items on purpose; the diff names exactly those." in told.stdout
    assert "Where to look next" in told.stdout


def test_the_other_dialect_ends_in_sync_but_for_what_was_lost(tmp_path: Path) -> None:
    dialect = ("--dialect", "catalog-ingestion", "--products", "60", "--lose", "3")

    told = Shop(tmp_path).process("demo", *dialect, "--json")

    document = json.loads(told.stdout)
    assert told.returncode == 1
    assert set(document["feeds"]) == {
        "catalogProductMetadata",
        "catalogCategories",
        "catalogProducts",
        "catalogPriceBooks",
        "catalogPrices",
    }
    named = [(found["feed"], found["identity"]) for found in document["discrepancies"]]
    lost = [(item["feed"], item["identity"]) for item in document["demo"]["lost"]]
    assert len(lost) == 3
    assert sorted(named, key=repr) == sorted(lost, key=repr)
