"""What asking a service over HTTP tells by the way: why it does not answer, and its clock."""

from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import urllib3

from mcs.doctor.finding import Finding, bad, good

MOST_SKEW_S = 60
"""A signature lives 300 s and a strict gateway allows for little more; a minute off is a fault."""


def reason_of(error: urllib3.exceptions.HTTPError) -> str:
    """Why there was no answer, without the library's own words."""
    return str(error.__cause__ or error).rpartition("] ")[2] or type(error).__name__


def clock_finding(check: str, told: str | None, whose: str, step: str) -> Iterator[Finding]:
    """Whether the Date header of an answer tells our time; nothing if it tells none.

    whose: clock it is. step: what to do if it is off.
    """
    if told is None:
        return
    try:
        theirs = parsedate_to_datetime(told)
    except ValueError:
        return
    skew_s = round((theirs - datetime.now(UTC)).total_seconds())
    if abs(skew_s) > MOST_SKEW_S:
        way = "ahead" if skew_s > 0 else "behind"
        yield bad(check, f"the {whose}'s clock is {abs(skew_s)} s {way} of this one", step)
    else:
        yield good(check, f"within {MOST_SKEW_S} s of the {whose}'s")
