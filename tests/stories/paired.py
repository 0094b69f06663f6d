"""A shop whose exporter is configured for a data space of the running service, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from mcs.contract.feeds import FEEDS, SEED_FEEDS, feed_by_cli_name
from mcs.exporter import service
from mcs.exporter.commerce.database import write_config
from mcs.exporter.commerce.indexer_state import IndexerStatus, indexer_states
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.configuration import set_value
from mcs.exporter.run import Exporter, Resync, Time
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop
from mcs.exporter.sync import Progress
from mcs.fixtures.catalog import Catalog
from mcs.harness.diff import DiffResult, diff
from mcs.harness.sources.exporter_database import opened
from mcs.harness.sources.service import Service
from tests.server.running import DataSpaceClient


@dataclass
class VirtualClock:
    """Time that passes only by waiting. It begins at the present, so that tokens hold."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC))
    waits: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        """The present moment."""
        return self.moment

    def sleep(self, seconds: float) -> None:
        """Lets time pass."""
        self.waits.append(seconds)
        self.moment += timedelta(seconds=seconds)

    def time(self) -> Time:
        """This clock as an exporter takes it."""
        return Time(self.now, self.sleep)


@dataclass
class PairedShop:
    """A shop and the data space it exports to."""

    exporter: Exporter
    data_space: DataSpaceClient

    @property
    def engine(self) -> Engine:
        return self.exporter.engine

    def resync(self, feed_name: str, **options: Any) -> Progress:
        """`bin/magento saas:resync --feed …`."""
        return self.exporter.resync(feed_by_cli_name(feed_name), Resync(**options))

    def initial_sync(self) -> list[Progress]:
        """All nine feeds, in the seed's order."""
        return [self.exporter.resync(feed, Resync()) for feed in SEED_FEEDS]

    def partial_sync(self) -> dict[str, Progress]:
        """What changed, of every feed that has changes."""
        synced = {feed.name: self.exporter.partial(feed) for feed in FEEDS.values()}
        return {name: progress for name, progress in synced.items() if progress is not None}

    def nothing_due(self, feed_name: str) -> bool:
        """True if a full sync would find nothing to send."""
        return self.resync(feed_name, dry_run=True).submitted == 0

    def status(self, feed_name: str) -> IndexerStatus:
        """The state of a feed's indexer."""
        with self.engine.connect() as connection:
            return indexer_states(connection)[feed_name].status

    def diff(self) -> DiffResult:
        """What was sent against what was received."""
        space = self.data_space
        database = self.exporter.settings.database
        with opened(database) as sent, Service(space.url, space.id) as received:
            return diff(sent, received)

    def configure_gateway(self, url: str) -> None:
        """Points the exporter at another URL."""
        with self.engine.begin() as connection:
            write_config(connection, service.gateway_path("production"), url)

    def move_to(self, data_space: DataSpaceClient) -> str | None:
        """Configures another data space, as a merchant does; returns what is said of it."""
        self.data_space = data_space
        with self.engine.begin() as connection:
            for path, value in _credentials(data_space).items():
                write_config(connection, path, value)
            return set_value(connection, service.DATA_SPACE_ID, data_space.id)


@contextmanager
def paired_shop(
    var: Path, data_space: DataSpaceClient, products: int, time: Time | None = None
) -> Iterator[PairedShop]:
    """A shop with a generated catalog, configured for the data space."""
    settings = Settings(var=var, persist_payload=True)
    engine = open_shop(settings)
    try:
        load_catalog(engine, Catalog(seed=42, products=products), lambda _: None)
        exporter = Exporter(engine, settings, time or Time())
        shop = PairedShop(exporter, data_space)
        shop.move_to(data_space)
        yield shop
    finally:
        engine.dispose()


def _credentials(data_space: DataSpaceClient) -> dict[str, str]:
    return {
        service.api_key_path("production"): data_space.api_key,
        service.private_key_path("production"): data_space.private_key,
        service.gateway_path("production"): data_space.url,
    }
