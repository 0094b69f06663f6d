"""How a source is to be read, and what is done about what cannot be."""

from collections.abc import Iterable
from dataclasses import dataclass

from mcs.contract.errors import UsageError
from mcs.contract.feeds import Feed
from mcs.harness.errors import CouldNotTell
from mcs.harness.findings import Finding, Findings

UNTOLD = "{finding}. Mend it, or read what there is of it with --lenient."
MIXED = (
    "{place} mixes data spaces: {found}. Pick one with --data-space ID, or take all as one with "
    "--mixed."
)
ONLY_OTHER = "it is of data space {other}; it was read as that of {wanted}"


@dataclass(frozen=True, slots=True)
class Reading:
    """feeds: those that were asked for; None: all. A single one is that of items that do not say
    theirs. data_space_id: picks one where a source mixes several; mixed: takes all as one.
    lenient: what cannot be read is counted instead of ending the reading.
    """

    feeds: tuple[Feed, ...] | None = None
    data_space_id: str | None = None
    mixed: bool = False
    lenient: bool = False

    @property
    def named_feed(self) -> Feed | None:
        """The feed of items that do not say theirs."""
        return self.feeds[0] if self.feeds and len(self.feeds) == 1 else None

    def unreadable(self, findings: Findings, finding: Finding) -> None:
        """Counts what is lost of a source. Raises CouldNotTell unless told to be lenient."""
        if not self.lenient:
            raise CouldNotTell(UNTOLD.format(finding=finding))
        findings.note(finding.place, finding.what, finding.line, finding.byte)

    def picked(self, place: str, found: Iterable[str], findings: Findings) -> str | None:
        """The data space to read of those in a source; None: all that there is.

        Raises UsageError if they are several, and none of them was picked.
        """
        spaces = sorted(set(found))
        if self.mixed or not spaces:
            return None
        if self.data_space_id in spaces:
            return self.data_space_id
        if len(spaces) > 1:
            raise UsageError(MIXED.format(place=place, found=", ".join(spaces)))
        if self.data_space_id is not None:
            findings.note(place, ONLY_OTHER.format(other=spaces[0], wanted=self.data_space_id))
        return None
