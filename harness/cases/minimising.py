"""Makes a case smaller while it shows a symptom: requests, then items, then fields."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import orjson

from mcs.contract.errors import UsageError
from mcs.harness.cases import archive
from mcs.harness.cases.capture import counted, write_discrepancies
from mcs.harness.cases.casefile import CaseFile, CaseSent, write_document
from mcs.harness.cases.document import Case, steps_of
from mcs.harness.cases.player import Pace
from mcs.harness.cases.reduction import (
    ORPHANS,
    Part,
    Place,
    Whole,
    everything,
    least_fields,
    of_fields,
    of_items,
    of_requests,
    removable,
    requests_of,
    rows_of,
)
from mcs.harness.cases.replaying import Played, Stage, played_on, restored
from mcs.harness.cases.requests import request_line
from mcs.harness.cases.shrinking import smallest
from mcs.harness.cases.symptom import Symptom

MOST_REPLAYS = 100
WHICH_SYMPTOM = (
    "the case's symptom is all of its discrepancies, of which nothing can be taken. Say which one "
    "to keep: --while 'discrepancy {example}'."
)
REDUCED = "Made smaller from {requests:,} requests with {items:,} items by {replays} replays."


@dataclass(frozen=True, slots=True)
class Size:
    """How much is left. replays: how many it took so far."""

    requests: int
    items: int
    fields: int
    replays: int


@dataclass
class Minimum:
    """The smallest part that was found to show the symptom so far, as it was replayed."""

    whole: Whole
    symptom: Symptom
    limit: int
    best: Part
    played: Played | None = None
    replays: int = 0
    seconds: float = 0.0
    phases: list[tuple[str, Size]] = field(default_factory=list)

    @property
    def shows(self) -> bool:
        """False if not even the whole case showed it."""
        return self.played is not None

    @property
    def is_exhausted(self) -> bool:
        """True if the limit of replays ended it."""
        return self.replays >= self.limit

    def size(self) -> Size:
        """How much the best is."""
        of_service = [number for number in self.best.requests if number != ORPHANS]
        fields = sum(
            len(self.best.fields.get(place, removable(self.whole, place)))
            for place in self.best.items
        )
        return Size(len(of_service), len(self.best.items), fields, self.replays)


class _Exhausted(Exception):
    """No more replays are allowed."""


Watch = Callable[[str, Minimum], None]
"""Told, after each replay, in which phase it is and how far."""


def minimum(opened: CaseFile, symptom: Symptom, limit: int = MOST_REPLAYS) -> Minimum:
    """What is to be made smaller. Raises UsageError if the case or the symptom is unfit."""
    if symptom.is_same:
        kinds = opened.case.discrepancies or {"missing": {"products": 1}}
        kind, feeds = next(iter(kinds.items()))
        raise UsageError(WHICH_SYMPTOM.format(example=f"{kind} {next(iter(feeds))}"))
    rows = list(opened.lines(archive.SENT))
    whole = Whole(list(opened.requests()), rows)
    return Minimum(whole, symptom, limit, everything(whole))


def minimise(found: Minimum, case: Case, on: Stage, watch: Watch = lambda *_: None) -> None:
    """Makes it smaller, step by step; whenever it is interrupted, `found` has the best so far.

    Raises CouldNotTell if the service is away.
    """
    begun = perf_counter()
    try:
        if _Trial(found, case, on, watch, "the whole case").shows(found.best):
            found.phases.append(("the whole case", found.size()))
            for name, phase in _PHASES.items():
                phase(found, _Trial(found, case, on, watch, name), case)
                found.phases.append((name, found.size()))
    except _Exhausted:
        found.phases.append(("the limit of replays", found.size()))
    finally:
        found.seconds = perf_counter() - begun


def write_minimum(found: Minimum, opened: CaseFile, path: Path) -> Case:
    """Writes the best so far as a case of its own."""
    case, before = opened.case, everything(found.whole)
    requests = [
        replace(request, number=number)
        for number, (request, _) in enumerate(requests_of(found.whole, found.best), start=1)
    ]
    result = found.played.result if found.played else None
    note = REDUCED.format(
        requests=len(found.whole.requests), items=len(before.items), replays=found.replays
    )
    with archive.written(path) as folder:
        (folder / archive.REQUESTS).write_bytes(b"".join(map(request_line, requests)))
        if found.whole.rows or (opened.folder / archive.SENT).exists():
            _write_rows(folder / archive.SENT, found)
        if result is not None:
            write_discrepancies(folder / archive.DISCREPANCIES, result)
        reduced = replace(
            case,
            symptom=found.symptom,
            origin="minimised",
            reduced=True,
            counts={
                "requests": len(requests),
                "items": sum(request.items for request in requests),
                "faults": sum(len(request.events) for request in requests),
                "sent rows": sum(1 for _ in rows_of(found.whole, found.best)),
            },
            discrepancies=counted(result),
            notes=(*case.notes, note),
            steps=steps_of([(request.number, request.shown()) for request in requests]),
        )
        write_document(folder, reduced)
    return reduced


@dataclass(frozen=True, slots=True)
class _Trial:
    found: Minimum
    case: Case
    on: Stage
    watch: Watch
    phase: str

    def shows(self, part: Part) -> bool:
        """True if a part shows the symptom, which makes it the best so far."""
        found = self.found
        if found.is_exhausted:
            raise _Exhausted
        space = restored(self.case, self.on)
        with _rows(found.whole, part) as sent:
            requests = requests_of(found.whole, part)
            pace = Pace(turns_clock=self.on.owned, by_time=True)
            played = played_on(space, requests, sent, self.case, self.on, pace)
        # What another data space holds could explain what is missing in the next.
        self.on.service.empty(space.id, {})
        found.replays += 1
        holds = found.symptom.holds(played.shown(None))
        if holds:
            found.best, found.played = part, played
        self.watch(self.phase, found)
        return holds


def _fewer_requests(found: Minimum, trial: _Trial, case: Case) -> None:
    part = found.best
    smallest(part.requests, lambda numbers: trial.shows(of_requests(part, numbers)))


def _fewer_items(found: Minimum, trial: _Trial, case: Case) -> None:
    part = found.best
    items = sorted(part.items)
    smallest(items, lambda chosen: trial.shows(of_items(found.whole, part, chosen)))


def _fewer_fields(found: Minimum, trial: _Trial, case: Case) -> None:
    mode = str(case.settings.get("mode", "lenient"))
    for place in sorted(found.best.items):
        if removable(found.whole, place):
            _fewer_of(place, found, trial, mode)


def _fewer_of(place: Place, found: Minimum, trial: _Trial, mode: str) -> None:
    names, part = removable(found.whole, place), found.best

    def shows(chosen: Sequence[str]) -> bool:
        return trial.shows(of_fields(part, place, chosen))

    least = least_fields(found.whole, place, mode)
    # As a rule one replay will do: that of the smallest item that the service takes.
    if len(least) < len(names) and shows(least):
        return
    smallest(names, shows)


_PHASES = {"requests": _fewer_requests, "items": _fewer_items, "fields": _fewer_fields}


@contextmanager
def _rows(whole: Whole, part: Part) -> Iterator[CaseSent | None]:
    if not whole.rows:
        yield None
        return
    with TemporaryDirectory(prefix="mcs-rows-") as folder:
        path = Path(folder) / archive.SENT
        path.write_bytes(b"".join(map(_line, rows_of(whole, part))))
        yield CaseSent(path, "the case")


def _write_rows(path: Path, found: Minimum) -> None:
    path.write_bytes(b"".join(map(_line, rows_of(found.whole, found.best))))


def _line(row: object) -> bytes:
    return orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE)
