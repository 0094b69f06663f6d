"""Explains discrepancies: gathers the evidence, finds the cause, and tells the story of each."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from mcs.harness.causes import cause_of
from mcs.harness.discrepancy import Discrepancy
from mcs.harness.evidence import Evidence, gathered
from mcs.harness.sides import ReceivedSide
from mcs.harness.story import story
from mcs.harness.wording import explanation

EXPLAINED_AT_ONCE = 1_000
NOT_COMPARED = (
    "Its fields cannot be compared: payload not kept; run the exporter with "
    "PERSIST_EXPORTED_FEED=1."
)


@dataclass(frozen=True, slots=True)
class Explanation:
    """cause: the name of a rule of `harness.causes`. text: what happened, and the next step."""

    cause: str
    log_code: str | None
    text: str
    story: tuple[str, ...]


def explained(
    found: Iterable[Discrepancy],
    service: ReceivedSide,
    only: Mapping[tuple[str, str], str | None] | None = None,
    *,
    plain: bool = False,
) -> Iterator[Discrepancy]:
    """The discrepancies with cause, log code, story and explanation, in their order.

    What they have as explanation already is put behind it. only, plain: see `evidence.gathered`.
    The service is asked once per thousand. Raises CouldNotTell.
    """
    waiting = iter(found)
    while some := list(islice(waiting, EXPLAINED_AT_ONCE)):
        known = gathered(some, service, only, plain=plain)
        for one, evidence in zip(some, known, strict=True):
            told = explanation_of(evidence)
            if told is None:
                yield one
                continue
            yield replace(
                one,
                cause=told.cause,
                log_code=told.log_code,
                story=told.story,
                explanation=f"{told.text} {one.explanation}".rstrip(),
            )


def explanation_of(evidence: Evidence) -> Explanation | None:
    """The cause of one identity's state; None for an item in order of which nothing is to say."""
    rule = cause_of(evidence)
    if rule is None:
        return None
    text = explanation(rule, evidence)
    return Explanation(rule.name, rule.log_code, text, story(evidence))
