"""The two sides of a diff, whatever they are read from: what each has to write and to tell.

Lists are NDJSON files, one JSON line per row, so that an engine can read them and no side is ever
held in memory; a side that has Parquet with these columns, objects and lists as JSON texts, may
write that instead.

A *sent* line: feed, locator (text, names the row within its source), key, identity (object), hash,
deleted, modified_at (ISO 8601 or null), status (export status), errors (text), request_id (text or
null). A *received* line: feed, key, identity, hash, deleted, modified_at, received_at, request_id,
index, versions, repeats, resends. A *rejected* line: feed, key, identity, received_at, request_id,
index, errors (a list of pointer, code, message).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from mcs.contract.canonical import Item
from mcs.contract.digests import Digests
from mcs.contract.feeds import Feed

UNNAMED = "unnamed"
"""What the key of an item begins with that lacks a part of its identity."""


@dataclass(frozen=True, slots=True)
class Version:
    """One accepted write of an item. item: as the service received it."""

    hash: str
    deleted: bool
    received_at: str
    request_id: str
    item: Item


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """An identity that the service holds alive in another data space than the one asked about.

    received_at, request_id: of the write that it holds there.
    """

    data_space_id: str
    feed: str
    key: str
    hash: str
    received_at: str
    request_id: str


@dataclass(frozen=True, slots=True)
class RequestFacts:
    """What the service's journal says of a request. fault: names of faults that hit it."""

    request_id: str
    feed: str | None
    received_at: str
    status: int
    items: int
    accepted: int
    rejected: int
    code: str | None = None
    message: str | None = None
    fault: tuple[str, ...] = ()


class SentSide(Protocol):
    """What an exporter says it sent."""

    @property
    def name(self) -> str:
        """How messages call it, such as the path of a file."""

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes the sent lines of these feeds. Raises CouldNotTell if it cannot be read whole."""

    def items(self, feed: Feed, locators: Sequence[str]) -> Mapping[str, Item]:
        """The whole items of these rows, by locator; those that were kept whole."""


@runtime_checkable
class MayBePlain(SentSide, Protocol):
    """A sent side that may be of any exporter, or items alone."""

    @property
    def is_plain(self) -> bool:
        """True if nothing in it shows that Commerce exports; known once the sent lines were
        written."""


def is_plain(side: SentSide) -> bool:
    """True if nothing in a sent side, once written, shows that Commerce exports."""
    return isinstance(side, MayBePlain) and side.is_plain


@runtime_checkable
class DigestedSent(SentSide, Protocol):
    """A sent side that keeps bucket digests, so that what is equal need not be listed."""

    def digests(self, feeds: Sequence[Feed]) -> Mapping[str, Digests]:
        """By feed; a feed that it keeps none of is left out."""

    def write_sent_buckets(self, buckets: Mapping[str, Sequence[str]], path: Path) -> None:
        """Adds the sent lines of some buckets of each feed, by feed name, to a list."""


class ReceivedSide(Protocol):
    """What a service says it received. Whatever it cannot tell raises CouldNotTell."""

    @property
    def name(self) -> str:
        """How messages call it, such as its URL."""

    def write_received(self, feeds: Sequence[str] | None, path: Path) -> None:
        """Writes the received lines of these feeds, by name; None: of all."""

    def write_rejected(self, feeds: Sequence[str] | None, path: Path) -> None:
        """Writes the rejected lines of these feeds, in order of arrival."""

    def versions(self, feed: str, key: str) -> Sequence[Version]:
        """Every accepted write of one identity, oldest first."""

    def elsewhere(self, feed: str, keys: Sequence[str]) -> Sequence[Elsewhere]:
        """Where else these identities are alive; empty where other data spaces are not at hand."""

    def requests(self, request_ids: Sequence[str]) -> Mapping[str, RequestFacts]:
        """What is known of these requests, by request id; those it does not know are left out."""


@runtime_checkable
class DigestedReceived(ReceivedSide, Protocol):
    """A received side that keeps bucket digests."""

    def digests(self, feeds: Sequence[str] | None) -> Mapping[str, Digests]:
        """By feed; a feed of which it holds nothing is left out."""

    def write_received_buckets(self, buckets: Mapping[str, Sequence[str]], path: Path) -> None:
        """Adds the received lines of some buckets of each feed, by feed name, to a list."""


Line = Mapping[str, Any]
"""A line of a list, parsed."""
