"""The project's own exporter with a generated catalog, paired with the data space of a test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

from sqlalchemy import Connection, Engine

from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, SEED_FEEDS, Feed
from mcs.exporter import service
from mcs.exporter.commerce.database import write_config
from mcs.exporter.commerce.edits import Edited
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.commerce.random_edits import random_edits
from mcs.exporter.configuration import set_value
from mcs.exporter.run import Exporter, Resync, Time
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop
from mcs.exporter.sync import Progress
from mcs.fixtures.catalog import Catalog
from mcs.testing.seen import feed_named
from mcs.testing.services import CommerceServices
from mcs.testing.told import in_own_words, speaks_for_itself

__tracebackhide__ = speaks_for_itself

P = ParamSpec("P")

NO_CATALOG = (
    "the fixture catalog gives {found}, and the fixture exporter needs a generated catalog "
    "(mcs.fixtures.catalog.Catalog). Give your own fixture another name."
)


@dataclass
class PairedExporter:
    """An exporter that behaves as Adobe Commerce does, and exports to the data space of the test.

    catalog: what its shop was filled with; edits do not change it. waits: the seconds that it
    waited, each time the service asked for it: it turns the service's clock instead of sleeping.
    """

    catalog: Catalog
    services: CommerceServices = field(repr=False)
    engine: Engine = field(repr=False)
    settings: Settings = field(repr=False)
    waits: list[float] = field(default_factory=list, repr=False)

    @property
    def database(self) -> Path | str:
        """Its commerce database with the feed tables, as `mcs diff --commerce` takes it."""
        return self.settings.database

    @property
    def log_dir(self) -> Path:
        """Where its log files are, such as saas-export.log."""
        return self.settings.log_dir

    def sync(self, feed: str, **options: Any) -> Progress:
        """Syncs a whole feed, as `bin/magento saas:resync --feed` does; tells what it sent.

        options: of `mcs.exporter.run.Resync`, such as force=True or by_ids=(3, 5).
        """
        return in_own_words(lambda: self._exporter.resync(feed_named(feed), Resync(**options)))

    def sync_all(self) -> dict[str, Progress]:
        """Syncs the nine feeds of an initial sync, in their order."""
        return {feed.name: self.sync(feed.name) for feed in SEED_FEEDS}

    def edit(
        self,
        change: Callable[Concatenate[Connection, P], Edited],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Edited:
        """Edits the shop's catalog, in a transaction of its own; the change log notes it.

        change: one of `mcs.exporter.commerce.edits`, such as
        exporter.edit(edits.set_price, "24-MB01", 12.5).
        """
        with self.engine.begin() as connection:
            return in_own_words(lambda: change(connection, *args, **kwargs))

    def edit_randomly(self, count: int, seed: int = 1) -> list[Edited]:
        """Makes edits by chance; the same catalog and seed give the same edits."""
        with self.engine.begin() as connection:
            return list(random_edits(connection, count, seed))

    def partial(self, *feeds: str) -> dict[str, Progress]:
        """Sends what changed since the last sync; only feeds that had changes are told."""
        return self._done(self._exporter.partial, feeds)

    def retry(self, *feeds: str) -> dict[str, Progress]:
        """Sends again what failed and may be sent again; only feeds that had any are told."""
        return self._done(self._exporter.retry, feeds)

    def configure(self, path: str, value: str) -> None:
        """Sets a configuration value, as `bin/magento config:set` does."""
        with self.engine.begin() as connection:
            set_value(connection, path, value)

    @property
    def _exporter(self) -> Exporter:
        return Exporter(self.engine, self.settings, Time(self.services.clock.now, self._wait))

    def _wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.services.clock.advance(seconds)

    def _done(
        self, sync: Callable[[Feed], Progress | None], names: tuple[str, ...]
    ) -> dict[str, Progress]:
        feeds = [feed_named(name) for name in names] or list(FEEDS.values())
        done = {feed.name: in_own_words(partial(sync, feed)) for feed in feeds}
        return {name: progress for name, progress in done.items() if progress is not None}


@contextmanager
def paired_exporter(
    services: CommerceServices, catalog: Catalog, var: Path
) -> Iterator[PairedExporter]:
    """A shop with the catalog, whose exporter is configured for the data space.

    var: a folder for its database and logs; whole items are kept in the feed tables, so that a
    diff can name fields. Raises UsageError for another kind of catalog.
    """
    if not isinstance(catalog, Catalog):
        raise UsageError(NO_CATALOG.format(found=f"a {type(catalog).__name__}"))
    settings = Settings(var=var, persist_payload=True, extended_log=True)
    engine = open_shop(settings)
    try:
        load_catalog(engine, catalog, lambda _: None)
        with engine.begin() as connection:
            for path, value in _configuration(services).items():
                write_config(connection, path, value)
        yield PairedExporter(catalog, services, engine, settings)
    finally:
        engine.dispose()


def _configuration(services: CommerceServices) -> dict[str, str]:
    return {
        service.DATA_SPACE_ID: services.data_space_id,
        service.api_key_path("production"): services.api_key,
        service.private_key_path("production"): services.private_key,
        service.gateway_path("production"): services.url,
    }
