"""What the soak looks at, and what it makes of that."""

import os
from pathlib import Path

from mcs.loadtests.soak import FAULTS, Outcome
from mcs.loadtests.vitals import FEWEST_SAMPLES, WARM_UP_S, Growth, Vitals, descendants
from mcs.server.faults.rules import new_rule

FLAT = Growth(2, 0.1, 0.0, 90.0, 12)
GROWING = Growth(2, 0.1, 3.0, 90.0, 400)


def outcome(diff: int, *growth: Growth) -> Outcome:
    """What came of a soak in which processes grew so."""
    return Outcome(1.0, diff, {}, {}, {}, {str(place): one for place, one in enumerate(growth)})


def test_only_in_sync_and_flat_is_well() -> None:
    codes = [
        outcome(0, FLAT).exit_code,
        outcome(0, FLAT, GROWING).exit_code,
        outcome(1, FLAT).exit_code,
        outcome(3, FLAT).exit_code,
    ]

    assert codes == [0, 1, 1, 3]


def test_open_files_of_a_process_are_seen_to_grow(tmp_path: Path) -> None:
    moments = iter(WARM_UP_S * number for number in range(100))
    vitals = Vitals(now=lambda: float(next(moments)))
    held = []

    for number in range(FEWEST_SAMPLES + 2):
        vitals.look("us", [os.getpid()])
        held.append((tmp_path / str(number)).open("w"))
    for file in held:
        file.close()

    grown = vitals.growth()["us"]
    assert grown.lives == 1
    assert round(grown.descriptors_per_minute) == 2


def test_a_process_that_is_gone_is_passed_over() -> None:
    vitals = Vitals()

    vitals.look("gone", [2**22 + 1, *descendants(2**22 + 1)])

    assert vitals.growth() == {}


def test_every_fault_of_the_soak_is_one() -> None:
    assert [new_rule(rule).action for rule in FAULTS] == [rule["action"] for rule in FAULTS]
