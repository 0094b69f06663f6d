"""What was sent to the ingestion API: the feed tables, converted once more.

The tables hold feed items, whole where the exporter speaks that API, and the service holds what
they were converted to; `mcs diff --sent` compares the two by the lines that are made here.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from sqlalchemy import Engine

from mcs.contract.canonical import Item
from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.status import ExportStatus
from mcs.exporter.conversions import CONVERSIONS, CannotName
from mcs.exporter.feed_table import FeedRow, rows_between
from mcs.exporter.indexers.indexer import BEFORE_FIRST
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
    """The same with what was deleted, as lines of a file that a diff takes as the sent side."""
    for feed, items in sent_items(engine).items():
        for item in items:
            yield {"feed": feed.name, "item": item, "deleted": False}
    for name, conversion in CONVERSIONS.items():
        for row in _rows(engine, name):
            for item in _names(name, row) if row.is_deleted else ():
                yield {"feed": conversion.target.name, "item": item, "deleted": True}


def _converted(engine: Engine, feed_name: str) -> Iterator[Item]:
    sent = [row.feed_data for row in _rows(engine, feed_name) if not row.is_deleted]
    around = surroundings(engine, feed_name, sent)
    for item in sent:
        yield from CONVERSIONS[feed_name].payloads(item, around)


def _names(feed_name: str, row: FeedRow) -> Iterator[Item]:
    try:
        yield from CONVERSIONS[feed_name].names(row.feed_data)
    except CannotName:
        return


def _rows(engine: Engine, feed_name: str) -> list[FeedRow]:
    with engine.connect() as connection:
        rows = rows_between(connection, FEEDS[feed_name], BEFORE_FIRST, None)
    return [row for row in rows.values() if row.status == ExportStatus.SUBMITTED]
