"""A generated catalog as a sent side: what was sent is computed again, nothing was stored.

`mcs diff --sent "generated:PROFILE?seed=42&version=0"`. Feeds are compared that are asked for, else
all. A service that got every item of the catalog is in sync with it. With `called=products,prices`
it is what these feeds become in the ingestion API (fixtures/calls.py).
"""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qsl

import orjson

from mcs.contract.canonical import Item
from mcs.contract.conversions import CONVERSIONS
from mcs.contract.digests import Bucket, Digests, added, bucket_of
from mcs.contract.errors import UsageError
from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.status import ExportStatus
from mcs.fixtures.calls import CALLED, called, surroundings_of
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.items import FeedItems
from mcs.fixtures.profile_file import read_profile
from mcs.fixtures.sharding import Shard, Span, each_span, spans
from mcs.harness.sources.item_lines import sent_content

EXAMPLE = "generated:small?seed=42&version=0"
WRONG = '{place}: {key} is "{value}", expected a whole number of 0 or more, as in {example}.'
UNKNOWN = '{place}: "{key}" is not known here. Take seed, version or called, as in {example}.'
NOT_CALLED = '{place}: feed "{feed}" has no place in the ingestion API. Take of {known}.'
ITEMS_PER_SPAN = 50_000


@contextmanager
def opened(place: str) -> Iterator["GeneratedSide | CalledSide"]:
    """The side of a catalog, by `PROFILE?seed=…&version=…&called=…`. Raises UsageError."""
    name, _, query = place.partition("?")
    numbers = {"seed": 42, "version": 0}
    feeds: list[str] = []
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key == "called":
            feeds = _called_feeds(place, value)
            continue
        if key not in numbers:
            raise UsageError(UNKNOWN.format(place=place, key=key, example=EXAMPLE))
        if not (value.isascii() and value.isdigit()):
            raise UsageError(WRONG.format(place=place, key=key, value=value, example=EXAMPLE))
        numbers[key] = int(value)
    catalog = Catalog.of_profile(read_profile(name), numbers["seed"])
    items = FeedItems(catalog, numbers["version"])
    yield CalledSide(items, feeds) if feeds else GeneratedSide(items)


def _called_feeds(place: str, value: str) -> list[str]:
    feeds = value.split(",")
    for feed in feeds:
        if feed not in CALLED:
            raise UsageError(NOT_CALLED.format(place=place, feed=feed, known=",".join(CALLED)))
    return feeds


class GeneratedSide:
    """A sent side with digests. Memory: that of a span per process, whatever the catalog's size.

    A locator is the item's index in its feed. When an item was sent it cannot tell.
    """

    is_plain = True

    def __init__(self, items: FeedItems, jobs: int = 0) -> None:
        self._items = items
        self._jobs = jobs
        profile = items.catalog.profile.name
        self.name = f"generated:{profile}?seed={items.catalog.seed}&version={items.version}"

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes a line for each item."""
        self._write({feed.name: None for feed in feeds}, path, "wb")

    def write_sent_buckets(self, buckets: Mapping[str, Sequence[str]], path: Path) -> None:
        """Adds the lines of the items in these buckets."""
        self._write({feed: frozenset(names) for feed, names in buckets.items()}, path, "ab")

    def items(self, feed: Feed, locators: Sequence[str]) -> dict[str, Item]:
        """The items of these indexes."""
        return {one: orjson.loads(self._items.item(feed.name, int(one))) for one in locators}

    def digests(self, feeds: Sequence[Feed]) -> dict[str, Digests]:
        """The digests of each feed that catalogs are generated of, added up from its spans."""
        found: dict[str, Digests] = {feed.name: {} for feed in feeds if feed.name in FEEDS}
        for span, digests in each_span(self._items, self._spans(found), _digests, self._jobs):
            found[span.feed] = added(found[span.feed], digests)
        return found

    def _spans(self, feeds: Mapping[str, object]) -> list[Span]:
        return [
            span
            for feed in feeds
            for span in spans(Shard().span(feed, self._items.count(feed)), ITEMS_PER_SPAN)
        ]

    def _write(self, wanted: Mapping[str, frozenset[str] | None], path: Path, mode: str) -> None:
        # Nothing is generated of the other dialect's resources, so nothing was sent of them.
        named = {feed: names for feed, names in wanted.items() if feed in FEEDS}
        parts = self._spans(
            {feed: names for feed, names in named.items() if names is None or names}
        )
        with TemporaryDirectory(prefix="mcs-generated-") as folder, path.open(mode) as file:
            work = partial(_lines, folder=folder, wanted=wanted)
            for _, written in each_span(self._items, parts, work, self._jobs):
                with written.open("rb") as part:
                    shutil.copyfileobj(part, file)
                written.unlink()


class CalledSide:
    """What a catalog's items become in the ingestion API, as a sent side.

    A locator is `feed/index/number`, of the feed item and what became of it.
    """

    is_plain = True

    def __init__(self, items: FeedItems, feeds: Sequence[str]) -> None:
        self._items, self._feeds = items, feeds
        self._around = surroundings_of(items.catalog)
        profile = items.catalog.profile.name
        query = f"seed={items.catalog.seed}&version={items.version}&called={','.join(feeds)}"
        self.name = f"generated:{profile}?{query}"

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes a line for each item of the ingestion API."""
        with path.open("wb") as file:
            for name in self._feeds:
                target = CONVERSIONS[name].target
                for index, item in enumerate(self._items.slice(name) if target in feeds else ()):
                    for number, (payload, deleted) in enumerate(called(name, item, self._around)):
                        line = sent_content(target, payload, f"{name}/{index}/{number}")
                        line["deleted"] = deleted
                        file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def items(self, feed: Feed, locators: Sequence[str]) -> dict[str, Item]:
        """What the items at these places became."""
        found = {}
        for locator in locators:
            name, index, number = locator.split("/")
            payloads = called(name, self._items.item(name, int(index)), self._around)
            found[locator] = next(islice(payloads, int(number), None))[0]
        return found


def _digests(items: FeedItems, span: Span) -> dict[str, Bucket]:
    return items.digests(span.feed, span.start, span.stop)


def _lines(
    items: FeedItems, span: Span, *, folder: str, wanted: Mapping[str, frozenset[str] | None]
) -> Path:
    feed, buckets = FEEDS[span.feed], wanted[span.feed]
    path = Path(folder) / f"{span.feed}-{span.start}"
    with path.open("wb") as file:
        rows = items.rows(span.feed, span.start, span.stop)
        for index, row in enumerate(rows, span.start):
            if buckets is not None and bucket_of(row.key) not in buckets:
                continue
            line = {
                "feed": feed.name,
                "locator": str(index),
                "key": row.key,
                "identity": dict(zip(feed.identity, row.identity, strict=True)),
                "hash": row.hash,
                "deleted": row.deleted,
                "modified_at": None,
                "status": int(ExportStatus.SUBMITTED),
                "errors": "",
                "request_id": None,
            }
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    return path
