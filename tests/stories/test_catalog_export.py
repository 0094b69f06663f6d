"""A shop whose exporter speaks the ingestion API: configured, synced, edited, compared."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.stories.shop import Finished, Shop, serving

FEEDS = (
    "productattributes",
    "scopesCustomerGroup",
    "scopesWebsite",
    "categories",
    "products",
    "prices",
)


@dataclass(frozen=True, slots=True)
class Connected:
    """A shop with a catalog, and the service that it sends to."""

    shop: Shop
    url: str
    space: str

    def resync(self, feed: str, *options: str, **env: str) -> Finished:
        """Syncs a feed by the command that a person types."""
        return self.shop.magento("saas:resync", "--feed", feed, *options, **env)

    def diff(self, tmp_path: Path) -> Any:
        """What `mcs diff` says of what was sent."""
        file = str(tmp_path / "sent.ndjson")
        written = self.shop.mcs("exporter", "sent", file)
        assert written.returncode == 0, written.stderr
        compared = self.shop.mcs("diff", "--sent", file, "--json")
        return json.loads(compared.stdout)

    def findings(self) -> list[Any]:
        """The references that lead nowhere."""
        url = f"{self.url}/control/data-spaces/{self.space}/findings"
        return [json.loads(line) for line in urllib3.request("GET", url).data.splitlines()]


@pytest.fixture
def connected(tmp_path: Path) -> Iterator[Connected]:
    with serving(tmp_path) as server:
        shop = Shop(tmp_path)
        credentials = shop.create_data_space(server.url)
        for name, value in (
            ("tenant_id", credentials["data_space_id"]),
            ("client_id", credentials["client_id"]),
            ("client_secret", credentials["client_secret"]),
            ("ingestion_url", server.url),
            ("ims_url", server.url),
        ):
            assert shop.magento("config:set", f"aco_exporter/general/{name}", value).returncode == 0
        shop.generate(40)
        yield Connected(shop, server.url, credentials["data_space_id"])


def test_its_log_of_payloads_is_refused_as_what_was_sent(
    connected: Connected, tmp_path: Path
) -> None:
    synced = connected.resync("scopesWebsite", EXPORTER_EXTENDED_LOG="1")
    assert synced.returncode == 0, synced.stderr
    log = str(tmp_path / "log" / "saas-export.log")

    for command in (["diff"], ["explain", "base"], ["case", "import", log, "-o", "case.zip"]):
        given = command if "import" in command else [*command, "--sent", log]
        refused = connected.shop.mcs(*given)

        assert refused.returncode == 2, refused.stderr
        assert "mcs exporter sent sent.ndjson" in refused.stderr


def test_a_catalog_goes_to_the_ingestion_api_and_edits_follow(
    connected: Connected, tmp_path: Path
) -> None:
    for feed in FEEDS:
        synced = connected.resync(feed)
        assert synced.returncode == 0, synced.stderr

    document = connected.diff(tmp_path)
    assert document["discrepancies"] == []
    assert document["feeds"]["catalogProducts"]["in_sync"] > 40
    assert document["feeds"]["catalogPriceBooks"]["in_sync"] == 10
    broken = {one["code"] for one in connected.findings()}
    assert not broken & {"unknown_price_book", "unknown_option", "unknown_product"}

    edited = connected.shop.mcs("catalog", "edit", "--random", "30", "--seed", "3")
    assert edited.returncode == 0, edited.stderr
    passed = connected.shop.magento("cron:run")

    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert connected.diff(tmp_path)["discrepancies"] == []


def test_a_feed_that_has_no_place_there_is_refused_with_those_that_have(
    connected: Connected,
) -> None:
    refused = connected.resync("variants")

    assert refused.returncode == 2
    assert "variants is not sent to the catalog data ingestion API" in refused.stderr
    assert "products, scopesWebsite" in refused.stderr


def test_feed_tables_are_no_sent_side_of_what_was_converted(connected: Connected) -> None:
    for command in (["diff"], ["explain", "A"]):
        refused = connected.shop.mcs(*command)

        assert refused.returncode == 2
        assert "mcs exporter sent sent.ndjson" in refused.stderr
    case = str(connected.shop.var / "case.zip")
    captured = connected.shop.mcs("case", "capture", "-o", case)
    assert captured.returncode == 0, captured.stderr
    assert "--sent sent.ndjson" in captured.stderr


def test_the_secret_is_not_shown(connected: Connected) -> None:
    shown = connected.shop.magento("config:show")

    assert "aco_exporter/general/client_secret - (secret, set)" in shown.stdout
