"""What a record of a file tells: an item of a feed, or a line that was exported. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mcs.contract.catalog import CATALOG_FEEDS
from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.errors import UsageError
from mcs.contract.feeds import Feed
from mcs.harness.sources.item_lines import Unusable, content, feed_of_item

NO_FEED = (
    "{place}: which feed are its items of? Call the file after it, such as prices.ndjson, or write "
    'lines {{"feed": "prices", "item": {{…}}}}; `mcs diff` and `mcs explain` also take --feed.'
)
UNKNOWN_FEED = 'feed "{feed}" is not known; its items were left out'


@dataclass(frozen=True, slots=True)
class Told:
    """One row of a side. values: the fields of its line that the record gives.

    place: finds its item again. unusable: why it is no row, "" if it is one.
    """

    values: Mapping[str, Any]
    place: str
    feed: Feed | None = None
    unusable: str = ""


def told(record: Mapping[str, Any], place: str, feed: Feed | None, file: str) -> Iterator[Told]:
    """What a record tells. feed: of items that do not say theirs. file: how messages call it.

    A record is a line of `mcs export-received`, `{"feed", "item"}`, `{"feed", "data": [items]}`
    as the extended log has it, or an item. Where a feed's items do not say whether they are
    deleted, the record may: `{"feed", "item", "deleted": true}`; and what became of the sending:
    `status`, `errors` (a text), `request_id`, `modified_at`. Raises UsageError if an item's feed
    is not known.
    """
    name = record.get("feed")
    if isinstance(name, str) and not record.keys().isdisjoint(("key", "item", "data")):
        yield from _of_named_feed(record, place, name)
    elif feed is None:
        raise UsageError(NO_FEED.format(place=file))
    else:
        yield _item(feed_of_item(feed, record), record, place, {})


def _of_named_feed(record: Mapping[str, Any], place: str, name: str) -> Iterator[Told]:
    feed = ALL_FEEDS.get(name)
    if feed is None:
        yield Told({}, place, unusable=UNKNOWN_FEED.format(feed=name))
    elif isinstance(record.get("key"), str) or isinstance(record.get("errors"), list):
        yield Told(record, place, feed)
    elif isinstance(record.get("data"), list):
        for index, item in enumerate(record["data"]):
            yield _item(feed, item, f"{place}#{index}", {})
    else:
        yield _item(feed, record.get("item"), place, record)


def _item(feed: Feed, item: Any, place: str, given: Mapping[str, Any]) -> Told:
    try:
        values = {**given, **content(feed, item)}
        if feed.name in CATALOG_FEEDS:
            values["deleted"] = given.get("deleted") is True
            values["modified_at"] = given.get("modified_at")
        return Told(values, place, feed)
    except Unusable as error:
        return Told({}, place, feed, str(error))


def item_in(record: Mapping[str, Any], index: str) -> dict[str, Any] | None:
    """The item of a record, which `told` told of; None if it was exported without."""
    if "data" in record and index:
        item: dict[str, Any] = record["data"][int(index)]
        return item
    if "key" in record or ("item" in record and "feed" in record):
        kept: dict[str, Any] | None = record.get("item")
        return kept
    return dict(record)
