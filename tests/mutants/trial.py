"""A mutant on trial: which clauses it fails."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mcs.harness.conformance.judging import Jury, Outcome
from mcs.harness.conformance.running import Bench, Terms, observations
from mcs.harness.conformance.scenarios import Pace, Scenario
from mcs.harness.conformance.service import DataSpace, LiveService
from mcs.harness.conformance.steps import Exporter
from mcs.harness.conformance.suites import FEEDS_SUITE, SUITES, Suite
from mcs.harness.conformance.verdict import Ruling

QUICK = Pace(stall_s=0.5, held_s=0.15, trickle_s=0.005)
MOST_TELLING = ("initial", "edit", "delete", "unavailable", "rejected", "reset-lost")
"""Scenarios that nearly everything wrong shows in, if it shows where it must not."""


class TrialService(LiveService):
    """A service that gives one data space to trial after trial, as new as on the first day.

    Making one takes a key pair, and reading its halves: as much as a scenario or two.
    """

    _kept: DataSpace | None = None
    _settings: Mapping[str, Any]

    def new_data_space(self, name: str) -> DataSpace:
        """The data space, emptied and with the settings it began with."""
        if self._kept is None:
            self._kept = super().new_data_space(name)
            self._settings = self.settings(self._kept.id)
        self.empty(self._kept.id, self._settings)
        return self._kept

    @contextmanager
    def trial(self) -> Iterator["TrialService"]:
        """Itself, whose clock returns to real time at the end."""
        try:
            yield self
        finally:
            self.run_real()


def tried(
    exporter: Exporter,
    service: LiveService,
    work: Path,
    scenarios: Iterable[Scenario] | None = None,
    suite: Suite = FEEDS_SUITE,
) -> Outcome:
    """What a suite says of an exporter after these scenarios, or all its own, in virtual time."""
    led = list(suite.scenarios.values() if scenarios is None else scenarios)
    bench = Bench(service, Terms(work, virtual=True, pace=QUICK, anew=False))
    jury = Jury(suite.clauses.values(), suite.dialect.name)
    for seen in observations(exporter, led, bench):
        jury.hear(seen)
    return jury.outcome({})


def telling(clause: str) -> list[Scenario]:
    """The scenarios that can show a clause, and some that must show nothing else."""
    suite = suite_of(clause)
    names = dict.fromkeys((*suite.clauses[clause].scenarios, *MOST_TELLING))
    return [suite.scenarios[name] for name in names]


def suite_of(clause: str) -> Suite:
    """The suite that a clause is of."""
    return next(suite for suite in SUITES.values() if clause in suite.clauses)


def failures(outcome: Outcome) -> list[str]:
    """The ids of the clauses that were failed."""
    return [judged.clause.id for judged in outcome.having(Ruling.FAIL)]


Trial = Callable[[Exporter, Iterable[Scenario]], Outcome]
