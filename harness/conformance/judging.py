"""Clauses against observations: the report's rows. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mcs.contract.dialects import FEEDS_DIALECT
from mcs.harness.conformance.clause import EVERY, Clause
from mcs.harness.conformance.observation import Observation
from mcs.harness.conformance.verdict import (
    Grade,
    Ruling,
    Verdict,
    together,
)

OF_OTHER_DIALECT = (
    "{scenario}: {requests} requests are not judged, they speak {spoken} and the clauses are about "
    "{judged}; see --dialect."
)
EXIT_PASSED, EXIT_FAILED, EXIT_COULD_NOT_TELL = 0, 1, 3


@dataclass(frozen=True, slots=True)
class Judged:
    """A clause with its verdict. observed: the traffic showed it, be it waived or not."""

    clause: Clause
    verdict: Verdict
    observed: bool

    @property
    def ruling(self) -> Ruling:
        """How the clause was met."""
        return self.verdict.ruling

    @property
    def counts(self) -> bool:
        """True if the clause is a must."""
        return self.clause.grade is Grade.MUST


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found out. requests: how many were seen. notes: what the run could not do."""

    judged: Sequence[Judged]
    requests: int
    strict: bool = False
    notes: Sequence[str] = field(default=())

    def having(self, ruling: Ruling, *, must: bool | None = None) -> list[Judged]:
        """The clauses with a ruling; must: only those that are one, or are none."""
        return [one for one in self.judged if one.ruling is ruling and must in (None, one.counts)]

    @property
    def exit_code(self) -> int:
        """0 if every must passes or is waived, 1 if one failed, 3 if that cannot be told.

        Where no must was observed, it cannot be told; where some were, one that was not counts as
        failed under strict, else as nothing. If advice alone was asked for, it need be observed.
        """
        if self.having(Ruling.FAIL, must=True):
            return EXIT_FAILED
        asked = [one for one in self.judged if one.counts] or self.judged
        if not any(one.observed for one in asked):
            return EXIT_COULD_NOT_TELL
        if self.strict and self.having(Ruling.NOT_OBSERVED, must=True):
            return EXIT_FAILED
        return EXIT_PASSED


class Jury:
    """Collects the verdicts on one observation after the other, which may be forgotten then."""

    def __init__(self, clauses: Iterable[Clause], dialect: str = FEEDS_DIALECT.name) -> None:
        """dialect: the name of the one that the clauses are about."""
        self.clauses = list(clauses)
        self._dialect = dialect
        self._verdicts: dict[str, list[tuple[str, Verdict]]] = defaultdict(list)
        self.requests = 0
        self.notes: list[str] = []

    def hear(self, seen: Observation) -> None:
        """Judges by every clause that the observation can show."""
        judged = [one for one in seen.requests if one.dialect == self._dialect]
        if others := [one.dialect for one in seen.requests if one.dialect != self._dialect]:
            told = {"requests": len(others), "spoken": others[0], "judged": self._dialect}
            self.notes.append(OF_OTHER_DIALECT.format(scenario=seen.scenario, **told))
            seen = replace(seen, requests=judged)
        self.requests += len(seen.requests)
        if seen.stopped:
            self.notes.append(seen.stopped)
        for clause in self.clauses:
            if _can_show(seen, clause):
                self._verdicts[clause.id].append((seen.scenario, clause.judge(seen)))

    def outcome(self, waivers: Mapping[str, str], *, strict: bool = False) -> Outcome:
        """The verdicts so far. waivers: reasons by clause id; what is met needs none."""
        return Outcome(list(self._judged(waivers)), self.requests, strict, tuple(self.notes))

    def _judged(self, waivers: Mapping[str, str]) -> Iterator[Judged]:
        for clause in self.clauses:
            verdict = together(self._verdicts[clause.id])
            observed = verdict.ruling is not Ruling.NOT_OBSERVED
            reason = waivers.get(clause.id)
            if reason is not None and verdict.ruling is not Ruling.PASS:
                verdict = Verdict(Ruling.WAIVED, (f"waived: {reason}", *verdict.evidence))
            yield Judged(clause, verdict, observed)


def _can_show(seen: Observation, clause: Clause) -> bool:
    shown = {seen.scenario, *seen.shows}
    return clause.scenarios == EVERY or (
        not seen.stopped and not shown.isdisjoint(clause.scenarios)
    )
