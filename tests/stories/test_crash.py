"""The server dies in the middle of a sync; nothing that it acknowledged is lost."""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import urllib3

from mcs.server_process import ServerProcess
from tests.stories.shop import ROOT, Shop, serving

FEED_TABLE = "cde_product_overrides_feed"


def test_acknowledged_items_survive_kill_9_and_a_rerun_ends_in_sync(tmp_path: Path) -> None:
    shop = Shop(tmp_path)
    with serving(tmp_path) as server:
        data_space = shop.create_data_space(server.url)["data_space_id"]
        shop.generate(500)
        sync = _start_sync(tmp_path)
        _kill_when_some_are_sent(server, sync, tmp_path)
        sync.wait(timeout=120)
    acknowledged = _acknowledged(tmp_path)

    with serving(tmp_path, port=int(server.url.rpartition(":")[2])) as restarted:
        received = _received(restarted.url, data_space)
        rerun = shop.magento("saas:resync", "--feed", "productoverrides")
        diff = shop.mcs("diff", "--json")

    assert sync.returncode == 1
    assert acknowledged
    assert acknowledged <= received
    assert rerun.returncode == 0, rerun.stderr
    assert diff.returncode == 0, diff.stdout
    assert json.loads(diff.stdout)["feeds"]["productOverrides"]["in_sync"] > len(acknowledged)


def _start_sync(var: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "mcs.exporter", "saas:resync", "--feed", "productoverrides"],
        cwd=ROOT,
        env={"MCS_VAR": str(var)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _kill_when_some_are_sent(
    server: ServerProcess, sync: subprocess.Popen[bytes], var: Path
) -> None:
    while sync.poll() is None:
        if len(_acknowledged(var)) >= 500:
            server.kill()
            return
    raise AssertionError("the sync ended before the server could be killed")


def _acknowledged(var: Path) -> set[str]:
    with closing(sqlite3.connect(var / "commerce.sqlite", timeout=30)) as database:
        made = database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", [FEED_TABLE])
        if not made.fetchone():
            return set()
        sent = database.execute(f"SELECT feed_id FROM {FEED_TABLE} WHERE status = 200")  # noqa: S608
        return {feed_id for (feed_id,) in sent}


def _received(url: str, data_space: str) -> set[str]:
    answer = urllib3.request("GET", f"{url}/control/data-spaces/{data_space}/received")
    return {json.loads(line)["key"] for line in answer.data.splitlines()}
