"""Load on the feed ingestion: each user posts its own part of a seeded catalog, batch by batch.

    export MCS_CREDENTIALS=var/credentials/NAME.json
    locust -f loadtests/locustfile.py --headless --users 4 --run-time 30s

MCS_CREDENTIALS names the file that `mcs dataspace create` wrote; the host is the URL in it, unless
--host says otherwise. MCS_PRODUCTS and MCS_SEED choose the catalog, MCS_DIALECT=catalog-ingestion
the other API (its limit of requests is the data space's setting catalog_requests_per_minute).
"""

import gzip
import itertools
import json
import os
from datetime import UTC, datetime
from pathlib import Path

import orjson
from locust import FastHttpUser, constant, task
from locust.exception import StopUser

from mcs.contract.catalog import CATALOG_FEEDS
from mcs.contract.dialects import CATALOG_DIALECT, FEEDS_DIALECT
from mcs.contract.feeds import FEEDS
from mcs.contract.signature import sign
from mcs.fixtures.catalog import Catalog
from mcs.loadtests.batches import catalog_price_batches, price_batches

DIALECT = os.environ.get("MCS_DIALECT", FEEDS_DIALECT.name)
PRICES, CATALOG_PRICES = FEEDS["prices"], CATALOG_FEEDS["catalogPrices"]
CREDENTIALS = json.loads(Path(os.environ["MCS_CREDENTIALS"]).read_text("utf-8"))
CATALOG = Catalog(
    seed=int(os.environ.get("MCS_SEED", "42")),
    products=int(os.environ.get("MCS_PRODUCTS", "10000")),
)
STRIDE = 2_500
"""How far apart users start in the catalog."""


class PriceExporter(FastHttpUser):
    """An exporter in its initial sync of prices: one batch after the other, as fast as it goes."""

    abstract = FEEDS_DIALECT.name != DIALECT
    host = CREDENTIALS["url"]
    wait_time = constant(0)
    _numbers = itertools.count()

    def on_start(self) -> None:
        """Starts at a place of its own in the catalog."""
        start = next(self._numbers) * STRIDE % CATALOG.products
        self._batches = price_batches(CATALOG, PRICES.batch_size, start)

    @task
    def send_batch(self) -> None:
        """Posts the next batch; refused items count as a failure."""
        body = gzip.compress(orjson.dumps(next(self._batches)), compresslevel=1, mtime=0)
        path = f"/{PRICES.route}/{CREDENTIALS['data_space_id']}"
        with self.client.post(
            path,
            data=body,  # type: ignore[arg-type]  # bytes are taken too
            headers=_headers(),
            name=PRICES.route,
            catch_response=True,
        ) as answer:
            if answer.status_code in (401, 403, 404):
                answer.failure(f"{answer.status_code}: {answer.text}")
                raise StopUser
            if answer.status_code != 200 or answer.json()["invalidFeedItems"]:
                answer.failure(f"{answer.status_code}: {answer.text[:200]}")


class CatalogClient(FastHttpUser):
    """A client of the ingestion API that sends prices, with a token of its own."""

    abstract = CATALOG_DIALECT.name != DIALECT
    host = CREDENTIALS["url"]
    wait_time = constant(0)
    _numbers = itertools.count()

    def on_start(self) -> None:
        """Gets a token, and starts at a place of its own in the catalog."""
        start = next(self._numbers) * STRIDE % CATALOG.products
        self._batches = catalog_price_batches(CATALOG, CATALOG_PRICES.batch_size, start)
        form = {name: CREDENTIALS[name] for name in ("client_id", "client_secret")}
        answer = self.client.post(
            "/ims/token/v3", data={**form, "grant_type": "client_credentials"}, name="token"
        )
        if answer.status_code != 200:
            raise StopUser
        self._headers = {
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "Authorization": f"Bearer {answer.json()['access_token']}",
        }

    @task
    def send_batch(self) -> None:
        """Posts the next batch; all of it is accepted, or it counts as a failure."""
        batch = next(self._batches)
        body = gzip.compress(orjson.dumps(batch), compresslevel=1, mtime=0)
        with self.client.post(
            f"/{CREDENTIALS['data_space_id']}/{CATALOG_PRICES.route}",
            data=body,  # type: ignore[arg-type]  # bytes are taken too
            headers=self._headers,
            name=CATALOG_PRICES.route,
            catch_response=True,
        ) as answer:
            if answer.status_code in (401, 403, 404):
                answer.failure(f"{answer.status_code}: {answer.text}")
                raise StopUser
            if answer.status_code != 200 or answer.json()["acceptedCount"] != len(batch):
                answer.failure(f"{answer.status_code}: {answer.text[:200]}")


def _headers() -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        "Content-Encoding": "gzip",
        "x-api-key": CREDENTIALS["api_key"],
        "x-gw-signature": sign(CREDENTIALS["private_key"], datetime.now(UTC)),
    }
