"""Replays a case on a fresh data space, and tells whether its symptom came back."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import orjson

from mcs.contract.dialects import ALL_FEEDS
from mcs.harness.cases import archive
from mcs.harness.cases.casefile import CaseFile, aware
from mcs.harness.cases.document import Case
from mcs.harness.cases.player import Answer, Pace, play
from mcs.harness.cases.requests import BodyIs, Request
from mcs.harness.cases.service import CaseService
from mcs.harness.cases.symptom import Shown, Symptom, Told
from mcs.harness.conformance.service import DataSpace
from mcs.harness.diff import diff
from mcs.harness.discrepancy import DiffResult
from mcs.harness.errors import CouldNotTell
from mcs.harness.sides import SentSide
from mcs.harness.sources.service import Service
from mcs.server_process import NotStarted, server_process

NO_SERVICE = "{reason}. To replay it on a service that runs already, give its URL with --to."
# A limit per minute would hit by the time of the replay; what it hit is done again instead.
LONG_AGO = "2000-01-01T00:00:00+00:00"
_NOT_RESTORED = {"requests_per_minute": None, "catalog_requests_per_minute": None}


@dataclass(frozen=True, slots=True)
class Played:
    """A case as it was replayed. result: None if nothing says what was sent. hits: what faults did
    again, and should have. strays: identities that the service holds otherwise than when the case
    was captured; None if that is not known."""

    data_space: DataSpace
    answers: Sequence[Answer]
    result: DiffResult | None
    hits: Counter[tuple[Any, ...]]
    wanted_hits: Counter[tuple[Any, ...]]
    refusals: Sequence[tuple[str, str]] = ()
    strays: Sequence[tuple[str, str]] | None = None
    seconds: float = 0.0

    @property
    def discrepancies(self) -> dict[Told, dict[str, str]]:
        """The discrepancies, with the identity of each."""
        found = self.result.discrepancies if self.result else ()
        return {(str(one.kind), one.feed, one.key): dict(one.identity) for one in found}

    def shown(self, expected: Iterable[Told] | None) -> Shown:
        """What a symptom is looked for in."""
        return Shown(
            discrepancies=self.discrepancies,
            answers=[(answer.word, answer.request.feed) for answer in self.answers],
            refusals=self.refusals,
            expected=None if expected is None else set(expected),
        )


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the symptom came back. gone, new: discrepancies that were there before, or were
    not. others: requests that were answered otherwise than before."""

    played: Played
    symptom: Symptom
    reproduced: bool
    gone: Sequence[Told]
    new: Sequence[Told]
    others: Sequence[Answer]
    expected: int | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """Where cases are replayed. owned: nobody else uses the service, so its clock may be turned."""

    service: CaseService
    owned: bool
    token: str | None = field(default=None, repr=False)


@contextmanager
def stage(url: str | None, token: str | None = None, var: Path | None = None) -> Iterator[Stage]:
    """The service at a URL, or one of its own that ends with the block. Raises CouldNotTell."""
    if url is not None:
        with CaseService(url, token) as service:
            yield Stage(service, owned=False, token=token)
        return
    with TemporaryDirectory(prefix="mcs-replay-") as folder:
        try:
            # Tied: it must not outlive a replay that is killed.
            with (
                server_process(var or Path(folder), quiet=True, tied=True) as server,
                CaseService(server.url) as service,
            ):
                yield Stage(service, owned=True)
        except NotStarted as error:
            raise CouldNotTell(NO_SERVICE.format(reason=error)) from None


def replay(
    opened: CaseFile,
    on: Stage,
    speed: float | None,
    symptom: Symptom | None = None,
    watch: Callable[[Answer], None] = lambda _: None,
) -> Verdict:
    """Replays a case. speed: 1 as it was, None without waiting. symptom: None for the case's own.

    Raises CouldNotTell if the service is away, UsageError if the case makes no sense.
    """
    looked_for = symptom or opened.case.symptom
    expected = opened.expected()
    pace = Pace(speed, turns_clock=on.owned, by_time=opened.case.reduced)
    space = restored(opened.case, on)
    _restore_elsewhere(opened, on)
    has_sent = (opened.folder / archive.SENT).exists()
    sent = opened.sent if has_sent else None
    played = played_on(space, opened.requests(), sent, opened.case, on, pace, watch)
    restore_state(opened, on, space)
    played = replace(played, strays=_strays(opened, on, space))
    found = played.discrepancies
    others = [answer for answer in played.answers if not answer.is_as_before]
    if sent is None and looked_for.is_same:
        # Nothing says what was sent; what the service did and holds is all there is to compare.
        reproduced = not others and not played.strays
    else:
        reproduced = looked_for.holds(played.shown(expected))
    return Verdict(
        played=played,
        symptom=looked_for,
        reproduced=reproduced,
        gone=sorted(set(expected or ()) - set(found)),
        new=sorted(set(found) - set(expected or ())),
        others=others,
        expected=None if expected is None else len(expected),
    )


def restored(case: Case, on: Stage) -> DataSpace:
    """A fresh data space with the settings of a case."""
    return on.service.made(case.title[:200] or "replayed", {**case.settings, **_NOT_RESTORED})


def played_on(
    space: DataSpace,
    requests: Iterable[tuple[Request, datetime]],
    sent: SentSide | None,
    case: Case,
    on: Stage,
    pace: Pace,
    watch: Callable[[Answer], None] = lambda _: None,
) -> Played:
    """Plays requests on a data space, and compares what was sent with what it holds then."""
    begun = perf_counter()
    answers = play(requests, on.service, space, pace, watch)
    if pace.turns_clock and case.ended_at:
        on.service.set_clock(_end(case.ended_at, answers))
    result = None
    if sent is not None:
        with Service(on.service.url, space.id, on.token) as received:
            result = diff(sent, received)
    refused = [
        (line["feed"], error["code"])
        for line in on.service.rejected(space.id)
        for error in line["errors"]
    ]
    return Played(
        data_space=space,
        answers=answers,
        result=result,
        hits=Counter(map(_hit, on.service.fault_journal(space.id))),
        wanted_hits=Counter(hit for answer in answers for hit in _wanted(answer.request)),
        refusals=refused,
        seconds=perf_counter() - begun,
    )


def restore_state(opened: CaseFile, on: Stage, space: DataSpace) -> None:
    """Notes runs, feed reports and waiting resyncs as they stood."""
    state = opened.state()
    for run in state.get("runs", ()):
        on.service.restore_run(space.id, run)
    for report in state.get("feed_status", ()):
        on.service.restore_feed_status(space.id, report)
    for resync in state.get("resyncs", ()):
        if resync["state"] == "requested":
            on.service.restore_resync(space.id, resync)


def _restore_elsewhere(opened: CaseFile, on: Stage) -> None:
    """Sends to other data spaces what they held of what is missing in this one."""
    others: dict[str, DataSpace] = {}
    for line in opened.lines(archive.ELSEWHERE):
        name = line["data_space_id"]
        others[name] = others.get(name) or on.service.made(f"elsewhere: {name}", {"mode": "record"})
        # A request of its own for each, with the id that proves where the item went.
        request = _stray_request(line)
        at = aware(opened.case.began_at or LONG_AGO)
        pace = Pace(turns_clock=on.owned)
        play([(request, at)], on.service, others[name], pace, lambda _: None)


def _stray_request(line: dict[str, Any]) -> Request:
    return Request(
        number=1,
        request_id=line["request_id"],
        at="",
        route=ALL_FEEDS[line["feed"]].route,
        feed=line["feed"],
        headers={"Content-Type": "application/json"},
        body=orjson.dumps([line["item"]]),
        body_is=BodyIs.REBUILT,
    )


def _strays(opened: CaseFile, on: Stage, space: DataSpace) -> list[tuple[str, str]] | None:
    if not (opened.folder / archive.RECEIVED).exists() or opened.case.reduced:
        return None
    before = {_held(line) for line in opened.lines(archive.RECEIVED)}
    with Service(on.service.url, space.id, on.token) as received:
        after = {_held(orjson.loads(line)) for line in received.received_lines(None)}
    return sorted({(feed, key) for feed, key, *_ in before ^ after})


def _held(line: dict[str, Any]) -> tuple[str, str, str, bool]:
    return line["feed"], line["key"], line["hash"], line["deleted"]


def _hit(entry: dict[str, Any]) -> tuple[Any, ...]:
    names = ("request_id", "action", "index", "recorded")
    return tuple(entry[name] for name in names)


def _wanted(request: Request) -> Iterator[tuple[Any, ...]]:
    for event in request.events:
        yield request.request_id, event.action, event.index, event.recorded


def _end(ended_at: str, answers: Sequence[Answer]) -> datetime:
    ended = aware(ended_at)
    last = max((aware(answer.request.at) for answer in answers if answer.request.at), default=ended)
    return max(ended, last + timedelta(microseconds=1))
