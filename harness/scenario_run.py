"""A scenario under way at a service: begun, watched, and what it did."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mcs.contract.errors import UsageError
from mcs.harness.control import Control
from mcs.harness.errors import CouldNotTell
from mcs.harness.scenarios import Rule, Scenario


@dataclass(frozen=True, slots=True)
class FaultState:
    """How far one step's fault is. hits: what the journal says that it did, so often."""

    step: int
    fault: Mapping[str, Any]
    hits: int = 0

    @property
    def spent(self) -> bool:
        """True if it hits nothing more, whatever the time is."""
        count, nth = self.fault.get("count"), self.fault.get("nth")
        if count is not None and self.fault["applied"] >= count:
            return True
        numbers = nth if isinstance(nth, list) else [nth]
        return nth is not None and self.fault["seen"] >= max(numbers)


@dataclass(frozen=True, slots=True)
class ScenarioRun:
    """A scenario in force since `start`, by the service's clock.

    faults: as registered, one for each step. settings_before: those that it changed.
    """

    scenario: Scenario
    start: datetime
    faults: Sequence[Rule]
    settings_before: Mapping[str, Any]

    def states(self, control: Control) -> list[FaultState]:
        """How far each step is; a fault that was ended meanwhile is as it was registered."""
        present = {fault["id"]: fault for fault in control.faults()}
        hits = Counter(event["fault_id"] for event in control.fault_journal())
        return [
            FaultState(step, present.get(fault["id"], fault), hits[fault["id"]])
            for step, fault in enumerate(self.faults, start=1)
        ]

    def is_over(self, now: datetime, states: Sequence[FaultState]) -> bool:
        """True once no step can hit any more."""
        length = self.scenario.length
        if length is not None and now >= self.start + length:
            return True
        return all(state.spent for state in states)

    def put_settings_back(self, control: Control) -> None:
        """Gives the data space the settings that it had."""
        if self.settings_before:
            control.change_settings(dict(self.settings_before))


def begin(control: Control, scenario: Scenario) -> ScenarioRun:
    """Puts the scenario's settings and faults in force, all or none.

    Raises UsageError that names the step if the service refuses it.
    """
    start = control.now()
    settings = control.settings() if scenario.settings else {}
    before = {name: settings.get(name) for name in scenario.settings}
    if scenario.settings:
        control.change_settings(dict(scenario.settings))
    registered: list[Rule] = []
    try:
        for step, rule in zip(scenario.steps, scenario.rules(start), strict=True):
            registered.append(_registered(control, rule, step.place))
    except (UsageError, CouldNotTell):
        _undo(control, registered, before)
        raise
    return ScenarioRun(scenario, start, registered, before)


def _registered(control: Control, rule: Rule, place: str) -> Rule:
    try:
        return control.add_fault(rule)
    except UsageError as error:
        raise UsageError(f"{place}: {error}") from None


def _undo(control: Control, registered: Sequence[Rule], before: Mapping[str, Any]) -> None:
    # What made it fail is told; that it cannot be undone either would hide it.
    with suppress(UsageError, CouldNotTell):
        if before:
            control.change_settings(dict(before))
        for fault in registered:
            control.end_fault(fault["id"])
