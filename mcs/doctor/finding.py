"""What one check found. Pure."""

from dataclasses import asdict, dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check ended. ABSENT: nothing is wrong, but a part is not set up."""

    GOOD = "good"
    ABSENT = "absent"
    BAD = "bad"


SIGNS = {State.GOOD: "✓", State.ABSENT: "–", State.BAD: "✗"}


@dataclass(frozen=True, slots=True)
class Finding:
    """check: what was looked at. said: what is the case. next: what to do; "" where nothing is."""

    check: str
    state: State
    said: str
    next: str = ""

    @property
    def line(self) -> str:
        """The finding for people.

        >>> Finding("port", State.GOOD, "127.0.0.1:8080 is free").line
        '✓ port: 127.0.0.1:8080 is free'
        """
        told = f"{SIGNS[self.state]} {self.check}: {self.said}"
        return f"{told}\n    → {self.next}" if self.next else told

    def as_json(self) -> dict[str, str]:
        """The finding for programs."""
        return {**asdict(self), "state": self.state.value}


def good(check: str, said: str) -> Finding:
    """All is well."""
    return Finding(check, State.GOOD, said)


def absent(check: str, said: str, next_step: str) -> Finding:
    """Not there, which may be meant."""
    return Finding(check, State.ABSENT, said, next_step)


def bad(check: str, said: str, next_step: str) -> Finding:
    """Something will not work."""
    return Finding(check, State.BAD, said, next_step)
