"""All that both sides know of one name of the catalog, such as a SKU, or of one identity key.

A side that can look a name up is asked for it; any other is read to its end and filtered.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol, runtime_checkable

import orjson

from mcs.contract.dialects import ALL_FEEDS
from mcs.contract.feeds import Feed
from mcs.harness.evidence import History, Refusal, Visibility, Write
from mcs.harness.sides import Line, ReceivedSide, SentSide, Version

MOST_NAMES = 20_000
"""Of how many names a close match is looked for: comparing texts is slow."""
SHOWN_NAMES = 5
LIKENESS = 0.6


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for: a name or a key. scopes: fields of the identity, with their values."""

    feeds: tuple[Feed, ...] = tuple(ALL_FEEDS.values())
    name: str | None = None
    key: str | None = None
    scopes: Mapping[str, str] = field(default_factory=dict)

    def takes(self, feed_name: str, key: str, identity: Mapping[str, str] | None) -> bool:
        """True if this is one of the wanted items."""
        feed = ALL_FEEDS.get(feed_name)
        if feed not in self.feeds:
            return False
        if self.key is not None:
            return key == self.key
        names = identity or {}
        if self.name not in [names.get(path) for path in feed.entity if feed]:
            return False
        by_field = {path.rpartition(".")[2]: value for path, value in names.items()}
        return all(by_field.get(one, value) == value for one, value in self.scopes.items())


@dataclass(frozen=True, slots=True)
class KnownItem:
    """What a received side knows of one identity. received: its line, None if it holds nothing."""

    feed: str
    key: str
    identity: Mapping[str, str]
    received: Line | None = None
    versions: tuple[Version, ...] = ()
    history: History = field(default_factory=History)


@runtime_checkable
class NamedItems(Protocol):
    """A received side that finds items by their names."""

    def known_items(self, name: str | None, key: str | None) -> Sequence[KnownItem]:
        """The items, kept or refused, that the name, or else the key, stands for."""

    def names_near(self, name: str) -> Sequence[str]:
        """Names that may be meant by one that nothing has."""

    def visibility(self, feed: str, key: str) -> Sequence[Visibility]:
        """Where the present content of an item is shown; empty if nobody knows."""


@runtime_checkable
class NamedRows(Protocol):
    """A sent side that finds rows by the names of their items."""

    def sent_lines(
        self, feeds: Sequence[Feed], name: str | None, keys: Sequence[str]
    ) -> Sequence[Line]:
        """The sent lines that may have this name or one of these keys; some may have neither."""


def received_of(side: ReceivedSide, wanted: Wanted) -> list[KnownItem]:
    """What a received side knows of the wanted items, in the order of the feeds."""
    if isinstance(side, NamedItems):
        known = side.known_items(wanted.name, wanted.key)
    else:
        known = list(_filtered(side, wanted))
    taken = [one for one in known if wanted.takes(one.feed, one.key, one.identity)]
    return sorted(taken, key=lambda one: (list(ALL_FEEDS).index(one.feed), *one.identity.values()))


def sent_of(side: SentSide, wanted: Wanted, keys: Sequence[str]) -> list[Line]:
    """The sent lines of the wanted items, and of those with these keys."""
    if isinstance(side, NamedRows):
        lines = side.sent_lines(wanted.feeds, wanted.name, [*keys, *filter(None, [wanted.key])])
    else:
        lines = list(_written(lambda path: side.write_sent(wanted.feeds, path)))
    known = set(keys)
    return [
        line
        for line in lines
        if line["key"] in known or wanted.takes(line["feed"], line["key"], line["identity"])
    ]


def near(sent: SentSide | None, received: ReceivedSide, wanted: Wanted) -> tuple[str, ...]:
    """Names in use that may be meant by the wanted one, the closest first."""
    if wanted.name is None:
        return ()
    if isinstance(received, NamedItems):
        names = list(received.names_near(wanted.name))
    elif sent is None:
        return ()
    else:
        lines = _written(lambda path: sent.write_sent(wanted.feeds, path))
        names = list(dict.fromkeys(islice(_names(lines), MOST_NAMES)))
    by_form = {name.casefold(): name for name in names}
    close = get_close_matches(wanted.name.casefold(), by_form, n=SHOWN_NAMES, cutoff=LIKENESS)
    return tuple(by_form[form] for form in close)


def _names(lines: Iterator[Line]) -> Iterator[str]:
    for line in lines:
        if feed := ALL_FEEDS.get(line["feed"]):
            names = line["identity"] or {}
            yield from (names[path] for path in feed.entity if path in names)


def _filtered(side: ReceivedSide, wanted: Wanted) -> Iterator[KnownItem]:
    names = [feed.name for feed in wanted.feeds]
    refusals: dict[tuple[str, str], list[Line]] = {}
    for line in _written(lambda path: side.write_rejected(names, path)):
        if wanted.takes(line["feed"], line["key"], line["identity"]):
            refusals.setdefault((line["feed"], line["key"]), []).append(line)
    for line in _written(lambda path: side.write_received(names, path)):
        if wanted.takes(line["feed"], line["key"], line["identity"]):
            refused = refusals.pop((line["feed"], line["key"]), [])
            yield _known(side, line, line, refused)
    for refused in refusals.values():
        yield _known(side, refused[0], None, refused)


def _known(
    side: ReceivedSide, line: Line, received: Line | None, refused: Sequence[Line]
) -> KnownItem:
    versions = tuple(side.versions(line["feed"], line["key"])) if received else ()
    # A version does not say at which index of its request it came.
    writes = (Write(v.hash, v.deleted, v.received_at, v.request_id, None) for v in versions)
    history = History(tuple(writes), tuple(map(_refusal, refused)))
    identity = line["identity"] or {}
    return KnownItem(line["feed"], line["key"], identity, received, versions, history)


def _refusal(line: Line) -> Refusal:
    return Refusal(line["received_at"], line["request_id"], line["index"], tuple(line["errors"]))


def _written(write: Any) -> Iterator[Line]:
    """The lines that a side writes to a file."""
    with TemporaryDirectory(prefix="mcs-explain-") as folder:
        path = Path(folder) / "lines.ndjson"
        write(path)
        with path.open("rb") as file:
            yield from map(orjson.loads, file)
