"""A shop whose exports go wrong in many ways, and the commands of `mcs case` in this process."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from mcs.cli import cli
from mcs.contract.feeds import SEED_FEEDS
from mcs.exporter.run import Resync
from mcs.server.faults.actions import ACTIONS, Scope
from tests.server.faulty import put_in_force
from tests.server.running import RunningService
from tests.stories.paired import PairedShop, VirtualClock, paired_shop

PARAMETERS: dict[str, dict[str, Any]] = {
    "stall": {"seconds": 0.01},
    "trickle": {"piece_bytes": 500, "pause_s": 0},
    "late": {"requests": 3},
    "answer": {"status": 418},
    "half_close": {"recorded": False},
}
_OF_REQUESTS = [name for name, action in ACTIONS.items() if action.scope is Scope.REQUEST]
_OF_ITEMS = [name for name in ACTIONS if name not in _OF_REQUESTS]
# Of the few requests each fault hits one; of the many items each hits some in every batch.
CONDITIONS = {
    **{name: {"nth": place} for place, name in enumerate(_OF_REQUESTS, start=1)},
    **{name: {"every": 5 + 2 * place} for place, name in enumerate(_OF_ITEMS)},
}


def run(*args: str, group: str = "case") -> Result:
    """Runs `mcs case …`, or another command of mcs, in this process."""
    return CliRunner().invoke(cli, [group, *args])


def pytest_says(test: Path) -> str:
    """What pytest says of a file, run as a user would, in a process of its own."""
    options = ["-p", "no:randomly", "-p", "no:cacheprovider", str(test)]
    command = [sys.executable, "-m", "pytest", *options]
    ran = subprocess.run(command, cwd=test.parent, capture_output=True, text=True, check=False)
    return ran.stdout


def document(result: Result) -> dict[str, Any]:
    """What a command printed with --json."""
    found: dict[str, Any] = json.loads(result.stdout)
    return found


@contextmanager
def faulty_shop(service: RunningService, folder: Path, products: int) -> Iterator[PairedShop]:
    """A shop that has synced all feeds, some twice, while every kind of fault was in force."""
    # What is throttled is waited for, which need not take time.
    time = VirtualClock().time()
    with paired_shop(folder, service.data_space(), products, time) as shop:
        for action, conditions in CONDITIONS.items():
            parameters = PARAMETERS.get(action, {})
            put_in_force(shop.data_space, action, parameters=parameters, **conditions)
        for force in (False, True):
            for feed in SEED_FEEDS:
                shop.exporter.resync(feed, Resync(force=force))
        yield shop


def captured(shop: PairedShop, path: Path, *options: str) -> dict[str, Any]:
    """The shop's data space as a case file."""
    var = str(shop.exporter.settings.var)
    result = run("capture", "--var", var, "-o", str(path), "--json", *options)
    assert result.exit_code == 0, result.output
    return document(result)
