"""Records a batch as its script has it: what rules hit goes otherwise than it came."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain

from sqlalchemy import Connection

from mcs.server.faults.applying import AsItCame, Older, Played, Script, Write, play
from mcs.server.faults.course import named
from mcs.server.store import delays, faults, inbox, names, reading, recording
from mcs.server.store.accepted import AsTheyCame, by_index, indexes_of
from mcs.server.store.faults import Happening
from mcs.server.store.item_writes import Place
from mcs.server.store.values import AcceptedItem, Arrival, Batch


def record_batch(
    connection: Connection, arrival: Arrival, batch: Batch, script: Script | None, payload: bytes
) -> int:
    """Records request, items and refusals; returns the request's number."""
    played, events = _play(connection, arrival, batch, script)
    number = recording.add_request(connection, _with_faults(arrival, played), payload)
    place = Place(arrival.data_space or "", number, arrival.received_at)
    if altered := {**batch.settled, **played.altered}:
        recording.add_altered(connection, number, altered)
    if played.writes:
        told = _told(number, batch, played.writes)
        inbox.put(connection, place, batch.feed, batch.operation, told)
    if played.delayed:
        delays.delay(connection, place, batch.feed, zip(events, played.delayed, strict=True))
    if batch.rejected:
        recording.add_rejections(connection, arrival, number, batch)
    if batch.rejected or played.strikes:
        # What is written brings its names by itself, once it is sorted in.
        others = names.names_of(batch.feed, chain(_not_as_they_came(batch, played), batch.rejected))
        names.add_names(connection, place.data_space, batch.feed, others)
    return number


def _told(number: int, batch: Batch, writes: Sequence[Write | AsItCame]) -> Sequence[inbox.Told]:
    """The writes as the inbox has them told."""
    if isinstance(batch.accepted, AsTheyCame):
        return [
            one if isinstance(one, AsItCame) else (one.request or number, one.accepted)
            for one in writes
        ]
    kept = by_index(batch.accepted)
    return [
        (number, kept(one)) if isinstance(one, AsItCame) else (one.request or number, one.accepted)
        for one in writes
    ]


def _not_as_they_came(batch: Batch, played: Played) -> Iterable[AcceptedItem]:
    as_they_came = {one for one in played.writes if isinstance(one, AsItCame)}
    kept = by_index(batch.accepted)
    return (kept(index) for index in indexes_of(batch.accepted) if index not in as_they_came)


def _play(
    connection: Connection, arrival: Arrival, batch: Batch, script: Script | None
) -> tuple[Played, list[int]]:
    """What a script makes of the batch, and the numbers of the events of what is delayed."""
    if script is None:
        return Played(list(indexes_of(batch.accepted))), []
    data_space = arrival.data_space or ""
    tally = faults.open_tally(connection, script.rules, script.passes())

    def elder(item: AcceptedItem) -> Older | None:
        inbox.sort_in_all(connection, data_space)
        return reading.elder(connection, data_space, script.feed, item)

    played = play(script, by_index(batch.accepted), tally, elder)
    faults.close_tally(connection, tally)
    happening = Happening(
        data_space, batch.feed, arrival.request_id, arrival.received_at, arrival.items
    )
    numbers = faults.add_events(connection, happening, played.strikes)
    by_strike = dict(zip(map(id, played.strikes), numbers, strict=True))
    return played, [by_strike[id(each.strike)] for each in played.delayed]


def _with_faults(arrival: Arrival, played: Played) -> Arrival:
    struck = named([strike.rule for strike in played.strikes])
    if not struck:
        return arrival
    fault = sorted([*(arrival.fault or ()), *struck], key=lambda each: each["id"])
    return replace(arrival, fault=fault)
