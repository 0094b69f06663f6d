"""A sent side: the extended log of an exporter, saas-export.log with its rotated files.

It tells what was posted, deletes included, and which items failed. What was logged without a
failure counts as taken by the service.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from mcs.contract.answer import RETRYABLE_CODES
from mcs.contract.canonical import Item
from mcs.contract.catalog import CONVERTED_NOTE
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.status import ExportStatus, stored_status
from mcs.harness.errors import CouldNotTell
from mcs.harness.findings import Finding, Findings
from mcs.harness.logs.batches import Batch, Loose, batches
from mcs.harness.logs.blocks import LONGEST_BLOCK
from mcs.harness.logs.entries import Entry, Failure, Note, Payload, Unread
from mcs.harness.logs.reading import entries
from mcs.harness.source_file import GZIP_ERRORS, SourceFile, position
from mcs.harness.sources.item_lines import (
    Lines,
    Unusable,
    keep_picked,
    latest_lines,
    sent_content,
    unnamed,
)
from mcs.harness.sources.reading import Reading

NO_PAYLOAD = (
    "{name}: it holds no payload, so it does not say what was sent. Run the exporter with "
    "EXPORTER_EXTENDED_LOG=1 and give the saas-export.log of that run."
)
CUT_OFF = (
    "{name}: it breaks off within its first payload, so it does not say what was sent. Give the "
    "whole file."
)
CONVERTED = (
    "{name}, line {line}: its shop sends to the catalog data ingestion API, and a saas-export.log "
    "has the feed items, not what they were converted to. Run `mcs exporter sent sent.ndjson` at "
    "that shop, then give sent.ndjson instead."
)
AT_END = "its last line breaks off; what it was to tell is not counted"
NOT_READ = "{why}, {length} bytes; a batch that it told of is not counted"
DAMAGED = "its gzip stream is damaged ({reason}); nothing behind it was read"
UNKNOWN_FEED = 'feed "{feed}" is not known; its batches were left out'
LOOSE = "the failure of a batch that is not in the log"

INDEXES = 1_000_000
"""More than a batch has items: rank = number of the batch * INDEXES + index."""


class ExporterLog:
    """A sent side: log files, oldest first. A locator is `file@byte#index`, of a payload's item.

    Memory: some batches. Items of gzip files are looked up in a temporary copy. on_entry, on_batch:
    told all that is read, in the order of reading, so that a log is read once for two ends.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        reading: Reading,
        *,
        on_entry: Callable[[str, Entry], None] | None = None,
        on_batch: Callable[[Batch], None] | None = None,
    ) -> None:
        self._on_entry, self._on_batch = on_entry, on_batch
        self._files = {str(path): SourceFile(path) for path in paths}
        self._reading = reading
        self._findings = Findings()
        self.name = ", ".join(self._files)

    def close(self) -> None:
        """Lets go of temporary copies."""
        for file in self._files.values():
            file.close()

    def findings(self) -> tuple[Finding, ...]:
        """What could not be read, or not be told for sure."""
        return self._findings.listed()

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes the last line of each identity that was posted.

        Raises CouldNotTell if there is no payload at all, UsageError if data spaces are mixed, or
        if what was logged is not what was sent.
        """
        self._findings.clear()
        wanted = {feed.name for feed in feeds}
        found = 0
        with latest_lines(path) as lines:
            for told in batches(self._entries()):
                if isinstance(told, Loose):
                    self._note_loose(told, wanted)
                    continue
                found += 1
                if self._on_batch:
                    self._on_batch(told)
                if told.payload.feed in wanted:
                    self._add(told, lines)
                elif told.payload.feed not in FEEDS:
                    what = UNKNOWN_FEED.format(feed=told.payload.feed)
                    self._findings.note(told.place, what, told.payload.line, told.payload.byte)
            keep_picked(lines, self._reading, self.name, self._findings)
        if not found and not self._reading.lenient:
            is_cut = any(one.what == AT_END for one in self._findings.listed())
            raise CouldNotTell((CUT_OFF if is_cut else NO_PAYLOAD).format(name=self.name))

    def items(self, feed: Feed, locators: Sequence[str]) -> dict[str, Item]:
        """The items at these places, as they were posted."""
        wanted: dict[tuple[str, int], list[str]] = defaultdict(list)
        for locator in locators:
            place, _, rest = locator.rpartition("@")
            wanted[place, int(rest.partition("#")[0])].append(locator)
        found: dict[str, Item] = {}
        for (place, byte), mine in wanted.items():
            payload = self._payload_at(place, byte)
            for locator in mine if payload else []:
                index = int(locator.rpartition("#")[2])
                found[locator] = payload.items[index]  # type: ignore[union-attr]  # there is one
        return found

    def _payload_at(self, place: str, byte: int) -> Payload | None:
        with self._files[place].at(byte) as file:
            # The first entry, unless that was interrupted by others, which then end before it.
            for entry in entries(file):
                if isinstance(entry, Payload) and entry.byte == 0:
                    return entry
                if entry.byte > LONGEST_BLOCK:
                    break
        return None

    def _entries(self) -> Iterator[tuple[str, Entry]]:
        for name, file in self._files.items():
            with file.plain() as text:
                try:
                    for entry in entries(text):
                        self._note(name, entry)
                        if self._on_entry:
                            self._on_entry(name, entry)
                        yield name, entry
                except GZIP_ERRORS as error:
                    what = DAMAGED.format(reason=error)
                    finding = Finding(name, what, byte=position(text))
                    self._reading.unreadable(self._findings, finding)

    def _note(self, name: str, entry: Entry) -> None:
        if isinstance(entry, Note) and entry.text.startswith(CONVERTED_NOTE):
            raise UsageError(CONVERTED.format(name=name, line=entry.line))
        if isinstance(entry, Unread):
            what = AT_END if entry.at_end else NOT_READ.format(why=entry.why, length=entry.length)
            self._findings.note(name, what, entry.line, entry.byte, lost=True)
        elif entry.remark:
            self._findings.note(name, entry.remark, entry.line, entry.byte)

    def _note_loose(self, told: Loose, wanted: set[str]) -> None:
        failure = told.failure
        if failure.feed in wanted:
            self._findings.note(told.place, LOOSE, failure.line, failure.byte)

    def _add(self, batch: Batch, lines: Lines) -> None:
        payload, feed = batch.payload, FEEDS[batch.payload.feed]
        space = batch.failure.data_space_id if batch.failure else None
        for index, item in enumerate(payload.items):
            locator = f"{batch.place}@{payload.byte}#{index}"
            try:
                line = sent_content(feed, item, locator, **_outcome(batch.failure, index))
            except Unusable as error:
                self._findings.note(batch.place, str(error), payload.line, payload.byte, lost=True)
                continue
            if what := unnamed(line):
                self._findings.note(batch.place, what, payload.line, payload.byte)
            lines.add(line, batch.number * INDEXES + index, space)


def _outcome(failure: Failure | None, index: int) -> Mapping[str, Any]:
    """Status, errors and request id of an item, by what was logged of its batch."""
    if failure is None:
        return {}
    rest = failure.status_code
    status = ExportStatus.RETRYABLE if rest is None else _stored(rest)
    item = failure.failed_items.get(index)
    if item is None:
        errors = "" if failure.failed_items or status == ExportStatus.SUBMITTED else failure.reason
    else:
        errors, status = item.message, _failed(item.status, item.code or item.field)
    return {"status": status, "errors": errors, "request_id": failure.request_id}


def _failed(status: int | None, code: str | None) -> int:
    if status is not None:
        return _stored(status)
    return ExportStatus.RETRYABLE if code in RETRYABLE_CODES else ExportStatus.FAILED_ITEM


def _stored(status: int) -> int:
    # Below 100 are the exporter's own; an HTTP status may stand there unmapped.
    return stored_status(status) if status >= 100 else status
