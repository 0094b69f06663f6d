"""Makes a case out of what a customer can send: logs, dumps of feed tables, HAR, NDJSON.

Every file is read once, by the readers of `harness.sources`; what they cannot read is counted and
told. Memory: what those take, and some numbers per request.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import groupby, islice
from pathlib import Path
from time import perf_counter
from typing import IO, Any

import orjson

from mcs.contract.canonical import content_hash
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS
from mcs.harness.cases import archive
from mcs.harness.cases.capture import counted, versions, write_discrepancies, write_sent
from mcs.harness.cases.casefile import CaseSent, aware, write_document
from mcs.harness.cases.document import STEPS_SHOWN_SINGLY, Case, Step, steps_of
from mcs.harness.cases.logged import request_of_archive, request_of_batch, request_of_items
from mcs.harness.cases.progress_lines import Explained, Line, Posted, explained
from mcs.harness.cases.requests import Request, request_line
from mcs.harness.cases.secrets import Scrubber
from mcs.harness.cases.symptom import SAME, Symptom, symptom_of
from mcs.harness.diff import diff
from mcs.harness.discrepancy import DiffResult
from mcs.harness.findings import Finding, Findings, findings_of
from mcs.harness.logs import Batch, Entry, Failure, Note, ProgressLine, Unread, log_files
from mcs.harness.sides import SentSide
from mcs.harness.sources.har import HttpArchive
from mcs.harness.sources.kinds import Kind, kind_of
from mcs.harness.sources.log import ExporterLog
from mcs.harness.sources.opening import SENT_KINDS, open_received, open_sent
from mcs.harness.sources.reading import Reading
from mcs.harness.sources.records import records
from mcs.harness.sources.together import Together

EXPECTED = (
    "A case is made of saas-export.log and its like, dumps of feed tables (CSV, SQL), HTTP "
    "archives (HAR), NDJSON of items or of `mcs export-received`, or an exporter's database."
)
NO_LOG = (
    "{place}: not one line of it can be read as a line of a log. It may be packed or in another "
    "encoding; UTF-8, UTF-16 and Windows-1252 are read, plain or gzip. Ask for the file as it is."
)
NOTHING = "{places}: nothing in there tells what was sent. {expected}"
MADE_UP = "no request is known; {count} were made up around the items, in batches as an exporter's"
NO_ITEMS = "no request is known, and no items either, so that there is nothing to be replayed"
# How an exporter calls its logs, in the order in which they are read: a log of errors repeats what
# stands in the log.
_ORDER = ("saas-export.log", "saas-export-errors.log", "commerce-data-export.log")
_LOGS = ("*.log", "*.log.*")
_RECEIVED_FIELDS = ("received_at", "versions")
READ_AT_ONCE = 5_000

Watch = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Import:
    """What came of an import. findings: what could not be read, a sentence each. explanations: of
    progress lines. read_bytes: of the files as they are."""

    case: Case
    findings: Sequence[Finding]
    explanations: Sequence[Explained]
    read_bytes: int
    seconds: float


def import_files(
    places: Sequence[str],
    folder: Path,
    *,
    title: str = "",
    symptom: Symptom | None = None,
    data_space_id: str | None = None,
    secrets: Sequence[str] = (),
    watch: Watch = lambda *_: None,
) -> Import:
    """Puts the members of a case into a folder. Raises UsageError, CouldNotTell."""
    begun = perf_counter()
    reading = Reading(data_space_id=data_space_id, mixed=data_space_id is None, lenient=True)
    sources = _sources(places)
    with ExitStack() as stack:
        collected = _Collected(folder, Scrubber(secrets), watch)
        stack.enter_context(collected)
        sides = _opened(sources, reading, collected, stack)
        if sides:
            _write_sent(folder / archive.SENT, sides)
        collected.end()
        findings = findings_of(*sides)
    if not collected.numbers:
        collected.make_up(folder)
    _refuse_unread_logs(collected, sources)
    if not collected.numbers and not sides:
        raise UsageError(NOTHING.format(places=", ".join(places), expected=EXPECTED))
    result = _compared(folder, sources, data_space_id)
    explanations = collected.write_log()
    case = _case(title or _title(sources), collected, result, symptom, findings)
    write_document(folder, case)
    size = sum(path.stat().st_size for path in sources.files)
    return Import(case, findings, explanations, size, perf_counter() - begun)


@dataclass(frozen=True, slots=True)
class _Sources:
    """Where to read. logs: in the order of reading; received: exports of a service."""

    logs: Sequence[Path]
    others: Sequence[tuple[Kind, str]]
    received: Sequence[str]

    @property
    def files(self) -> Iterator[Path]:
        names = [path for _, path in self.others]
        for path in [*self.logs, *map(Path, [*names, *self.received])]:
            if path.is_file():
                yield path


def _sources(places: Sequence[str]) -> _Sources:
    logs: list[Path] = []
    others: list[tuple[Kind, str]] = []
    received: list[str] = []
    for place in places:
        if Path(place).is_dir():
            found = {path for pattern in _LOGS for path in Path(place).glob(pattern)}
            logs += sorted(path for path in found if path.is_file())
            continue
        kind, path = kind_of(place, SENT_KINDS, EXPECTED)
        if kind is Kind.LOG:
            logs += log_files([path])
        elif kind in (Kind.NDJSON, Kind.PARQUET) and _is_received(Path(path), kind):
            received.append(path)
        else:
            others.append((kind, path))
    return _Sources(_in_order(logs), others, received)


def _in_order(logs: Iterable[Path]) -> list[Path]:
    def group(path: Path) -> int:
        found = (place for place, name in enumerate(_ORDER) if path.name.startswith(name))
        return next(found, len(_ORDER))

    by_group = sorted(dict.fromkeys(logs), key=group)
    return [path for _, mine in groupby(by_group, group) for path in log_files(list(mine))]


def _is_received(path: Path, kind: Kind) -> bool:
    """True for a file of `mcs export-received`."""
    reader = records(path, Reading(lenient=True))
    with closing(reader):
        first = next(reader.read(Findings()), None)
    return first is not None and any(name in first.value for name in _RECEIVED_FIELDS)


def _opened(
    sources: _Sources, reading: Reading, collected: "_Collected", stack: ExitStack
) -> list[SentSide]:
    """The sides that tell what was sent, those that count for more behind the others."""
    sides: list[SentSide] = []
    tables = [(kind, path) for kind, path in sources.others if kind is not Kind.HAR]
    for kind, path in sources.others:
        if kind is Kind.HAR:
            archived = stack.enter_context(closing(HttpArchive(Path(path), reading)))
            collected.add_archive(archived)
            sides.append(archived)
    opened = [
        stack.enter_context(
            open_sent(
                f"{kind}:{path}" if kind is not Kind.DATABASE else path,
                data_space_id=reading.data_space_id,
                mixed=reading.mixed,
                lenient=True,
            )
        )
        for kind, path in tables
    ]
    if sources.logs:
        collected.know_requests(opened)
        log = ExporterLog(
            sources.logs, reading, on_entry=collected.hear, on_batch=collected.add_batch
        )
        sides.append(stack.enter_context(closing(log)))
    return [*sides, *opened]


def _write_sent(path: Path, sides: Sequence[SentSide]) -> None:
    side = sides[0] if len(sides) == 1 else Together(sides)
    # The items of a log are in its requests already.
    if any(isinstance(one, ExporterLog | HttpArchive) for one in sides):
        side.write_sent(tuple(FEEDS.values()), path)
    else:
        write_sent(path, side)


@dataclass
class _Collected:
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

    def __enter__(self) -> "_Collected":
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
            side.write_sent(tuple(FEEDS.values()), path)
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
            for feed_name, mine in groupby(rows, lambda row: row["feed"]):
                feed = FEEDS[feed_name]
                while batch := [row["item"] for row in islice(mine, feed.batch_size)]:
                    self._add(request_of_items(feed, batch, len(self.numbers) + 1, at))
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
        feed = FEEDS.get(batch.payload.feed)
        if self._known is None or feed is None:
            return None
        found: Counter[str] = Counter()
        for item in batch.payload.items:
            if isinstance(item, dict):
                name = content_hash(feed, item)
                row = self._known.execute("select request_id from known where hash = ?", (name,))
                found.update(request_id for (request_id,) in row)
        return found.most_common(1)[0][0] if found else None


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


def _refuse_unread_logs(collected: _Collected, sources: _Sources) -> None:
    for path in sources.logs:
        if path.stat().st_size and str(path) not in collected.readable:
            raise UsageError(NO_LOG.format(place=path))


def _compared(folder: Path, sources: _Sources, data_space_id: str | None) -> DiffResult | None:
    """What the files themselves disagree on, if they tell of both sides."""
    if not sources.received or not (folder / archive.SENT).exists():
        return None
    place = sources.received[-1]
    sent = CaseSent(folder / archive.SENT, "the files")
    with open_received(place, data_space_id=data_space_id, mixed=True, lenient=True) as received:
        result = diff(sent, received)
        received.write_received(None, folder / archive.RECEIVED)
    write_discrepancies(folder / archive.DISCREPANCIES, result)
    return result


def _case(
    title: str,
    collected: _Collected,
    result: DiffResult | None,
    symptom: Symptom | None,
    findings: Sequence[Finding],
) -> Case:
    numbers = sorted(collected.numbers)
    steps: Sequence[Step] = steps_of(
        [(number, collected.shown.get(number, {})) for number in numbers]
    )
    return Case(
        title=title,
        symptom=symptom or _likely(collected, result),
        origin="imported",
        began_at=collected.first_at,
        ended_at=collected.last_at,
        versions=versions(collected.metadata),
        counts=dict(collected.counts) | {"unread": sum(one.count for one in findings)},
        discrepancies=counted(result),
        notes=(*collected.notes, *map(str, findings)),
        steps=steps,
    )


def _likely(collected: _Collected, result: DiffResult | None) -> Symptom:
    """What the files complain of most."""
    if result is not None and result.discrepancies:
        return SAME
    refused = [feed for feed, count in collected.refused.most_common(1) if count]
    if refused:
        return symptom_of(f"refused {refused[0]}")
    if collected.failures:
        return symptom_of(f"answer {collected.failures.most_common(1)[0][0]}")
    return symptom_of("discrepancy")


def _title(sources: _Sources) -> str:
    return "Imported from " + ", ".join(path.name for path in sources.files)
