"""The items: schema, times, and names within a request."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.schemas.fields import BORNE_MOMENT
from mcs.contract.validation import Mode, validate
from mcs.harness.conformance.clause import Clause, only
from mcs.harness.conformance.observation import Observation, Posted, SeenRequest
from mcs.harness.conformance.verdict import Grade, Verdict, ruled

FUTURE_S = 60
"""How far a time of sending may be ahead of the service's clock."""

_CONVENTIONS = 'contract/feeds.md, "Conventions"'
_IS_MOMENT = re.compile(BORNE_MOMENT)


def _demanded(seen: Observation) -> Verdict:
    return _by_schema(seen, Mode.LENIENT, lambda tolerated: not tolerated)


def _by_the_schema(seen: Observation) -> Verdict:
    return _by_schema(seen, Mode.STRICT, lambda tolerated: tolerated)


def _by_schema(seen: Observation, mode: Mode, counts: Callable[[bool], bool]) -> Verdict:
    looked_at, complaints = 0, []
    for request, feed, items in _batches(seen):
        looked_at += len(items)
        contents = [posted.item for posted in items]
        refused = {
            (error.index, error.pointer) for error in validate(feed, contents, Mode.LENIENT).errors
        }
        for error in validate(feed, contents, mode).errors:
            tolerated = (error.index, error.pointer) not in refused
            if error.pointer != f"/{feed.timestamp}" and counts(tolerated):
                complaints.append(f"{request}, item {items[error.index].index}: {error.message}")
    return ruled(complaints, looked_at, "items")


def _batches(seen: Observation) -> Iterator[tuple[SeenRequest, Feed, list[Posted]]]:
    for request in seen.requests:
        feed = FEEDS.get(request.feed or "")
        items = [posted for posted in request.posted if not posted.foreign]
        if feed is not None and items:
            yield request, feed, items


def _timed(seen: Observation) -> Verdict:
    looked_at, complaints = 0, []
    for _, feed, items in _batches(seen):
        looked_at += len(items)
        complaints += [
            f"{posted}: {feed.timestamp} is {given!r}"
            for posted in items
            if moment_of(given := _time_of(posted)) is None
        ]
    return ruled(complaints, looked_at, "times of sending")


def _monotone(seen: Observation) -> Verdict:
    looked_at, complaints = 0, []
    for name, posted in seen.by_name.items():
        latest: datetime | None = None
        for item in posted:
            moment = moment_of(_time_of(item))
            if moment is None:
                continue
            looked_at += latest is not None
            if latest is not None and moment < latest:
                complaints.append(f"{item} of {name[0]}: {moment} after {latest}")
            latest = max(moment, latest or moment)
    return ruled(complaints, looked_at, "items sent more than once")


def _not_ahead(seen: Observation) -> Verdict:
    looked_at, complaints = 0, []
    for item in seen.posted:
        moment = moment_of(_time_of(item))
        if moment is None:
            continue
        looked_at += 1
        ahead = (moment - item.request.at).total_seconds()
        if ahead > FUTURE_S:
            complaints.append(f"{item}: sent {ahead:.0f} s after it came, by its own time")
    return ruled(complaints, looked_at, "times of sending")


def _named_once(seen: Observation) -> Verdict:
    def complaint(request: SeenRequest) -> str | None:
        keys = [posted.key for posted in request.posted if posted.key is not None]
        twice = len(keys) - len(set(keys))
        return f"{twice} items have the identity of another one" if twice else None

    return only([request for request in seen.requests if request.posted], complaint)


def _of_one_feed(seen: Observation) -> Verdict:
    def complaint(request: SeenRequest) -> str | None:
        foreign = sum(posted.foreign for posted in request.posted)
        return f"{foreign} of {len(request.posted)} items are of another feed" if foreign else None

    return only([request for request in seen.requests if request.posted], complaint)


def _time_of(posted: Posted) -> object:
    feed = FEEDS[posted.request.feed or ""]
    return posted.item.get(feed.timestamp) if isinstance(posted.item, dict) else None


def moment_of(given: object) -> datetime | None:
    """The moment that a time of sending means; None if it is none. Without a zone it is UTC.

    >>> moment_of("2026-11-22 19:10:15") == moment_of("2026-11-22T20:10:15+01:00")
    True
    >>> moment_of("22.11.2026") is None
    True
    """
    if not isinstance(given, str) or not _IS_MOMENT.match(given):
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


CLAUSES = (
    Clause(
        "ITEM-1",
        "Every item has its identity and `deleted`, as the service demands.",
        'contract/feeds.md, "The feeds"',
        _demanded,
    ),
    Clause(
        "ITEM-2",
        "Every item is as genuine exporters send it: known fields alone, in their types.",
        _CONVENTIONS,
        _by_the_schema,
        grade=Grade.ADVICE,
        why="the service's own rules are unknown, small clients are looser",
    ),
    Clause(
        "ITEM-3",
        "Every item has its time of sending, as Y-m-d H:i:s or in ISO 8601.",
        _CONVENTIONS,
        _timed,
    ),
    Clause(
        "ITEM-4",
        "An item's time of sending never goes back.",
        _CONVENTIONS,
        _monotone,
    ),
    Clause(
        "ITEM-5",
        "No time of sending lies in the future.",
        _CONVENTIONS,
        _not_ahead,
        grade=Grade.ADVICE,
        why="what the service makes of it is unknown",
    ),
    Clause(
        "ITEM-6",
        "No request carries an identity twice.",
        'contract/feeds.md, "The feeds"',
        _named_once,
        grade=Grade.ADVICE,
        why="which of the two the service keeps is unknown",
    ),
    Clause(
        "ITEM-7",
        "A request carries items of one feed, also where two share a route.",
        'contract/feeds.md, "Scopes wrapper"',
        _of_one_feed,
    ),
)
