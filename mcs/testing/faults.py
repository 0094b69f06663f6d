"""Faults as a test puts them in force: the service misbehaves as told, and notes each hit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from mcs.testing.control import Control
from mcs.testing.seen import FaultEvent, fault_event
from mcs.testing.told import speaks_for_itself

__tracebackhide__ = speaks_for_itself


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in force. As a context manager it ends with the block."""

    number: int
    action: str
    faults: "Faults"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    @property
    def hits(self) -> list[FaultEvent]:
        """What it did so far, in order; still to be asked after its end."""
        return [event for event in self.faults.journal if event.fault == self.number]

    def end(self) -> None:
        """Ends it, if it is still in force."""
        self.faults.end(self)


class Faults:
    """The faults of one data space; those that a test leaves in force end with it."""

    def __init__(self, control: Control, data_space_path: str) -> None:
        self._control = control
        self._path = f"{data_space_path}/faults"
        self._in_force: list[Fault] = []

    def add(
        self,
        action: str,
        *,
        feed: str | None = None,
        every: int | None = None,
        count: int | None = None,
        nth: int | Sequence[int] | None = None,
        attempt: int | None = None,
        probability: float | None = None,
        seed: int | None = None,
        identity: Mapping[str, str] | None = None,
        where: str | None = None,
        indexes: Sequence[int] | None = None,
        from_: datetime | None = None,
        until: datetime | None = None,
        parameters: Mapping[str, Any] | None = None,
    ) -> Fault:
        """Puts a fault in force, until the end of the `with` block or of the test.

        action: "lose" answers an item as accepted and does not keep it; the service names all that
        it knows if it gets another. feed: None hits every feed. every: each Nth that passes. count:
        how many in all. nth: the nth that passes, or these. attempt: only the nth time that the
        same passes. probability: with the seed it decides the same every time. identity: values by
        path that an item must have. where: a JSONPath that it must fulfil. indexes: its place in
        the batch. from_, until: on the service's clock. parameters: of the action. Raises
        UsageError if the service refuses it.
        """
        rule = {
            "action": action,
            "feed": feed,
            "every": every,
            "count": count,
            "nth": nth,
            "attempt": attempt,
            "probability": probability,
            "seed": seed,
            "identity": identity,
            "where": where,
            "indexes": indexes,
            "from": from_ and from_.isoformat(),
            "until": until and until.isoformat(),
            "parameters": parameters,
        }
        given = {name: value for name, value in rule.items() if value is not None}
        number = self._control.call("POST", self._path, given)["id"]
        fault = Fault(number, action, self)
        self._in_force.append(fault)
        return fault

    @property
    def journal(self) -> list[FaultEvent]:
        """Every hit of every fault of this data space, in order; those of ended faults too."""
        events = self._control.call("GET", f"{self._path}/journal")["events"]
        return [fault_event(entry) for entry in events]

    def end(self, fault: Fault) -> None:
        """Ends one fault; the others stay in force."""
        if fault not in self._in_force:
            return
        if self._in_force == [fault]:
            self.clear()
            return
        self._control.call("DELETE", f"{self._path}/{fault.number}")
        self._in_force.remove(fault)

    def clear(self) -> None:
        """Ends all faults of this data space; the journal stays."""
        self._control.call("DELETE", self._path)
        self._in_force.clear()

    def __len__(self) -> int:
        """How many are in force that were added here."""
        return len(self._in_force)
