"""JUnit XML as GitLab, Jenkins and GitHub's actions read it, from any list of cases."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import IO

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from mcs.harness.reports.parts import printable


class Outcome(StrEnum):
    """How a case went."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    ERROR = "error"
    """It could not be told."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case. suite and name together are unique, and the same from run to run, since CI systems
    compare runs by them. message: one line. text: lines of detail."""

    suite: str
    name: str
    outcome: Outcome = Outcome.PASSED
    message: str = ""
    text: str = ""


_ELEMENTS = {Outcome.FAILED: Failure, Outcome.SKIPPED: Skipped, Outcome.ERROR: Error}


def write_junit(name: str, cases: Iterable[Case], out: IO[bytes]) -> None:
    """Writes the cases by suite; name: of the whole, in front of each suite's.

    All are in memory at a time, so bound their text.
    """
    document = JUnitXml(_legal(name))
    suites: dict[str, TestSuite] = {}
    for case in cases:
        full_name = _legal(f"{name}.{case.suite}")
        if full_name not in suites:
            suites[full_name] = TestSuite(full_name)
        suites[full_name].add_testcase(_element(case, full_name))
    for suite in suites.values():
        document.add_testsuite(suite)
    document.update_statistics()
    document.write(out, pretty=True)


def _element(case: Case, classname: str) -> TestCase:
    element = TestCase(_legal(case.name), classname, 0)
    if case.outcome in _ELEMENTS:
        # One child alone: Jenkins keeps no more. The text repeats the message: GitLab shows no
        # other.
        told = _ELEMENTS[case.outcome](_legal(case.message), case.outcome.value)
        told.text = _legal("\n".join(filter(None, (case.message, case.text))))
        element.result = [told]
    return element


def _legal(text: str) -> str:
    """The text without what XML 1.0 cannot hold, not even escaped."""
    return "\n".join(map(printable, text.split("\n")))
