"""Load on the catalog ingestion API, the second dialect: batches of prices, each sent once.

    export MCS_CREDENTIALS=var/credentials/NAME.json
    locust -f loadtests/catalog_locustfile.py --headless --users 4

MCS_CREDENTIALS names the file that `mcs dataspace create` wrote; the host is the URL in it, unless
--host says otherwise. MCS_PRODUCTS and MCS_SEED choose the catalog, MCS_BATCHES how many batches.
(The limit of requests is the data space's setting catalog_requests_per_minute.) The run ends when
all are answered. One process alone: workers would send the same.
"""

import json
import os
from itertools import islice
from pathlib import Path
from typing import ClassVar

import gevent
import orjson
from isal import igzip
from locust import FastHttpUser, constant, task
from locust.exception import StopUser

from mcs.contract.catalog import CATALOG_FEEDS
from mcs.fixtures.catalog import Catalog
from mcs.loadtests.batches import catalog_price_batches

PRICES = CATALOG_FEEDS["catalogPrices"]
CREDENTIALS = json.loads(Path(os.environ["MCS_CREDENTIALS"]).read_text("utf-8"))
CATALOG = Catalog(
    seed=int(os.environ.get("MCS_SEED", "42")),
    products=int(os.environ.get("MCS_PRODUCTS", "10000")),
)
BATCHES = int(os.environ.get("MCS_BATCHES", "200"))


class CatalogClient(FastHttpUser):
    """A client of the ingestion API that sends prices, with a token of its own."""

    host = CREDENTIALS["url"]
    wait_time = constant(0)
    _batches = islice(catalog_price_batches(CATALOG, PRICES.batch_size), BATCHES)
    _busy: ClassVar[int] = 0

    def on_start(self) -> None:
        """Gets a token."""
        form = {name: CREDENTIALS[name] for name in ("client_id", "client_secret")}
        answer = self.client.post(
            "/ims/token/v3", data={**form, "grant_type": "client_credentials"}, name="token"
        )
        if answer.status_code != 200:
            self._end()
        self._headers = {
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
            "Authorization": f"Bearer {answer.json()['access_token']}",
        }

    @task
    def send_batch(self) -> None:
        """Posts the next batch; all of it is accepted, or it counts as a failure."""
        batch = next(self._batches, None)
        if batch is None:
            self._end()
            return
        CatalogClient._busy += 1
        try:
            self._post(orjson.dumps(batch), len(batch))
        finally:
            CatalogClient._busy -= 1

    def _post(self, payload: bytes, items: int) -> None:
        with self.client.post(
            f"/{CREDENTIALS['data_space_id']}/{PRICES.route}",
            data=igzip.compress(payload, mtime=0),  # type: ignore[arg-type]  # bytes are taken too
            headers=self._headers,
            name=PRICES.route,
            catch_response=True,
        ) as answer:
            if answer.status_code != 200 or answer.json()["acceptedCount"] != items:
                answer.failure(f"{answer.status_code}: {answer.text[:200]}")

    def _end(self) -> None:
        """Ends this user, and the run if nobody waits for an answer any more."""
        if not CatalogClient._busy and self.environment.runner:
            gevent.spawn(self.environment.runner.quit)
        raise StopUser
