"""How a command that reports a verdict ends: what it prints, what it writes, its exit code.

0: the sides agree, or differ no more than is tolerated. 1: discrepancies. 2: wrong usage. 3: it
could not be told, or a report could not be written. 130: interrupted.
"""

import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO

import click

from mcs.contract.errors import UsageError
from mcs.harness.discrepancy import DiffResult
from mcs.harness.errors import CouldNotTell
from mcs.harness.reports.formats import Destination, Form, Format, form, write_file
from mcs.harness.reports.report import SHOWN_PER_KIND, STRICT, Report, Threshold

EXIT_NOT_SO = 1
EXIT_COULD_NOT_TELL = 3
EXIT_INTERRUPTED = 130

INTERRUPTED = "Interrupted, so there is no verdict."
CRASHED = "mcs itself failed ({error}), so there is no verdict. Report it with what is said above."
NO_SCREEN = "cannot write to standard output: {reason}. What is there is not whole."

Write = Callable[[Form, IO[bytes]], None]


class NoVerdict(click.ClickException):
    """Ends a command that could not tell."""

    exit_code = EXIT_COULD_NOT_TELL


@dataclass(frozen=True, slots=True)
class Reporting:
    """What is asked for. format: of what is printed. output: a file that takes its place, or None.
    shown, shown_in_all, stories: of the text on a screen, see `render_text`."""

    format: Format = Format.TEXT
    output: Path | None = None
    files: tuple[Destination, ...] = ()
    threshold: Threshold = STRICT
    shown: int = SHOWN_PER_KIND
    shown_in_all: int | None = None
    stories: bool = False

    @contextmanager
    def exit_code(self) -> Iterator[None]:
        """Gives whatever keeps the block from a verdict its exit code, and tells it in each report,
        so that none of an earlier run is taken for this one's."""
        try:
            yield
        except (UsageError, click.ClickException, click.exceptions.Exit):
            raise
        except KeyboardInterrupt:
            click.echo(INTERRUPTED, err=True)
            raise click.exceptions.Exit(EXIT_INTERRUPTED) from None
        except CouldNotTell as error:
            self._fail(str(error))
        except Exception as error:
            # Python's own exit code for a crash is 1, which says "discrepancies".
            traceback.print_exc()
            self._fail(CRASHED.format(error=type(error).__name__))

    def passes(self, result: DiffResult) -> bool:
        """True if a verdict gives exit code 0."""
        return Report(result, self.threshold).passes

    def publish(self, result: DiffResult) -> None:
        """Prints and writes all that is asked for; raises Exit with 1 if it does not pass.

        Call it within `exit_code`. Raises NoVerdict if anything could not be written.
        """
        report = Report(result, self.threshold)
        show = partial(self._show, report)
        unwritten = self._deliver(lambda form, out: form.write(report, out), show)
        if unwritten:
            raise NoVerdict("\n".join(unwritten))
        if not report.passes:
            raise click.exceptions.Exit(EXIT_NOT_SO)

    def _fail(self, message: str) -> None:
        unwritten = self._deliver(lambda form, out: form.write_failure(message, out))
        raise NoVerdict("\n".join([message, *unwritten]))

    def _deliver(self, write: Write, show: Callable[[], None] | None = None) -> list[str]:
        """Writes all that can be written; returns what is to be said of the others."""
        unwritten = []
        for delivery in self._deliveries(write, show):
            try:
                delivery()
            except CouldNotTell as error:
                unwritten.append(str(error))
        return unwritten

    def _deliveries(
        self, write: Write, show: Callable[[], None] | None
    ) -> Iterator[Callable[[], None]]:
        files = self.files
        if self.output:
            files = (Destination(self.format, self.output), *files)
        elif self.format is not Format.TEXT:
            yield partial(_print, _writing(write, self.format))
        elif show:
            yield show
        for one in files:
            yield partial(write_file, one.path, _writing(write, one.format))

    def _show(self, report: Report) -> None:
        # Rich is loaded by whoever has something to show.
        from mcs.harness.reports.terminal import Screen
        from mcs.harness.reports.text import print_threshold, render_text

        console = Screen()
        try:
            render_text(
                report.result,
                console,
                self.shown,
                shown_in_all=self.shown_in_all,
                stories=self.stories,
            )
            print_threshold(report, console)
        except BrokenPipeError:
            _hush()
        except OSError as error:
            _hush()
            raise CouldNotTell(NO_SCREEN.format(reason=error.strerror)) from None


def _writing(write: Write, format_: Format) -> Callable[[IO[bytes]], None]:
    return lambda out: write(form(format_), out)


def _print(write: Callable[[IO[bytes]], None]) -> None:
    out = sys.stdout.buffer
    try:
        write(out)
        out.flush()
    except BrokenPipeError:
        _hush()
    except OSError as error:
        _hush()
        raise CouldNotTell(NO_SCREEN.format(reason=error.strerror)) from None


def _hush() -> None:
    """Sends what is still to be printed nowhere.

    Either whoever read it has read enough, such as `head`, which changes nothing about the verdict;
    or it cannot be written, and Python would try again at its end and make the exit code 120.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
