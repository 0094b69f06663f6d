"""A side of a diff that is but a list: what it holds can be taken as sent, or as received."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from mcs.contract.canonical import Item, content_hash, identity, identity_key
from mcs.contract.feeds import Feed
from mcs.harness.sides import Elsewhere, RequestFacts, Version

MODIFIED_AT = "2026-11-22 10:00:00"
RECEIVED_AT = "2026-11-22T10:00:05+00:00"


@dataclass(frozen=True, slots=True)
class Held:
    """An item, and what a list says beside it; lines: fields that are not as usual."""

    feed: Feed
    item: Item
    lines: Mapping[str, Any]

    @property
    def key(self) -> str:
        return identity_key(self.feed, self.item)


def held(feed: Feed, item: Item, **lines: Any) -> Held:
    """An item of a list."""
    return Held(feed, item, lines)


class Listed:
    """Either side of a diff, of items that all came in one request."""

    def __init__(self, items: Iterable[Held], name: str = "a list") -> None:
        self.name = name
        self._held = list(items)

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """A sent line for each item."""
        self._write(
            path, [_sent(at, one) for at, one in enumerate(self._held) if one.feed in feeds]
        )

    def items(self, feed: Feed, locators: Sequence[str]) -> dict[str, Item]:
        """The items at these places."""
        return {locator: self._held[int(locator)].item for locator in locators}

    def write_received(self, feeds: Sequence[str] | None, path: Path) -> None:
        """A received line for each item."""
        chosen = [one for one in self._held if feeds is None or one.feed.name in feeds]
        self._write(path, [_received(at, one) for at, one in enumerate(chosen)])

    def write_rejected(self, feeds: Sequence[str] | None, path: Path) -> None:
        """Nothing was refused."""
        path.touch()

    def versions(self, feed: str, key: str) -> list[Version]:
        """The one write."""
        return [
            Version(content_hash(one.feed, one.item), False, RECEIVED_AT, "r-1", one.item)
            for one in self._held
            if (one.feed.name, one.key) == (feed, key)
        ]

    def elsewhere(self, feed: str, keys: Sequence[str]) -> list[Elsewhere]:
        """There is no elsewhere."""
        return []

    def requests(self, request_ids: Sequence[str]) -> dict[str, RequestFacts]:
        """There is no journal."""
        return {}

    def _write(self, path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
        path.write_bytes(b"".join(orjson.dumps(line) + b"\n" for line in lines))


def _line(one: Held) -> dict[str, Any]:
    return {
        "feed": one.feed.name,
        "key": one.key,
        "identity": identity(one.feed, one.item),
        "hash": content_hash(one.feed, one.item),
        "deleted": bool(one.item.get("deleted")),
        "modified_at": MODIFIED_AT,
        "request_id": "r-1",
    }


def _sent(at: int, one: Held) -> dict[str, Any]:
    return _line(one) | {"locator": str(at), "status": 200, "errors": "", **one.lines}


def _received(at: int, one: Held) -> dict[str, Any]:
    counts = {"index": at, "versions": 1, "repeats": 0, "resends": 0}
    return _line(one) | {"received_at": RECEIVED_AT, **counts, **one.lines}
