"""A clause: one sentence that an exporter meets or not, and how that is seen."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from mcs.harness.conformance.observation import Observation, SeenRequest
from mcs.harness.conformance.verdict import Grade, Verdict, ruled

Judge = Callable[[Observation], Verdict]

EVERY: tuple[str, ...] = ()
"""The scenarios of a clause that all traffic can show."""


@dataclass(frozen=True, slots=True)
class Clause:
    """id: of its theme and a number, for good. source: where the fact stands. scenarios: what can
    show it; EVERY for all. why: for advice, why it is no more than that."""

    id: str
    sentence: str
    source: str
    judge: Judge
    scenarios: tuple[str, ...] = EVERY
    grade: Grade = Grade.MUST
    why: str = ""

    @property
    def theme(self) -> str:
        """Its id without the number."""
        return self.id.rpartition("-")[0]


def each_request(complaint: Callable[[SeenRequest], str | None]) -> Judge:
    """A judge that has something to say against a request, or nothing."""

    def judge(seen: Observation) -> Verdict:
        return _ruled(((request, complaint(request)) for request in seen.requests), "requests")

    return judge


def only(
    requests: Sequence[SeenRequest], complaint: Callable[[SeenRequest], str | None]
) -> Verdict:
    """The verdict on these requests alone."""
    return _ruled(((request, complaint(request)) for request in requests), "requests")


def _ruled(said: Iterable[tuple[object, str | None]], of_what: str) -> Verdict:
    found = list(said)
    complaints = [f"{subject}: {text}" for subject, text in found if text is not None]
    return ruled(complaints, len(found), of_what)
