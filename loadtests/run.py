"""A load test from options to verdict: service, data spaces, Locust, comparison, reports."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import urllib3

from mcs.contract.dialects import CATALOG_DIALECT, FEEDS_DIALECT
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.fixtures.calls import CALLED
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.items import FeedItems
from mcs.fixtures.profile import Profile
from mcs.fixtures.profile_file import parsed_profile, profile_text, read_profile
from mcs.harness.client import TIMEOUT, checked_url, refusal, unreachable
from mcs.harness.errors import CouldNotTell
from mcs.loadtests.locust_process import run_locust
from mcs.loadtests.measures import Measures
from mcs.loadtests.plan import SCENARIOS, Plan, Scenario, Tenant, Wish
from mcs.loadtests.plan_file import read_measured
from mcs.loadtests.report import FILES, write_failure, write_reports
from mcs.loadtests.shapes import FLAT, Shape, ShapeName
from mcs.loadtests.thresholds import Thresholds
from mcs.loadtests.verdict import PROFILE, Verdict, judged
from mcs.server_process import NotStarted, server_process

SERVER = "server"
MASTER_PORT = 5557
CREATED = 201
SIZING_STEPS = 4
TOO_FEW_USERS = (
    "--users {users}: each of {processes} processes needs an exporter, and {others} users do other "
    "things. Give at least {least}."
)
NOT_CALLED = "{feed} is not sent to the catalog data ingestion API. What is: {feeds}."
NOT_MISBEHAVING = (
    "those that do wrong speak the signed feeds alone. Take another scenario, or leave out "
    "--dialect."
)
NO_SPACE = "{url} made no data space: {refusal} Give --token if it runs on another machine."


@dataclass(frozen=True, slots=True)
class LoadTest:
    """What is asked for; see the options of `mcs loadtest`. feeds: those of Commerce. items: about
    how many the catalog is to have; None: as many as its profile says. url: of a running service;
    None: one of its own. expect_workers: 0 unless this is to be the master of others."""

    output: Path
    scenario: str = "initial-sync"
    profile: str = "small"
    items: int | None = None
    seed: int = 42
    feeds: tuple[str, ...] = tuple(FEEDS)
    dialect: str = FEEDS_DIALECT.name
    rounds: int = 5
    users: int = 8
    processes: int = 1
    shape: Shape = FLAT
    ahead: bool = False
    url: str | None = None
    token: str | None = None
    web: bool = False
    expect_workers: int = 0
    master_port: int = MASTER_PORT


@dataclass(frozen=True, slots=True)
class Watch:
    """Who is told how far a run is. sent: how many items were accepted so far. comparing: that all
    is sent and both sides are compared."""

    sent: Callable[[int], None] = lambda _: None
    comparing: Callable[[], None] = lambda: None


NOBODY = Watch()


def plan_of(asked: LoadTest) -> Plan:
    """What is to be sent; the service and its data spaces are not known yet. Raises UsageError."""
    scenario = SCENARIOS[asked.scenario]
    if asked.dialect == CATALOG_DIALECT.name:
        _check_called(asked.feeds, scenario)
    is_soak = asked.shape.name == ShapeName.SOAK
    every_s = asked.shape.over_s / asked.rounds if is_soak else 0
    wish = Wish(asked.feeds, asked.rounds, every_s)
    plan = Plan(
        scenario=asked.scenario,
        url="",
        profile=profile_text(_sized(read_profile(asked.profile), asked)),
        tenants=(),
        stages=tuple(scenario.stages(wish)),
        misbehaving=scenario.misbehaving,
        users=asked.users,
        shape=asked.shape,
        ahead=asked.ahead,
        processes=asked.expect_workers or asked.processes,
        dialect=asked.dialect,
    )
    if plan.users < plan.fewest_users:
        others = len(plan.misbehaving)
        told = {"users": plan.users, "processes": plan.processes, "others": others}
        raise UsageError(TOO_FEW_USERS.format(**told, least=plan.fewest_users))
    return plan


def run(asked: LoadTest, plan: Plan, wanted: Thresholds, watch: Watch = NOBODY) -> Verdict:
    """Sends what is planned, compares, and writes the reports. Raises CouldNotTell, UsageError."""
    _make_fresh(asked.output)
    try:
        with _service(asked.output, asked.url) as url:
            tenants = tuple(new_tenants(asked, url))
            return run_at(replace(plan, url=url, tenants=tenants), asked, wanted, watch)
    except CouldNotTell as error:
        write_failure(str(error), asked.output)
        raise


def run_at(plan: Plan, asked: LoadTest, wanted: Thresholds, watch: Watch = NOBODY) -> Verdict:
    """As `run`, at data spaces that are there."""
    measures, ending = send(plan, asked, watch)
    watch.comparing()
    verdict = judged(plan, measures, ending, wanted, asked.output, asked.token)
    write_reports(verdict, asked.output)
    return verdict


def send(plan: Plan, asked: LoadTest, watch: Watch = NOBODY) -> tuple[Measures, Mapping[str, Any]]:
    """Sends alone; returns what was measured, and how it ended (see plan_file.read_measured)."""
    asked.output.mkdir(parents=True, exist_ok=True)
    (asked.output / PROFILE).write_text(plan.profile, "utf-8")
    options = _master_options(asked)
    run_locust(plan, asked.output, options=options, web=asked.web, on_progress=watch.sent)
    measures, ending = read_measured(asked.output)
    watch.sent(measures.total_items)
    return measures, ending


def new_tenants(asked: LoadTest, url: str) -> Iterator[Tenant]:
    """A new data space for each tenant of the scenario, with a catalog of its own."""
    for number in range(SCENARIOS[asked.scenario].tenants):
        name = f"load-{number + 1}"
        made = _new_data_space(url, name, asked.token)
        yield Tenant(
            name,
            made["id"],
            made["api_key"],
            made["private_key"],
            asked.seed + number,
            made["client_id"],
            made["client_secret"],
        )


def first_items(plan: Plan) -> int | None:
    """How many items are sent to each tenant; None where updates are among them, which nobody has
    counted, and where items become others."""
    if plan.dialect == CATALOG_DIALECT.name or any(
        stage.since is not None for stage in plan.stages
    ):
        return None
    items = FeedItems(Catalog.of_profile(parsed_profile(plan.profile, PROFILE)))
    return sum(items.count(stage.feed) for stage in plan.stages)


def _check_called(feeds: Sequence[str], scenario: Scenario) -> None:
    others = [feed for feed in feeds if feed not in CALLED]
    if others:
        raise UsageError(NOT_CALLED.format(feed=others[0], feeds=", ".join(CALLED)))
    if scenario.misbehaving:
        raise UsageError(NOT_MISBEHAVING)


def _sized(profile: Profile, asked: LoadTest) -> Profile:
    """The profile with so many products that its feeds have about so many items."""
    for _ in range(SIZING_STEPS if asked.items else 0):
        made = FeedItems(Catalog.of_profile(profile, asked.seed))
        have = sum(made.count(feed) for feed in asked.feeds)
        factor = (asked.items or have) / have
        units = tuple(
            replace(unit, count=max(1, round(unit.count * factor))) for unit in profile.units or ()
        )
        profile = replace(profile, units=units)
    return profile


def _make_fresh(output: Path) -> None:
    """Makes the folder, without the reports of an earlier run and its own service's database."""
    shutil.rmtree(output / SERVER, ignore_errors=True)
    for name in FILES:
        (output / name).unlink(missing_ok=True)
    output.mkdir(parents=True, exist_ok=True)


@contextmanager
def _service(output: Path, url: str | None) -> Iterator[str]:
    """The URL of the service that is meant: a running one, or one until the block ends."""
    if url:
        yield checked_url(url)
        return
    try:
        with server_process(output / SERVER, quiet=True, tied=True) as server:
            yield server.url.rstrip("/")
    except NotStarted as error:
        raise CouldNotTell(str(error)) from None


def _new_data_space(url: str, name: str, token: str | None) -> dict[str, Any]:
    address = f"{url}/control/data-spaces"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    # What is measured is the service, not its limit.
    wanted = {"name": name, "settings": {"catalog_requests_per_minute": None}}
    try:
        answer = urllib3.request("POST", address, json=wanted, headers=headers, timeout=TIMEOUT)
    except urllib3.exceptions.HTTPError as error:
        raise CouldNotTell(unreachable(url, error)) from None
    if answer.status != CREATED:
        told = refusal(answer.status, answer.data)
        raise CouldNotTell(NO_SPACE.format(url=url, refusal=told))
    made: dict[str, Any] = answer.json()
    return made


def _master_options(asked: LoadTest) -> list[str]:
    if not asked.expect_workers:
        return []
    options = ["--master", "--master-bind-port", str(asked.master_port)]
    return [*options, "--expect-workers", str(asked.expect_workers)]
