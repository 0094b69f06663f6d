"""Both lists as sides: one row per identity, the one that counts, and only where there is a doubt.

Most identities are in order, and that is found cheaply: each row is brought down to two numbers of
64 bits, one of its identity, one of its content hash. What pairs up by both is tallied, and is done
with. The rows left, a thousandth as a rule, are the suspects; they alone are read with all their
columns, and judged by `harness.verdict`. Two identities of one number are seen as one that is there
twice, and become suspects, unless one is missing and the other unexpected; such a pair would have
to share the content hash as well, which the identity is part of.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mcs.contract.status import ExportStatus
from mcs.harness.engines.engine import Columns, ColumnType, Engine
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


@dataclass(frozen=True, slots=True)
class Side:
    """A list. unnamed: what stands for a key that is not there. moments: columns that say one.
    numbers: columns that tell whether a pair is in order. latest: of several rows of one identity
    the first in this order counts."""

    name: str
    columns: Columns
    unnamed: str
    moments: tuple[str, ...]
    numbers: tuple[str, ...]
    latest: str


# A row without a key has no partner: its place stands for it, so that it is told, not lost.
# A category that moved leaves a deleted row beside the living one, both of one identity on the
# wire; what counts is the living one, then the latest.
SENT_SIDE = Side(
    "sent",
    SENT,
    f"concat('{UNNAMED} ', coalesce(locator, ''))",
    ("modified",),
    ("status",),
    "deleted, modified_at desc nulls last, locator desc nulls last",
)
_ARRIVED = "received_at desc nulls last, index desc nulls last"
_PLACE = f"concat('{UNNAMED} ', coalesce(request_id, ''), ' ', coalesce(cast(index as string), ''))"
RECEIVED_SIDE = Side(
    "received", RECEIVED, _PLACE, ("modified", "received"), ("repeats", "resends"), _ARRIVED
)
# A refusal of an item without a key names nothing to join with, and so does its place.
REFUSED_SIDE = Side("refused", REFUSED, _PLACE, (), (), _ARRIVED)

# With more suspects than this part of all rows, it is cheaper to judge all.
MOST_SUSPECTS = 0.25

# Some of the calm are in order and counted, some are deleted on both sides, and some are of another
# time than what is looked at.
_IN_ORDER, _GONE, _NOT_LOOKED_AT = 1, 2, 3

# A row without a key has no partner, and is a suspect without an id.
_NARROW = """
select
    case when key is not null then {id} end as id,
    case when hash is not null then {content} end as content,
    feed, not coalesce(deleted, false) as is_alive, {others}
from every_{side}
"""
_PAIRED = f"""
select
    sent.feed as feed, sent.id as sent_id, received.id as received_id,
    sent.content = received.content and sent.is_alive = received.is_alive
        and (sent.status = {ExportStatus.SUBMITTED:d} or not sent.is_alive) as is_equal,
    sent.is_alive as is_alive,
    coalesce(sent.modified_s, received.received_s) as known_at_s,
    received.received_s - coalesce(sent.modified_s, received.modified_s) as passed_s,
    coalesce(received.repeats, 0) as repeats,
    coalesce(received.resends, 0) as resends
from narrow_sent as sent
full outer join narrow_received as received on sent.id = received.id
"""  # noqa: S608 - made of our own constants
_SIFTED = f"""
select
    feed, calm, suspect, passed_s,
    count(*) as pairs, count(sent_id) as from_sent, count(received_id) as from_received,
    cast(sum(resends) as bigint) as resent
from (
    select
        feed, calm, sent_id, received_id, resends,
        case when calm is null then coalesce(sent_id, received_id) end as suspect,
        -- The exporter notes whole seconds; finer than a millisecond there is nothing to be told.
        case when calm = {_IN_ORDER} then round(passed_s * 1000) / 1000 end as passed_s
    from (
        select
            paired.*,
            case
                when not is_equal or {{is_duplicated}} or is_alive and {{is_late}} or {{is_twice}}
                    or is_equal is null then null
                when not {{is_in_window}} then {_NOT_LOOKED_AT}
                when is_alive then {_IN_ORDER}
                else {_GONE}
            end as calm
        from paired
    ) as judged
) as told_apart
group by feed, calm, suspect, passed_s
"""  # noqa: S608 - made of our own constants

# Pairs are as many as rows with a partner on each side, unless an identity is there twice.
_IS_REPEATED = """
select
    sum(from_sent) <> (select count(key) from every_sent)
    or sum(from_received) <> (select count(key) from every_received)
from {sifted}
"""
_TWICE = " union ".join(
    f"select id from narrow_{side} where id is not null group by id having count(*) > 1"  # noqa: S608 - our own names
    for side in ("sent", "received")
)
_IS_TWICE = "coalesce(sent_id, received_id) in (select id from twice)"
_SUSPECTS = "select distinct suspect as id from {sifted} where suspect is not null"
_SHARE = """
select
    (select count(*) from suspects),
    (select count(*) from every_sent) + (select count(*) from every_received),
    (select count(key) from every_sent) + (select count(key) from every_received)
"""
_CALM = f"""
select
    feed, passed_s, case when passed_s is null then 0 else pairs end as timed,
    case when calm = {_IN_ORDER} then pairs else 0 end as in_sync, resent
from {{sifted}} where calm in ({_IN_ORDER}, {_GONE}) and {{is_used}}
"""  # noqa: S608 - made of our own constants
_IS_SUSPECT = "{id} in (select id from suspects)"

# Rarely is an identity repeated: to sort those alone takes a tenth of the time of sorting all.
_REPEATED = "select feed, key_id from {rows} group by feed, key_id having count(*) > 1"
_EACH_ONCE = """
select {names} from {rows} as line where not exists (
    select 1 from {repeated} as again where again.feed = line.feed and again.key_id = line.key_id)
union all
select {names} from (
    select line.*, row_number() over (
        partition by line.feed, line.key_id order by {latest}) as turn
    from {rows} as line
    join {repeated} as again on again.feed = line.feed and again.key_id = line.key_id
) as ranked where turn = 1
"""


def load(engine: Engine, side: Side, path: Path) -> None:
    """Defines `every_{side}`: a list's rows as they are."""
    names = ", ".join(side.columns)
    engine.load(f"every_{side.name}", path, side.columns, f"select {names} from {{lines}}")  # noqa: S608 - our own names


def sift(engine: Engine, conditions: Mapping[str, str]) -> None:
    """Defines `calm`, the tally of what is in order on both sides, and `sent` and `received`: all
    else, one row per identity, the one that counts.

    conditions: expressions for is_in_window, is_late and is_duplicated; see `harness.verdict`.
    """
    for side in (SENT_SIDE, RECEIVED_SIDE):
        engine.view(f"narrow_{side.name}", _narrow(engine, side))
    engine.view("paired", _PAIRED)
    sifted = _sifted(engine, conditions)
    engine.keep("suspects", _SUSPECTS.format(sifted=sifted))
    [(suspects, rows, with_key)] = engine.rows(_SHARE)
    is_used = suspects <= MOST_SUSPECTS * rows
    engine.view("calm", _CALM.format(sifted=sifted, is_used="true" if is_used else "false"))
    wanted = [_IS_SUSPECT.format(id=_id(engine))] + ["key is null"] * (with_key < rows)
    for side in (SENT_SIDE, RECEIVED_SIDE):
        define(engine, side, " or ".join(wanted) if is_used else "")


def define(engine: Engine, side: Side, wanted: str = "") -> None:
    """Defines a side of what was loaded: one row per identity, the one that counts.

    wanted: a condition for the few rows that are looked at.
    """
    rows, repeated = f"{side.name}_rows", f"repeated_{side.name}"
    columns = _expressions(engine, side)
    selected = ", ".join(f"{made} as {name}" for name, made in columns.items())
    query = f"select {selected} from every_{side.name}"  # noqa: S608 - our own names
    if wanted:
        engine.keep(rows, f"{query} where {wanted}")
    else:
        engine.view(rows, query)
    engine.keep(repeated, _REPEATED.format(rows=rows))
    names = ", ".join(columns)
    query = _EACH_ONCE.format(rows=rows, repeated=repeated, names=names, latest=side.latest)
    engine.view(side.name, query)


def _sifted(engine: Engine, conditions: Mapping[str, str]) -> str:
    """The table of what was sifted: tallied what is in order, and each suspect."""
    engine.keep("sifted", _SIFTED.format(is_twice="false", **conditions))
    [(is_repeated,)] = engine.rows(_IS_REPEATED.format(sifted="sifted"))
    if not is_repeated:
        return "sifted"
    engine.keep("twice", _TWICE)
    engine.keep("sifted_again", _SIFTED.format(is_twice=_IS_TWICE, **conditions))
    return "sifted_again"


def _narrow(engine: Engine, side: Side) -> str:
    others = [f"{_seconds(engine, name)} as {name}_s" for name in side.moments]
    content = engine.short_hash("hash")
    return _NARROW.format(
        id=_id(engine), content=content, others=", ".join([*others, *side.numbers]), side=side.name
    )


def _id(engine: Engine) -> str:
    return engine.short_hash("feed", "key")


def _seconds(engine: Engine, moment: str) -> str:
    return engine.seconds(f"{moment}_at")


def _expressions(engine: Engine, side: Side) -> dict[str, str]:
    """What each column of a side is made of."""
    key = f"coalesce(key, {side.unnamed})"
    columns = {name: name for name in side.columns}
    columns |= {"key": key, "key_id": engine.digest(key)}
    if "hash" in side.columns:
        columns |= {"deleted": "coalesce(deleted, false)", "hash_id": engine.digest("hash")}
    return columns | {f"{name}_s": _seconds(engine, name) for name in side.moments}
