"""The part of a load test that one process sends: each batch of its shard once, stage by stage.

Nothing here knows of Locust or of time: users take batches, and give each back when it is answered.
"""

import tempfile
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import IO, Protocol

import orjson
from isal import igzip

from mcs.contract.conversions import CONVERSIONS
from mcs.contract.feeds import FEEDS, Feed
from mcs.fixtures.calls import called, surroundings_of
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.items import FeedItems
from mcs.fixtures.sharding import Shard
from mcs.loadtests.plan import Stage

LEVEL = 1
"""Of isal's four. On batches of products it packs several times as fast as zlib's level 1."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What one request carries. body: gzip. size_bytes: of its JSON, before that. route: where it
    goes to, of the feed or resource."""

    stage: int
    feed: str
    items: int
    size_bytes: int
    body: bytes
    route: str


class Batches(Protocol):
    """Makes the batches of a stage, in order."""

    def __call__(self, stage: Stage, number: int, /) -> Iterator[Batch]: ...


class Work:
    """Batches to be sent, each taken once. A stage begins when all before it are answered.

    One process uses it, with as many users as it likes. Each calls `finished` or `take_back` for
    what it took.
    """

    def __init__(self, stages: tuple[Stage, ...], batches: Batches) -> None:
        self._stages = stages
        self._left: Iterator[Batch] = (
            batch for number, stage in enumerate(stages) for batch in batches(stage, number)
        )
        self._ready: deque[Batch] = deque()
        self._stage = 0
        self._in_flight = 0
        self._exhausted = False

    @property
    def is_done(self) -> bool:
        """True if every batch was taken and given back."""
        return self._exhausted and not self._ready and not self._in_flight

    def take(self, elapsed_s: float) -> Batch | None:
        """The next batch; None if there is none now. elapsed_s: since the start of the run."""
        if not self._ready:
            following = next(self._left, None)
            if following is None:
                self._exhausted = True
                return None
            self._ready.append(following)
        if not self._may_begin(self._ready[0], elapsed_s):
            return None
        batch = self._ready.popleft()
        self._stage = batch.stage
        self._in_flight += 1
        return batch

    def finished(self) -> None:
        """Says that a batch was answered, or given up."""
        self._in_flight -= 1

    def take_back(self, batch: Batch) -> None:
        """Says that nobody waits for the answer any more, so that another has to send it."""
        self._in_flight -= 1
        self._ready.appendleft(batch)

    def abandon(self) -> None:
        """Leaves out what was not taken yet."""
        self._left, self._exhausted = iter(()), True
        self._ready.clear()

    def _may_begin(self, batch: Batch, elapsed_s: float) -> bool:
        waits = self._in_flight and batch.stage != self._stage
        return not waits and elapsed_s >= self._stages[batch.stage].not_before_s


class ShardBatches:
    """The batches of one shard of a catalog.

    An item belongs to the same shard in all versions, so that no shard overtakes another.
    """

    def __init__(self, catalog: Catalog, shard: Shard) -> None:
        self._catalog = catalog
        self._shard = shard
        self._first = FeedItems(catalog)
        self._latest = self._first

    def __call__(self, stage: Stage, number: int) -> Iterator[Batch]:
        """The batches of a stage, packed."""
        items = self.items(stage)
        while parts := list(islice(items, FEEDS[stage.feed].batch_size)):
            yield _packed(number, FEEDS[stage.feed], FEEDS[stage.feed].route, parts)

    def count(self, stage: Stage) -> int:
        """How many items a stage has."""
        if stage.since is None:
            span = self._shard.span(stage.feed, self._first.count(stage.feed))
            return span.stop - span.start
        return sum(1 for _ in self._changed(stage, stage.since))

    def items(self, stage: Stage) -> Iterator[bytes]:
        """The items of a stage as JSON, one after the other."""
        of_version = self._of_version(stage.version)
        if stage.since is None:
            span = self._shard.span(stage.feed, of_version.count(stage.feed))
            return of_version.slice(stage.feed, span.start, span.stop)
        return (of_version.item(stage.feed, one) for one in self._changed(stage, stage.since))

    def _changed(self, stage: Stage, since: int) -> Iterator[int]:
        base = self._first.count(stage.feed)
        span = self._shard.span(stage.feed, base)
        for index in self._of_version(stage.version).changed(stage.feed, since):
            is_new = index >= base
            mine = index % self._shard.of == self._shard.number - 1
            if mine if is_new else span.start <= index < span.stop:
                yield index

    def _of_version(self, version: int) -> FeedItems:
        if version == 0:
            return self._first
        if version != self._latest.version:
            self._latest = FeedItems(self._catalog, version)
        return self._latest


class CallBatches:
    """The same as calls of the ingestion API, creations and deletes apart."""

    def __init__(self, catalog: Catalog, shard: Shard) -> None:
        self._feeds = ShardBatches(catalog, shard)
        self._around = surroundings_of(catalog)

    def __call__(self, stage: Stage, number: int) -> Iterator[Batch]:
        """The batches of a stage, packed."""
        target = CONVERSIONS[stage.feed].target
        waiting: dict[bool, list[bytes]] = {False: [], True: []}
        routes = {False: target.route, True: f"{target.route}/delete"}
        for item in self._feeds.items(stage):
            for payload, deleted in called(stage.feed, item, self._around):
                mine = waiting[deleted]
                mine.append(orjson.dumps(payload))
                if len(mine) == target.batch_size:
                    yield _packed(number, target, routes[deleted], mine)
                    mine.clear()
        for deleted, mine in waiting.items():
            if mine:
                yield _packed(number, target, routes[deleted], mine)


def _packed(number: int, feed: Feed, route: str, parts: list[bytes]) -> Batch:
    plain = b"[" + b",".join(parts) + b"]"
    body = igzip.compress(plain, compresslevel=LEVEL, mtime=0)
    return Batch(number, feed.name, len(parts), len(plain), body, route)


class Spool:
    """Batches made ahead: in a file without a name, which goes with the process. Each stage can be
    read once or more."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as this
        self._places: dict[int, list[tuple[Batch, int, int]]] = {}

    def close(self) -> None:
        """Lets the file go."""
        self._file.close()

    def add(self, batch: Batch) -> None:
        """Puts a batch at the end of its stage."""
        place = self._file.seek(0, 2)
        self._file.write(batch.body)
        empty = replace(batch, body=b"")
        self._places.setdefault(batch.stage, []).append((empty, place, len(batch.body)))

    def __call__(self, stage: Stage, number: int) -> Iterator[Batch]:
        """The batches of a stage, in the order in which they were put in."""
        for batch, place, length in self._places.get(number, []):
            self._file.seek(place)
            body = self._file.read(length)
            yield replace(batch, body=body)
