"""The journal as a list: which requests, and what is told of each at a glance."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mcs.contract.errors import UsageError
from mcs.server.dashboard.filters import number, plain_moment, plural
from mcs.server.dashboard.query import link, wanted_choice, wanted_feed, wanted_number
from mcs.server.dashboard.table import Column, Pager, Table
from mcs.server.store.journal import (
    PAGE_ROWS,
    SCANNED_REQUESTS,
    Entry,
    Filter,
    Journal,
    Show,
)
from mcs.server.store.journal_names import carrying
from mcs.server.store.journal_search import search

LARGEST_PAGE = 500
LONGEST_SEARCH = 200
CUT_OFF = "cut off"
NOT_VERIFIED, VERIFIED, NO_SIGNATURE = "not verified", "verified", "none"

SEARCHED = "Searched the bodies, errors and answers of {count} requests, back to {oldest}. {more}"
NAMED = 'The requests that carried an item named "{name}", by index.'
IN_ITEMS = "items"
SEARCHED_NOTHING = "There is no request to search."
GO_ON = "There are older ones: Next goes on."
ALL_SEARCHED = "These are all that the journal has."
LOOKED_AT = "Looked at the newest {count} requests only: Next goes on."
TWINS = (("JSON", {"format": "json"}), ("CSV", {"format": "csv", "limit": LARGEST_PAGE}))

COLUMNS = (
    Column("id", "Request", numeric=True),
    Column("status", "Status"),
    Column("received_at", "Received"),
    Column("method", "Method"),
    Column("feed", "Feed"),
    Column("items", "Items", numeric=True),
    Column("rejected", "Refused", numeric=True),
    Column("duration_ms", "ms", numeric=True),
    Column("body_bytes", "Size", numeric=True),
    Column("signature", "Signature"),
    Column("outcome", "Outcome"),
)


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request. tone: how its status is shown. faults: what hit it. found_in: where a search
    found its text. body_bytes: as it came; decoded_bytes: unpacked."""

    id: int
    request_id: str
    received_at: str
    method: str
    route: str
    feed: str | None
    items: int
    accepted: int
    rejected: int
    status: int
    answered: bool
    tone: str
    duration_ms: float
    body_bytes: int
    decoded_bytes: int
    signature: str
    faults: tuple[str, ...]
    outcome: str
    found_in: str


@dataclass(frozen=True, slots=True)
class RequestList:
    """One page of the journal. first: whether it is the newest, which is kept up to date.

    failed_url: the same list with only the failed requests, or again with all. everywhere_url:
    the search in all texts, where what is shown was found by its name.
    """

    feed: str | None
    show: str
    status: int | None
    search: str
    first: bool
    note: str
    live_url: str
    poll_url: str
    twins: tuple[tuple[str, str], ...]
    failed_url: str
    everywhere_url: str | None
    table: Table
    pager: Pager


def wanted_requests(query: Mapping[str, str]) -> Filter:
    """What a page's query asks for. Raises UsageError.

    >>> wanted_requests({"feed": "prices", "show": "failed"}).show
    <Show.FAILED: 'failed'>
    """
    return Filter(
        feed=wanted_feed(query),
        show=Show(wanted_choice(query, "show", tuple(Show)) or Show.ALL),
        status=wanted_number(query, "status"),
        before=wanted_number(query, "before"),
        limit=min(wanted_number(query, "limit") or PAGE_ROWS, LARGEST_PAGE),
    )


def request_list(
    journal: Journal, data_space: str, url: str, query: Mapping[str, str]
) -> RequestList:
    """The page of requests that a query asks for. url: of the page, without query."""
    wanted, text = wanted_requests(query), query.get("q", "").strip()
    if len(text) > LONGEST_SEARCH:
        raise UsageError(f"q: expected a text of {LONGEST_SEARCH} characters or fewer.")
    everywhere = wanted_choice(query, "everywhere", ("1",))
    named = carrying(journal, data_space, text, wanted) if text and not everywhere else None
    if named is not None:
        rows = [request_row(entry, (IN_ITEMS,)) for entry in named.entries]
        following, note = named.next, NAMED.format(name=text)
    else:
        rows, following, note = _found(journal, data_space, wanted, text)
    start = replace(wanted, before=None)
    asked = {**_query(start, text), "everywhere": everywhere}
    failed = Show.ALL if wanted.show is Show.FAILED else Show.FAILED
    return RequestList(
        feed=wanted.feed,
        show=wanted.show,
        status=wanted.status,
        search=text,
        first=wanted.before is None and not text,
        note=note,
        live_url=link(f"{url}/live", asked),
        poll_url=link(url, {**asked, "fragment": "requests"}),
        twins=tuple((name, link(url, {**asked, **more})) for name, more in TWINS),
        failed_url=link(url, {**asked, "show": str(failed)}),
        everywhere_url=link(url, {**asked, "everywhere": "1"}) if named is not None else None,
        table=Table("Requests, newest first", COLUMNS, rows),
        pager=Pager(
            first_url=link(url, asked) if wanted.before else None,
            next_url=link(url, {**asked, "before": following}) if following else None,
        ),
    )


def request_row(entry: Entry, found_in: tuple[str, ...] = ()) -> RequestRow:
    """A request at a glance."""
    values: dict[str, Any] = {
        name: getattr(entry, name)
        for name in RequestRow.__slots__
        if hasattr(entry, name) and name != "signature"
    }
    return RequestRow(
        **values,
        tone=_tone(entry),
        signature=_signature(entry.signature),
        faults=tuple(fault["action"] for fault in entry.fault or ()),
        outcome=_outcome(entry),
        found_in=", ".join(found_in),
    )


def _found(
    journal: Journal, data_space: str, wanted: Filter, text: str
) -> tuple[list[RequestRow], int | None, str]:
    if not text:
        page = journal.page(data_space, wanted)
        note = "" if page.exhausted else LOOKED_AT.format(count=number(SCANNED_REQUESTS))
        return [request_row(entry) for entry in page.entries], page.next, note
    findings = search(journal, data_space, text, wanted)
    more = GO_ON if findings.next else ALL_SEARCHED
    oldest = plain_moment(findings.oldest_at or "")
    note = SEARCHED.format(count=number(findings.searched), oldest=oldest, more=more)
    rows = [request_row(hit.entry, hit.places) for hit in findings.hits]
    return rows, findings.next, note if findings.searched or rows else SEARCHED_NOTHING


def _query(wanted: Filter, text: str) -> dict[str, Any]:
    return {
        "feed": wanted.feed,
        "show": str(wanted.show) if wanted.show is not Show.ALL else None,
        "status": wanted.status,
        "q": text,
        "before": wanted.before,
        "limit": wanted.limit if wanted.limit != PAGE_ROWS else None,
    }


def _tone(entry: Entry) -> str:
    if not entry.answered or entry.status >= 400:
        return "bad"
    return "busy" if entry.rejected else "good"


def _signature(said: Any) -> str:
    if said is None:
        return NO_SIGNATURE
    algorithm = said.get("algorithm") or "?"
    return f"{algorithm}, {VERIFIED if said.get('verified') else NOT_VERIFIED}"


def _outcome(entry: Entry) -> str:
    if not entry.answered:
        return CUT_OFF
    if entry.message:
        return entry.message
    if entry.rejected:
        return f"{plural(entry.rejected, 'item')} refused"
    return ""
