"""Records a batch as its script has it: what rules hit goes otherwise than it came."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain

from sqlalchemy import Connection

from mcs.server.faults.applying import Older, Played, Script, play
from mcs.server.faults.course import named
from mcs.server.store import delays, faults, inbox, names, reading, recording
from mcs.server.store.faults import Happening
from mcs.server.store.item_writes import Place
from mcs.server.store.values import AcceptedItem, Arrival, Batch, RejectedItem


def record_batch(
    connection: Connection, arrival: Arrival, batch: Batch, script: Script | None, payload: bytes
) -> int:
    """Records request, items and refusals; returns the request's number."""
    played, events = _play(connection, arrival, batch, script)
    number = recording.add_request(connection, _with_faults(arrival, played), payload)
    place = Place(arrival.data_space or "", number, arrival.received_at)
    if altered := {**batch.settled, **played.altered}:
        recording.add_altered(connection, number, altered)
    writes = _writes(number, batch, script, played)
    if writes:
        inbox.put(connection, place, batch.feed, writes)
    if played.delayed:
        delays.delay(connection, place, batch.feed, zip(events, played.delayed, strict=True))
    if batch.rejected:
        recording.add_rejections(connection, arrival, number, batch)
    if batch.rejected or script is not None:
        # What is written brings its names by itself, once it is sorted in.
        written = {item.key for _, item in writes}
        judged: Iterable[AcceptedItem | RejectedItem] = chain(batch.accepted, batch.rejected)
        others = names.names_of(batch.feed, (item for item in judged if item.key not in written))
        names.add_names(connection, place.data_space, batch.feed, others)
    return number


def _writes(
    number: int, batch: Batch, script: Script | None, played: Played
) -> list[tuple[int, AcceptedItem]]:
    """Each item to be recorded, with the number of the request that brought it."""
    if script is None:
        return [(number, accepted) for accepted in batch.accepted]
    return [(request or number, accepted) for accepted, request in played.writes]


def _play(
    connection: Connection, arrival: Arrival, batch: Batch, script: Script | None
) -> tuple[Played, list[int]]:
    """What a script makes of the batch, and the numbers of the events of what is delayed."""
    if script is None:
        return Played(), []
    data_space = arrival.data_space or ""
    tally = faults.open_tally(connection, script.rules, script.passes())

    def elder(item: AcceptedItem) -> Older | None:
        inbox.sort_in_all(connection, data_space)
        return reading.elder(connection, data_space, script.feed, item)

    played = play(script, batch.accepted, tally, elder)
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
