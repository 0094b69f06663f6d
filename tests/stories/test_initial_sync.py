"""The seed's initial sync, its commands run verbatim against a server of its own."""

import json
import sys
from pathlib import Path

import pytest

from mcs.exporter.service import gateway_path
from tests.stories.shop import Shop, serving

INITIAL_SYNC = """\
bin/magento saas:resync --feed productattributes
bin/magento saas:resync --feed products
bin/magento saas:resync --feed scopesCustomerGroup
bin/magento saas:resync --feed scopesWebsite
bin/magento saas:resync --feed prices
bin/magento saas:resync --feed productoverrides
bin/magento saas:resync --feed variants
bin/magento saas:resync --feed categories
bin/magento saas:resync --feed categoryPermissions
"""


def test_the_seeds_commands_run_verbatim_and_end_in_sync(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    with serving(tmp_path) as server:
        shop.create_data_space("http://127.0.0.1:9/")
        prepared = shop.shell(
            "set -e\n"
            "bin/magento setup:performance:generate-fixtures --products 40 --seed 42\n"
            f"bin/magento config:set {gateway_path('production')} {server.url}\n"
        )

        synced = shop.shell(f"set -e\n{INITIAL_SYNC}")
        again = shop.shell("bin/magento saas:resync --feed products --no-reindex")
        logged = shop.shell(
            "EXPORTER_EXTENDED_LOG=1 bin/magento saas:resync --feed=products --no-reindex"
        )
        kept = shop.shell("PERSIST_EXPORTED_FEED=1 bin/magento saas:resync --feed=products")
        cleaned = shop.shell("bin/magento saas:resync --feed products --cleanup-feed")
        diff = shop.mcs("diff", "--json")

    for done in (prepared, synced, again, logged, kept, cleaned):
        assert done.returncode == 0, done.stderr
    assert '"feed": "products"' in (tmp_path / "log" / "saas-export.log").read_text("utf-8")
    assert diff.returncode == 0, diff.stdout + diff.stderr
    assert all(feed["sent"] for feed in json.loads(diff.stdout)["feeds"].values())


def test_the_seeds_reindex_commands_run_verbatim(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    with serving(tmp_path) as server:
        shop.create_data_space(server.url)
        shop.generate(20)

        kept = shop.shell(
            "PERSIST_EXPORTED_FEED=1 bin/magento indexer:reindex catalog_data_exporter_products"
        )
        profiled = shop.shell(
            "EXPORTER_PROFILER=1 bin/magento indexer:reindex catalog_data_exporter_products"
        )
        status = shop.shell("bin/magento indexer:status catalog_data_exporter_products")

    assert (kept.returncode, profiled.returncode) == (0, 0), kept.stderr + profiled.stderr
    assert "mcs.exporter.indexers.products, 20, " in (
        tmp_path / "log" / "commerce-data-export.log"
    ).read_text("utf-8")
    assert status.stdout.split() == [
        "catalog_data_exporter_products",
        "Ready",
        "Schedule",
        "0",
        "in",
        "backlog",
    ]


def test_a_first_sync_out_of_order_is_warned_of(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    with serving(tmp_path) as server:
        shop.create_data_space(server.url)
        shop.generate(5)

        early = shop.magento("saas:resync", "--feed", "products")
        later = shop.magento("saas:resync", "--feed", "products")

    assert early.returncode == 0
    assert "productattributes and productoverrides have not been synced yet" in early.stderr
    assert "Warning" not in later.stderr


def test_an_unchanged_catalog_is_not_sent_twice_unless_asked(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    with serving(tmp_path) as server:
        shop.create_data_space(server.url)
        shop.generate(40)
        first = shop.magento("saas:resync", "--feed", "variants")

        second = shop.magento("saas:resync", "--feed", "variants")
        repeated = shop.magento("saas:resync", "--feed", "variants", "--no-reindex")

    submitted = first.stdout.split(" items submitted")[0]
    assert second.stdout.startswith("variants: 0 items submitted")
    assert repeated.stdout.startswith(f"{submitted} items submitted")


def test_what_leaves_the_catalog_is_deleted_at_the_service(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    with serving(tmp_path) as server:
        shop.create_data_space(server.url)
        shop.generate(40)
        shop.magento("saas:resync", "--feed", "products")
        shop.generate(20)

        shrunk = shop.magento("saas:resync", "--feed", "products")
        diff = shop.mcs("diff", "--json")

    assert shrunk.returncode == 0, shrunk.stderr
    assert "0 of them deletes" not in shrunk.stdout
    assert diff.returncode == 0, diff.stdout
    assert json.loads(diff.stdout)["discrepancies"] == []


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("saas:resync", "--feed", "orders"), 'unknown feed "orders". Take one of:'),
        (("saas:resync",), "Missing option '--feed'"),
        (("saas:resync", "--feed", "products"), "services_connector/services_id/environment_id"),
        (
            ("saas:resync", "--feed", "products", "--no-reindex", "--cleanup-feed"),
            "take one of them",
        ),
        (("config:set", "a/b"), "give either a value or --from-file"),
        (("config:show", "a/b"), "a/b is not set"),
        (("config:set", "a", "--from-file", sys.executable), "Name a text file"),
        (("saas:resync", "--feed", "products", "--by-ids", "9" * 30), "the catalog has no SKU"),
    ],
    ids=[
        "unknown-feed",
        "no-feed",
        "not-configured",
        "both-switches",
        "no-value",
        "not-set",
        "no-text",
        "unknown-sku",
    ],
)
def test_a_wrong_call_is_one_clear_line(
    tmp_path: Path, args: tuple[str, ...], expected: str
) -> None:
    done = Shop(tmp_path).magento(*args)

    assert done.returncode == 2
    assert expected in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_a_server_that_is_away_is_said_and_nothing_is_lost(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.create_data_space("http://127.0.0.1:9/")
    shop.generate(20)

    sync = shop.magento("saas:resync", "--feed", "products")
    diff = shop.mcs("diff")

    assert sync.returncode == 1
    assert "cannot reach http://127.0.0.1:9/feeds/catalog/v2/products" in sync.stderr
    assert "run this again" in sync.stderr
    assert diff.returncode == 3


@pytest.mark.parametrize("url", ["foo://bar", "mysql://x/y", "sqlite:////nowhere/at/all.db"])
def test_a_database_that_cannot_be_used_is_one_clear_line(tmp_path: Path, url: str) -> None:
    done = Shop(tmp_path).magento("indexer:status", MCS_COMMERCE=url)

    assert done.returncode == 2
    assert "cannot be used" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_diff_looks_into_the_commerce_database_that_is_named(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    shop.generate(5)

    diff = shop.mcs("diff", MCS_COMMERCE=f"sqlite:///{tmp_path}/nowhere/x.db")

    assert diff.returncode == 3
