"""The reconciliation as relational algebra: one definition of every kind, for every engine.

The SQL keeps to what DuckDB and Spark SQL both run. An engine adds how a moment is read out of a
text, and what stands for a long text in a join.
"""

from collections.abc import Collection
from pathlib import Path

from mcs.contract.status import ExportStatus
from mcs.harness.discrepancy import DiscrepancyKind
from mcs.harness.engines.engine import Engine
from mcs.harness.options import Options
from mcs.harness.sifting import RECEIVED_SIDE, REFUSED_SIDE, SENT_SIDE, define, load, sift

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
    round(passed_s * 1000) / 1000 as passed_s,
    count(passed_s) as timed,
    count(case when is_sent_alive and status = {ExportStatus.SUBMITTED:d} then 1 end) as sent,
    count(case when is_received_alive then 1 end) as received,
    count(case when is_same then 1 end) as in_sync,
    cast(sum(resends) as bigint) as resent
from verdict group by feed, round(passed_s * 1000) / 1000
union all
select feed, passed_s, timed, in_sync, in_sync, in_sync, resent from calm
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
    """Loads the lists: `every_sent`, `every_received`, and `refused`, one row per identity."""
    for side, path in ((SENT_SIDE, sent), (RECEIVED_SIDE, received), (REFUSED_SIDE, refused)):
        load(engine, side, path)
    define(engine, REFUSED_SIDE)


def define_verdict(engine: Engine, options: Options) -> None:
    """Defines what is made of both sides: every doubtful identity judged, those to be told, the
    counts of all."""
    conditions = _conditions(options)
    sift(engine, conditions)
    engine.view("joined", _JOINED)
    # Joined once; what comes out of it is narrow.
    engine.keep("verdict", _VERDICT.format(**conditions))
    engine.keep("found", _FOUND)
    engine.keep("tally", _TALLY)


def told(kinds: Collection[DiscrepancyKind] = ()) -> str:
    """The query for all that is known of the identities of some kinds, or of all, in order."""
    wanted = ", ".join(f"'{kind}'" for kind in kinds)
    return _TOLD.format(is_wanted=f"found.kind in ({wanted})" if kinds else "true")


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
