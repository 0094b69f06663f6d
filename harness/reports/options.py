"""The options of every command that reports a verdict."""

from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

import click

from mcs.contract.errors import UsageError
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.reports.formats import Destination, Format, destination, suggested
from mcs.harness.reports.report import EVERY_KIND, SHOWN_PER_KIND, Threshold
from mcs.harness.reports.reporting import Reporting

TWO_FORMATS = "--json and --format {format} ask for two formats. Say one; --report writes more."
TWICE = "{path} is to be written twice. Give each report a file of its own."
UNKNOWN_KIND = '--fail-on: there is no kind "{kind}". Take one or more of: {kinds}.'

_OPTIONS = (
    click.option(
        "--format",
        "format_name",
        type=click.Choice([str(one) for one in Format]),
        help="How to print. [default: text, or as the name after -o suggests]",
    ),
    click.option("--json", "as_json", is_flag=True, help="Short for --format json."),
    click.option(
        "-o",
        "--output",
        type=click.Path(dir_okay=False, path_type=Path),
        metavar="FILE",
        help="Print into FILE instead.",
    ),
    click.option(
        "--report",
        "reports",
        metavar="FORMAT:FILE",
        multiple=True,
        help="Write a report beside what is printed, such as junit:report.xml; repeatable.",
    ),
    click.option(
        "--shown",
        type=click.IntRange(min=0),
        default=SHOWN_PER_KIND,
        show_default=True,
        help="Of each kind, list the first N on the screen.",
    ),
    click.option(
        "--max-discrepancies",
        "shown_in_all",
        type=click.IntRange(min=0),
        metavar="N",
        help="List at most N in all on the screen. Files always have all.",
    ),
    click.option(
        "-v", "--verbose", "stories", is_flag=True, help="Tell what happened to each item."
    ),
    click.option(
        "--fail-on",
        metavar="KINDS",
        help="Only these kinds give exit code 1, such as missing,changed; all are shown.",
    ),
    click.option(
        "--tolerate",
        type=click.IntRange(min=0),
        default=0,
        metavar="N",
        help="Exit with 0 if at most N count.",
    ),
)


def report_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command these options; it is called with `reporting`, what they ask for."""

    @wraps(command)
    def with_reporting(
        *,
        format_name: str | None,
        as_json: bool,
        output: Path | None,
        reports: Sequence[str],
        fail_on: str | None,
        tolerate: int,
        shown: int,
        shown_in_all: int | None,
        stories: bool,
        **others: Any,
    ) -> None:
        reporting = Reporting(
            format=_format(format_name, output, as_json=as_json),
            output=output,
            files=_files(output, reports),
            threshold=Threshold(_kinds(fail_on), tolerate),
            shown=shown,
            shown_in_all=shown_in_all,
            stories=stories,
        )
        command(reporting=reporting, **others)

    for option in reversed(_OPTIONS):
        with_reporting = option(with_reporting)
    return with_reporting


def _format(name: str | None, output: Path | None, *, as_json: bool) -> Format:
    if as_json and name not in (None, Format.JSON):
        raise UsageError(TWO_FORMATS.format(format=name))
    if as_json or name:
        return Format(name or Format.JSON)
    return (suggested(output) if output else None) or Format.TEXT


def _files(output: Path | None, reports: Sequence[str]) -> tuple[Destination, ...]:
    files = tuple(map(destination, reports))
    taken = [output] if output else []
    for one in files:
        if one.path in taken:
            raise UsageError(TWICE.format(path=one.path))
        taken.append(one.path)
    return files


def _kinds(names: str | None) -> frozenset[DiscrepancyKind]:
    if names is None:
        return EVERY_KIND
    chosen = [name.strip() for name in names.split(",")]
    for name in chosen:
        if name not in set(DiscrepancyKind):
            raise UsageError(UNKNOWN_KIND.format(kind=name, kinds=", ".join(DiscrepancyKind)))
    return frozenset(map(DiscrepancyKind, chosen))
