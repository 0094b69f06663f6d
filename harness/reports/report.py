"""What a report is made of: a verdict, what of it counts, and when it was made."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from mcs.harness.discrepancy import DiffResult, Discrepancy, DiscrepancyKind

SHOWN_PER_KIND = 20
"""How many discrepancies of a kind a screen is told, unless it is said otherwise."""
EVERY_KIND = frozenset(DiscrepancyKind)
MET = (
    "It passes all the same: of {found} discrepancies {counting} count ({kinds}), and up to "
    "{tolerated} are tolerated."
)


@dataclass(frozen=True, slots=True)
class Threshold:
    """Which discrepancies count, and how many of those do no harm."""

    kinds: frozenset[DiscrepancyKind] = EVERY_KIND
    tolerated: int = 0

    def counting(self, result: DiffResult) -> int:
        """How many discrepancies are of a kind that counts."""
        return sum(self.counts(one) for one in result.discrepancies)

    def counts(self, one: Discrepancy) -> bool:
        """True if it is of a kind that counts."""
        return one.kind in self.kinds

    def is_met(self, result: DiffResult) -> bool:
        """True if no more count than are tolerated."""
        return self.counting(result) <= self.tolerated


STRICT = Threshold()


@dataclass(frozen=True, slots=True)
class Report:
    """A verdict as a format is given it to write."""

    result: DiffResult
    threshold: Threshold = STRICT
    made_at: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def passes(self) -> bool:
        """True if the exit code is 0."""
        return self.threshold.is_met(self.result)

    @property
    def pass_text(self) -> str:
        """Why it passes although the sides differ; empty if it does not, or they do not."""
        result, threshold = self.result, self.threshold
        if result.in_sync or not self.passes:
            return ""
        counting = [kind for kind in DiscrepancyKind if kind in threshold.kinds]
        return MET.format(
            found=len(result.discrepancies),
            counting=threshold.counting(result),
            kinds="all kinds" if threshold.kinds == EVERY_KIND else ", ".join(counting),
            tolerated=threshold.tolerated,
        )
