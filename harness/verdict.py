"""The reconciliation as relational algebra: one definition of every kind, for every engine.

The SQL keeps to what DuckDB and Spark SQL both run. An engine adds how a moment is read out of a
text, and what stands for a long text in a join.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from mcs.contract.status import ExportStatus
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.engines.engine import Columns, ColumnType, Engine
from mcs.harness.options import Options
from mcs.harness.sides import UNNAMED

TEXT, NUMBER, TRUTH = ColumnType.TEXT, ColumnType.NUMBER, ColumnType.TRUTH

SENT: Columns = {
    "feed": TEXT,
    "key": TEXT,
    "identity": TEXT,
    "hash": TEXT,
    "deleted": TRUTH,
    "modified_at": TEXT,
    "request_id": TEXT,
    "status": NUMBER,
    "errors": TEXT,
    "locator": TEXT,
}
RECEIVED: Columns = {
    "feed": TEXT,
    "key": TEXT,
    "identity": TEXT,
    "hash": TEXT,
    "deleted": TRUTH,
    "modified_at": TEXT,
    "received_at": TEXT,
    "request_id": TEXT,
    "index": NUMBER,
    "versions": NUMBER,
    "repeats": NUMBER,
    "resends": NUMBER,
}
REFUSED: Columns = {
    "feed": TEXT,
    "key": TEXT,
    "errors": TEXT,
    "request_id": TEXT,
    "received_at": TEXT,
    "index": NUMBER,
}

_REJECTED = f"({ExportStatus.FAILED_ITEM:d}, {ExportStatus.BAD_REQUEST:d})"

_JOINED = """
select
    coalesce(sent.feed, received.feed) as feed,
    coalesce(sent.key_id, received.key_id) as key_id,
    sent.key_id is not null as has_sent,
    coalesce(not sent.deleted, false) as is_sent_alive,
    coalesce(not received.deleted, false) as is_received_alive,
    coalesce(sent.hash_id = received.hash_id, false)
        and coalesce(not sent.deleted, false)
        and coalesce(not received.deleted, false) as is_same,
    coalesce(sent.request_id = received.request_id, false) as is_same_request,
    coalesce(sent.status, 0) as status,
    coalesce(sent.modified_s, received.received_s) as known_at_s,
    received.received_s - coalesce(sent.modified_s, received.modified_s) as passed_s,
    coalesce(received.repeats, 0) as repeats,
    coalesce(received.resends, 0) as resends
from sent
full outer join received on sent.feed = received.feed and sent.key_id = received.key_id
"""
_VERDICT = f"""
select
    feed, key_id, is_sent_alive, is_received_alive, is_same, status, resends,
    case
        when is_same or not is_sent_alive and not is_received_alive then null
        when not has_sent then '{DiscrepancyKind.UNEXPECTED}'
        -- A batch can be refused for other items' faults, and this one of it be recorded.
        when status = {ExportStatus.BAD_REQUEST:d} and is_same_request
            and is_sent_alive and is_received_alive then '{DiscrepancyKind.CHANGED}'
        when status in {_REJECTED} then '{DiscrepancyKind.REJECTED}'
        when not is_sent_alive then '{DiscrepancyKind.UNDELETED}'
        when status = {ExportStatus.SUBMITTED:d} and is_received_alive
            then '{DiscrepancyKind.CHANGED}'
        else '{DiscrepancyKind.MISSING}'
    end as kind,
    {{is_duplicated}} as is_duplicated,
    is_same and {{is_late}} as is_late,
    case when is_same then passed_s end as passed_s
from joined where {{is_in_window}}
"""  # noqa: S608 - made of our own constants

_TALLY = f"""
select
    feed,
    -- The exporter notes whole seconds; finer than a millisecond there is nothing to be told.
    round(passed_s, 3) as passed_s,
    count(passed_s) as timed,
    count(case when is_sent_alive and status = {ExportStatus.SUBMITTED:d} then 1 end) as sent,
    count(case when is_received_alive then 1 end) as received,
    count(case when is_same then 1 end) as in_sync,
    cast(sum(resends) as bigint) as resent
from verdict group by feed, round(passed_s, 3)
"""  # noqa: S608 - made of our own constants
COUNTS = """
select
    feed, cast(sum(sent) as bigint), cast(sum(received) as bigint),
    cast(sum(in_sync) as bigint), cast(sum(resent) as bigint)
from tally group by feed
"""
LATENCIES = """
select
    feed, cast(max(total) as bigint),
    min(case when up_to >= 0.50 * total then passed_s end),
    min(case when up_to >= 0.95 * total then passed_s end),
    min(case when up_to >= 0.99 * total then passed_s end),
    max(passed_s)
from (
    select
        feed, passed_s,
        sum(timed) over (partition by feed order by passed_s) as up_to,
        sum(timed) over (partition by feed) as total
    from tally where passed_s is not null
) as ranked
group by feed
"""

_FOUND = """
select feed, key_id, kind, is_duplicated, is_late, passed_s
from verdict where kind is not null or is_duplicated or is_late
"""
KINDS = "select distinct feed, kind from found where kind is not null"
_TOLD = f"""
select
    found.feed as feed, coalesce(sent.key, received.key) as key,
    -- An exporter's row may lack the fields that name the item; the service then knows them.
    case when sent.identity is null or sent.identity in ('{{{{}}}}', 'null')
        then coalesce(received.identity, sent.identity) else sent.identity end as identity,
    found.kind as kind, found.is_duplicated as is_duplicated,
    case when found.is_late then found.passed_s end as late_s,
    -- An older refusal says nothing of an item that was sent with success since.
    case when sent.status in {_REJECTED} or refused.request_id = sent.request_id
        then refused.errors end as reasons,
    sent.locator as locator,
    sent.key_id is not null as has_sent, sent.hash as sent_hash, sent.deleted as sent_deleted,
    sent.modified_at as sent_modified_at, sent.request_id as sent_request_id,
    sent.status as status, sent.errors as sent_errors,
    received.key_id is not null as has_received, received.hash as received_hash,
    received.deleted as received_deleted, received.modified_at as received_modified_at,
    received.received_at as received_at, received.request_id as received_request_id,
    received.index as place, received.versions as versions,
    coalesce(received.repeats, 0) as repeats, coalesce(received.resends, 0) as resends
from found
left join sent on sent.feed = found.feed and sent.key_id = found.key_id
left join received on received.feed = found.feed and received.key_id = found.key_id
left join refused on refused.feed = found.feed and refused.key_id = found.key_id
where {{is_wanted}}
order by 1, 2
"""  # noqa: S608 - made of our own constants


def define_sides(engine: Engine, sent: Path, received: Path, refused: Path) -> None:
    """Defines `sent`, `received` and `refused` out of their lists: one row per identity, the one
    that counts."""
    _define(engine, _SENT_SIDE, sent)
    _define(engine, _RECEIVED_SIDE, received)
    _define(engine, _REFUSED_SIDE, refused)


def define_verdict(engine: Engine, options: Options) -> None:
    """Defines what is made of both sides: every identity judged, those to be told, the counts."""
    engine.view("joined", _JOINED)
    # Joined once; what comes out of it is narrow.
    engine.keep("verdict", _VERDICT.format(**_conditions(options)))
    engine.keep("found", _FOUND)
    engine.keep("tally", _TALLY)


def told(kinds: Collection[DiscrepancyKind] = ()) -> str:
    """The query for all that is known of the identities of some kinds, or of all, in order."""
    wanted = ", ".join(f"'{kind}'" for kind in kinds)
    return _TOLD.format(is_wanted=f"found.kind in ({wanted})" if kinds else "true")


@dataclass(frozen=True, slots=True)
class _Side:
    """unnamed: what stands for a key that is not there. moments: columns that say one. latest: of
    several rows of one identity the first in this order counts."""

    name: str
    columns: Columns
    unnamed: str
    moments: tuple[str, ...]
    latest: str


# A row without a key has no partner: its place stands for it, so that it is told, not lost.
# A category that moved leaves a deleted row beside the living one, both of one identity on the
# wire; what counts is the living one, then the latest.
_SENT_SIDE = _Side(
    "sent",
    SENT,
    f"concat('{UNNAMED} ', coalesce(locator, ''))",
    ("modified",),
    "deleted, modified_at desc nulls last, locator desc nulls last",
)
_ARRIVED = "received_at desc nulls last, index desc nulls last"
_PLACE = f"concat('{UNNAMED} ', coalesce(request_id, ''), ' ', coalesce(cast(index as string), ''))"
_RECEIVED_SIDE = _Side("received", RECEIVED, _PLACE, ("modified", "received"), _ARRIVED)
# A refusal of an item without a key names nothing to join with, and so does its place.
_REFUSED_SIDE = _Side("refused", REFUSED, _PLACE, (), _ARRIVED)


def _define(engine: Engine, side: _Side, path: Path) -> None:
    columns = _expressions(engine, side)
    every, repeated = f"every_{side.name}", f"repeated_{side.name}"
    selected = ", ".join(f"{expression} as {name}" for name, expression in columns.items())
    engine.load(every, path, side.columns, f"select {selected} from {{lines}}")  # noqa: S608 - our own names
    engine.keep(repeated, _REPEATED.format(every=every))
    names = ", ".join(columns)
    engine.view(
        side.name,
        _EACH_ONCE.format(every=every, repeated=repeated, names=names, latest=side.latest),
    )


# Rarely is an identity repeated: to sort those alone takes a tenth of the time of sorting all.
_REPEATED = "select feed, key_id from {every} group by feed, key_id having count(*) > 1"
_EACH_ONCE = """
select {names} from {every} as line where not exists (
    select 1 from {repeated} as again where again.feed = line.feed and again.key_id = line.key_id)
union all
select {names} from (
    select line.*, row_number() over (
        partition by line.feed, line.key_id order by {latest}) as turn
    from {every} as line
    join {repeated} as again on again.feed = line.feed and again.key_id = line.key_id
) as ranked where turn = 1
"""


def _expressions(engine: Engine, side: _Side) -> dict[str, str]:
    """What each column of a side is made of."""
    key = f"coalesce(key, {side.unnamed})"
    columns = {name: name for name in side.columns}
    columns |= {"key": key, "key_id": engine.digest(key)}
    if "hash" in side.columns:
        columns |= {"deleted": "coalesce(deleted, false)", "hash_id": engine.digest("hash")}
    return columns | {f"{name}_s": engine.seconds(f"{name}_at") for name in side.moments}


def _conditions(options: Options) -> dict[str, str]:
    in_window = [f"known_at_s >= {at.timestamp()!r}" for at in [options.since] if at]
    in_window += [f"known_at_s < {at.timestamp()!r}" for at in [options.until] if at]
    known = f"(known_at_s is null or {' and '.join(in_window)})" if in_window else "true"
    late = options.late_after_s
    return {
        "is_duplicated": "repeats > 0 or resends > 0" if options.resends else "repeats > 0",
        "is_late": "false" if late is None else f"coalesce(passed_s > {float(late)!r}, false)",
        "is_in_window": known,
    }
