"""A day in the life of a shop and its service, in virtual time: cron, edits, faults, recovery.

It joins all rooms, so it stands above them: the service is met over HTTP, the exporter and the
harness run here. Nothing depends on the time of the machine: the same seed, the same day.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from sqlalchemy import Engine

from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.commerce.random_edits import random_edits
from mcs.exporter.due import failed_sources
from mcs.exporter.run import Exporter, Time
from mcs.exporter.schedule import MINUTE, CronPass, run_forever
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop
from mcs.exporter.sync import Operation
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.draw import Draw
from mcs.harness.control import Control
from mcs.harness.diff import DiffResult, diff
from mcs.harness.scenario_run import FaultState, ScenarioRun, begin
from mcs.harness.scenarios import Scenario
from mcs.harness.sources.exporter_database import opened
from mcs.harness.sources.service import Service
from mcs.pairing import ask_control, connect_shop

MIDNIGHT = datetime(2030, 1, 1, tzinfo=UTC)
MINUTES_BETWEEN_EDITS = 15
MOST_EDITS = 5
RECOVERY_STEP = 5 * MINUTE
LONGEST_RECOVERY = timedelta(hours=6)
CONSUMERS = ("catalog_service", "live_search", "product_recommendations")
PRODUCTS = "products"


@dataclass(frozen=True, slots=True)
class Day:
    """What is simulated. scenario: None for a day on which nothing goes wrong."""

    hours: float
    products: int
    seed: int
    scenario: Scenario | None = None

    @property
    def end(self) -> datetime:
        """When the day is over and recovery begins."""
        return MIDNIGHT + timedelta(hours=self.hours)


@dataclass(slots=True)
class Account:
    """What happened. operations: by name, how many ran and what became of their items."""

    passes: int = 0
    recovery_passes: int = 0
    edits: int = 0
    operations: dict[str, Counter[str]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    states: list[FaultState] = field(default_factory=list)
    visible: dict[str, int] = field(default_factory=dict)

    def note(self, done: CronPass) -> None:
        """Adds what a pass did."""
        for operation, progress in done.done:
            counts = self.operations.setdefault(str(operation), Counter())
            counts.update(runs=1, submitted=progress.submitted, failed=progress.failed)
        self.skipped.update(reason.partition(":")[0] for reason in done.skipped)


@dataclass(frozen=True, slots=True)
class Simulated:
    """The end of a day. requests: how many were answered with each status."""

    day: Day
    account: Account
    requests: Counter[int]
    result: DiffResult

    def document(self) -> dict[str, Any]:
        """The day as JSON values; the same for the same day."""
        kinds = Counter(found.kind.value for found in self.result.discrepancies)
        retried = self.account.operations.get(Operation.RETRY, Counter())
        return {
            "scenario": self.day.scenario.title if self.day.scenario else None,
            "hours": self.day.hours,
            "products": self.day.products,
            "seed": self.day.seed,
            "start": MIDNIGHT.isoformat(),
            "passes": self.account.passes,
            "edits": self.account.edits,
            "requests": {str(status): n for status, n in sorted(self.requests.items())},
            "operations": {
                name: dict(counts) for name, counts in sorted(self.account.operations.items())
            },
            "retries": retried["runs"],
            "skipped": dict(sorted(self.account.skipped.items())),
            "faults": [_fault(state) for state in self.account.states],
            "visible_products": {"at": self.day.end.isoformat(), **self.account.visible},
            "recovery_passes": self.account.recovery_passes,
            "discrepancies": dict(sorted(kinds.items())),
            "in_sync": self.result.in_sync,
        }


@dataclass(slots=True)
class VirtualTime:
    """Time that passes by waiting alone, for the exporter here and for the service."""

    control: Control
    moment: datetime = MIDNIGHT

    def now(self) -> datetime:
        """The present moment."""
        return self.moment

    def sleep(self, seconds: float) -> None:
        """Lets time pass; the service's clock goes along."""
        self.moment += timedelta(seconds=seconds)
        self.control.turn_clock(self.moment)


def simulate(
    day: Day, url: str, home: Path, watch: Callable[[datetime], None] = lambda _: None
) -> Simulated:
    """Lives through a day at a fresh service, lets the shop recover, and compares both sides.

    url: of a service that nobody else uses, since its clock is turned. watch: told the time of
    each pass. Raises CouldNotTell if the service goes away.
    """
    wanted = {"name": "simulation", "id": str(uuid5(NAMESPACE_URL, f"simulation {day.seed}"))}
    data_space = ask_control(url, "POST", "/data-spaces", wanted)
    settings = Settings(var=home, persist_payload=True)
    engine = open_shop(settings)
    try:
        with Control(url, data_space["id"]) as control:
            connect_shop(engine, url, data_space)
            load_catalog(engine, Catalog(seed=day.seed, products=day.products), lambda _: None)
            account = _lived(day, engine, settings, control, watch)
            requests = control.request_statuses()
        with opened(settings.database) as sent, Service(url, data_space["id"]) as received:
            result = diff(sent, received)
        return Simulated(day, account, requests, result)
    finally:
        engine.dispose()


def _lived(
    day: Day,
    engine: Engine,
    settings: Settings,
    control: Control,
    watch: Callable[[datetime], None],
) -> Account:
    time, account = VirtualTime(control), Account()
    control.turn_clock(time.moment)
    exporter = Exporter(engine, settings, Time(time.now, time.sleep))
    running = begin(control, day.scenario) if day.scenario else None

    def note_and_edit(done: CronPass) -> None:
        account.passes += 1
        account.note(done)
        watch(done.now)
        account.edits += _edited(engine, day.seed, account.passes)

    run_forever(exporter, stop=lambda: time.moment >= day.end, on_pass=note_and_edit)
    account.visible = {name: control.visible_items(name, PRODUCTS) for name in CONSUMERS}
    if running:
        account.states = _ended(running, control)
    _recover(exporter, time, account, watch)
    return account


def _edited(engine: Engine, seed: int, minute: int) -> int:
    """Edits the shop, now and then; returns how often."""
    draw = Draw(seed, "simulated minute", minute)
    if draw.whole("edits", 1, MINUTES_BETWEEN_EDITS) > 1:
        return 0
    wanted = draw.whole("how many", 1, MOST_EDITS)
    with engine.begin() as connection:
        return len(list(random_edits(connection, wanted, seed=seed * 100_003 + minute)))


def _ended(running: ScenarioRun, control: Control) -> list[FaultState]:
    states = running.states(control)
    control.clear_faults()
    running.put_settings_back(control)
    return states


def _recover(
    exporter: Exporter,
    time: VirtualTime,
    account: Account,
    watch: Callable[[datetime], None],
) -> None:
    """Passes without faults until everything that can be sent has been."""
    end = time.moment + LONGEST_RECOVERY
    while time.moment < end:
        done = CronPass(exporter, time.moment).run()
        account.recovery_passes += 1
        account.note(done)
        watch(done.now)
        if not done.done and not _has_failures(exporter.engine):
            return
        time.sleep(RECOVERY_STEP.total_seconds())


def _has_failures(engine: Engine) -> bool:
    return any(next(failed_sources(engine, feed), None) is not None for feed in FEEDS.values())


def _fault(state: FaultState) -> dict[str, Any]:
    fault = state.fault
    return {
        "step": state.step,
        "action": fault["action"],
        "feed": fault["feed"],
        "note": fault.get("note", ""),
        "seen": fault["seen"],
        "hits": state.hits,
    }
