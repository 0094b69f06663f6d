"""The service that tests share is left as it was found."""

import pytest

CONFTEST = """
from tests.conftest import *
pytest_plugins = ()
"""
TURNS = """
def test_turns(service):
    service.http.request("PUT", service.url + "/control/clock", json={"advance_s": 60})
"""
TURNS_BACK = (
    TURNS
    + """
    service.http.request("PUT", service.url + "/control/clock", json={"real": True})
"""
)
SEES = """
def test_sees(service):
    assert service.clock.reading().kind == "real"
"""


def test_a_module_that_leaves_the_clock_turned_is_named(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_1_turns=TURNS, test_2_sees=SEES)

    result = pytester.runpytest("-p", "no:randomly", "-p", "no:xdist")

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(
        ["*test_1_turns.py leaves the clock of the service turned (offset*"]
    )


def test_a_module_that_turns_it_back_is_in_order(pytester: pytest.Pytester) -> None:
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_1_turns=TURNS_BACK, test_2_sees=SEES)

    pytester.runpytest("-p", "no:randomly", "-p", "no:xdist").assert_outcomes(passed=2)
