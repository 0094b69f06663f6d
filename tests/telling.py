"""What the tests tell at their end, besides which of them failed."""

from collections.abc import Iterable

import pytest

CASES_TRIED = "cases of an operation"
"""The property of a test that tries an operation of the API: with how many cases."""


def tried_of(reports: Iterable[pytest.TestReport]) -> str | None:
    """How many operations were tried with how many cases; None if no such test ran.

    reports: those of the tests' ends, since a test knows its count only then.
    """
    counts = [
        count
        for report in reports
        if report.when == "teardown"
        for name, count in report.user_properties
        if name == CASES_TRIED
    ]
    if not counts:
        return None
    return f"API: {len(counts)} operations tried with {sum(map(int, map(str, counts))):,} cases"
