"""Exports the prices of a shop to Adobe's Commerce Services: python price_exporter.py CATALOG

Where to, and as whom, is in the environment: MCS_URL, MCS_DATA_SPACE, MCS_API_KEY and
MCS_PRIVATE_KEY_FILE. Exits with 1 if anything was refused.
"""

import gzip
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import jwt

BATCH_SIZE = 4
ALL_CUSTOMER_GROUPS = "0"
MAIN_WEBSITE = "base"

Item = dict[str, Any]


def price_of(product: Item, website: str = MAIN_WEBSITE) -> float:
    """The price on a website; one without a price of its own sells at the main website's."""
    return product["prices"].get(website, product["prices"][MAIN_WEBSITE])


def price_items(catalog: list[Item]) -> Iterator[Item]:
    """An item of the feed prices for each product on each website that sells it."""
    for product in catalog:
        for website in product["websites"]:
            yield {
                "sku": product["sku"],
                "websiteCode": website,
                "customerGroupCode": ALL_CUSTOMER_GROUPS,
                "regular": price_of(product),
                "deleted": False,
                "updatedAt": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()),
            }


def post(batch: list[Item]) -> list[Item]:
    """Sends one batch; returns what the service has against it."""
    key = Path(os.environ["MCS_PRIVATE_KEY_FILE"]).read_text()
    headers = {
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "x-api-key": os.environ["MCS_API_KEY"],
        "x-gw-signature": jwt.encode({"exp": int(time.time()) + 300}, key, algorithm="RS256"),
    }
    url = f"{os.environ['MCS_URL']}/feeds/products/v1/prices/{os.environ['MCS_DATA_SPACE']}"
    try:
        answer = urlopen(Request(url, gzip.compress(json.dumps(batch).encode()), headers))
    except HTTPError as refusal:
        answer = refusal
    with answer:
        body = json.load(answer)
    # An answer other than 200 either lists what is wrong with items, or is one error itself.
    return body.get("invalidFeedItems", [] if answer.status == 200 else [body])


def main(catalog: Path) -> int:
    """Exports all prices in batches; tells what was refused."""
    items = list(price_items(json.loads(catalog.read_text())))
    batches = [items[at : at + BATCH_SIZE] for at in range(0, len(items), BATCH_SIZE)]
    refused = [entry for batch in batches for entry in post(batch)]
    for entry in refused:
        print("refused:", entry)
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
