"""Catalogs of profiles in the commerce database, and how their items agree with generated ones."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine

from mcs.contract.canonical import content_hash, identity_key
from mcs.contract.feeds import FEEDS
from mcs.contract.validation import Mode, validate
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.commerce.edits.assortment import new_products
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.indexers import INDEXERS
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.items import FeedItems
from mcs.fixtures.profile_file import parsed_profile, read_profile

SAME_CONTENT = (
    "productAttributes",
    "scopesCustomerGroup",
    "scopesWebsite",
    "categories",
    "categoryPermissions",
)
"""The feeds of what holds a catalog together."""

MULTI_SITE = """
products: {simple: 9, configurable: [{count: 2, variants: 5}, {count: 1, variants: 11}]}
categories: 12
websites: 5
stores: 7
store_views: 11
customer_groups: 6
stocks: 3
locales: [ja_JP, fr_FR]
own_prices_every: 3
"""
PROFILES = {
    "coverage": read_profile("coverage"),
    "multi-site": parsed_profile(MULTI_SITE, "multi-site"),
}


def exported(engine: Engine, feed: str) -> list[Any]:
    """The items that the exporter makes of everything."""
    sent = {FEEDS[feed].timestamp: "2026-11-22 00:00:00"}
    if feed.startswith("scopes"):
        sent = {"updatedAt": "2026-11-22T00:00:00+00:00"}
    with engine.connect() as connection:
        return [
            item | sent
            for page in INDEXERS[feed].pages(connection, 500)
            for _, item in INDEXERS[feed].items(connection, page)
        ]


@pytest.mark.parametrize("name", PROFILES)
def test_the_exporter_and_the_generator_agree_on_identities(name: str, tmp_path: Path) -> None:
    catalog = Catalog.of_profile(PROFILES[name], seed=5)
    engine = open_commerce(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    load_catalog(engine, catalog, lambda _: None)
    items = FeedItems(catalog)

    for feed in FEEDS.values():
        theirs = exported(engine, feed.name)
        ours = list(items.rows(feed.name))
        assert not validate(feed, theirs, Mode.STRICT).errors
        assert {identity_key(feed, item) for item in theirs} == {row.key for row in ours}
        assert len(theirs) == len(ours)
        if feed.name in SAME_CONTENT:
            hashes = {identity_key(feed, item): content_hash(feed, item) for item in theirs}
            assert hashes == {row.key: row.hash for row in ours}, feed.name
    engine.dispose()


def test_new_products_of_a_profile_are_those_that_a_later_version_adds(tmp_path: Path) -> None:
    catalog = Catalog.of_profile(PROFILES["multi-site"], seed=5)
    engine = open_commerce(f"sqlite:///{tmp_path / 'shop.sqlite'}")
    load_catalog(engine, catalog, lambda _: None)

    with engine.begin() as connection:
        new_products(connection, 2)

    skus = {item["sku"] for item in exported(engine, "products")}
    later = map(orjson.loads, FeedItems(catalog, version=2).slice("products"))
    assert {item["sku"] for item in later} == skus
    engine.dispose()
