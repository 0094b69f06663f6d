"""Refused items as a list."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from mcs.contract.errors import UsageError
from mcs.server.dashboard.filters import identity_text
from mcs.server.dashboard.query import link, wanted_feed
from mcs.server.dashboard.table import Column, Pager, Table
from mcs.server.store.journal import PAGE_ROWS, Journal, RefusedItem

NO_PLACE = 'before: got "{text}", expected a request and an index, such as 17-3.'

COLUMNS = (
    Column("received_at", "Received"),
    Column("request", "Request", numeric=True),
    Column("index", "Index", numeric=True),
    Column("feed", "Feed"),
    Column("identity", "Identity"),
    Column("errors", "Errors"),
)


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A refused item. errors: a sentence each, its pointer first."""

    received_at: str
    request: int
    request_id: str
    index: int
    feed: str
    identity: str
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RefusedPage:
    """One page of refused items. feed: to which it is limited."""

    data_space: str
    feed: str | None
    table: Table
    pager: Pager


def refused_page(
    journal: Journal, data_space: str, url: str, query: Mapping[str, str]
) -> RefusedPage:
    """The refused items that a query asks for. Raises UsageError."""
    feed, before = wanted_feed(query), _place(query.get("before", ""))
    found = journal.refused(data_space, feed=feed, before=before, limit=PAGE_ROWS + 1)
    shown = found[:PAGE_ROWS]
    last = f"{shown[-1].request}-{shown[-1].index}" if len(found) > PAGE_ROWS else None
    return RefusedPage(
        data_space=data_space,
        feed=feed,
        table=Table("Refused items, newest first", COLUMNS, [_row(item) for item in shown]),
        pager=Pager(
            first_url=link(url, {"feed": feed}) if before else None,
            next_url=link(url, {"feed": feed, "before": last}) if last else None,
        ),
    )


def _row(item: RefusedItem) -> RefusedRow:
    errors = orjson.loads(item.errors)
    return RefusedRow(
        received_at=item.received_at,
        request=item.request,
        request_id=item.request_id,
        index=item.index,
        feed=item.feed,
        identity=identity_text(item.identity),
        errors=tuple(f"{error['pointer']} {error['message']}".strip() for error in errors),
    )


def _place(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    request, _, index = text.partition("-")
    if not all(part.isascii() and part.isdecimal() and len(part) < 19 for part in (request, index)):
        raise UsageError(NO_PLACE.format(text=text))
    return int(request), int(index)
