"""The command-line options that say what a diff looks at and how it compares."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any

import click

from mcs.contract.errors import UsageError
from mcs.harness.moments import moment
from mcs.harness.options import DUCKDB, MEMORY_LIMIT

SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
DURATION = re.compile(r"(\d+(?:\.\d+)?)([smhd]?)")
NO_POINTER = (
    '{option} "{given}" is no JSON pointer. Begin it with a slash, such as /images/*/label.'
)
NO_TOLERANCE = (
    '--tolerance "{given}" says no number of 0 or more. Give one for all numbers, such as 0.005, '
    "or one for a field, such as /regular=0.005."
)
NO_MOMENT = (
    '{option} "{given}" is no moment. Give one such as 2026-11-22T10:00:00Z; without a zone it is '
    "UTC."
)
NO_DURATION = '--late-after "{given}" is no duration. Give one such as 90, 90s, 15m or 1h.'

Command = Callable[..., Any]

_OPTIONS = (
    click.option(
        "--ignore",
        metavar="POINTER",
        multiple=True,
        help="A field that does not count, such as /images/*/label; repeatable.",
    ),
    click.option(
        "--order-free",
        metavar="POINTER",
        multiple=True,
        help="A list whose order does not count, such as /categories; /** is every list.",
    ),
    click.option(
        "--tolerance",
        metavar="[POINTER=]NUMBER",
        multiple=True,
        help="How far apart numbers may be, such as 0.005 or /regular=0.005; repeatable.",
    ),
    click.option("--null-is-absent", is_flag=True, help="Take null for a field that is not there."),
    click.option(
        "--late-after",
        metavar="DURATION",
        help="Tell what arrived longer than this after its modification, such as 15m.",
    ),
    click.option(
        "--since", metavar="MOMENT", help="Only what was sent, else received, since then."
    ),
    click.option(
        "--until", metavar="MOMENT", help="Only what was sent, else received, before then."
    ),
    click.option("--resends", is_flag=True, help="Tell content that was sent again unchanged."),
    click.option(
        "--digests/--no-digests",
        default=None,
        help="Let bucket digests prove what is in sync, and list the rest. Without rows no "
        "latencies are known. [default: from 100,000 items on]",
    ),
    click.option(
        "--engine",
        default=DUCKDB,
        show_default=True,
        help="What runs the reconciliation: duckdb, spark-local[4], or a Spark master's URL.",
    ),
    click.option(
        "--memory-limit",
        default=MEMORY_LIMIT,
        show_default=True,
        help="How much memory DuckDB takes before it goes to disk.",
    ),
)
_NAMES = (
    "ignore",
    "order_free",
    "tolerance",
    "null_is_absent",
    "late_after",
    "since",
    "until",
    "resends",
    "digests",
    "engine",
    "memory_limit",
)


def comparing(command: Command) -> Command:
    """Adds the options; the command is called with `comparing`, the arguments of `Options`."""

    @wraps(command)
    def called(*args: Any, **given: Any) -> Any:
        own = {name: given.pop(name) for name in _NAMES}
        return command(*args, comparing=_arguments(**own), **given)

    for option in reversed(_OPTIONS):
        called = option(called)
    return called


def _arguments(
    ignore: Sequence[str],
    order_free: Sequence[str],
    tolerance: Sequence[str],
    late_after: str | None,
    since: str | None,
    until: str | None,
    **plain: Any,
) -> dict[str, Any]:
    return {
        "ignore": _pointers("--ignore", ignore),
        "order_free": _pointers("--order-free", order_free),
        "tolerance": dict(map(_tolerance, tolerance)),
        "late_after_s": None if late_after is None else _duration_s(late_after),
        "since": _moment("--since", since),
        "until": _moment("--until", until),
        **plain,
    }


def _pointers(option: str, given: Sequence[str]) -> tuple[str, ...]:
    for pointer in given:
        if not pointer.startswith("/"):
            raise UsageError(NO_POINTER.format(option=option, given=pointer))
    return tuple(given)


def _tolerance(given: str) -> tuple[str, float]:
    pointer, _, text = given.rpartition("=")
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise UsageError(NO_TOLERANCE.format(given=given))
    return (_pointers("--tolerance", [pointer])[0] if pointer else ""), number


def _duration_s(given: str) -> float:
    found = DURATION.fullmatch(given)
    if not found:
        raise UsageError(NO_DURATION.format(given=given))
    number, unit = found.groups()
    return float(number) * SECONDS[unit]


def _moment(option: str, given: str | None) -> datetime | None:
    parsed = moment(given)
    if given is not None and parsed is None:
        raise UsageError(NO_MOMENT.format(option=option, given=given))
    return parsed
