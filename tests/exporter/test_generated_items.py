"""What a generated catalog becomes is what a strict reader takes, on the fast path."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from mcs.contract.feeds import FEEDS
from mcs.contract.validation import fast_accepts
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.due import Comparison
from mcs.exporter.feed_table import create_feed_tables
from mcs.exporter.indexers import INDEXERS
from mcs.exporter.sync import stamped
from mcs.fixtures.catalog import Catalog
from tests.exporter.test_sync import NOW


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    engine = open_commerce(tmp_path_factory.mktemp("shop") / "commerce.sqlite")
    load_catalog(engine, Catalog(seed=42, products=200), lambda _: None)
    with engine.begin() as connection:
        create_feed_tables(connection)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("feed_name", FEEDS)
def test_a_generated_catalog_passes_on_the_strict_fast_path(shop: Engine, feed_name: str) -> None:
    chunks = Comparison(shop, INDEXERS[feed_name]).everything()
    due = [entry for chunk in chunks for entry in chunk.due]

    items = [stamped(FEEDS[feed_name], entry, NOW) for entry in due]

    assert items
    assert fast_accepts(feed_name, items, strict=True)
