"""The rules of faults: put in force, ended, and struck with."""

from collections.abc import Sequence
from dataclasses import replace

from mcs.server.faults.candidates import Candidate, Candidates
from mcs.server.faults.matching import Suspect
from mcs.server.faults.rules import Rule
from mcs.server.store import faults, recording
from mcs.server.store.database import Database
from mcs.server.store.faults import Happening
from mcs.server.store.values import FaultEvent


class FaultRules:
    """The rules of all data spaces, and what they did."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def rules(self, data_space: str) -> list[Rule]:
        """The rules, oldest first."""
        with self._database.reading() as connection:
            return faults.rules(connection, data_space)

    def add(self, data_space: str, rule: Rule) -> Rule:
        """Puts a rule in force from the next request on; returns it with its number."""
        with self._database.writing() as connection:
            return replace(rule, id=faults.add_rule(connection, data_space, rule))

    def enable(self, data_space: str, number: int, enabled: bool) -> Rule | None:
        """Switches a rule on or off and returns it; None if there is none with this number."""
        with self._database.writing() as connection:
            faults.enable(connection, data_space, number, enabled)
            return next(iter(faults.rules(connection, data_space, number=number)), None)

    def end(self, data_space: str, number: int) -> Rule | None:
        """Ends a rule and returns how far it came; None if there is none with this number."""
        with self._database.writing() as connection:
            found = next(iter(faults.rules(connection, data_space, number=number)), None)
            faults.end(connection, data_space, number)
            return found

    def clear(self, data_space: str) -> int:
        """Ends all rules; what they did stays known. Returns how many there were."""
        with self._database.writing() as connection:
            return faults.end(connection, data_space)

    def strike_request(self, happening: Happening, suspects: Sequence[Suspect]) -> list[Rule]:
        """Counts a request at the rules that match it; notes and returns those that hit it."""
        if not suspects:
            return []
        with self._database.writing() as connection:
            recording.hold_data_space(connection, happening.data_space, exclusively=False)
            return faults.strike_request(connection, happening, suspects)

    def strike_items(
        self, happening: Happening, by_rule: Sequence[tuple[Rule, Candidates]]
    ) -> list[tuple[Candidate, Rule]]:
        """Counts items at the rules that match them; notes and returns those that are hit."""
        if not by_rule:
            return []
        with self._database.writing() as connection:
            recording.hold_data_space(connection, happening.data_space, exclusively=False)
            return faults.strike_items(connection, happening, by_rule)

    def events(self, data_space: str) -> list[FaultEvent]:
        """What faults did, in order."""
        self._database.settle(data_space)
        with self._database.reading() as connection:
            return faults.events(connection, data_space)
