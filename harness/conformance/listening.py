"""Judges an exporter that somebody runs by hand: a data space is shown, and whatever comes is
watched until the time is over, enough has come, or the watch is broken off."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Event

from mcs.harness.conformance.observation import Observation
from mcs.harness.conformance.running import secrets_of
from mcs.harness.conformance.scenarios import REAL_PACE, Break, Pace, Rule, Scenario
from mcs.harness.conformance.seen import refusals, seen_request
from mcs.harness.conformance.service import DataSpace, LiveService
from mcs.harness.conformance.steps import StepKind

POLL_S = 0.2
LISTENING = "listening"


@dataclass(frozen=True, slots=True)
class Until:
    """When to stop listening: after so many seconds, or requests, whichever comes first."""

    seconds: float
    requests: int | None = None

    def is_over(self, passed_s: float, requests: int) -> bool:
        """True if it is time.

        >>> Until(60, 3).is_over(1.0, 3), Until(60).is_over(1.0, 3)
        (True, False)
        """
        return passed_s >= self.seconds or (self.requests is not None and requests >= self.requests)


def break_as(
    service: LiveService,
    space: DataSpace,
    scenarios: Sequence[Scenario],
    pace: Pace = REAL_PACE,
) -> int:
    """Puts the faults of scenarios in force at once, and their settings; returns how many."""
    for scenario in scenarios:
        service.change_settings(space.id, scenario.settings or {})
    rules = [rule for scenario in scenarios for rule in _rules(scenario, pace)]
    for rule in rules:
        service.add_fault(space.id, rule)
    return len(rules)


def wait_until(service: LiveService, space: DataSpace, until: Until, stop: Event) -> None:
    """Lets an exporter send, until it is time or `stop` is set."""
    started = time.monotonic()
    while not until.is_over(time.monotonic() - started, len(service.requests(space.id))):
        if stop.wait(POLL_S):
            return


def heard(
    service: LiveService,
    space: DataSpace,
    scenarios: Sequence[Scenario] = (),
    pace: Pace = REAL_PACE,
    parallel: int = 1,
) -> Observation:
    """All that came to a data space, which can show what the scenarios in force have to show, but
    for an outage: nobody ends it here."""
    entries = service.requests(space.id)
    refused = refusals(service.rejected(space.id))
    requests = [
        seen_request(entry, service.body(space.id, entry["id"]), 0, refused) for entry in entries
    ]
    return Observation(
        scenario=LISTENING,
        shows=tuple(one.name for one in scenarios if _ends_by_itself(one, pace)),
        # Nobody said what was done when, so all of it is one step.
        steps=(StepKind.RECOVER,),
        requests=requests,
        secrets=secrets_of(space),
        parallel=parallel,
        held_s=pace.held_s,
        retry_after_s=pace.retry_after_s,
    )


def _ends_by_itself(scenario: Scenario, pace: Pace) -> bool:
    return all("count" in rule for rule in _rules(scenario, pace))


def _rules(scenario: Scenario, pace: Pace) -> list[Rule]:
    breaks = [act for act in scenario.acts if isinstance(act, Break)]
    return [rule for act in breaks for rule in act.rules(pace)]
