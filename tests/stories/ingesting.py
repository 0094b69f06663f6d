"""A shop whose exporter speaks the ingestion API with the running service, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine

from mcs.contract.conversions import CONVERSIONS
from mcs.contract.feeds import SEED_FEEDS
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.run import Exporter, Resync
from mcs.exporter.schedule import CronPass
from mcs.exporter.sent import sent_lines
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop
from mcs.exporter.sync import Progress
from mcs.fixtures.catalog import Catalog
from mcs.harness.diff import DiffResult, diff
from mcs.harness.sources.opening import open_sent
from mcs.harness.sources.service import Service
from mcs.pairing import connect_to_ingestion
from tests.server.catalog_client import CatalogClient
from tests.stories.paired import VirtualClock

CONVERTED = tuple(feed for feed in SEED_FEEDS if feed.name in CONVERSIONS)
"""The feeds that are sent, in the order of an initial sync."""


@dataclass
class IngestingShop:
    """A shop and the tenant it sends to. clock: the exporter's."""

    exporter: Exporter
    client: CatalogClient
    clock: VirtualClock

    @property
    def engine(self) -> Engine:
        return self.exporter.engine

    def initial_sync(self, **options: Any) -> list[Progress]:
        """All feeds that are sent."""
        return [self.exporter.resync(feed, Resync(**options)) for feed in CONVERTED]

    def cron(self) -> CronPass:
        """A pass of cron an hour later."""
        self.clock.moment += timedelta(hours=1)
        return CronPass(self.exporter, self.clock.now()).run()

    def diff(self) -> DiffResult:
        """What `mcs exporter sent` says was sent, against what was received."""
        file = self.exporter.settings.var / "sent.ndjson"
        file.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in sent_lines(self.engine)))
        space = self.client.space
        with open_sent(f"ndjson:{file}") as sent, Service(space.url, space.id) as received:
            return diff(sent, received)


@contextmanager
def ingesting_shop(
    var: Path, client: CatalogClient, catalog: Catalog | None
) -> Iterator[IngestingShop]:
    """A shop with a generated catalog, configured for the client's tenant; None: it has one."""
    settings = Settings(var=var)
    engine = open_shop(settings)
    clock = VirtualClock()
    try:
        if catalog is not None:
            load_catalog(engine, catalog, lambda _: None)
        made = {
            "id": client.space.id,
            "client_id": client.client_id,
            "client_secret": client.client_secret,
        }
        connect_to_ingestion(engine, client.space.url, made)
        yield IngestingShop(Exporter(engine, settings, clock.time()), client, clock)
    finally:
        engine.dispose()
