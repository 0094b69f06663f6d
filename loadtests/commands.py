"""A mock service and a shop as processes of their own, as a user has them: for benchmarks."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mcs.server_process import server_process

MCS = [sys.executable, "-m", "mcs"]
MAGENTO = [sys.executable, "-m", "mcs.exporter"]
CONNECTOR = "services_connector"


@dataclass(frozen=True, slots=True)
class Usage:
    """What a finished command took. peak_mb: its largest resident memory."""

    exit_code: int
    wall_s: float
    cpu_s: float
    peak_mb: float


@contextmanager
def service(home: Path) -> Iterator[str]:
    """Empties the folder and serves there on a free port; yields the URL."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    with server_process(home, tied=True) as server:
        yield server.url


def create_data_space(home: Path, name: str, options: Sequence[str] = ()) -> Path:
    """Makes a data space; returns the file with its credentials."""
    _run([*MCS, "dataspace", "create", name, "--var", str(home), *options], home)
    return home / "credentials" / f"{name}.json"


def configure_shop(home: Path, url: str, credentials: Path) -> None:
    """Configures the exporter as the README says."""
    known = json.loads(credentials.read_text("utf-8"))
    integration = f"{CONNECTOR}/services_connector_integration"
    pem = str(credentials.with_suffix(".pem"))
    for option in (
        (f"{CONNECTOR}/services_id/environment_id", known["data_space_id"]),
        (f"{integration}/production_api_key", known["api_key"]),
        (f"{integration}/production_private_key", "--from-file", pem),
        (f"{CONNECTOR}/production_gateway_url", url),
    ):
        _run([*MAGENTO, "config:set", *option], home)


def generate_catalog(home: Path, products: int) -> None:
    """Fills the shop with a catalog of this size."""
    command = "setup:performance:generate-fixtures"
    _run([*MAGENTO, command, "--products", str(products)], home)


def measured(command: list[str], home: Path) -> Usage:
    """Runs a command to its end and tells what it took, by the operating system's account."""
    started = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - our own commands
        command, env=environ(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - started
    cpu_s = used.ru_utime + used.ru_stime
    return Usage(process.returncode, wall_s, cpu_s, used.ru_maxrss / 1000)


def _run(command: list[str], home: Path) -> None:
    subprocess.run(  # noqa: S603 - our own commands
        command, env=environ(home), check=True, stdout=subprocess.DEVNULL
    )


def environ(home: Path) -> dict[str, str]:
    """The environment of commands whose folder this is."""
    return {**os.environ, "MCS_VAR": str(home)}
