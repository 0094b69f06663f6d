"""The life of a shop that speaks the ingestion API: both sides agree in the end."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, SEED_FEEDS
from mcs.exporter.commerce import edits
from mcs.exporter.commerce.random_edits import random_edits
from mcs.exporter.commerce.tables import Category, Product, Website
from mcs.exporter.configuration import set_value
from mcs.exporter.run import Resync
from mcs.exporter.service import TENANT_ID
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.draw import Draw
from mcs.fixtures.profile_file import parsed_profile
from tests.server.catalog_client import CatalogClient, catalog_client
from tests.server.faulty import put_in_force
from tests.server.running import RunningService
from tests.stories.ingesting import CONVERTED, IngestingShop, ingesting_shop
from tests.stories.paired import paired_shop

PROFILE = """
products:
  simple: 12
  configurable: {count: 2, variants: 3}
  bundle: 2
  grouped: 1
categories: 14
websites: 2
stores: 3
store_views: 4
customer_groups: 3
locales: [en_US, de_DE, fr_FR]
own_prices_every: 3
"""
CUTS = ("answer", "throttle", "maintenance", "reset", "close", "truncate", "malform")


def client_of(service: RunningService) -> CatalogClient:
    return catalog_client(service, catalog_requests_per_minute=None)


@pytest.fixture
def shop(service: RunningService, tmp_path: Path) -> Iterator[IngestingShop]:
    """A shop with several websites, of which all is sent."""
    catalog = Catalog.of_profile(parsed_profile(PROFILE, "small"), 42)
    with ingesting_shop(tmp_path, client_of(service), catalog) as shop:
        assert all(progress.clean for progress in shop.initial_sync())
        yield shop


def slugs(shop: IngestingShop) -> set[str]:
    """The categories that the service holds in the default store view."""
    held = shop.client.alive("catalogCategories")
    return {one["slug"] for one in held if one["source"]["locale"] == "default"}


def categories(connection: Connection) -> list[int]:
    return list(
        connection.scalars(
            select(Category.category_id)
            .where(Category.parent_id.is_not(None))
            .order_by(Category.category_id)
        )
    )


def restructured(connection: Connection, seed: int) -> None:
    """Edits by chance that change what items are called, and which there are."""
    draw = Draw(seed, "restructured", 0)
    first, second, third = (
        draw.pick(name, categories(connection)) for name in ("first", "second", "third")
    )
    website = draw.pick("website", list(connection.scalars(select(Website.code))))
    for edit in (
        partial(edits.move_category, connection, first, second),
        partial(edits.move_category, connection, third, first),
        partial(edits.delete_category, connection, second),
        partial(edits.new_customer_group, connection, f"Group {seed}"),
        partial(edits.new_store_view, connection, f"v{seed}", website=website, locale="de_DE"),
    ):
        # Chance may pick what cannot be moved there, or is gone; nothing has been written then.
        try:
            edit()
        except UsageError:
            continue


@settings(max_examples=5)
@given(
    seed=st.integers(0, 10_000),
    cuts=st.lists(st.sampled_from(CUTS), max_size=2),
)
def test_whatever_is_edited_and_however_the_service_fails_both_sides_agree_in_the_end(
    service: RunningService, seed: int, cuts: list[str]
) -> None:
    catalog = Catalog.of_profile(parsed_profile(PROFILE, "small"), seed)
    client = client_of(service)
    with TemporaryDirectory() as var, ingesting_shop(Path(var), client, catalog) as shop:
        shop.initial_sync()
        with shop.engine.begin() as connection:
            restructured(connection, seed)
            list(random_edits(connection, 25, seed))
        for action in cuts:
            put_in_force(shop.client.space, action, count=2)

        for _ in range(4):
            shop.cron()

        assert not shop.diff().discrepancies


def test_a_moved_category_is_no_longer_held_where_it_was(shop: IngestingShop) -> None:
    with shop.engine.begin() as connection:
        moved, target = categories(connection)[0], categories(connection)[1]
        before = slugs(shop)
        edits.move_category(connection, moved, target)

    shop.cron()

    assert not shop.diff().discrepancies
    assert len(slugs(shop)) == len(before)
    assert slugs(shop) != before


def test_where_a_category_was_is_deleted_later_if_that_fails_at_first(shop: IngestingShop) -> None:
    with shop.engine.begin() as connection:
        moved, target = categories(connection)[0], categories(connection)[1]
        edits.move_category(connection, moved, target)
    away: dict[str, Any] = {"feed": "catalogCategories", "parameters": {"status": 503}}
    put_in_force(shop.client.space, "answer", nth=2, **away)

    shop.exporter.partial(FEEDS["categories"])
    told = {one.kind.value for one in shop.diff().discrepancies}
    shop.cron()

    assert told == {"undeleted"}
    assert not shop.diff().discrepancies


def test_what_failed_is_told_with_the_reason_by_what_the_exporter_says_it_sent(
    shop: IngestingShop,
) -> None:
    put_in_force(shop.client.space, "reject", feed="catalogProducts", nth=1)
    with shop.engine.begin() as connection:
        sku = connection.scalars(select(Product.sku).order_by(Product.product_id)).first() or ""
        edits.rename_product(connection, sku, "New")

    shop.exporter.partial(FEEDS["products"])

    found = shop.diff().discrepancies
    assert {(one.feed, one.identity["sku"]) for one in found} == {("catalogProducts", sku)}
    assert [one.kind.value for one in found].count("rejected") == 1


def test_a_shop_that_sent_signed_feeds_sends_all_again_to_a_tenant(
    service: RunningService, tmp_path: Path
) -> None:
    client = client_of(service)
    with paired_shop(tmp_path, service.data_space(), products=6) as feeds_shop:
        feeds_shop.initial_sync()
        with feeds_shop.engine.begin() as connection:
            edits.delete_category(connection, categories(connection)[-1])
        feeds_shop.partial_sync()
        with feeds_shop.engine.connect() as connection:
            space = feeds_shop.data_space.id

    with ingesting_shop(tmp_path, client, None) as shop:
        with shop.engine.begin() as connection:
            set_value(connection, TENANT_ID, "")
            said = set_value(connection, TENANT_ID, client.space.id)
        progress = shop.initial_sync()

        assert said is not None
        assert f"data space {space} no longer" in said
        assert all(each.clean for each in progress)
        assert not shop.diff().discrepancies
        assert client.alive("catalogProducts")


def test_a_sync_by_ids_and_a_cleaned_up_one_leave_both_sides_the_same(shop: IngestingShop) -> None:
    by_ids = shop.exporter.resync(FEEDS["products"], Resync(by_ids=(1, 2)))
    cleaned = shop.initial_sync(cleanup=True, threads=3, batch_size=7)

    assert by_ids.submitted
    assert all(progress.clean for progress in cleaned)
    assert not shop.diff().discrepancies


def test_feeds_that_are_not_sent_do_not_trouble_cron(shop: IngestingShop) -> None:
    with shop.engine.begin() as connection:
        list(random_edits(connection, 10, 7))

    done = shop.cron()

    assert done.skipped == []
    assert {progress.feed for _, progress in done.done} <= set(CONVERTED) < set(SEED_FEEDS)
