"""The harness names the service's faults as the service does, though neither imports the other."""

import pytest

from mcs.harness.fault_actions import ACTIONS

served = pytest.importorskip("mcs.server.faults.actions", reason="this server knows only `lose`")


def test_both_know_the_same_actions() -> None:
    assert set(ACTIONS) == set(served.ACTIONS)


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_counts_and_takes_the_same_on_both_sides(name: str) -> None:
    named, known = ACTIONS[name], served.ACTIONS[name]

    defaults = {
        parameter.name: None if parameter.default is served.ABSENT else parameter.default
        for parameter in known.parameters
    }
    assert (named.scope, dict(named.parameters)) == (known.scope, defaults)
