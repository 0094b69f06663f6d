"""The options of `mcs diff` that say what is looked at and how it is compared."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from mcs.contract.errors import UsageError
from mcs.harness.comparing_cli import comparing
from mcs.harness.options import Options


def run(*args: str) -> tuple[Result, Options]:
    """What a command with these options makes of its arguments."""
    given: dict[str, Any] = {}

    @click.command()
    @comparing
    def command(comparing: Mapping[str, Any]) -> None:
        given.update(comparing)

    result = CliRunner().invoke(command, args)
    return result, Options(**given)


def test_without_options_everything_is_compared_exactly() -> None:
    assert run()[1] == Options()


def test_each_option_says_what_it_is_named_for() -> None:
    _, options = run(
        *("--ignore", "/images/*/label", "--ignore", "/weight", "--order-free", "/categories"),
        *("--tolerance", "0.5", "--tolerance", "/regular=0.005", "--null-is-absent", "--resends"),
        *("--since", "2026-11-22 10:00:00", "--until", "2026-11-22T12:00:00+01:00"),
        *("--late-after", "15m", "--engine", "spark-local[2]", "--memory-limit", "2GB"),
    )

    assert options == Options(
        ignore=("/images/*/label", "/weight"),
        order_free=("/categories",),
        tolerance={"": 0.5, "/regular": 0.005},
        null_is_absent=True,
        resends=True,
        since=datetime(2026, 11, 22, 10, tzinfo=UTC),
        until=datetime(2026, 11, 22, 11, tzinfo=UTC),
        late_after_s=900.0,
        engine="spark-local[2]",
        memory_limit="2GB",
    )


@pytest.mark.parametrize(
    ("given", "seconds"), [("90", 90), ("1.5s", 1.5), ("2m", 120), ("1h", 3600), ("1d", 86400)]
)
def test_a_duration_has_a_unit_or_is_in_seconds(given: str, seconds: float) -> None:
    assert run("--late-after", given)[1].late_after_s == seconds


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("--ignore", "images"), '--ignore "images" is no JSON pointer'),
        (("--order-free", "images"), '--order-free "images" is no JSON pointer'),
        (("--tolerance", "a little"), '--tolerance "a little" says no number'),
        (("--tolerance", "-1"), "says no number of 0 or more"),
        (("--tolerance", "inf"), "says no number of 0 or more"),
        (("--tolerance", "nan"), "says no number of 0 or more"),
        (("--tolerance", "regular=1"), '--tolerance "regular" is no JSON pointer'),
        (("--late-after", "soon"), '--late-after "soon" is no duration'),
        (("--since", "monday"), '--since "monday" is no moment'),
        (("--until", ""), '--until "" is no moment'),
    ],
)
def test_what_cannot_be_meant_is_told(args: tuple[str, str], reason: str) -> None:
    result, _ = run(*args)

    assert isinstance(result.exception, UsageError)
    assert reason in str(result.exception)
