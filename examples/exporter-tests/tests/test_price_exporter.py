"""Does the service hold every price as the shop has it? Its answers, losses and refusals included.

The fixture commerce_services comes with the package mock-commerce-services.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from mcs.testing.services import CommerceServices

HERE = Path(__file__).parents[1]
CATALOG = HERE / "catalog.json"

# What the shop's owner would say; written by hand, so that it shares no fault with the exporter.
PRICES = {
    ("LAMP-01", "base"): 34.0,
    ("LAMP-01", "eu"): 31.5,
    ("DESK-01", "base"): 1299.0,
    ("DESK-01", "eu"): 1299.0,
    ("CHAIR-02", "base"): 189.0,
    ("SHELF-03", "base"): 79.9,
    ("SHELF-03", "eu"): 74.0,
    ("VASE-07", "eu"): 22.0,
}


def export(services: CommerceServices, catalog: Path = CATALOG) -> int:
    """Runs the exporter as cron would, and returns its exit code."""
    command = [sys.executable, str(HERE / "price_exporter.py"), str(catalog)]
    return subprocess.run(command, env=os.environ | services.env, check=False).returncode


def expected() -> list[dict[str, Any]]:
    return [
        {
            "sku": sku,
            "websiteCode": website,
            "customerGroupCode": "0",
            "regular": price,
            "deleted": False,
        }
        for (sku, website), price in PRICES.items()
    ]


def test_every_price_arrives_as_the_shop_has_it(commerce_services: CommerceServices) -> None:
    assert export(commerce_services) == 0

    commerce_services.assert_in_sync(expected(), feed="prices")


def test_batches_are_small(commerce_services: CommerceServices) -> None:
    export(commerce_services)

    assert [request.items for request in commerce_services.requests("prices")] == [4, 4]


def test_what_the_service_loses_comes_with_the_next_run(
    commerce_services: CommerceServices,
) -> None:
    with commerce_services.faults.add("lose", every=3) as fault:
        export(commerce_services)
    assert len(commerce_services.received("prices")) == len(PRICES) - len(fault.hits)

    export(commerce_services)

    assert len(commerce_services.received("prices")) == len(PRICES)


def test_a_refused_price_makes_the_export_fail(
    commerce_services: CommerceServices, tmp_path: Path
) -> None:
    catalog = tmp_path / "catalog.json"
    rug = {"sku": "RUG-05", "websites": ["base"], "prices": {"base": "on request"}}
    catalog.write_text(json.dumps([rug]))

    assert export(commerce_services, catalog) == 1

    commerce_services.assert_rejected("prices", sku="RUG-05", pointer="/regular")
