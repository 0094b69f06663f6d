"""Locust posts a part of a seeded catalog, and the service takes every batch of it."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mcs.contract.dialects import DIALECTS
from tests.stories.shop import ROOT, Shop, serving


@pytest.mark.parametrize("dialect", DIALECTS)
def test_locust_runs_headless_and_no_batch_fails(tmp_path: Path, dialect: str) -> None:
    shop = Shop(tmp_path)
    unlimited = ("--set", "catalog_requests_per_minute=null")
    with serving(tmp_path) as server:
        made = shop.mcs("dataspace", "create", "load", *unlimited)
        assert made.returncode == 0, made.stderr
        run = _locust(tmp_path, server.url, dialect)

    with (tmp_path / "load_stats.csv").open(newline="") as file:
        [total] = [row for row in csv.DictReader(file) if row["Name"] == "Aggregated"]
    assert run.returncode == 0, run.stderr
    assert int(total["Request Count"]) > 0
    assert total["Failure Count"] == "0"


def test_a_wrong_key_fails_the_run(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    with serving(tmp_path) as server:
        shop.mcs("dataspace", "create", "load")
        path = tmp_path / "credentials" / "load.json"
        path.chmod(0o600)
        path.write_text(json.dumps({**json.loads(path.read_text()), "api_key": "unknown"}))
        run = _locust(tmp_path, server.url)

    assert run.returncode == 1
    assert "Client ID is invalid" in run.stdout + run.stderr


def _locust(var: Path, url: str, dialect: str = "feeds") -> subprocess.CompletedProcess[str]:
    command = "-f loadtests/locustfile.py --headless -u 2 -r 2 -t 3s --only-summary"
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "locust",
            *command.split(),
            "--host",
            url,
            "--csv",
            str(var / "load"),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "MCS_CREDENTIALS": str(var / "credentials" / "load.json"),
            "MCS_DIALECT": dialect,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
