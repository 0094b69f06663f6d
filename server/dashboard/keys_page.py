"""The keys of a data space, and the requests that found none, as pages show them. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from mcs.server.dashboard.query import link
from mcs.server.dashboard.table import Column, Pager, Table
from mcs.server.gateway import API_KEY, shown_header
from mcs.server.store.values import JournalledRequest, ListedKey

GOOD, RETIRED = "good", "retired"

KEY_COLUMNS = (
    Column("number", "Number", numeric=True),
    Column("shown", "Begins with"),
    Column("created_at", "Registered"),
    Column("last_used_at", "Last used"),
    Column("state", "State"),
    Column("retired_at", "Retired"),
)
REQUEST_COLUMNS = (
    Column("received_at", "Received"),
    Column("status", "Status", numeric=True),
    Column("method", "Method"),
    Column("route", "Route"),
    Column("key", "Key begins with"),
    Column("reason", "Why it was refused"),
)


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key without the key. shown: how it begins. tone: of the badge."""

    number: int
    shown: str
    created_at: str
    last_used_at: str | None
    state: str
    retired_at: str | None
    tone: str


@dataclass(frozen=True, slots=True)
class KeysPage:
    """good: how many keys may send."""

    data_space: str
    name: str
    good: int
    table: Table


@dataclass(frozen=True, slots=True)
class MisaddressedRow:
    """A request that found no data space. key: how it begins, empty if none came."""

    received_at: str
    request_id: str
    status: int
    method: str
    route: str
    key: str
    reason: str


@dataclass(frozen=True, slots=True)
class MisaddressedPage:
    """One page of them, newest first."""

    table: Table
    pager: Pager


def keys_page(data_space: str, name: str, keys: Sequence[ListedKey]) -> KeysPage:
    """The keys of a data space, the newest first."""
    rows = [_key_row(key) for key in reversed(keys)]
    good = sum(row.state == GOOD for row in rows)
    return KeysPage(data_space, name, good, Table("API keys", KEY_COLUMNS, rows))


def misaddressed_page(
    found: Sequence[JournalledRequest], url: str, before: int | None, limit: int
) -> MisaddressedPage:
    """A page of requests. found: one more than are shown, if there is one."""
    shown = found[:limit]
    last = shown[-1].id if len(found) > limit else None
    rows = [_request_row(entry) for entry in shown]
    return MisaddressedPage(
        Table("Requests that found no data space, newest first", REQUEST_COLUMNS, rows),
        Pager(
            first_url=url if before else None,
            next_url=link(url, {"before": last}) if last else None,
        ),
    )


def _key_row(key: ListedKey) -> KeyRow:
    return KeyRow(
        number=key.number,
        shown=key.shown or "?",
        created_at=key.created_at,
        last_used_at=key.last_used_at,
        state=RETIRED if key.retired_at else GOOD,
        retired_at=key.retired_at,
        tone="neutral" if key.retired_at else "good",
    )


def _request_row(entry: JournalledRequest) -> MisaddressedRow:
    arrival = entry.arrival
    return MisaddressedRow(
        received_at=arrival.received_at,
        request_id=arrival.request_id,
        status=arrival.status,
        method=arrival.method,
        route=arrival.route,
        key=shown_header(arrival.headers, API_KEY) or "",
        reason=arrival.message or "",
    )
