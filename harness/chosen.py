"""A few items of both sides as two sides of a diff, so that they are judged as all others are."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from mcs.contract.canonical import Item
from mcs.contract.feeds import Feed
from mcs.harness.evidence import History, Journal
from mcs.harness.known import KnownItem
from mcs.harness.sides import (
    Elsewhere,
    Line,
    ReceivedSide,
    RequestFacts,
    SentSide,
    Version,
    is_plain,
)

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ChosenRows:
    """Some lines of a sent side."""

    side: SentSide
    lines: Sequence[Line]

    @property
    def name(self) -> str:
        """As the whole side is called."""
        return self.side.name

    @property
    def is_plain(self) -> bool:
        """As the whole side is."""
        return is_plain(self.side)

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """Writes the chosen lines of these feeds."""
        names = {feed.name for feed in feeds}
        _write(path, (line for line in self.lines if line["feed"] in names))

    def items(self, feed: Feed, locators: Sequence[str]) -> Mapping[str, Item]:
        """The whole items, as the side has them."""
        return self.side.items(feed, locators)


@dataclass(frozen=True, slots=True)
class ChosenItems:
    """Some items of a received side."""

    side: ReceivedSide
    known: Sequence[KnownItem]

    @property
    def name(self) -> str:
        """As the whole side is called."""
        return self.side.name

    def write_received(self, feeds: Sequence[str] | None, path: Path) -> None:
        """Writes the chosen received lines."""
        _write(path, (one.received for one in self._of(feeds) if one.received))

    def write_rejected(self, feeds: Sequence[str] | None, path: Path) -> None:
        """Writes the refusals of the chosen items."""
        _write(path, (line for one in self._of(feeds) for line in _rejected(one)))

    def versions(self, feed: str, key: str) -> Sequence[Version]:
        """Every accepted write of one chosen item, oldest first."""
        found = [one.versions for one in self.known if (one.feed, one.key) == (feed, key)]
        return found[0] if found else ()

    def elsewhere(self, feed: str, keys: Sequence[str]) -> Sequence[Elsewhere]:
        """As the side has it."""
        return self.side.elsewhere(feed, keys)

    def requests(self, request_ids: Sequence[str]) -> Mapping[str, RequestFacts]:
        """As the side has it."""
        return self.side.requests(request_ids)

    def _of(self, feeds: Sequence[str] | None) -> Iterable[KnownItem]:
        return (one for one in self.known if feeds is None or one.feed in feeds)


@dataclass(frozen=True, slots=True)
class JournalledItems(ChosenItems):
    """Some items of a received side that keeps a journal."""

    journal: Journal = field(kw_only=True)

    def histories(self, feed: str, keys: Sequence[str]) -> Mapping[str, History]:
        """What happened to these items, as it was read with them."""
        return {one.key: one.history for one in self.known if one.feed == feed and one.key in keys}

    def is_empty(self, feed: str) -> bool:
        """As the journal has it."""
        return self.journal.is_empty(feed)


def chosen_items(side: ReceivedSide, known: Sequence[KnownItem]) -> ReceivedSide:
    """Some items of a received side, which tells of its journal if it has one."""
    if isinstance(side, Journal):
        return JournalledItems(side, known, journal=side)
    return ChosenItems(side, known)


def _rejected(one: KnownItem) -> Iterable[dict[str, Any]]:
    for refusal in one.history.refusals:
        yield {
            "feed": one.feed,
            "key": one.key,
            "identity": one.identity,
            "received_at": refusal.received_at,
            "request_id": refusal.request_id,
            "index": refusal.index,
            "errors": refusal.errors,
        }


def _write(path: Path, lines: Iterable[Line | None]) -> None:
    with path.open("wb") as file:
        for line in lines:
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
