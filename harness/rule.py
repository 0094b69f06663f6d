"""What a rule is by which the cause of a discrepancy is told."""

from dataclasses import dataclass

from mcs.harness.clues import Clue
from mcs.harness.discrepancy import DiscrepancyKind as Kind


@dataclass(frozen=True, slots=True)
class Rule:
    """One cause.

    name: for programs; it stays. kinds: where it is looked for; None is an item in order that
    something is to be said of. title: the cause in a few words. log_code: what the exporter logs of
    it, None if nothing. source: of the fact.
    """

    name: str
    kinds: tuple[Kind | None, ...]
    title: str
    applies: Clue
    sentence: str
    next_step: str
    source: str
    log_code: str | None = None
