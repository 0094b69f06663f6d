"""What a case plays on: a shop with its exporter, and its data space at a live service.

Time is virtual, here and there: it passes by waiting alone.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import urllib3
from sqlalchemy import Engine, select

from mcs.contract.canonical import Item
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, Feed
from mcs.exporter.commerce import change_log
from mcs.exporter.commerce.indexer_state import IndexerStatus, set_status
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.commerce.tables import Product
from mcs.exporter.run import Exporter, Time
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop
from mcs.exporter.submit import Reply, Submit
from mcs.exporter.sync import Progress
from mcs.exporter.ways import Ways
from mcs.fixtures.catalog import Catalog
from mcs.harness.client import TIMEOUT
from mcs.harness.control import Control as Clockwork
from mcs.library.breakages import BREAKAGES, sent_otherwise
from mcs.library.case import Case
from mcs.pairing import connect_shop
from mcs.simulation import MIDNIGHT, VirtualTime
from mcs.testing.control import Control

NAME = "support case"
NO_PRODUCT = "there is no product {number} in the catalog of this case."


@dataclass(frozen=True, slots=True)
class Last:
    """What the latest step that exports did. requests_after: the journal's last entry before it."""

    done: Sequence[Progress] = ()
    took: timedelta = timedelta(0)
    requests_after: int = 0


@dataclass(slots=True)
class Stage:
    """A shop and its service while a case is played.

    home: the shop's folder. data_space: as it was answered when it was made, keys included; spaces:
    the ids of all that were made. broken: what is at fault with the exporter, in order. damaged:
    what products were before. rules: prices of catalog rules, by product, that the index does not
    know yet. batch_s: how long each batch is under way. marks: the verb of each step, and the
    journal's last entry before it.
    """

    case: Case
    home: Path
    control: Control
    time: VirtualTime
    engine: Engine
    settings: Settings
    data_space: dict[str, Any]
    spaces: list[str]
    broken: list[str] = field(default_factory=list)
    damaged: dict[int, dict[str, Any]] = field(default_factory=dict)
    rules: dict[int, float] = field(default_factory=dict)
    batch_s: float = 0.0
    last: Last = field(default_factory=Last)
    marks: list[tuple[str, int]] = field(default_factory=list)
    _ways: Ways = field(default_factory=Ways)
    _skus: dict[int, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the service is."""
        return self.control.url

    @property
    def space_path(self) -> str:
        """The present data space in the control API."""
        return f"/data-spaces/{self.data_space['id']}"

    def exporter(self) -> Exporter:
        """The shop's exporter, with all that is at fault."""
        return self._exporter(self._ways)

    def killed_exporter(self, batches: int) -> Exporter:
        """One that dies with the answer to so many batches, before it has noted the last one."""
        return self._exporter(sent_otherwise(lambda submit: _dying(submit, batches))(self._ways))

    def break_as(self, name: str) -> None:
        """Lets the exporter be at fault."""
        self._set_broken([*(one for one in self.broken if one != name), name])

    def mend(self, name: str) -> None:
        """Puts right what is at fault. Raises UsageError if it is not."""
        if name not in self.broken:
            raise UsageError(f"{name} is not at fault here, so it cannot be mended.")
        self._set_broken([one for one in self.broken if one != name])

    def products(self, numbers: Sequence[int]) -> list[str]:
        """The SKUs of products by their numbers, be they deleted meanwhile. Raises UsageError."""
        if not set(numbers) <= set(self._skus):
            with self.engine.connect() as connection:
                found = connection.execute(select(Product.product_id, Product.sku))
                self._skus.update((row.product_id, row.sku) for row in found)
        for number in numbers:
            if number not in self._skus:
                raise UsageError(NO_PRODUCT.format(number=number))
        return [self._skus[number] for number in numbers]

    def new_data_space(self) -> dict[str, Any]:
        """Makes a data space with the settings of the case."""
        wanted = {"name": NAME, "settings": dict(self.case.settings)}
        made = self.control.call("POST", "/data-spaces", wanted)
        self.spaces.append(made["id"])
        return made

    def pass_over_other_feeds(self) -> None:
        """The shop exports only the feeds of the case: cron finds nothing to do for the others."""
        with self.engine.begin() as connection:
            for name, feed in FEEDS.items():
                if feed not in self.case.feeds:
                    set_status(connection, name, IndexerStatus.VALID, self.time.moment)
                    latest = change_log.latest_version(connection, name)
                    change_log.mark_processed(connection, name, latest)

    def latest_request(self) -> int:
        """The number of the journal's last entry; 0 where there is none."""
        page = self.control.call("GET", f"{self.space_path}/requests", limit="1")
        return page["requests"][0]["id"] if page["requests"] else 0

    def _exporter(self, ways: Ways) -> Exporter:
        if self.batch_s:
            ways = sent_otherwise(self._slowed)(ways)
        time = Time(self.time.now, self.time.sleep)
        return Exporter(self.engine, self.settings, time, ways)

    def _slowed(self, submit: Submit) -> Submit:
        def submit_slowly(feed: Feed, items: Sequence[Item]) -> Reply:
            self.time.sleep(self.batch_s)
            return submit(feed, items)

        return submit_slowly

    def _set_broken(self, names: list[str]) -> None:
        self.broken, self._ways = names, Ways()
        for name in names:
            self._ways = BREAKAGES[name].break_ways(self._ways)


class Killed(BaseException):
    """The exporter's process is gone at this very point."""


def _dying(submit: Submit, batches: int) -> Submit:
    answered = 0

    def submit_and_die(feed: Feed, items: Sequence[Item]) -> Reply:
        nonlocal answered
        reply = submit(feed, items)
        answered += 1
        if answered == batches:
            raise Killed
        return reply

    return submit_and_die


@contextmanager
def set_stage(case: Case, url: str, home: Path) -> Iterator[Stage]:
    """A shop with the catalog of a case, paired with a data space of its own.

    url: of a service that nobody else uses meanwhile, since its clock is turned. home: an empty
    folder. Raises CouldNotTell if the service is away, UsageError for settings that it refuses.
    """
    with urllib3.PoolManager(timeout=TIMEOUT, retries=False) as http:
        control = Control(url, http)
        made = control.call("POST", "/data-spaces", {"name": NAME, "settings": dict(case.settings)})
        settings = Settings(var=home, persist_payload=True)
        engine = open_shop(settings)
        try:
            with Clockwork(url, made["id"]) as clockwork:
                time = VirtualTime(clockwork)
                clockwork.turn_clock(MIDNIGHT)
                _fill(engine, case, url, made)
                yield Stage(
                    case=case,
                    home=home,
                    control=control,
                    time=time,
                    engine=engine,
                    settings=settings,
                    data_space=made,
                    spaces=[made["id"]],
                )
        finally:
            engine.dispose()


@contextmanager
def second_shop(stage: Stage, catalog: Catalog, data_space: dict[str, Any]) -> Iterator[Exporter]:
    """The exporter of another shop, such as a staging copy, with a catalog of its own."""
    settings = replace(stage.settings, var=stage.home / "second-shop")
    engine = open_shop(settings)
    try:
        with engine.connect() as connection:
            filled = connection.scalar(select(Product.product_id).limit(1)) is not None
        if not filled:
            load_catalog(engine, catalog, lambda _: None)
        connect_shop(engine, stage.url, data_space)
        yield Exporter(engine, settings, Time(stage.time.now, stage.time.sleep))
    finally:
        engine.dispose()


def _fill(engine: Engine, case: Case, url: str, data_space: dict[str, Any]) -> None:
    connect_shop(engine, url, data_space)
    load_catalog(engine, Catalog(seed=case.seed, products=case.products), lambda _: None)
