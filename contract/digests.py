"""Bucket digests: numbers that prove two sides equal, or name the few places where they are not.

An identity belongs to one of 4,096 buckets by the first hex digits of its key. Each item that is
alive adds one number, made of its key and content hash, to its bucket; numbers add and subtract, so
a side keeps its digests up to date without looking at what did not change, and shards can be added.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import md5
from typing import NamedTuple

from mcs.contract.canonical import Item, identity_key
from mcs.contract.errors import MissingIdentity
from mcs.contract.feeds import Feed
from mcs.contract.status import ExportStatus

BUCKET_DIGITS = 3
MODULUS = 1 << 60

CONTRIBUTION_SQL = "('0x' || substr(md5(key || hash), 1, 15))::bigint"
"""`contribution` for an engine that runs over millions of rows; DuckDB's dialect."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """What one side holds in one bucket.

    alive: items. total: their contributions, modulo 2^60. unsettled: rows of which equal digests
    prove nothing: refused or waiting ones of an exporter, repeated ones of a service. resent:
    writes that repeated unchanged content.
    """

    alive: int = 0
    total: int = 0
    unsettled: int = 0
    resent: int = 0

    def __add__(self, other: "Bucket") -> "Bucket":
        return Bucket(
            self.alive + other.alive,
            (self.total + other.total) % MODULUS,
            self.unsettled + other.unsettled,
            self.resent + other.resent,
        )

    def __sub__(self, other: "Bucket") -> "Bucket":
        return Bucket(
            self.alive - other.alive,
            (self.total - other.total) % MODULUS,
            self.unsettled - other.unsettled,
            self.resent - other.resent,
        )


Digests = Mapping[str, Bucket]
"""The buckets of one feed by their first hex digits; one that is left out is empty."""

EMPTY = Bucket()


def bucket_of(key: str) -> str:
    """The name of the bucket of an identity key.

    >>> bucket_of("7acf98b9e5885411bf38c69e7acd5d6a10cee52d")
    '7ac'
    """
    return key[:BUCKET_DIGITS]


def contribution(key: str, content_hash: str) -> int:
    """What one item that is alive adds to its bucket: 60 bits.

    >>> contribution("7acf", "00") == contribution("7acf", "01")
    False
    """
    digest = md5((key + content_hash).encode(), usedforsecurity=False)
    return int(digest.hexdigest()[:15], 16)


def holding(key: str, content_hash: str) -> Bucket:
    """A bucket that holds this one item."""
    return Bucket(1, contribution(key, content_hash))


def digests_of(items: Iterable[tuple[str, str]]) -> dict[str, Bucket]:
    """The digests of items given as key and content hash; an order is not needed.

    >>> first, second = ("7acf", "00"), ("7ac0", "01")
    >>> digests_of([first, second]) == digests_of([second, first])
    True
    """
    found: dict[str, Bucket] = {}
    for key, content_hash in items:
        name = bucket_of(key)
        found[name] = found.get(name, EMPTY) + holding(key, content_hash)
    return found


def added(one: Digests, other: Digests) -> dict[str, Bucket]:
    """The digests of two disjoint shards together."""
    return {name: one.get(name, EMPTY) + other.get(name, EMPTY) for name in {**one, **other}}


def unequal(sent: Digests, received: Digests) -> list[str]:
    """The buckets that are not proven equal, in order.

    >>> unequal({"7ac": Bucket(1, 5)}, {"7ac": Bucket(1, 5), "7ad": Bucket(1, 9)})
    ['7ad']
    """
    return sorted(
        name
        for name in {**sent, **received}
        if not _is_proven(sent.get(name, EMPTY), received.get(name, EMPTY))
    )


class SentRow(NamedTuple):
    """What of a row of a feed table counts. feed_data: parsed, or {} if it holds no object."""

    feed_id: str
    feed_data: Item
    feed_hash: str
    is_deleted: bool
    status: int


def sent_buckets(feed: Feed, rows: Iterable[SentRow]) -> dict[str, Bucket]:
    """The digests of rows of a feed table; a row belongs where its feed id does.

    Alive and sent with success it counts by its hash. One that waits or was refused, or whose feed
    id is not the key of the item in it, makes its bucket unsettled.
    """
    # Alive, total and unsettled; a full sync ends with this for each of its rows.
    tallies: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    submitted = int(ExportStatus.SUBMITTED)
    for row in rows:
        tally = tallies[bucket_of(row.feed_id)]
        if row.status != submitted or _key(feed, row) != row.feed_id:
            tally[2] += 1
        elif not row.is_deleted:
            tally[0] += 1
            tally[1] += contribution(row.feed_id, row.feed_hash)
    return {
        name: Bucket(alive, total % MODULUS, unsettled)
        for name, (alive, total, unsettled) in tallies.items()
    }


def _key(feed: Feed, row: SentRow) -> str | None:
    try:
        return identity_key(feed, row.feed_data)
    except MissingIdentity:
        return None


def _is_proven(sent: Bucket, received: Bucket) -> bool:
    settled = not sent.unsettled and not received.unsettled
    return settled and (sent.alive, sent.total) == (received.alive, received.total)
