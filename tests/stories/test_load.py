"""Locust sends a generated catalog; every item arrives once, and whatever is lost fails the run."""

import json
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from junitparser import JUnitXml

from mcs.contract.dialects import CATALOG_DIALECT
from mcs.contract.feeds import FEEDS
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.items import FeedItems
from mcs.fixtures.profile_file import read_profile
from mcs.loadtests.cli import loadtest
from mcs.loadtests.plan import Plan, Tenant
from mcs.loadtests.run import LoadTest, plan_of, run_at
from mcs.loadtests.thresholds import Thresholds
from mcs.loadtests.verdict import Verdict
from tests.server.catalog_client import CatalogClient, catalog_client
from tests.server.faulty import put_in_force
from tests.server.running import DataSpaceClient, RunningService
from tests.stories.shop import ROOT

COVERAGE = FeedItems(Catalog.of_profile(read_profile("coverage")))
ITEMS = sum(COVERAGE.count(feed) for feed in FEEDS)
PRICES = COVERAGE.count("prices")
CALLS = ("--dialect", CATALOG_DIALECT.name)


def run_loadtest(*options: str) -> tuple[int, dict[str, Any]]:
    done = CliRunner().invoke(loadtest, [*options, "--profile", "coverage", "--json"])
    assert done.exit_code in (0, 1, 4), done.output
    return done.exit_code, json.loads(done.stdout)


def run_plan(
    space: DataSpaceClient, output: Path, client: CatalogClient | None = None, **changes: Any
) -> Verdict:
    """Sends to a data space that the test has prepared."""
    asked = LoadTest(output, profile="coverage", users=8, **changes)
    tenant = Tenant("test", space.id, space.api_key, space.private_key, asked.seed)
    if client is not None:
        tenant = replace(tenant, client_id=client.client_id, client_secret=client.client_secret)
    plan: Plan = replace(plan_of(asked), url=space.url, tenants=(tenant,))
    return run_at(plan, asked, Thresholds())


def items_received(url: str, service: RunningService) -> int:
    """How many items the newest data space of a service has accepted, repeated ones too."""
    spaces = service.http.request("GET", f"{url}/control/data-spaces").json()["data_spaces"]
    path = f"{url}/control/data-spaces/{spaces[-1]['id']}/requests?limit=1000"
    journal = service.http.request("GET", path).json()["requests"]
    return sum(request["accepted"] for request in journal)


def test_every_item_of_every_feed_is_sent_once(tmp_path: Path) -> None:
    code, told = run_loadtest("-o", str(tmp_path))

    assert (code, told["passed"], told["complete"]) == (0, True, True)
    assert told["items"] == ITEMS
    assert told["resends"] == told["given_up"] == 0
    [comparison] = told["comparisons"]
    assert comparison["discrepancies"] == 0
    assert sum(counts["in_sync"] for counts in comparison["feeds"].values()) == ITEMS
    assert [counts["resent"] for counts in comparison["feeds"].values()] == [0] * len(FEEDS)
    assert list(told["feeds"]) == list(FEEDS)
    for report in ("report.html", "locust.html", "junit.xml", "summary.json"):
        assert (tmp_path / report).stat().st_size


def test_a_missed_threshold_has_its_own_exit_code_and_is_named(
    service: RunningService, tmp_path: Path
) -> None:
    wanted = tmp_path / "wanted.yaml"
    wanted.write_text("items_per_s: 1000000000\nfeeds: {prices: {p99_ms: 600000}}\n")

    code, told = run_loadtest(
        *("--url", service.url, "--thresholds", str(wanted), "-o", str(tmp_path / "out")),
        *("--feed", "prices", "--scenario", "update-storm", "--rounds", "2"),
    )

    assert (code, told["in_sync"]) == (4, True)
    assert [one["name"] for one in told["thresholds"] if not one["met"]] == ["items/s"]
    cases = [case for suite in JUnitXml.fromfile(str(tmp_path / "out/junit.xml")) for case in suite]
    assert [case.name for case in cases if case.is_failure] == ["throughput: items/s"]


def test_an_item_that_is_lost_fails_the_run_and_is_named(
    data_space: DataSpaceClient, tmp_path: Path
) -> None:
    fault = {"action": "lose", "feed": "prices", "count": 1}
    assert data_space.control("POST", "/faults", json=fault).status == 201

    verdict = run_plan(data_space, tmp_path, feeds=("prices",), scenario="misbehaving")

    [lost] = verdict.compared[0].result.discrepancies
    assert (verdict.exit_code, lost.kind, lost.feed) == (1, "missing", "prices")
    assert verdict.measures.items["prices"] == PRICES
    assert not verdict.measures.errors
    assert {name.partition(":")[0] for name in verdict.measures.expected} >= {"SlowBody"}
    assert "1 discrepancies" in (tmp_path / "report.html").read_text("utf-8")


def test_a_wrong_key_ends_the_run_at_once_and_fails_it(
    data_space: DataSpaceClient, tmp_path: Path
) -> None:
    verdict = run_plan(replace(data_space, api_key="unknown"), tmp_path, feeds=("prices",))

    assert verdict.exit_code == 1
    assert "Client ID is invalid" in verdict.ending["aborted"]
    assert verdict.measures.requests <= 8
    assert {one.kind for one in verdict.compared[0].result.discrepancies} == {"missing"}


def test_two_workers_and_a_master_send_each_item_once(
    service: RunningService, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, "-m", "mcs", "loadtest", "--worker", "--master-port", port]
    workers = [subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL) for _ in range(2)]
    try:
        code, told = run_loadtest(
            *("--url", service.url, "-o", str(tmp_path), "--feed", "prices", "--feed", "products"),
            *("--expect-workers", "2", "--master-port", port),
        )
        assert [worker.wait(timeout=60) for worker in workers] == [0, 0]
    finally:
        for worker in workers:
            worker.kill()

    wanted = PRICES + COVERAGE.count("products")
    assert (code, told["workers"], told["items"]) == (0, 2, wanted)
    assert told["comparisons"][0]["discrepancies"] == 0
    assert items_received(service.url, service) == wanted


def test_the_ingestion_api_gets_what_the_feeds_become_by_several_processes(tmp_path: Path) -> None:
    code, told = run_loadtest(*CALLS, "--processes", "2", "-o", str(tmp_path))

    assert (code, told["passed"], told["complete"], told["workers"]) == (0, True, True, 2)
    [comparison] = told["comparisons"]
    assert comparison["discrepancies"] == 0
    held = {feed: counts["in_sync"] for feed, counts in comparison["feeds"].items()}
    assert held["catalogProducts"] == COVERAGE.count("products")
    assert sum(held.values()) == told["items"]
    assert list(told["feeds"]) == list(held)


def test_rounds_of_updates_and_deletes_reach_the_ingestion_api(tmp_path: Path) -> None:
    storm = ("--scenario", "update-storm", "--rounds", "3", "--feed", "products", "--ahead")

    code, told = run_loadtest(*CALLS, *storm, "-o", str(tmp_path))

    assert (code, told["complete"]) == (0, True)
    [comparison] = told["comparisons"]
    assert list(comparison["feeds"]) == ["catalogProducts"]
    assert told["items"] > comparison["feeds"]["catalogProducts"]["in_sync"] > 0


def test_what_the_ingestion_api_loses_fails_the_run(
    service: RunningService, tmp_path: Path
) -> None:
    client = catalog_client(service, catalog_requests_per_minute=None)
    put_in_force(client.space, "lose", feed="catalogPrices", nth=3)

    verdict = run_plan(
        client.space,
        tmp_path,
        client=client,
        dialect=CATALOG_DIALECT.name,
        feeds=("prices",),
    )

    [compared] = verdict.compared
    assert verdict.exit_code == 1
    assert [one.kind.value for one in compared.result.discrepancies] == ["missing"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--users", "1", "--processes", "2"], "Give at least 2"),
        (["--thresholds", "setup.cfg"], "Expected thresholds in YAML"),
        (["--dialect", "catalog-ingestion", "--feed", "variants"], "variants is not sent"),
        (["--dialect", "catalog-ingestion", "--scenario", "misbehaving"], "another scenario"),
    ],
    ids=["too few users", "no thresholds", "no call", "no calls that misbehave"],
)
def test_what_cannot_be_done_is_refused_before_anything_is_sent(
    options: list[str], told: str, tmp_path: Path
) -> None:
    done = CliRunner().invoke(loadtest, [*options, "-o", str(tmp_path / "out")])

    assert told in str(done.exception)
    assert not (tmp_path / "out").exists()
