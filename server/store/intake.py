"""What comes in is recorded here, and sorted in and forgotten as it has to be."""

import logging

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mcs.server.faults.applying import Script
from mcs.server.store import cascades, delays, inbox, plain, recording, settling
from mcs.server.store.database import Database
from mcs.server.store.payloads import packed
from mcs.server.store.scripted import record_batch
from mcs.server.store.values import Arrival, Batch

log = logging.getLogger(__name__)

LOOK_EVERY = 50
"""Requests between two looks at how much waits to be sorted in."""


class Intake:
    """Records requests to all data spaces.

    journal_size: how many requests are remembered at least; older ones go in batches. backlog: how
    many of a data space may wait to be sorted in (inbox.py), while nobody reads; each further one
    takes its part in that.
    """

    def __init__(self, database: Database, journal_size: int, backlog: int) -> None:
        self._database = database
        self._journal_size = journal_size
        self._backlog = backlog

    def record(
        self, arrival: Arrival, batch: Batch, script: Script | None = None, *, settle: bool = False
    ) -> None:
        """Records a judged batch as its script has it, committed on return.

        settle: whether earlier requests may have left something to be recorded later.
        """
        payload = batch.packed or packed(batch.body)
        if plain.is_plain(batch, script) and not settle:
            self._keep_in_bounds(arrival, plain.record(self._database, arrival, batch, payload))
            return
        data_space = arrival.data_space or ""
        looks_back = settle or settling.looks_back(batch)
        looks_back = looks_back or (script is not None and script.looks_back)
        with self._database.writing() as connection:
            recording.hold_data_space(connection, data_space, exclusively=looks_back)
            if settle:
                delays.settle(connection, data_space, arrival.received_at)
            settled, script = settling.settled(connection, data_space, batch, script)
            number = record_batch(connection, arrival, settled, script, payload)
            cascades.follow(connection, arrival, settled, number)
            _end_request(connection, arrival, number, settle)
        self._keep_in_bounds(arrival, number)

    def journal(
        self,
        arrival: Arrival,
        body: bytes | None,
        as_it_came: bytes | None = None,
        *,
        settle: bool = False,
    ) -> None:
        """Journals a request of which nothing is recorded, with its body as far as it came.

        as_it_came, settle: as for `record`.
        """
        payload = as_it_came or (None if body is None else packed(body))
        data_space = arrival.data_space or ""
        with self._database.writing() as connection:
            if settle:
                recording.hold_data_space(connection, data_space, exclusively=True)
                delays.settle(connection, data_space, arrival.received_at)
            number = recording.add_request(connection, arrival, payload)
            _end_request(connection, arrival, number, settle)
        self._keep_in_bounds(arrival, number)

    def sort_in(self, budget_s: float) -> bool:
        """Sorts in what waits, of any data space, for so long; True if nothing is left.

        For times in which nobody sends: who reads needs not wait for it then.
        """
        with self._database.reading() as connection:
            waiting = inbox.waiting(connection)
        few = inbox.FEW_ITEMS
        left = [each for each in waiting if not self._database.sort_in(each, budget_s, few)]
        return not left

    def _keep_in_bounds(self, arrival: Arrival, number: int) -> None:
        try:
            self._look_after(arrival, number)
        except (DBAPIError, PoolTimeout) as error:
            # The request itself is committed; to say that it was not recorded would be wrong.
            log.warning("the journal is longer than it should be: %s", error)

    def _look_after(self, arrival: Arrival, number: int) -> None:
        # Now and then, since each look at what waits, and at the oldest requests, costs.
        if arrival.data_space is not None and number % LOOK_EVERY == 0:
            with self._database.reading() as connection:
                first = inbox.first_waiting(connection, arrival.data_space)
            if first is not None and number - first > self._backlog:
                self._database.sort_in(arrival.data_space, budget_s=0)
        if number % max(1, self._journal_size // 100) == 0:
            self._forget(number - self._journal_size)

    def _forget(self, newest: int) -> None:
        if newest < 1:
            return
        with self._database.reading() as connection:
            waiting = inbox.waiting(connection, newest)
        for data_space in waiting:
            self._database.sort_in(data_space)
        with self._database.writing() as connection:
            recording.forget_requests(connection, newest)


def _end_request(connection: Connection, arrival: Arrival, number: int, settle: bool) -> None:
    if settle and arrival.data_space is not None:
        delays.count_request(connection, arrival.data_space, number)
        delays.settle(connection, arrival.data_space, arrival.received_at)
