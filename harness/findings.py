"""What a source could not say, or said in a way that has to be known to trust a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

KEPT = 200
FURTHER = "further findings, not listed"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something about a source. line, byte: of its first occurrence. count: of all. lost: whether
    something that the source tells is not in what was read of it, so that no verdict is whole.

    Bytes count from 0, lines from 1; in a compressed file both are those of the unpacked text.

    >>> str(Finding("saas-export.log", "broken off", line=3, byte=120, count=2))
    'saas-export.log, line 3, byte 120: broken off (2 times)'
    """

    place: str
    what: str
    line: int | None = None
    byte: int | None = None
    count: int = 1
    lost: bool = False

    def __str__(self) -> str:
        parts = [self.place]
        if self.line is not None:
            parts.append(f"line {self.line}")
        if self.byte is not None:
            parts.append(f"byte {self.byte}")
        times = f" ({self.count} times)" if self.count > 1 else ""
        return f"{', '.join(parts)}: {self.what}{times}"


class Findings:
    """Collects findings; equal ones of a place are counted, so that memory stays bounded."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], Finding] = {}

    def note(
        self,
        place: str,
        what: str,
        line: int | None = None,
        byte: int | None = None,
        *,
        lost: bool = False,
    ) -> None:
        """Counts a finding."""
        if len(self._found) >= KEPT and (place, what) not in self._found:
            what, line, byte = FURTHER, None, None
        known = self._found.get((place, what), Finding(place, what, line, byte, count=0))
        self._found[place, what] = replace(known, count=known.count + 1, lost=known.lost or lost)

    def clear(self) -> None:
        """Forgets all, before a source is read anew."""
        self._found.clear()

    def listed(self) -> tuple[Finding, ...]:
        """All findings, in the order of their first occurrence."""
        return tuple(self._found.values())


@runtime_checkable
class HasFindings(Protocol):
    """A side that tells what it could not read."""

    def findings(self) -> Sequence[Finding]:
        """What was found so far; complete once the side has been written."""


def findings_of(*sides: object) -> tuple[Finding, ...]:
    """The findings of those sides that tell any."""
    return tuple(
        finding for side in sides if isinstance(side, HasFindings) for finding in side.findings()
    )
