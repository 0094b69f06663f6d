"""Ties the progress lines of a log to the requests between them, and says what they mean. Pure.

Source: contract/lifecycle.md, "Logs".
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

COUNTS = re.compile(r"processed (\d+), synced (\d+)")
COMPLETE = "Complete"
ALL_SHOWN = 20
# A line is written a moment after the last answer, and requests are dated by their beginning.
SLACK = timedelta(seconds=1)

NOTHING_POSTED = "no request was posted in that time"
UNCHANGED = "{count:,} were left out, since their content had not changed since they were sent"
POSTED = "{requests:,} requests carried {items:,} items"
FAILED = "{items:,} of them failed: {reasons}"
SEVERAL = "an entity has an item for each of its scopes, so more is synced than processed"
UNTOLD = "what was posted is not in the logs: they hold no payload of this time"


@dataclass(frozen=True, slots=True)
class Posted:
    """A request of the log. failed: how many of its items failed; reason: why."""

    number: int
    feed: str
    at: datetime
    items: int
    failed: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A progress line. place: where it stands. run: what tells its run from others (pid)."""

    feed: str
    at: datetime
    operation: str
    status: str
    run: str
    place: str


@dataclass(frozen=True, slots=True)
class Explained:
    """A progress line that counts, its requests, and what explains the counts."""

    line: Line
    processed: int
    synced: int
    requests: Sequence[int]
    explanation: str

    def __str__(self) -> str:
        counts = f"processed {self.processed:,}, synced {self.synced:,}"
        return f"{self.line.feed}, {self.line.operation}: {counts}: {self.explanation}"


def explained(lines: Iterable[Line], posted: Sequence[Posted]) -> Iterator[Explained]:
    """The last count of each run, explained by the requests since the run began.

    lines: in the order of their times. Memory: a run of each feed.
    """
    by_feed = _by_feed(posted)
    running: dict[tuple[str, str], tuple[datetime, Line | None]] = {}
    for line in lines:
        name = (line.feed, line.run)
        begun, counted = running.get(name, (line.at, None))
        if COUNTS.search(line.status):
            running[name] = (begun, line)
        elif line.status == COMPLETE:
            running.pop(name, None)
            if counted is not None:
                yield _explained(begun, counted, line.at, by_feed)
        else:
            # The line that opens a run, or one that tells of its batches.
            is_first = line.status == "Initialize"
            running[name] = (line.at, None) if is_first else (begun, counted)
    for begun, counted in running.values():
        if counted is not None:
            yield _explained(begun, counted, counted.at, by_feed)


def _explained(
    begun: datetime, line: Line, ended: datetime, by_feed: Mapping[str, "_OfFeed"]
) -> Explained:
    match = COUNTS.search(line.status)
    processed, synced = (int(text) for text in match.groups()) if match else (0, 0)
    mine = by_feed.get(line.feed, _OfFeed([], [])).between(begun - SLACK, ended + SLACK)
    text = "; ".join(_sentences(processed, synced, mine))
    return Explained(line, processed, synced, [one.number for one in mine], text)


def _sentences(processed: int, synced: int, posted: Sequence[Posted]) -> Iterator[str]:
    items = sum(one.items for one in posted)
    if synced > processed:
        yield SEVERAL
    if not posted:
        yield UNTOLD if synced else NOTHING_POSTED
        if not synced and processed:
            yield UNCHANGED.format(count=processed)
        return
    yield POSTED.format(requests=len(posted), items=items)
    failed = sum(one.failed for one in posted)
    if failed:
        reasons: Counter[str] = Counter()
        for one in posted:
            if one.failed:
                reasons[one.reason or "no reason given"] += one.failed
        told = ", ".join(f"{count:,} × {reason}" for reason, count in reasons.most_common(3))
        yield FAILED.format(items=failed, reasons=told)
    if items < processed:
        yield UNCHANGED.format(count=processed - items)


@dataclass(frozen=True, slots=True)
class _OfFeed:
    times: list[datetime]
    posted: list[Posted]

    def between(self, since: datetime, until: datetime) -> list[Posted]:
        first, last = bisect_left(self.times, since), bisect_right(self.times, until)
        return self.posted[first:last]


def _by_feed(posted: Sequence[Posted]) -> dict[str, _OfFeed]:
    grouped: dict[str, list[Posted]] = defaultdict(list)
    for one in sorted(posted, key=lambda one: one.at):
        grouped[one.feed].append(one)
    return {feed: _OfFeed([one.at for one in mine], mine) for feed, mine in grouped.items()}
