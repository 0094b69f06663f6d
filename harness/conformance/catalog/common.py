"""What holds of exporters of either API: judged alike, each with this API's source and grade."""

from collections.abc import Iterator
from dataclasses import replace

from mcs.harness.conformance.catalog.scenarios import CATALOG_SCENARIOS
from mcs.harness.conformance.clause import Clause
from mcs.harness.conformance.clauses import CLAUSES as FEED_CLAUSES
from mcs.harness.conformance.clauses.retrying import settled_later
from mcs.harness.conformance.observation import Fate, Observation
from mcs.harness.conformance.verdict import Grade, Verdict, ruled

FOR_GOOD = (403, 404)
"""Statuses that the same call gets again."""

_LIFE = 'contract/lifecycle.md, "Exporter life cycle"'
_CALLS = 'contract/ingestion-api.md, "Calls"'
_ACCEPTED = 'contract/ingestion-api.md, "200"'
_REFUSED = 'contract/ingestion-api.md, "400"'
_THROTTLED = 'contract/ingestion-api.md, "429"'
_CLIENTS = 'contract/ingestion-api.md, "Further facts", retries'
_CONNECTOR = 'contract/ingestion-api.md, "Further facts", ACO Connector'
_WASTE = "it costs no more than a part of the updates that a day has"


def _like(feed_clause: str, number: str, source: str, **changes: object) -> Clause:
    like = FEED_CLAUSES[feed_clause]
    return replace(
        like,
        id=number,
        source=source,
        scenarios=tuple(name for name in like.scenarios if name in CATALOG_SCENARIOS),
        **changes,  # type: ignore[arg-type]  # fields of Clause
    )


def _advised(feed_clause: str, number: str, source: str, why: str) -> Clause:
    return _like(feed_clause, number, source, grade=Grade.ADVICE, why=why)


def _not_repeated_at_once(seen: Observation) -> Verdict:
    refused = [one for one in seen.requests if one.status in FOR_GOOD and one.posted]
    complaints = [
        f"{later} repeats {request}, which was answered {request.status}, in the same sync"
        for request in refused
        for later in seen.requests
        if later.number > request.number
        and later.step == request.step
        and [item.key for item in later.posted] == [item.key for item in request.posted]
    ]
    return ruled(complaints, len(refused), "calls that were turned away")


def _others_sent_again(seen: Observation) -> Verdict:
    due = [
        item
        for request in seen.requests
        if request.status == 400 and any(one.fate is Fate.REFUSED for one in request.posted)
        for item in request.posted
        if item.key and item.fate is Fate.UNSETTLED
    ]
    return settled_later(seen, due)


def _connections() -> Iterator[Clause]:
    for number in range(1, 8):
        yield _like(f"CONN-{number}", f"CAT-CONN-{number}", _ACCEPTED)


CLAUSES = (
    _advised("SYNC-1", "CAT-SYNC-1", _CALLS, _WASTE),
    _advised("SYNC-2", "CAT-SYNC-2", _LIFE, _WASTE),
    _advised("SYNC-3", "CAT-SYNC-3", "contract/support-cases.md, phantom-changes", _WASTE),
    _like("SYNC-4", "CAT-SYNC-4", _LIFE),
    _like("SYNC-5", "CAT-SYNC-5", _CALLS),
    _like("SYNC-7", "CAT-SYNC-6", _LIFE),
    _like("SYNC-8", "CAT-SYNC-7", _REFUSED),
    _like("SYNC-9", "CAT-SYNC-8", _CLIENTS),
    _like("DEL-1", "CAT-DEL-1", _CALLS, sentence="What was deleted is deleted by its identity."),
    replace(
        _advised("DEL-2", "CAT-DEL-2", _CALLS, "further fields do no harm but to categories"),
        sentence="A delete carries the identity of an item, and nothing else.",
    ),
    _like("DEL-3", "CAT-DEL-3", 'contract/lifecycle.md, "Deletion"'),
    _like("DEL-4", "CAT-DEL-4", "contract/support-cases.md, deleted-still-there"),
    _like("RETRY-1", "CAT-RETRY-1", _CLIENTS),
    _like("RETRY-2", "CAT-RETRY-2", _THROTTLED),
    _like("RETRY-3", "CAT-RETRY-3", _ACCEPTED),
    _advised(
        "RETRY-4",
        "CAT-RETRY-4",
        _THROTTLED,
        "of the official clients one waits as it is told, another a second or two",
    ),
    _like("RETRY-5", "CAT-RETRY-5", _CLIENTS, why="official clients differ in their pauses"),
    _advised("RETRY-6", "CAT-RETRY-6", _ACCEPTED, "an official client takes any 2xx"),
    _like("RETRY-7", "CAT-RETRY-7", _CONNECTOR),
    _like("RETRY-8", "CAT-RETRY-8", 'contract/lifecycle.md, "Retry"'),
    Clause(
        "CAT-RETRY-9",
        "What is answered 403 or 404 is not repeated in the same sync.",
        _CLIENTS,
        _not_repeated_at_once,
        scenarios=("turned-away",),
        grade=Grade.ADVICE,
        why="it is only a waste",
    ),
    _like("REFUSE-1", "CAT-REFUSE-1", _REFUSED),
    _like("REFUSE-2", "CAT-REFUSE-2", "contract/support-cases.md, invalid-item-stuck"),
    Clause(
        "CAT-REFUSE-3",
        "The items that a 400 does not name are sent again: one bad item fails all of a call.",
        _CONNECTOR,
        _others_sent_again,
        scenarios=("rejected",),
    ),
    *_connections(),
    _like("SECRET-1", "CAT-SECRET-1", 'contract/ingestion-api.md, "Auth"'),
    _like("SECRET-2", "CAT-SECRET-2", 'contract/ingestion-api.md, "Auth"'),
)
