"""A client that is not ours, run by hand: the shell script of the docs."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
import urllib3

from mcs.harness.conformance.listening import heard
from mcs.harness.conformance.scenarios import SCENARIOS
from mcs.harness.conformance.service import LiveService
from tests.server.catalog_client import product
from tests.server.running import RunningService

SCRIPT = Path(__file__).parents[2] / "docs" / "examples" / "post-products.sh"
TOLD = {
    "url": "MCS_URL",
    "data space": "MCS_DATA_SPACE",
    "API key": "MCS_API_KEY",
    "private key": "MCS_PRIVATE_KEY_FILE",
    "token URL": "MCS_TOKEN_URL",
    "client ID": "MCS_CLIENT_ID",
    "secret": "MCS_CLIENT_SECRET",
}

by_shell = pytest.mark.skipif(
    not all(map(shutil.which, ("sh", "curl", "openssl", "gzip"))),
    reason="needs sh, curl, openssl and gzip",
)


@contextmanager
def listening(*options: str) -> Iterator[tuple["subprocess.Popen[bytes]", dict[str, str]]]:
    """`mcs conform --listen`, and what it tells a client, as the client's environment."""
    command = [sys.executable, "-m", "mcs", "conform", "--listen", "--json", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        try:
            yield process, _invitation(process)
        finally:
            process.kill()


def _invitation(process: "subprocess.Popen[bytes]") -> dict[str, str]:
    told: dict[str, str] = {}
    assert process.stderr is not None
    for line in process.stderr:
        label, _, value = line.decode().strip().partition("  ")
        if label in TOLD:
            told[TOLD[label]] = value.strip()
        if "faults are in force" in label:
            break
    return told


def post(told: dict[str, str]) -> None:
    subprocess.run(["sh", str(SCRIPT)], env={**os.environ, **told}, check=True, timeout=60)


def outcome(process: "subprocess.Popen[bytes]") -> dict[str, Any]:
    told, _ = process.communicate(timeout=60)
    document: dict[str, Any] = orjson.loads(told)
    return document


def passed(document: dict[str, Any], *, musts: bool = False) -> list[str]:
    return [
        one["id"]
        for one in document["clauses"]
        if one["verdict"] == "pass" and (one["grade"] == "must" or not musts)
    ]


@by_shell
def test_a_client_of_shell_and_curl_meets_what_can_be_seen_of_it_until_ctrl_c(
    service: RunningService,
) -> None:
    with listening("--url", service.url) as (process, told):
        post(told)
        process.send_signal(signal.SIGINT)
        document = outcome(process)

    assert (process.returncode, document["requests"]) == (0, 1)
    assert passed(document, musts=True) == [
        *("AUTH-1", "AUTH-2", "AUTH-3", "WIRE-1", "WIRE-3", "WIRE-4", "WIRE-5", "LIMIT-1"),
        *("ITEM-1", "ITEM-3", "ITEM-7", "SECRET-1", "SECRET-2"),
    ]


@by_shell
def test_faults_of_a_scenario_show_more_of_it_within_the_time_that_is_given(
    service: RunningService,
) -> None:
    scenario = ("--scenario", "throttled", "--for", "50s", "--requests", "2")

    with listening("--url", service.url, *scenario) as (process, told):
        post(told)
        document = outcome(process)

    assert document["requests"] == 2
    assert {"RETRY-2", "RETRY-4"} <= set(passed(document))


def test_a_client_of_the_ingestion_api_is_watched_by_hand(service: RunningService) -> None:
    options = ("--url", service.url, "--dialect", "catalog-ingestion", "--requests", "1")

    with listening(*options) as (process, told):
        form = {
            "client_id": told["MCS_CLIENT_ID"],
            "client_secret": told["MCS_CLIENT_SECRET"],
            "grant_type": "client_credentials",
        }
        asked = urllib3.request("POST", told["MCS_TOKEN_URL"] + "?" + urlencode(form))
        bearer = {"Authorization": f"Bearer {asked.json()['access_token']}"}
        url = f"{told['MCS_URL']}/{told['MCS_DATA_SPACE']}/v1/catalog/products"
        urllib3.request("POST", url, json=[product("A")], headers=bearer)
        document = outcome(process)

    assert (process.returncode, document["requests"]) == (0, 1)
    assert passed(document, musts=True) == [
        *("CAT-TOKEN-1", "CAT-TOKEN-2", "CAT-CALL-1", "CAT-CALL-2", "CAT-CALL-3", "CAT-CALL-4"),
        *("CAT-ITEM-1", "CAT-DEL-5", "CAT-SECRET-1", "CAT-SECRET-2"),
    ]


def test_a_watch_that_is_cancelled_leaves_no_service_behind() -> None:
    with listening() as (process, told):
        process.send_signal(signal.SIGTERM)
        document = outcome(process)

    assert (process.returncode, document["requests"]) == (3, 0)
    with pytest.raises(urllib3.exceptions.HTTPError):
        urllib3.request("GET", told["MCS_URL"], retries=False)


def test_so_many_requests_may_be_under_way_as_listening_was_told(
    service: RunningService,
) -> None:
    with LiveService(service.url) as live:
        space = live.new_data_space("parallel")
        seen = heard(live, space, [SCENARIOS["parallel"]], parallel=3)

    assert seen.parallel == 3


def test_an_outage_that_nobody_ends_shows_no_recovery(service: RunningService) -> None:
    led = [SCENARIOS["outage"], SCENARIOS["throttled"]]
    with LiveService(service.url) as live:
        space = live.new_data_space("outage")
        seen = heard(live, space, led)

    assert seen.shows == ("throttled",)
