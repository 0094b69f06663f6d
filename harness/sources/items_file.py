"""A sent side: a file of items, or of lines that were exported; see `told_items`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mcs.contract.canonical import Item
from mcs.contract.feeds import Feed
from mcs.contract.status import ExportStatus
from mcs.harness.findings import Finding, Findings
from mcs.harness.sources.feed_names import feed_named_by
from mcs.harness.sources.item_lines import keep_picked, latest_lines, unnamed
from mcs.harness.sources.reading import Reading
from mcs.harness.sources.records import Record, records
from mcs.harness.sources.told_items import Told, item_in, told


class ItemsFile:
    """A sent side. What is in the file was sent with success, unless a line gives its `status`.

    The locator of a row is the place of its record, and its index within that if there are several.
    """

    def __init__(self, path: Path, reading: Reading) -> None:
        self._records = records(path, reading)
        self._reading = reading
        self._findings = Findings()
        self._feed = reading.named_feed or feed_named_by(path.name)
        self.name = self._records.name
        self.is_plain = True

    def close(self) -> None:
        """Lets go of what is open."""
        self._records.close()

    def findings(self) -> tuple[Finding, ...]:
        """Items without an identity, unknown feeds, lines that could not be read."""
        return self._findings.listed()

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes a line per identity; of several items with one, the last counts."""
        self._findings.clear()
        self.is_plain = True
        with latest_lines(path) as lines:
            for record in self._records.read(self._findings):
                for row in told(record.value, str(record.place), self._feed, self.name):
                    if row.unusable:
                        self._note(row.unusable, record, lost=True)
                    elif row.feed in feeds and row.values.get("hash"):
                        self.is_plain = self.is_plain and not _has_notes(row)
                        line = _line(row)
                        self._note(unnamed(line), record)
                        lines.add(line, None, row.values.get("data_space_id"))
            keep_picked(lines, self._reading, self.name, self._findings)

    def _note(self, what: str, record: Record, *, lost: bool = False) -> None:
        if what:
            self._findings.note(self.name, what, record.line, record.byte, lost=lost)

    def items(self, feed: Feed, locators: Sequence[str]) -> dict[str, Item]:
        """The items at these places; those that were exported with their content."""
        found = {}
        for locator in locators:
            place, _, index = locator.partition("#")
            if item := item_in(self._records.at(int(place)), index):
                found[locator] = item
        return found


def _has_notes(row: Told) -> bool:
    return any(row.values.get(name) is not None for name in ("status", "request_id"))


def _line(row: Told) -> dict[str, Any]:
    given = {name: row.values.get(name) for name in _NAMES}
    # A service's line lists the reasons of refusals where a sent line has a text.
    if not isinstance(given["errors"], str):
        given["errors"] = ""
    if given["status"] is None:
        given["status"] = int(ExportStatus.SUBMITTED)
    return {**given, "locator": row.place}


_NAMES = (
    "feed",
    "key",
    "identity",
    "hash",
    "deleted",
    "modified_at",
    "status",
    "errors",
    "request_id",
)
