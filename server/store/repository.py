"""The one door to the database: what was received, from whom, and what is known of it."""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any, Self

import orjson
from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mcs.contract.digests import Bucket
from mcs.server.config import Settings
from mcs.server.faults.applying import Script
from mcs.server.faults.matching import Candidate, Suspect
from mcs.server.faults.rules import Rule
from mcs.server.store import (
    buckets,
    cascades,
    delays,
    digests,
    elsewhere,
    faults,
    inbox,
    lookup,
    names,
    projection,
    reading,
    recording,
    resyncs,
    settling,
    visibility,
)
from mcs.server.store.catalog import Catalog
from mcs.server.store.database import Database
from mcs.server.store.engine import WRITES, open_engine, single_statements
from mcs.server.store.faults import Happening
from mcs.server.store.feed_status import FeedStatuses
from mcs.server.store.history import History
from mcs.server.store.journal import Journal
from mcs.server.store.keys import Keys
from mcs.server.store.payloads import packed
from mcs.server.store.resyncs import ResyncRequest, ResyncState
from mcs.server.store.runs import Runs
from mcs.server.store.scripted import record_batch
from mcs.server.store.statements import run
from mcs.server.store.tables import (
    AlteredTexts,
    DataSpaces,
    DelayedWrites,
    FaultEvents,
    FeedReports,
    ItemNames,
    Items,
    ItemVersions,
    Payloads,
    Rejections,
    Requests,
    SyncRuns,
)
from mcs.server.store.tokens import Tokens
from mcs.server.store.traffic import Traffic
from mcs.server.store.turn import WAIT_S, Turn
from mcs.server.store.values import (
    Addressed,
    Arrival,
    Batch,
    DataSpace,
    FaultEvent,
    Forgotten,
    Holding,
    ItemHistory,
    ItemVersion,
    JournalledRequest,
    ReceivedItem,
    Rejection,
)
from mcs.server.store.visibility import Question, VisibleItem

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
LOOK_EVERY = 50
"""Requests between two looks at how much waits to be sorted in."""


def utc_now() -> datetime:
    """The time, with its zone."""
    return datetime.now(UTC)


def timestamp(moment: datetime) -> str:
    """How the store writes a moment: ISO 8601 in UTC, always of the same length."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


class Store:
    """Everything the service remembers. Safe to share between threads.

    journal_size: how many requests are remembered at least; older ones go in batches. backlog: how
    many of a data space may wait to be sorted in (inbox.py), while nobody reads; each further one
    takes its part in that. wait_s: for a database that somebody else holds.

    Beside its own questions it has rooms of more: `catalog`, the synced products; `feed_statuses`,
    how feeds stand; `history`, single items; `journalled`, requests in pages; `keys`, who may send;
    `runs`, what exporters report; `tokens`, who may bear one; `traffic`, what came in of late.
    """

    def __init__(
        self,
        database_url: str,
        *,
        connections: int = 8,
        journal_size: int = 100_000,
        backlog: int = 2_000,
        clock: Clock = utc_now,
        wait_s: float = WAIT_S,
    ) -> None:
        self._engine = open_engine(database_url, connections, wait_s)
        self._writing = self._engine.execution_options(**{WRITES: True})
        is_sqlite = self._engine.dialect.name == "sqlite"
        self._asking = single_statements(self._engine)
        self._journal_size = journal_size
        self._backlog = backlog
        self._clock = clock
        # SQLite has one writer at a time and lets the others poll; queueing here is faster.
        self._turn: AbstractContextManager[Any] = Turn(wait_s) if is_sqlite else nullcontext()
        self.one_at_a_time: AbstractContextManager[Any] = (
            Turn(wait_s) if is_sqlite else nullcontext()
        )
        database = Database(self._engine, self._writing, self._turn, lambda: timestamp(clock()))
        self._database = database
        self.catalog = Catalog(database)
        self.feed_statuses = FeedStatuses(database)
        self.history = History(database)
        self.journalled = Journal(database)
        self.keys = Keys(database)
        self.runs = Runs(database)
        self.tokens = Tokens(database)
        self.traffic = Traffic(database)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Lets go of the database."""
        self._engine.dispose()

    @property
    def shown_url(self) -> str:
        """The database's URL without its password."""
        return self._engine.url.render_as_string(hide_password=True)

    # Who may send

    def data_spaces(self) -> list[DataSpace]:
        """All data spaces, oldest first."""
        query = select(DataSpaces).order_by(DataSpaces.created_at, DataSpaces.id)
        with self._engine.connect() as connection:
            return [_data_space(row) for row in connection.execute(query)]

    def data_space(self, data_space: str) -> DataSpace | None:
        """The data space of this id, or None."""
        query = select(DataSpaces).where(DataSpaces.id == data_space)
        with self._engine.connect() as connection:
            row = connection.execute(query).first()
        return None if row is None else _data_space(row)

    def add_data_space(self, data_space: str, name: str, settings: Settings) -> DataSpace | None:
        """The data space, newly made; None if the id is taken."""
        row = {
            "id": data_space,
            "name": name,
            "settings": orjson.dumps(settings.as_json()).decode(),
            "created_at": timestamp(self._clock()),
        }
        with self._turn, self._writing.begin() as connection:
            if connection.scalar(select(DataSpaces.id).where(DataSpaces.id == data_space)):
                return None
            connection.execute(insert(DataSpaces), row)
        return DataSpace(data_space, name, settings, row["created_at"])

    def change_settings(self, data_space: str, given: Any) -> DataSpace | None:
        """Puts the given settings in place of those it has; None if there is no such data space.

        In force from the next request on. Raises UsageError, and changes nothing then.
        """
        query = select(DataSpaces).where(DataSpaces.id == data_space).with_for_update()
        with self._turn, self._writing.begin() as connection:
            row = connection.execute(query).first()
            if row is None:
                return None
            found = _data_space(row)
            settings = found.settings.changed(given)
            text = orjson.dumps(settings.as_json()).decode()
            own = update(DataSpaces).where(DataSpaces.id == data_space)
            connection.execute(own.values(settings=text))
        return replace(found, settings=settings)

    def addressed(self, data_space: str) -> Addressed | None:
        """The data space of this id with what faults have in store for it, or None."""
        with self._asking.connect() as connection:
            rows = run(connection, _ADDRESSED, (data_space,))
        if not rows:
            return None
        *own, keys_retired, has_delayed = rows[0][:6]
        self.keys.note_retired(data_space, keys_retired)
        rules = tuple(faults.read_rule(*row[6:]) for row in rows if row[6] is not None)
        return Addressed(_data_space_of(*own), rules, bool(has_delayed))

    def take_token(self, data_space: str, requests_per_minute: int, now: datetime) -> int:
        """Counts a request of a limited data space; 0, or the seconds until it may come."""
        with self._turn, self._writing.begin() as connection:
            recording.hold_data_space(connection, data_space, exclusively=True)
            return buckets.take(connection, data_space, requests_per_minute, now)

    # Recording

    def record(
        self, arrival: Arrival, batch: Batch, script: Script | None = None, *, settle: bool = False
    ) -> None:
        """Records a judged batch as its script has it, committed on return.

        settle: whether earlier requests may have left something to be recorded later.
        """
        payload = batch.packed or packed(batch.body)
        data_space = arrival.data_space or ""
        looks_back = settle or settling.looks_back(batch)
        looks_back = looks_back or (script is not None and script.looks_back)
        with self._turn, self._writing.begin() as connection:
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
        with self._turn, self._writing.begin() as connection:
            if settle:
                recording.hold_data_space(connection, data_space, exclusively=True)
                delays.settle(connection, data_space, arrival.received_at)
            number = recording.add_request(connection, arrival, payload)
            _end_request(connection, arrival, number, settle)
        self._keep_in_bounds(arrival, number)

    def settle(self, data_space: str) -> None:
        """Records what faults have delayed until now; whoever reads the record does this first."""
        now = timestamp(self._clock())
        self._database.sort_in(data_space)
        with self._engine.connect() as connection:
            if not delays.is_due(connection, data_space, now):
                return
        with self._turn, self._writing.begin() as connection:
            recording.hold_data_space(connection, data_space, exclusively=True)
            delays.settle(connection, data_space, now)

    def sort_in(self, budget_s: float) -> bool:
        """Sorts in what waits, of any data space, for so long; True if nothing is left.

        For times in which nobody sends: who reads needs not wait for it then.
        """
        with self._engine.connect() as connection:
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
            with self._engine.connect() as connection:
                first = inbox.first_waiting(connection, arrival.data_space)
            if first is not None and number - first > self._backlog:
                self._database.sort_in(arrival.data_space, budget_s=0)
        if number % max(1, self._journal_size // 100) == 0:
            self._forget(number - self._journal_size)

    def _forget(self, newest: int) -> None:
        if newest < 1:
            return
        with self._engine.connect() as connection:
            waiting = inbox.waiting(connection, newest)
        for data_space in waiting:
            self._database.sort_in(data_space)
        with self._turn, self._writing.begin() as connection:
            recording.forget_requests(connection, newest)

    # What was received

    def received_items(
        self,
        data_space: str,
        feed: str | None = None,
        key: str | None = None,
        *,
        buckets: Sequence[str] | None = None,
        with_items: bool = False,
    ) -> Iterator[ReceivedItem]:
        """The current version of each item, by feed and key; with its JSON text if asked for.

        key: an identity key or how it begins. buckets: only keys that begin so.
        """
        self.settle(data_space)
        chosen = [key] if buckets is None else sorted(set(buckets))
        return chain.from_iterable(
            reading.received(self._engine, data_space, feed, prefix, with_items)
            for prefix in chosen
        )

    def digests(self, data_space: str, feed: str | None = None) -> dict[str, dict[str, Bucket]]:
        """The bucket digests of what is held now, by feed and bucket; empty buckets are left out.

        The first call after much was recorded takes its time; writers pass between its steps.
        """
        self.settle(data_space)
        more = True
        while more:
            with self._turn, self._writing.begin() as connection:
                more = digests.fold(connection, data_space)
                if not more:
                    found = digests.kept(connection, data_space, feed)
        return found

    def visible_items(self, data_space: str, asked: Question) -> Iterator[VisibleItem]:
        """What a consuming service shows, by feed and key."""
        self.settle(data_space)
        return visibility.visible(self._engine, data_space, asked)

    def versions_of(self, data_space: str, feed: str, key: str) -> list[ItemVersion]:
        """The accepted writes of one item that are remembered, oldest first."""
        self.settle(data_space)
        with self._engine.connect() as connection:
            return reading.versions(connection, data_space, feed, key)

    def holdings_elsewhere(
        self, feed: str, keys: Sequence[str], except_data_space: str
    ) -> Iterator[Holding]:
        """Which other data spaces hold these items of a feed alive, by key and data space."""
        with self._engine.connect() as connection:
            waiting = inbox.waiting(connection)
        for data_space in waiting:
            self._database.sort_in(data_space)
        return elsewhere.holdings(self._engine, feed, keys, except_data_space)

    def rejected_items(self, data_space: str, feed: str | None = None) -> Iterator[Rejection]:
        """Every refused item that is remembered, in the order of arrival."""
        return reading.rejections(self._engine, data_space, feed)

    def requests(
        self,
        data_space: str | None,
        feed: str | None = None,
        *,
        before: int | None = None,
        limit: int = 100,
    ) -> list[JournalledRequest]:
        """Requests to a data space, or to none that there is, newest first, below `before`."""
        with self._engine.connect() as connection:
            return reading.requests(connection, data_space, feed, before, limit)

    def request(self, data_space: str, number: int) -> JournalledRequest | None:
        """One request to a data space, or None."""
        with self._engine.connect() as connection:
            return reading.request(connection, data_space, number)

    def body(self, data_space: str, number: int) -> bytes | None:
        """The decoded body of a request; None if there is none, or it was never read."""
        with self._engine.connect() as connection:
            return reading.body(connection, data_space, number)

    def batch(self, data_space: str, number: int) -> tuple[str, bytes] | None:
        """The feed and the decoded body of a request; None if there is none that was a batch."""
        with self._engine.connect() as connection:
            return reading.batch(connection, data_space, number)

    def requests_by_id(
        self, data_space: str, request_ids: Sequence[str]
    ) -> list[JournalledRequest]:
        """The journalled requests with these ids, oldest first; an id may be used again."""
        with self._engine.connect() as connection:
            return lookup.requests_by_id(connection, data_space, request_ids)

    def histories(self, data_space: str, feed: str, keys: Sequence[str]) -> dict[str, ItemHistory]:
        """What happened to these items, by key; nothing for a key that never came."""
        with self._database.record(data_space) as connection:
            return lookup.histories(connection, data_space, feed, keys)

    def named(self, data_space: str, name: str, feed: str | None = None) -> list[tuple[str, str]]:
        """Feed and key of each item, kept or refused, that a name of the catalog stands for."""
        with self._database.record(data_space) as connection:
            return names.named(connection, data_space, name, feed)

    def names_near(self, data_space: str, name: str, feed: str | None = None) -> list[str]:
        """Names in use that stand beside this one or begin as it does, without it."""
        with self._database.record(data_space) as connection:
            return names.near(connection, data_space, name, feed)

    # Faults

    def faults(self, data_space: str) -> list[Rule]:
        """The rules, oldest first."""
        with self._engine.connect() as connection:
            return faults.rules(connection, data_space)

    def add_fault(self, data_space: str, rule: Rule) -> Rule:
        """Puts a rule in force from the next request on; returns it with its number."""
        with self._turn, self._writing.begin() as connection:
            return replace(rule, id=faults.add_rule(connection, data_space, rule))

    def enable_fault(self, data_space: str, number: int, enabled: bool) -> Rule | None:
        """Switches a rule on or off and returns it; None if there is none with this number."""
        with self._turn, self._writing.begin() as connection:
            faults.enable(connection, data_space, number, enabled)
            return next(iter(faults.rules(connection, data_space, number=number)), None)

    def end_fault(self, data_space: str, number: int) -> Rule | None:
        """Ends a rule and returns how far it came; None if there is none with this number."""
        with self._turn, self._writing.begin() as connection:
            found = next(iter(faults.rules(connection, data_space, number=number)), None)
            faults.end(connection, data_space, number)
            return found

    def clear_faults(self, data_space: str) -> int:
        """Ends all rules; what they did stays known. Returns how many there were."""
        with self._turn, self._writing.begin() as connection:
            return faults.end(connection, data_space)

    def strike_request(self, happening: Happening, suspects: Sequence[Suspect]) -> list[Rule]:
        """Counts a request at the rules that match it; notes and returns those that hit it."""
        if not suspects:
            return []
        with self._turn, self._writing.begin() as connection:
            recording.hold_data_space(connection, happening.data_space, exclusively=False)
            return faults.strike_request(connection, happening, suspects)

    def strike_items(
        self, happening: Happening, matched: Sequence[tuple[Candidate, Sequence[Rule]]]
    ) -> list[tuple[Candidate, Rule]]:
        """Counts items at the rules that match them; notes and returns those that are hit."""
        if not matched:
            return []
        with self._turn, self._writing.begin() as connection:
            recording.hold_data_space(connection, happening.data_space, exclusively=False)
            return faults.strike_items(connection, happening, matched)

    def fault_events(self, data_space: str) -> list[FaultEvent]:
        """What faults did, in order."""
        self.settle(data_space)
        with self._engine.connect() as connection:
            return faults.events(connection, data_space)

    def add_resync(
        self,
        data_space: str,
        feeds: tuple[str, ...] | None,
        *,
        at_once: bool = False,
        ids: tuple[str, ...] | None = None,
    ) -> ResyncRequest:
        """Asks the exporter of a data space for a resync; None: of all feeds.

        at_once: at its next pass, before the window opens. ids: of these items of one feed.
        """
        now = timestamp(self._clock())
        with self._turn, self._writing.begin() as connection:
            return resyncs.add_resync(connection, data_space, feeds, now, at_once=at_once, ids=ids)

    def resyncs(self, data_space: str, state: ResyncState | None = None) -> list[ResyncRequest]:
        """The resyncs that were asked for, oldest first."""
        with self._engine.connect() as connection:
            return resyncs.resyncs(connection, data_space, state)

    def set_resync_state(
        self, data_space: str, number: int, state: ResyncState
    ) -> ResyncRequest | None:
        """Notes how far a resync is; None if there is none with this number."""
        now = timestamp(self._clock())
        with self._turn, self._writing.begin() as connection:
            return resyncs.set_resync_state(connection, data_space, number, state, now)

    # Forgetting

    def reset(self, data_space: str) -> Forgotten:
        """Forgets all that a data space received, its runs and faults; it keeps its keys."""
        own = select(Requests.id).where(Requests.data_space == data_space)
        with self._turn, self._writing.begin() as connection:
            recording.hold_data_space(connection, data_space, exclusively=True)
            inbox.sort_in_all(connection, data_space)
            projection.forget(connection, data_space)
            items = _deleted(connection, Items, data_space)
            digests.forget(connection, data_space)
            cascades.forget(connection, data_space)
            faults.end(connection, data_space)
            for table in (
                ItemVersions,
                ItemNames,
                Rejections,
                DelayedWrites,
                FaultEvents,
                SyncRuns,
                FeedReports,
            ):
                _deleted(connection, table, data_space)
            for of_requests in (Payloads, AlteredTexts):
                connection.execute(delete(of_requests).where(of_requests.request.in_(own)))
            return Forgotten(items, _deleted(connection, Requests, data_space))


_ADDRESSED = (
    "SELECT own.id, name, settings, own.created_at, keys_retired, "
    "EXISTS (SELECT 1 FROM delayed_writes WHERE data_space = own.id), "
    "rule.id, definition, enabled, seen, applied "
    "FROM data_spaces own LEFT JOIN faults rule ON rule.data_space = own.id AND enabled "
    "WHERE own.id = ? ORDER BY rule.id"
)


def _end_request(connection: Connection, arrival: Arrival, number: int, settle: bool) -> None:
    if settle and arrival.data_space is not None:
        delays.count_request(connection, arrival.data_space, number)
        delays.settle(connection, arrival.data_space, arrival.received_at)


def _deleted(connection: Connection, table: Any, data_space: str) -> int:
    deleted = connection.execute(delete(table).where(table.data_space == data_space))
    return int(deleted.rowcount)


def _data_space(row: Any) -> DataSpace:
    return _data_space_of(row.id, row.name, row.settings, row.created_at)


@lru_cache(maxsize=1024)
def _data_space_of(number: str, name: str, settings: str, created_at: str) -> DataSpace:
    return DataSpace(number, name, Settings.from_json(orjson.loads(settings)), created_at)


_OF_ITEMS = (ItemVersions, Rejections, DelayedWrites)
