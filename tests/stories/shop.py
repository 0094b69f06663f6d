"""A shop and a service as a user has them, in a folder.

Commands run as their programs do, from the words to the exit code, but in the process of the test:
each would take a second to start. What a process is part of the story runs in one of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from sqlalchemy import Engine

from mcs import cli
from mcs.exporter import cli as exporter_cli
from mcs.exporter import service
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.configuration import set_value
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop
from mcs.fixtures.catalog import Catalog
from mcs.server_process import ServerProcess, server_process

ROOT = Path(__file__).parents[2]
COMMAND_S = 240

Finished = subprocess.CompletedProcess[str]


@dataclass(frozen=True, slots=True)
class Shop:
    """A working folder, that MCS_VAR names. Processes run in the project's root."""

    var: Path

    def mcs(self, *args: str, stdin: str | None = None, **env: str) -> Finished:
        """Runs `mcs …`."""
        return self._here(cli.main, args, stdin, env)

    def magento(self, *args: str, **env: str) -> Finished:
        """Runs `bin/magento …`."""
        return self._here(exporter_cli.run, args, None, env)

    def process(self, *args: str, **env: str) -> Finished:
        """Runs `mcs …` in a process of its own."""
        return self._run([sys.executable, "-m", "mcs", *args], env)

    def shell(self, line: str) -> Finished:
        """Runs a line as the seed prints it, with bin/magento and this Python."""
        python = Path(sys.executable).parent
        path = f"{python}{os.pathsep}{os.environ['PATH']}"
        return self._run(["sh", "-c", line], {"PATH": path})

    def _here(
        self,
        main: Callable[[Sequence[str]], None],
        args: Sequence[str],
        stdin: str | None,
        env: dict[str, str],
    ) -> Finished:
        told = {"MCS_VAR": str(self.var), **env}
        with CliRunner().isolation(stdin, told) as (stdout, stderr, _):
            try:
                main(args)
            except SystemExit as left:
                code = left.code
            sys.stdout.flush()
            printed = stdout.getvalue().decode(), stderr.getvalue().decode()
        assert isinstance(code, int)
        return subprocess.CompletedProcess(list(args), code, *printed)

    def _run(self, command: list[str], env: dict[str, str]) -> Finished:
        return subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "MCS_VAR": str(self.var), **env},
            input="",
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
            check=False,
        )

    def create_data_space(self, url: str) -> dict[str, Any]:
        """Makes a data space and configures the exporter with it, as the README says."""
        made = self.mcs("dataspace", "create", "shop", "--json")
        assert made.returncode == 0, made.stderr
        credentials: dict[str, Any] = json.loads(
            (self.var / "credentials" / "shop.json").read_text("utf-8")
        )
        with self._database() as engine, engine.begin() as connection:
            for path, value in (
                (service.DATA_SPACE_ID, credentials["data_space_id"]),
                (service.api_key_path("production"), credentials["api_key"]),
                (service.private_key_path("production"), credentials["private_key"]),
                (service.gateway_path("production"), url),
            ):
                set_value(connection, path, value)
        return credentials

    def generate(self, products: int) -> None:
        """Fills the shop with a generated catalog."""
        with self._database() as engine:
            load_catalog(engine, Catalog(seed=42, products=products), lambda _: None)

    @contextmanager
    def _database(self) -> Iterator[Engine]:
        # What is but preparation is done in this process; each command would take a second.
        engine = open_shop(Settings(var=self.var))
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def serving(var: Path, port: int = 0) -> Iterator[ServerProcess]:
    """Runs `mcs serve` on a port (0: a free one) until the block ends."""
    with server_process(var, port, quiet=True) as server:
        yield server
