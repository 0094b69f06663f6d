"""What was sent to the ingestion API: the feed tables, converted once more.

The tables hold feed items, whole where the exporter speaks that API, and the service holds what
they were converted to; `mcs diff --sent` compares the two by the lines that are made here.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Engine

from mcs.contract.canonical import Item
from mcs.contract.conversions import CONVERSIONS, FORMERLY, Surroundings
from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.status import ExportStatus
from mcs.exporter.collect import BAD_DATA
from mcs.exporter.feed_table import STORED_TIME, FeedRow, rows_between
from mcs.exporter.indexers.indexer import BEFORE_FIRST
from mcs.exporter.renames import names_of
from mcs.exporter.surroundings import surroundings


def sent_items(engine: Engine) -> Mapping[Feed, Iterator[Item]]:
    """The living items of the ingestion API that were sent with success, by their feed."""
    by_target: dict[Feed, list[str]] = {}
    for name, conversion in CONVERSIONS.items():
        by_target.setdefault(conversion.target, []).append(name)
    return {
        target: chain.from_iterable(_converted(engine, name) for name in names)
        for target, names in by_target.items()
    }


def sent_lines(engine: Engine) -> Iterator[dict[str, Any]]:
    """Every item as it was sent last, as lines of a file that a diff takes as the sent side.

    A line says what became of it: `status`, `errors` and `request_id` as in a feed table.
    """
    for name, conversion in CONVERSIONS.items():
        rows = _rows(engine, name)
        living = [row for row in rows if not row.is_deleted]
        around = surroundings(engine, name, [row.feed_data for row in living])
        for row in living:
            for item in _payloads(name, row, around):
                yield _line(conversion.target, row, item, deleted=False)
        for row in rows:
            for item in names_of(FEEDS[name], row.feed_data) if row.is_deleted else _former(row):
                yield _line(conversion.target, row, item, deleted=True)


def _line(target: Feed, row: FeedRow, item: Item, *, deleted: bool) -> dict[str, Any]:
    return {
        "feed": target.name,
        "item": item,
        "deleted": deleted,
        "status": int(row.status),
        "errors": row.errors,
        "request_id": row.request_id or None,
        "modified_at": row.modified_at.strftime(STORED_TIME),
    }


def _former(row: FeedRow) -> Sequence[Item]:
    names: Sequence[Item] = row.feed_data.get(FORMERLY, ())
    return names


def _payloads(feed_name: str, row: FeedRow, around: Surroundings) -> Iterator[Item]:
    try:
        yield from list(CONVERSIONS[feed_name].payloads(row.feed_data, around))
    except BAD_DATA:
        # It could not be converted when it was sent either, and that stands in its row.
        return


def _converted(engine: Engine, feed_name: str) -> Iterator[Item]:
    sent = [
        row.feed_data
        for row in _rows(engine, feed_name)
        if row.status == ExportStatus.SUBMITTED and not row.is_deleted
    ]
    around = surroundings(engine, feed_name, sent)
    for item in sent:
        yield from CONVERSIONS[feed_name].payloads(item, around)


def _rows(engine: Engine, feed_name: str) -> list[FeedRow]:
    with engine.connect() as connection:
        rows = rows_between(connection, FEEDS[feed_name], BEFORE_FIRST, None)
    return list(rows.values())
