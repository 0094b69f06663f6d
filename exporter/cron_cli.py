"""`bin/magento cron:run` (one pass) and `mcs exporter run` (a pass each minute)."""

import os
import signal
import sys
import threading
from datetime import datetime, timedelta
from types import FrameType

import click

from mcs.exporter.resync_cli import ITEMS_FAILED
from mcs.exporter.run import Exporter, Time
from mcs.exporter.schedule import CronPass, next_window, run_forever
from mcs.exporter.sent_cli import sent
from mcs.exporter.settings import Settings
from mcs.exporter.shop import open_shop


@click.command("cron:run")
def cron_run() -> None:
    """Do what cron would do now: partial syncs, retries, the catalog sync window, clean-up.

    Exit code: 0 all sent or nothing due, 1 something failed or could not run.
    """
    settings = Settings.from_env(os.environ)
    engine = open_shop(settings)
    try:
        exporter = Exporter(engine, settings)
        # Who runs a pass by hand wants what changed to go now, also twice in a minute.
        done = CronPass(
            exporter, exporter.time.now(), at_once=frozenset({"index", "resync_now"})
        ).run()
    finally:
        engine.dispose()
    _tell(done)
    if not done.done and not done.skipped:
        click.echo("Nothing was due.")
    if done.skipped or not all(progress.clean for _, progress in done.done):
        sys.exit(ITEMS_FAILED)


@click.group()
def exporter() -> None:
    """The exporter as a service of its own."""


exporter.add_command(sent)


@exporter.command("run", short_help="Run cron's jobs each minute.")
@click.option(
    "--window",
    default=60,
    show_default=True,
    type=click.IntRange(min=1),
    help="Minutes between two catalog sync windows.",
)
def exporter_run(window: int) -> None:
    """Run cron's jobs each minute until Ctrl-C or SIGTERM; a sync under way is finished."""
    stopped = threading.Event()
    _stop_on_signals(stopped)
    settings = Settings.from_env(os.environ)
    engine = open_shop(settings)
    length = timedelta(minutes=window)
    runner = Exporter(engine, settings, Time(sleep=lambda seconds: _wait(stopped, seconds)))
    click.echo(f"Running; the next catalog sync window opens at {_next(runner, length)}.")
    try:
        run_forever(runner, window=length, stop=stopped.is_set, on_pass=_tell)
    finally:
        engine.dispose()
    click.echo("Stopped.")


def _tell(done: CronPass) -> None:
    for operation, progress in done.done:
        click.echo(
            f"{done.now:%Y-%m-%d %H:%M:%S} {operation} {progress.feed.name}: "
            f"{progress.submitted} submitted, {progress.failed} failed"
        )
        if progress.stopped:
            click.echo(f"Error: {progress.stopped}", err=True)
    for reason in done.skipped:
        click.echo(reason, err=True)


def _stop_on_signals(stopped: threading.Event) -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)


def _wait(stopped: threading.Event, seconds: float) -> None:
    stopped.wait(seconds)


def _next(runner: Exporter, window: timedelta) -> str:
    opens: datetime = next_window(runner.time.now(), window)
    return f"{opens:%H:%M} UTC"
