"""What a clause says of an exporter: the verdict, how much it counts, and on what evidence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

MOST_EVIDENCE = 5


class Grade(StrEnum):
    """How much a clause counts. Advice stands where the service's ways are unknown, or where
    genuine exporters differ: a failed one fails no run."""

    MUST = "must"
    ADVICE = "advice"


class Ruling(StrEnum):
    """How a clause was met."""

    PASS = "pass"  # noqa: S105 - a ruling, no password
    FAIL = "fail"
    WAIVED = "waived"
    NOT_OBSERVED = "not observed"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A ruling with its evidence: sentences that name requests, headers, counts and times."""

    ruling: Ruling
    evidence: tuple[str, ...] = ()


NOT_OBSERVED = Verdict(Ruling.NOT_OBSERVED)


def failed(evidence: Iterable[str]) -> Verdict:
    """A failure; of much evidence the first pieces are kept.

    >>> failed(["a"] * 9).evidence[-1]
    'and 4 more'
    """
    found = list(evidence)
    more = len(found) - MOST_EVIDENCE
    kept = found[:MOST_EVIDENCE] + ([f"and {more} more"] if more > 0 else [])
    return Verdict(Ruling.FAIL, tuple(kept))


def ruled(complaints: Sequence[str], looked_at: int, of_what: str) -> Verdict:
    """A failure if there are complaints, not observed if nothing was looked at, else a pass.

    >>> str(ruled([], 3, "requests").ruling), ruled([], 3, "requests").evidence
    ('pass', ('3 requests',))
    """
    if complaints:
        return failed(complaints)
    return Verdict(Ruling.PASS, (f"{looked_at} {of_what}",)) if looked_at else NOT_OBSERVED


def together(verdicts: Sequence[tuple[str, Verdict]]) -> Verdict:
    """One verdict on what several scenarios showed, by name: one failure is enough for failure,
    and one pass for a pass where the others showed nothing.

    >>> failure = Verdict(Ruling.FAIL, ("late",))
    >>> together([("edit", Verdict(Ruling.PASS)), ("again", failure)]).evidence
    ('again: late',)
    """
    for ruling in (Ruling.FAIL, Ruling.PASS):
        of_this = [
            f"{scenario}: {told}"
            for scenario, verdict in verdicts
            if verdict.ruling is ruling
            for told in verdict.evidence or ("",)
        ]
        if of_this:
            return replace(failed(of_this), ruling=ruling)
    return NOT_OBSERVED
