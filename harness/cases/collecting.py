"""What is gathered of a customer's files while they are read: requests, log lines, numbers."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path
from typing import IO, Any

import orjson

from mcs.contract.canonical import content_hash
from mcs.contract.catalog import CATALOG_FEEDS
from mcs.contract.dialects import ALL_FEEDS
from mcs.harness.cases import archive
from mcs.harness.cases.casefile import aware
from mcs.harness.cases.document import STEPS_SHOWN_SINGLY
from mcs.harness.cases.logged import request_of_archive, request_of_batch, request_of_items
from mcs.harness.cases.progress_lines import Explained, Line, Posted, explained
from mcs.harness.cases.requests import Request, request_line
from mcs.harness.cases.secrets import Scrubber
from mcs.harness.logs import Batch, Entry, Failure, Note, ProgressLine, Unread
from mcs.harness.sides import SentSide
from mcs.harness.sources.har import HttpArchive

MADE_UP = "no request is known; {count} were made up around the items, in batches as an exporter's"
NO_ITEMS = "no request is known, and no items either, so that there is nothing to be replayed"

Watch = Callable[[str, int, int], None]


@dataclass
class Collected:
    """What is gathered while the sides are read."""

    folder: Path
    scrubber: Scrubber
    watch: Watch
    counts: Counter[str] = field(default_factory=Counter)
    readable: set[str] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)
    numbers: list[int] = field(default_factory=list)
    shown: dict[int, dict[str, Any]] = field(default_factory=dict)
    posted: list[Posted] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    first_at: str | None = None
    last_at: str | None = None
    notes: list[str] = field(default_factory=list)
    metadata: str | None = None
    _tied: dict[tuple[str, int], int] = field(default_factory=dict)
    _known: sqlite3.Connection | None = None
    _requests: IO[bytes] | None = None
    _lines: IO[bytes] | None = None

    def __enter__(self) -> "Collected":
        self._requests = (self.folder / archive.REQUESTS).open("wb")
        self._lines = (self.folder / "log.raw").open("wb")
        return self

    def __exit__(self, *_: object) -> None:
        for file in (self._requests, self._lines, self._known):
            if file is not None:
                file.close()

    def end(self) -> None:
        """Nothing more is read."""
        for file in (self._requests, self._lines):
            if file is not None:
                file.flush()

    def know_requests(self, tables: Sequence[SentSide]) -> None:
        """Remembers which request a feed table notes for which content, on disk."""
        if not tables:
            return
        self._known = sqlite3.connect("")
        self._known.execute("create table known (hash primary key, request_id) without rowid")
        for number, side in enumerate(tables):
            path = self.folder / f"known-{number}.raw"
            side.write_sent(tuple(ALL_FEEDS.values()), path)
            with path.open("rb") as lines:
                rows = map(orjson.loads, lines)
                pairs = ((row["hash"], row["request_id"]) for row in rows if row["request_id"])
                self._known.executemany("insert or replace into known values (?, ?)", pairs)
            path.unlink()

    def hear(self, place: str, entry: Entry) -> None:
        """Notes an entry of a log."""
        if not isinstance(entry, Unread):
            self.readable.add(place)
        if place not in self.sizes:
            self.sizes[place] = Path(place).stat().st_size
        # Of a packed file more is read than it has bytes.
        self.watch(Path(place).name, entry.byte, max(self.sizes[place], entry.byte))
        if isinstance(entry, ProgressLine | Failure | Note):
            self.counts["log lines"] += 1
            said = orjson.dumps(_said(place, entry), option=orjson.OPT_APPEND_NEWLINE)
            if self._lines is not None:
                self._lines.write(self.scrubber.clean(said))

    def add_batch(self, batch: Batch) -> None:
        """Adds the request that a logged batch was sent with."""
        failure = batch.failure
        request = request_of_batch(batch, None if failure else self._request_id(batch))
        self._add(request)
        if failure is not None:
            self._tied[failure.request_id or "", failure.byte] = batch.number
            reason = failure.reason or failure.message
            failed = len(failure.failed_items) or request.items
            self.failures[str(request.status or "cut")] += 1
            self.refused[request.feed or ""] += bool(failure.failed_items)
        else:
            failed, reason = 0, ""
        at = batch.payload.at
        feed = batch.payload.feed
        self.posted.append(Posted(batch.number, feed, at, request.items, failed, reason))

    def add_archive(self, archived: HttpArchive) -> None:
        """Adds the requests of an HTTP archive."""
        for recorded in archived.requests():
            request = request_of_archive(recorded, len(self.numbers) + 1)
            self._add(request)
            if request.status is None or request.status >= 300:
                self.failures[str(request.status or "cut")] += 1

    def make_up(self, folder: Path) -> None:
        """Makes requests around the items that the sent rows keep."""
        rows = (line for line in _lines(folder / archive.SENT) if line.get("item"))
        at = datetime.now(UTC).isoformat()
        with (folder / archive.REQUESTS).open("wb") as self._requests:
            for (feed_name, route), mine in groupby(rows, _target):
                feed = ALL_FEEDS[feed_name]
                while batch := [row["item"] for row in islice(mine, feed.batch_size)]:
                    number = len(self.numbers) + 1
                    self._add(request_of_items(feed, batch, number, at, route=route))
        count = len(self.numbers)
        self.notes.append(MADE_UP.format(count=count) if count else NO_ITEMS)

    def write_log(self) -> list[Explained]:
        """Writes the lines that are no payloads, tied to their requests; explains progress."""
        raw = self.folder / "log.raw"
        found = list(explained(self._progress(raw), self.posted))
        by_place = {one.line.place: one for one in found}
        with (self.folder / archive.LOG).open("wb") as out:
            for line in _lines(raw):
                requests: Sequence[int] = ()
                if line["kind"] == "failure":
                    tied = self._tied.get((line.get("request_id") or "", line["byte"]))
                    requests = () if tied is None else (tied,)
                one = by_place.get(_place(line))
                if one is not None:
                    requests = one.requests
                    line["explanation"] = one.explanation
                tied_line = {**line, "requests": list(requests)}
                out.write(orjson.dumps(tied_line, option=orjson.OPT_APPEND_NEWLINE))
        raw.unlink()
        return found

    def _progress(self, raw: Path) -> Iterator[Line]:
        for line in _lines(raw):
            if line["kind"] == "progress":
                yield Line(
                    feed=line["feed"],
                    at=aware(line["at"]),
                    operation=line["operation"],
                    status=line["text"],
                    run=line["pid"].partition("::")[0],
                    place=_place(line),
                )

    def _add(self, request: Request) -> None:
        cleaned = self.scrubber.clean_payload(request.body or b"")
        if cleaned != request.body:
            request = replace(request, body=cleaned)
        if self._requests is not None:
            self._requests.write(request_line(request))
        self.numbers.append(request.number)
        if len(self.numbers) <= STEPS_SHOWN_SINGLY:
            self.shown[request.number] = request.shown()
        self.counts.update(requests=1, items=request.items, faults=len(request.events))
        at = _utc(request.at)
        self.first_at = min(self.first_at or at, at)
        self.last_at = max(self.last_at or at, at)

    def _request_id(self, batch: Batch) -> str | None:
        """The request that a feed table notes for what was sent."""
        feed = ALL_FEEDS.get(batch.payload.feed)
        if self._known is None or feed is None:
            return None
        found: Counter[str] = Counter()
        for item in batch.payload.items:
            if isinstance(item, dict):
                name = content_hash(feed, item)
                row = self._known.execute("select request_id from known where hash = ?", (name,))
                found.update(request_id for (request_id,) in row)
        return found.most_common(1)[0][0] if found else None


def _target(row: dict[str, Any]) -> tuple[str, str]:
    """The feed of a sent row, and the route that its item goes to."""
    feed = ALL_FEEDS[row["feed"]]
    # Items of the ingestion API do not say that they are deleted.
    is_call = row["deleted"] and feed.name in CATALOG_FEEDS
    return feed.name, f"{feed.route}/delete" if is_call else feed.route


def _said(place: str, entry: ProgressLine | Failure | Note) -> dict[str, Any]:
    said: dict[str, Any] = {
        "place": Path(place).name,
        "line": entry.line,
        "byte": entry.byte,
        "at": entry.at.isoformat(),
        "level": entry.level,
    }
    if isinstance(entry, ProgressLine):
        told = {"operation": entry.operation, "text": entry.status, "elapsed": entry.elapsed}
        return said | {"kind": "progress", "feed": entry.feed, "pid": entry.pid, **told}
    if isinstance(entry, Failure):
        told = {"code": entry.code, "text": entry.message, "reason": entry.reason}
        ids = {"feed": entry.feed, "request_id": entry.request_id}
        return said | {"kind": "failure", **ids, **told, "status": entry.status_code}
    return said | {"kind": "note", "text": entry.text}


def _place(line: dict[str, Any]) -> str:
    return f"{line['place']}@{line['byte']}"


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        with path.open("rb") as file:
            yield from map(orjson.loads, file)


def _utc(at: str) -> str:
    # Times of several files are compared as texts.
    return aware(at).astimezone(UTC).isoformat() if at else datetime.now(UTC).isoformat()
