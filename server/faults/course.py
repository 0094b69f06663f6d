"""What request rules make of one request. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mcs.server.faults.actions import CUTS, Part
from mcs.server.faults.rules import Rule

INSTEAD = frozenset({"answer", "throttle", "maintenance"})
"""Actions that answer in the place of the service."""


@dataclass(frozen=True, slots=True)
class Course:
    """The request rules that hit a request, one per part of its way."""

    hits: Sequence[Rule] = ()

    def of(self, part: Part) -> Rule | None:
        """The rule that changes a part of the request's way."""
        return next((rule for rule in self.hits if rule.does.part is part), None)

    @property
    def instead(self) -> Rule | None:
        """The rule that answers in the place of the service."""
        rule = self.of(Part.OUTCOME)
        return rule if rule is not None and rule.action in INSTEAD else None

    @property
    def recorded(self) -> bool:
        """False if nothing of the batch is recorded.

        >>> Course([Rule("reset", {"recorded": False})]).recorded, Course().recorded
        (False, True)
        """
        return all(rule.records for rule in self.hits)

    @property
    def answered(self) -> bool:
        """False if the connection is cut before the answer is through."""
        return not any(rule.action in CUTS for rule in self.hits)


def named(rules: Sequence[Rule]) -> list[dict[str, Any]] | None:
    """Rules as the journal of requests names them, each once; None if there are none.

    >>> named([Rule("lose", id=2), Rule("stall", id=1), Rule("lose", id=2)])
    [{'id': 1, 'action': 'stall'}, {'id': 2, 'action': 'lose'}]
    """
    actions = {rule.id: rule.action for rule in rules}
    return [{"id": number, "action": actions[number]} for number in sorted(actions)] or None
