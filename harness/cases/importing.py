"""Makes a case out of what a customer can send: logs, dumps of feed tables, HAR, NDJSON.

Every file is read once, by the readers of `harness.sources`; what they cannot read is counted and
told. Memory: what those take, and some numbers per request.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from time import perf_counter

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import UsageError
from mcs.harness.cases import archive
from mcs.harness.cases.capture import counted, versions, write_discrepancies, write_sent
from mcs.harness.cases.casefile import CaseSent, write_document
from mcs.harness.cases.collecting import Collected, Watch
from mcs.harness.cases.document import Case, Step, steps_of
from mcs.harness.cases.progress_lines import Explained
from mcs.harness.cases.secrets import Scrubber
from mcs.harness.cases.symptom import SAME, Symptom, symptom_of
from mcs.harness.diff import diff
from mcs.harness.discrepancy import DiffResult
from mcs.harness.findings import Finding, Findings, findings_of
from mcs.harness.logs import log_files
from mcs.harness.logs.blocks import HEAD
from mcs.harness.sides import SentSide
from mcs.harness.source_file import SourceFile
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
CUT_OFF = (
    "{place}: it breaks off within its first entry, so that nothing "
    "of it can be read. Ask for the whole file, or for the rotated one before it."
)
DAMAGED = (
    "{place}: its gzip stream ends or is damaged before the first whole line. Ask for the file "
    "anew; its size tells whether it came whole."
)
NOTHING = (
    "{places}: nothing in there tells what was sent. {expected} Of a folder *.log and *.log.* are "
    "read."
)
LOOKED_AT = 1 << 20
# How an exporter calls its logs, in the order in which they are read: a log of errors repeats what
# stands in the log.
_ORDER = ("saas-export.log", "saas-export-errors.log", "commerce-data-export.log")
_LOGS = ("*.log", "*.log.*")
_RECEIVED_FIELDS = ("received_at", "versions")


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
        collected = Collected(folder, Scrubber(secrets), watch)
        stack.enter_context(collected)
        sides = _opened(sources, reading, collected, stack)
        if sides:
            _write_sent(folder / archive.SENT, sides)
        collected.end()
        findings = findings_of(*sides)
    if not collected.numbers:
        collected.make_up(folder)
    _refuse_unread_logs(collected, sources)
    if not any(collected.counts.values()) and not _has_rows(folder / archive.SENT):
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
    sources: _Sources, reading: Reading, collected: Collected, stack: ExitStack
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
    # The items of a log are in its requests already, but what updates made of them is not.
    if any(isinstance(one, ExporterLog | HttpArchive) and not _updates(one) for one in sides):
        side.write_sent(tuple(ALL_FEEDS.values()), path)
    else:
        write_sent(path, side)


def _has_rows(sent: Path) -> bool:
    # Feed tables may name items without having kept them.
    return sent.is_file() and sent.stat().st_size > 0


def _updates(side: SentSide) -> bool:
    return isinstance(side, HttpArchive) and side.has_calls


def _refuse_unread_logs(collected: Collected, sources: _Sources) -> None:
    for path in sources.logs:
        if path.stat().st_size and str(path) not in collected.readable:
            raise UsageError(_why_unread(path))


def _why_unread(path: Path) -> str:
    with SourceFile(path) as file:
        start = file.beginning(LOOKED_AT)
        if HEAD.search(start):
            return CUT_OFF.format(place=path)
        return (DAMAGED if file.is_gzip and not start else NO_LOG).format(place=path)


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
    collected: Collected,
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


def _likely(collected: Collected, result: DiffResult | None) -> Symptom:
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
