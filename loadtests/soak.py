"""`python -m mcs.loadtests.soak`: server and exporter live through edits, faults and kill -9.

Then the faults end, what is left over is sent, and the diff has to be empty. Memory and file
descriptors have to stay flat. Exit code: 0 in sync and flat, 1 not, 3 could not tell.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import click
import urllib3

from mcs.contract.feeds import SEED_FEEDS
from mcs.loadtests.commands import (
    MAGENTO,
    MCS,
    configure_shop,
    create_data_space,
    environ,
    generate_catalog,
)
from mcs.loadtests.vitals import Growth, Vitals, descendants
from mcs.server_process import NotStarted, ServerProcess, server_process

WORKERS = 2
COMMAND_S = 600
PAUSE_S = 2.0
MEMORY_MB_PER_MINUTE = 5.0
DESCRIPTORS_PER_MINUTE = 1.0
IN_SYNC, DISCREPANCIES, NOT_TOLD = 0, 1, 3

# Those of which an exporter that does as it should is in sync again by itself. It does not send
# again what was refused, until that changes.
FAULTS: tuple[dict[str, Any], ...] = (
    {"action": "answer", "parameters": {"status": 503}, "count": 2},
    {"action": "answer", "parameters": {"status": 500}, "count": 2},
    {"action": "throttle", "parameters": {"retry_after_s": 1}, "count": 2},
    {"action": "maintenance", "parameters": {"retry_after_s": 1}, "count": 2},
    {"action": "stall", "parameters": {"seconds": 2}, "count": 2},
    {"action": "trickle", "parameters": {"pause_s": 0.01}, "count": 2},
    {"action": "reset", "count": 2},
    {"action": "close", "count": 2},
    {"action": "half_close", "count": 2},
    {"action": "truncate", "count": 2},
    {"action": "malform", "count": 2},
    {"action": "skew", "parameters": {"seconds": 3600}, "count": 1},
)


@dataclass
class Soak:
    """The two sides, and what was done to them."""

    home: Path
    chance: random.Random
    vitals: Vitals = field(default_factory=Vitals)
    done: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    server: ServerProcess | None = None
    exporter: "subprocess.Popen[bytes] | None" = None
    data_space_id: str = ""
    _serving: ExitStack = field(default_factory=ExitStack)

    def start_server(self, port: int = 0) -> str:
        """Serves on a port; the URL."""
        options = ["--workers", str(WORKERS)]
        process = server_process(self.home, port, quiet=True, options=options)
        self.server = self._serving.enter_context(process)
        return self.server.url

    def start_exporter(self) -> None:
        """Runs the exporter's cron until somebody ends it."""
        with (self.home / "exporter.log").open("ab") as said:
            self.exporter = subprocess.Popen(  # noqa: S603 - our own command
                [*MCS, "exporter", "run", "--window", "1"],
                env=environ(self.home),
                stdout=said,
                stderr=said,
            )

    def edit(self) -> None:
        """Makes a few edits of the catalog."""
        seed = str(self.chance.randrange(2**31))
        self.run([*MCS, "catalog", "edit", "--random", "5", "--seed", seed])

    def spoil(self) -> None:
        """Adds a fault."""
        rule = self.chance.choice(FAULTS)
        self._control("POST", "/faults", rule)
        self.done[f"fault {rule['action']}"] += 1

    def sync(self) -> None:
        """Runs a sync beside the exporter's own; it may find a feed locked, or the service away."""
        self.run([*MAGENTO, "cron:run"], may_fail=True)

    def kill_worker(self) -> None:
        """kill -9 of one process of the server."""
        workers = list(descendants(self._server().process.pid))
        if workers:
            self._kill(self.chance.choice(workers))

    def kill_server(self) -> None:
        """kill -9 of all the server; it begins anew on the same port."""
        server = self._server()
        server.kill()
        self._serving.close()
        self._serving = ExitStack()
        self.start_server(int(server.url.rstrip("/").rpartition(":")[2]))

    def kill_exporter(self) -> None:
        """kill -9 of the exporter; it begins anew."""
        assert self.exporter is not None  # noqa: S101 - it was started
        self.exporter.kill()
        self.exporter.wait()
        self.start_exporter()

    def heal(self) -> None:
        """Ends the faults and sends what is left over."""
        self._control("DELETE", "/faults", None)
        if self.exporter is not None:
            self.exporter.send_signal(signal.SIGTERM)
            self.exporter.wait(COMMAND_S)
        for feed in SEED_FEEDS:
            # A second time heals what was begun by a process that was killed.
            self.run([*MAGENTO, "saas:resync", "--feed", feed.cli_names[0]], tries=2)

    def difference(self) -> tuple[int, Any]:
        """Exit code and report of `mcs diff`."""
        said = self._finished([*MCS, "diff", "--json"])
        try:
            return said.returncode, json.loads(said.stdout)
        except json.JSONDecodeError:
            return NOT_TOLD, said.stderr.decode("utf-8", "replace")[-2_000:]

    def look(self) -> None:
        """Samples all processes."""
        server = self._server().process.pid
        self.vitals.look("server, master", [server])
        self.vitals.look("server, worker", descendants(server))
        if self.exporter is not None:
            self.vitals.look("exporter", [self.exporter.pid])

    def run(self, command: list[str], *, may_fail: bool = False, tries: int = 1) -> None:
        """Runs a command to its end. Raises subprocess.CalledProcessError."""
        for left in reversed(range(tries)):
            finished = self._finished(command)
            if finished.returncode == 0:
                return
            self.failed[" ".join(command[3:5])] += 1
            if not (may_fail or left):
                raise subprocess.CalledProcessError(
                    finished.returncode, command, finished.stdout, finished.stderr
                )

    def end(self) -> None:
        """Ends what still runs."""
        if self.exporter is not None and self.exporter.poll() is None:
            self.exporter.kill()
            self.exporter.wait()
        self._serving.close()

    def _finished(self, command: list[str]) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(  # noqa: S603 - our own commands
            command,
            env=environ(self.home),
            capture_output=True,
            timeout=COMMAND_S,
            check=False,
        )

    def _server(self) -> ServerProcess:
        assert self.server is not None  # noqa: S101 - it was started
        return self.server

    def _kill(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            self.done["killed too late"] += 1

    def _control(self, method: str, path: str, body: Any) -> None:
        url = f"{self._server().url.rstrip('/')}/control/data-spaces/{self.data_space_id}{path}"
        try:
            answer = urllib3.request(method, url, json=body, retries=5, timeout=60)
        except urllib3.exceptions.HTTPError:
            self.failed[f"{method} {path}"] += 1
            return
        if answer.status >= 400:
            raise NotStarted(f"{method} {url}: {answer.status} {answer.data.decode()[:300]}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. diff: the exit code of `mcs diff`; report: what it said."""

    minutes: float
    diff: int
    report: Any
    done: dict[str, int]
    failed: dict[str, int]
    growth: dict[str, Growth]

    @property
    def is_flat(self) -> bool:
        """True if nothing grew that was looked at for long enough."""
        return all(
            each.memory_mb_per_minute <= MEMORY_MB_PER_MINUTE
            and each.descriptors_per_minute <= DESCRIPTORS_PER_MINUTE
            for each in self.growth.values()
        )

    @property
    def exit_code(self) -> int:
        """0 in sync and flat, 1 not, 3 could not tell."""
        return self.diff if self.diff else IN_SYNC if self.is_flat else DISCREPANCIES


def soaked(
    home: Path, minutes: float, products: int, seed: int, tell: Callable[[str], None]
) -> Outcome:
    """Lives through so many minutes in a folder, which is emptied before."""
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    soak = Soak(home, random.Random(seed))  # noqa: S311 - nothing to keep secret
    try:
        _set_up(soak, products)
        _live(soak, minutes, tell)
        tell("the faults end, what is left over is sent")
        soak.heal()
        soak.look()
        code, report = soak.difference()
    finally:
        soak.end()
    grown = dict(soak.vitals.growth())
    return Outcome(minutes, code, report, dict(soak.done), dict(soak.failed), grown)


def _set_up(soak: Soak, products: int) -> None:
    url = soak.start_server()
    credentials = create_data_space(soak.home, "soak")
    soak.data_space_id = json.loads(credentials.read_text("utf-8"))["data_space_id"]
    configure_shop(soak.home, url, credentials)
    generate_catalog(soak.home, products)
    soak.start_exporter()


def _live(soak: Soak, minutes: float, tell: Callable[[str], None]) -> None:
    # Each kill of a side makes its memory begin anew, so they are rare.
    weights = {
        soak.edit: 30,
        soak.spoil: 20,
        soak.sync: 20,
        soak.kill_worker: 3,
        soak.kill_server: 2,
        soak.kill_exporter: 3,
    }
    began, told_at = time.monotonic(), 0.0
    while (gone := time.monotonic() - began) < minutes * 60:
        [act] = soak.chance.choices(list(weights), list(weights.values()))
        act()
        soak.done[act.__name__.replace("_", " ")] += 1
        soak.look()
        if gone - told_at >= 60:
            told_at = gone
            tell(f"{gone / 60:.0f} of {minutes:g} minutes: {_in_words(soak.done)}")
        time.sleep(soak.chance.uniform(0, PAUSE_S))


def _in_words(done: Counter[str]) -> str:
    return ", ".join(f"{count} x {name}" for name, count in sorted(done.items()))


@click.command()
@click.option("--minutes", default=20.0, show_default=True, type=click.FloatRange(min=0.1))
@click.option("--products", default=200, show_default=True, type=click.IntRange(min=1))
@click.option("--seed", default=1, show_default=True, help="Of what is done to the two sides.")
@click.option("--var", default=Path("var/soak"), type=click.Path(path_type=Path), show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def main(minutes: float, products: int, seed: int, var: Path, as_json: bool) -> None:
    """Live through edits, faults and kill -9, and demand that nothing is lost and nothing grows."""
    try:
        outcome = soaked(var, minutes, products, seed, lambda line: click.echo(line, err=True))
    except (NotStarted, subprocess.SubprocessError) as error:
        said = getattr(error, "stderr", None) or b""
        click.echo(f"Could not tell: {error}\n{said.decode('utf-8', 'replace')}", err=True)
        sys.exit(NOT_TOLD)
    if as_json:
        shown = asdict(outcome) | {"flat": outcome.is_flat, "exit_code": outcome.exit_code}
        click.echo(json.dumps(shown, indent=2))
    else:
        click.echo("\n".join(_lines(outcome, seed)))
    sys.exit(outcome.exit_code)


def _lines(outcome: Outcome, seed: int) -> list[str]:
    verdict = {0: "in sync", 1: "DISCREPANCIES"}.get(outcome.diff, "COULD NOT TELL")
    lines = [
        f"{outcome.minutes:g} minutes with seed {seed}: {_in_words(Counter(outcome.done))}",
        f"commands that failed meanwhile: {_in_words(Counter(outcome.failed)) or 'none'}",
    ]
    for role, grown in outcome.growth.items():
        lines.append(
            f"{role:16} {grown.memory_mb_per_minute:+8.2f} MB/min "
            f"{grown.descriptors_per_minute:+7.2f} descriptors/min, at most "
            f"{grown.peak_memory_mb:.0f} MB and {grown.peak_descriptors}, of {grown.lives} lives"
        )
    lines.append(f"the diff after it: {verdict}; {'flat' if outcome.is_flat else 'GROWING'}")
    if outcome.diff:
        lines.append(json.dumps(outcome.report)[:4_000])
    return lines


if __name__ == "__main__":
    main()
