"""Freezes a data space, what its exporter says it sent, and logs into one case file."""

import platform
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

import mcs
from mcs.contract.dialects import ALL_FEEDS
from mcs.harness.cases import archive
from mcs.harness.cases.casefile import write_document
from mcs.harness.cases.document import Case, steps_of
from mcs.harness.cases.reinjection import event_of
from mcs.harness.cases.requests import BodyIs, Event, Request, kept_headers, request_line
from mcs.harness.cases.secrets import Scrubber
from mcs.harness.cases.service import CaseService
from mcs.harness.diff import diff
from mcs.harness.discrepancy import DiffResult, DiscrepancyKind
from mcs.harness.findings import findings_of
from mcs.harness.sides import SentSide
from mcs.harness.sources.service import Service

ROWS_AT_ONCE = 500
METADATA = "service-connector-metadata"
MOVED = (
    "{count} requests came while it was captured; the discrepancies may be of a moment in between. "
    "Capture again while nothing is sent."
)
FORGOTTEN = (
    "{count} hits of faults are of requests that the journal has forgotten; they are left out"
)
NO_BODY = "{count} requests were refused before their bodies were read; they are stood in for"
SECRETS = "{count} secrets were taken out"
EXPECTATION = "Every item that was exported is held by the service, with the content it was sent."

Watch = Callable[[str, int, int], None]
"""Told what is being captured: its name, how far it is, of how many (0: nobody knows)."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What is said of a case. secrets: texts that must not be kept. logs: files."""

    title: str = ""
    seed: int | None = None
    logs: Sequence[Path] = ()
    secrets: Sequence[str] = ()
    token: str | None = field(default=None, repr=False)


def capture(
    service: CaseService,
    data_space: str,
    sent: SentSide | None,
    wish: Wish,
    folder: Path,
    watch: Watch = lambda *_: None,
) -> Case:
    """Puts the members of a case into a folder, and returns its document.

    sent: None if nobody says what was sent. Raises CouldNotTell if a side cannot be read.
    """
    space = service.described(data_space)
    scrubber = Scrubber(wish.secrets)
    newest = service.newest_request(data_space)
    requests = _Requests(service, data_space, scrubber)
    requests.write(folder / archive.REQUESTS, watch)
    watch("both sides", 0, 0)
    result = _freeze_sides(service, data_space, sent, wish, folder)
    _write_state(service, data_space, folder)
    for member in (archive.SENT, archive.DISCREPANCIES, archive.ELSEWHERE, archive.STATE):
        archive.rewrite(folder / member, scrubber.clean_payload)
    for path in wish.logs:
        watch(f"log {path.name}", 0, 0)
        write_log(path, folder, scrubber)
    notes = requests.notes()
    if came := service.newest_request(data_space) - newest:
        notes.append(MOVED.format(count=came))
    if scrubber.removed:
        notes.append(SECRETS.format(count=scrubber.removed))
    notes += map(str, findings_of(sent))
    case = Case(
        title=wish.title or f"Data space {space['name']}",
        expectation=EXPECTATION,
        origin="captured",
        seed=wish.seed,
        began_at=requests.began_at,
        ended_at=service.now().isoformat(),
        versions=versions(requests.metadata, service.version()),
        settings=space["settings"],
        counts=requests.counts | {"sent rows": _count(folder / archive.SENT)},
        discrepancies=counted(result),
        notes=tuple(notes),
        steps=steps_of(requests.steps),
    )
    write_document(folder, case)
    return case


def write_sent(path: Path, sent: SentSide) -> None:
    """Writes the sent lines of all feeds, each with its item if the exporter kept that."""
    raw = path.with_suffix(".raw")
    sent.write_sent(tuple(ALL_FEEDS.values()), raw)
    with raw.open("rb") as lines, path.open("wb") as out:
        while rows := [orjson.loads(line) for line in islice(lines, ROWS_AT_ONCE)]:
            locators: dict[str, list[str]] = defaultdict(list)
            for row in rows:
                locators[row["feed"]].append(row["locator"])
            kept = {feed: sent.items(ALL_FEEDS[feed], mine) for feed, mine in locators.items()}
            for row in rows:
                item = kept[row["feed"]].get(row["locator"])
                out.write(_line(row if item is None else {**row, "item": item}))
    raw.unlink()


def write_discrepancies(path: Path, result: DiffResult) -> None:
    """Writes a line per discrepancy."""
    lines = (
        {
            "kind": found.kind,
            "feed": found.feed,
            "key": found.key,
            "identity": found.identity,
            "cause": found.cause,
            "explanation": found.explanation,
        }
        for found in result.discrepancies
    )
    _write_lines(path, map(_line, lines))


def counted(result: DiffResult | None) -> dict[str, dict[str, int]]:
    """How many discrepancies there are, by kind and feed."""
    counts: dict[str, dict[str, int]] = {}
    for found in result.discrepancies if result else ():
        of_kind = counts.setdefault(str(found.kind), {})
        of_kind[found.feed] = of_kind.get(found.feed, 0) + 1
    return counts


def versions(metadata: str | None, service: str | None = None) -> dict[str, str]:
    """Which releases took part. metadata: the header that tells the exporter's, or None."""
    found = {"mcs": mcs.__version__, "python": platform.python_version()}
    if service and service != mcs.__version__:
        found["service"] = service
    try:
        told = orjson.loads(metadata or "{}")
    except orjson.JSONDecodeError:
        return found
    if not isinstance(told, dict):
        return found
    return found | {str(name): str(value) for name, value in told.items() if value}


def write_log(path: Path, folder: Path, scrubber: Scrubber) -> None:
    """Copies a log without its secrets; a packed one is unpacked for that."""
    # Asked for here alone; what it takes to read any log is heavy.
    from mcs.harness.source_file import SourceFile

    target = folder / archive.LOGS / path.name.removesuffix(".gz")
    target.parent.mkdir(parents=True, exist_ok=True)
    with SourceFile(path) as source, source.plain() as text, target.open("wb") as out:
        out.writelines(scrubber.clean_lines(text))


def _freeze_sides(
    service: CaseService, data_space: str, sent: SentSide | None, wish: Wish, folder: Path
) -> DiffResult | None:
    """Writes both sides as they are, and what they disagree on; returns that."""
    with Service(service.url, data_space, wish.token) as received:
        _write_lines(folder / archive.RECEIVED, received.received_lines(None))
        if sent is None:
            return None
        write_sent(folder / archive.SENT, sent)
        result = diff(sent, received)
    write_discrepancies(folder / archive.DISCREPANCIES, result)
    elsewhere = [_line(found) for found in _elsewhere(service, result)]
    if elsewhere:
        _write_lines(folder / archive.ELSEWHERE, elsewhere)
    return result


class _Requests:
    """The journal of a data space as the requests of a case."""

    def __init__(self, service: CaseService, data_space: str, scrubber: Scrubber) -> None:
        self._service, self._space, self._scrubber = service, data_space, scrubber
        self._rules = {rule["id"]: rule for rule in service.faults(data_space)}
        self._hits: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
        for entry in service.fault_journal(data_space):
            self._hits[entry["request_id"], entry["at"]].append(entry)
        self._refusals = self._reasons()
        self._unread = 0
        self.counts: Counter[str] = Counter()
        self.steps: list[tuple[int, dict[str, Any]]] = []
        self.began_at: str | None = None
        self.metadata: str | None = None

    def write(self, path: Path, watch: Watch) -> None:
        """Writes a line per request, in the order of recording."""
        entries = self._service.requests(self._space)
        with path.open("wb") as out:
            for number, entry in enumerate(entries, start=1):
                request = self._request(number, entry)
                out.write(request_line(request))
                self.steps.append((number, request.shown()))
                watch("requests", number, len(entries))

    def notes(self) -> list[str]:
        """What could not be captured, in sentences."""
        lost = sum(map(len, self._hits.values()))
        said = [FORGOTTEN.format(count=lost)] if lost else []
        return said + ([NO_BODY.format(count=self._unread)] if self._unread else [])

    def _request(self, number: int, entry: Mapping[str, Any]) -> Request:
        body = self._service.body(self._space, entry["id"])
        body_is = BodyIs.UNREAD if body is None else BodyIs.DECODED
        if body is not None:
            cleaned = self._scrubber.clean_payload(body)
            body_is = body_is if cleaned == body else BodyIs.REBUILT
            body = cleaned
        events = self._events(entry)
        self._unread += body is None
        self.counts.update(requests=1, items=entry["items"], faults=len(events))
        self.began_at = self.began_at or entry["received_at"]
        headers = {name.lower(): text for name, text in entry["headers"].items()}
        self.metadata = headers.get(METADATA) or self.metadata
        plain = ("request_id", "method", "route", "feed", "items", "status", "code", "message")
        counts = ("accepted", "rejected", "answered")
        return Request(
            number=number,
            at=entry["received_at"],
            headers=kept_headers(entry["headers"]),
            body=body,
            body_is=body_is,
            events=events,
            **{name: entry[name] for name in (*plain, *counts)},
        )

    def _events(self, entry: Mapping[str, Any]) -> tuple[Event, ...]:
        hits = self._hits.pop((entry["request_id"], entry["received_at"]), [])
        return tuple(
            event_of(
                hit,
                self._rules.get(hit["fault_id"]),
                entry,
                self._refusals.get((hit["request_id"], hit["at"], hit["index"])),
            )
            for hit in hits
        )

    def _reasons(self) -> dict[tuple[str, str, int], Mapping[str, Any]]:
        """Why faults refused items: the first error by request, moment and place."""
        is_asked = any(hit["action"] == "reject" for hits in self._hits.values() for hit in hits)
        if not is_asked:
            return {}
        return {
            (line["request_id"], line["received_at"], line["index"]): line["errors"][0]
            for line in self._service.rejected(self._space)
            if line["errors"]
        }


def _elsewhere(service: CaseService, result: DiffResult) -> Iterator[dict[str, Any]]:
    """What other data spaces hold of what is missing here, as items to be sent there."""
    for found in result.discrepancies:
        there = (found.received or {}).get("data_space_id")
        if found.kind is DiscrepancyKind.MISROUTED and there:
            written = service.versions(there, found.feed, found.key)
            if written and written[-1]["item"]:
                yield {
                    "data_space_id": there,
                    "feed": found.feed,
                    "key": found.key,
                    "request_id": written[-1]["request_id"],
                    "item": written[-1]["item"],
                }


def _write_state(service: CaseService, data_space: str, folder: Path) -> None:
    state = {
        "runs": service.runs(data_space)[::-1],
        "feed_status": service.feed_status(data_space),
        "resyncs": service.resyncs(data_space),
        "faults": service.faults(data_space),
    }
    text = orjson.dumps(state, option=orjson.OPT_INDENT_2)
    (folder / archive.STATE).write_bytes(text)


def _write_lines(path: Path, lines: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(lines)


def _line(value: Mapping[str, Any]) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)


def _count(path: Path) -> int:
    if not path.exists():
        return 0
    with path.open("rb") as file:
        return sum(1 for _ in file)
