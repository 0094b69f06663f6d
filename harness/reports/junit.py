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
    """Writes the cases, a suite for each run of cases that name the same one.

    name: of the whole, in front of each suite's. Memory is that of the cases, so bound their text.
    """
    document = JUnitXml(name)
    suites: dict[str, TestSuite] = {}
    for case in cases:
        if case.suite not in suites:
            suites[case.suite] = TestSuite(f"{name}.{case.suite}")
        suites[case.suite].add_testcase(_element(case, f"{name}.{case.suite}"))
    for suite in suites.values():
        document.add_testsuite(suite)
    document.update_statistics()
    document.write(out, pretty=True)


def _element(case: Case, classname: str) -> TestCase:
    element = TestCase(_legal(case.name), _legal(classname), 0)
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
