"""The reconciliation: one relational definition of every kind, run by an embedded engine.

Two lists of identities go in as NDJSON files, the identities on which they disagree come out.
Memory is bounded by a setting; what does not fit goes to the engine's file.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import orjson

from mcs.contract.status import ExportStatus
from mcs.harness.discrepancy import DiscrepancyKind, FeedCounts
from mcs.harness.errors import CouldNotTell

MEMORY_LIMIT = "1GB"
THREADS = 4
ROWS_AT_ONCE = 1_000

# A category that moved leaves a deleted row beside the living one, both of one identity on the
# wire; what counts is the living one, then the latest.
_LOAD_SENT = """
create table sent as
select * from read_json($path, format = 'newline_delimited', columns = {
    feed: 'VARCHAR', key: 'VARCHAR', identity: 'JSON', hash: 'VARCHAR', deleted: 'BOOLEAN',
    modified_at: 'VARCHAR', request_id: 'VARCHAR', status: 'INTEGER', errors: 'VARCHAR',
    locator: 'VARCHAR'})
qualify row_number() over (
    partition by feed, key order by deleted, modified_at desc nulls last, locator desc) = 1
"""
_LOAD_RECEIVED = """
create table received as
select * from read_json($path, format = 'newline_delimited', columns = {
    feed: 'VARCHAR', key: 'VARCHAR', identity: 'JSON', hash: 'VARCHAR', deleted: 'BOOLEAN',
    modified_at: 'VARCHAR', received_at: 'VARCHAR', request_id: 'VARCHAR', index: 'INTEGER',
    versions: 'INTEGER', repeats: 'INTEGER'})
"""
# The last refusal of an identity counts; refusals of items without one name nothing to join with.
_LOAD_REFUSED = """
create table refused as
select * from read_json($path, format = 'newline_delimited', columns = {
    feed: 'VARCHAR', key: 'VARCHAR', errors: 'JSON', request_id: 'VARCHAR',
    received_at: 'VARCHAR', index: 'INTEGER'})
where key is not null
qualify row_number() over (
    partition by feed, key order by received_at desc, index desc) = 1
"""

_VERDICT = f"""
create view verdict as
select
    coalesce(sent.feed, received.feed) as feed,
    coalesce(sent.key, received.key) as key,
    -- An exporter's row may lack the fields that name the item; the service then knows them.
    case when sent.identity is null or sent.identity::varchar = '{{}}'
         then coalesce(received.identity, sent.identity) else sent.identity end as identity,
    sent.key is not null and not sent.deleted as is_sent_alive,
    received.key is not null and not received.deleted as is_received_alive,
    is_sent_alive and is_received_alive and sent.hash = received.hash as is_same,
    case
        when sent.key is null and is_received_alive then '{DiscrepancyKind.UNEXPECTED}'
        when sent.key is null or is_same then null
        when sent.deleted and not is_received_alive then null
        when sent.status in ({ExportStatus.FAILED_ITEM:d}, {ExportStatus.BAD_REQUEST:d})
            then '{DiscrepancyKind.REJECTED}'
        when sent.deleted then '{DiscrepancyKind.UNDELETED}'
        when sent.status = {ExportStatus.SUBMITTED:d} and is_received_alive
            then '{DiscrepancyKind.CHANGED}'
        else '{DiscrepancyKind.MISSING}'
    end as kind,
    coalesce(received.repeats, 0) > 0 as is_duplicated,
    sent.key is not null as has_sent, sent.hash as sent_hash, sent.deleted as sent_deleted,
    sent.modified_at as sent_modified_at, sent.request_id as sent_request_id,
    sent.status, sent.errors, sent.locator,
    received.key is not null as has_received, received.hash as received_hash,
    received.deleted as received_deleted, received.modified_at as received_modified_at,
    received.received_at, received.request_id as received_request_id, received.index,
    received.versions, received.repeats,
    -- An older refusal says nothing of an item that was sent with success since.
    case when sent.status in ({ExportStatus.FAILED_ITEM:d}, {ExportStatus.BAD_REQUEST:d})
            or refused.request_id = sent.request_id
        then refused.errors end as reasons
from sent
full outer join received on sent.feed = received.feed and sent.key = received.key
left join refused on refused.feed = sent.feed and refused.key = sent.key
"""  # noqa: S608 - made of our own constants
_COUNTS = f"""
select feed,
    count(*) filter (is_sent_alive and status = {ExportStatus.SUBMITTED:d}) as sent,
    count(*) filter (is_received_alive) as received,
    count(*) filter (is_same) as in_sync
from verdict group by feed
"""  # noqa: S608 - made of our own constants
_DISAGREEMENTS = """
select feed, key, identity, kind, is_duplicated, reasons, locator,
    has_sent, sent_hash, sent_deleted, sent_modified_at, sent_request_id, status, errors,
    has_received, received_hash, received_deleted, received_modified_at, received_at,
    received_request_id, index, versions, repeats
from verdict where kind is not null or is_duplicated order by feed, key
"""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One identity that is not in order.

    kind: None if only `duplicated`; CHANGED stands for STALE too, which the lists cannot tell
    apart. locator: of the sent row. sent: hash, deleted, modified_at, request_id,
    status, errors. received: hash, deleted, modified_at, received_at, request_id, index, versions,
    repeats. reasons: why the service refused the item the last time it did.
    """

    feed: str
    key: str
    identity: dict[str, str]
    kind: DiscrepancyKind | None
    duplicated: bool
    reasons: tuple[dict[str, Any], ...]
    locator: str | None
    sent: dict[str, Any] | None
    received: dict[str, Any] | None


class Reconciliation:
    """The engine with both lists loaded; use it in a `with` block.

    folder: an existing folder for the engine's files. memory_limit: as the engine writes it.
    Raises CouldNotTell if a file holds anything but the documented lines.
    """

    def __init__(
        self,
        sent: Path,
        received: Path,
        rejected: Path,
        folder: Path,
        memory_limit: str = MEMORY_LIMIT,
    ) -> None:
        self._engine = duckdb.connect(
            folder / "reconciliation.duckdb",
            config={
                "memory_limit": memory_limit,
                "temp_directory": str(folder / "spill"),
                "threads": THREADS,
            },
        )
        try:
            for load, path in (
                (_LOAD_SENT, sent),
                (_LOAD_RECEIVED, received),
                (_LOAD_REFUSED, rejected),
            ):
                self._engine.execute(load, {"path": str(path)})
            self._engine.execute(_VERDICT)
        except duckdb.Error as error:
            self._engine.close()
            raise CouldNotTell(f"the two sides cannot be compared: {error}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._engine.close()

    def counts(self) -> dict[str, FeedCounts]:
        """The counts of every feed that either side knows an identity of."""
        return {feed: FeedCounts(*counts) for feed, *counts in self._rows(_COUNTS)}

    def disagreements(self) -> Iterator[Disagreement]:
        """Every identity that is missing, differs, is too many, or came twice, by feed and key."""
        return map(_disagreement, self._rows(_DISAGREEMENTS))

    def _rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        cursor = self._engine.execute(query)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows


def _disagreement(row: tuple[Any, ...]) -> Disagreement:
    feed, key, identity, kind, is_duplicated, reasons, locator, *sides = row
    has_sent, *sent = sides[:7]
    has_received, *received = sides[7:]
    return Disagreement(
        feed=feed,
        key=key,
        identity=orjson.loads(identity or "{}"),
        kind=DiscrepancyKind(kind) if kind else None,
        duplicated=is_duplicated,
        reasons=tuple(orjson.loads(reasons or "[]")),
        locator=locator,
        sent=dict(zip(_SENT_FIELDS, sent, strict=True)) if has_sent else None,
        received=dict(zip(_RECEIVED_FIELDS, received, strict=True)) if has_received else None,
    )


_SENT_FIELDS = ("hash", "deleted", "modified_at", "request_id", "status", "errors")
_RECEIVED_FIELDS = (
    "hash",
    "deleted",
    "modified_at",
    "received_at",
    "request_id",
    "index",
    "versions",
    "repeats",
)
