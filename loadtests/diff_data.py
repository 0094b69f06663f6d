"""Two sides that differ in known places: items as lines, and the lists that each side's record has.

An item is some product of the catalog under a SKU of its own; a thousandth each is changed on the
way, missing, or unexpected.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha1
from pathlib import Path
from typing import Any

import orjson

from mcs.contract.canonical import Item, canonical_json, content_hash, key_of_values
from mcs.contract.feeds import FEEDS, Feed
from mcs.fixtures.catalog import Catalog
from mcs.harness.sides import Elsewhere, RequestFacts, Version
from mcs.loadtests.batches import SENT_AT, product_item

PRODUCTS = FEEDS["products"]
TEMPLATES = 1_000
EVERY = 1_000
CHANGED, MISSING, UNEXPECTED = 1, 2, 3
RECEIVED_AT = "2026-11-22T19:10:20+00:00"
SIZE_BYTES = 3_000
_SKU = "SKU-SKU-SKU"


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the data is. items: lines of items; lists: what the record of a side says of them."""

    path: Path

    def items(self, side: str) -> Path:
        return self.path / f"{side}.items.ndjson"

    def list(self, side: str) -> Path:
        return self.path / f"{side}.list.ndjson"

    @property
    def places(self) -> Path:
        """Where each received item stands in its file: what the service's index tells."""
        return self.path / "received.places.sqlite"


def write_data(folder: Folder, items: int) -> None:
    """Writes both sides' items and lists."""
    folder.path.mkdir(parents=True, exist_ok=True)
    templates = [_Template.of(item) for item in _products(min(items, TEMPLATES))]
    _write_side(folder, "sent", templates, (n for n in range(items) if n % EVERY != UNEXPECTED))
    _write_side(folder, "received", templates, (n for n in range(items) if n % EVERY != MISSING))


class Sides:
    """Both sides of a diff, in files: lists as they are on record, items by their places."""

    def __init__(self, folder: Folder) -> None:
        self.name = str(folder.path)
        self._folder = folder

    def write_sent(self, feeds: Sequence[Feed], path: Path) -> None:
        """The list that the exporter's table holds."""
        path.symlink_to(self._folder.list("sent").absolute())

    def items(self, feed: Feed, locators: Sequence[str]) -> dict[str, Item]:
        """The items at these places."""
        with self._folder.items("sent").open("rb") as file:
            return {locator: _item_at(file, int(locator)) for locator in locators}

    def write_received(self, feeds: Sequence[str] | None, path: Path) -> None:
        """The list that the service's table holds."""
        path.symlink_to(self._folder.list("received").absolute())

    def write_rejected(self, feeds: Sequence[str] | None, path: Path) -> None:
        """Nothing was refused."""
        path.touch()

    def versions(self, feed: str, key: str) -> list[Version]:
        """The one write of an item, found by its key."""
        with closing(sqlite3.connect(self._folder.places)) as places:
            [(place,)] = places.execute("select place from places where key = ?", [key])
        with self._folder.items("received").open("rb") as file:
            item = _item_at(file, place)
        return [Version(content_hash(FEEDS[feed], item), False, RECEIVED_AT, "r-1", item)]

    def elsewhere(self, feed: str, keys: Sequence[str]) -> list[Elsewhere]:
        """There is no other data space."""
        return []

    def requests(self, request_ids: Sequence[str]) -> Mapping[str, RequestFacts]:
        """There is no journal."""
        return {}


def sent_line(place: int, named: Mapping[str, str], hashed: str) -> bytes:
    """A line of the exporter's list."""
    return orjson.dumps(
        _line(named, hashed)
        | {"locator": str(place), "status": 200, "errors": "", "request_id": "r-1"},
        option=orjson.OPT_APPEND_NEWLINE,
    )


def received_line(place: int, named: Mapping[str, str], hashed: str) -> bytes:
    """A line of the service's list."""
    counts = {"index": place % 100, "versions": 1, "repeats": 0, "resends": 0}
    return orjson.dumps(
        _line(named, hashed) | {"received_at": RECEIVED_AT, "request_id": "r-1"} | counts,
        option=orjson.OPT_APPEND_NEWLINE,
    )


LINE = {"sent": sent_line, "received": received_line}


@dataclass(frozen=True, slots=True)
class _Template:
    """An item's text, and its canonical text, each around the places of its SKU."""

    text: tuple[bytes, ...]
    content: tuple[bytes, ...]

    @classmethod
    def of(cls, item: Item) -> "_Template":
        content = {name: value for name, value in item.items() if name not in PRODUCTS.unhashed}
        texts = (orjson.dumps(item), canonical_json(content))
        whole, canonical = (tuple(text.split(_SKU.encode())) for text in texts)
        return cls(whole, canonical)


def _products(count: int) -> Iterator[Item]:
    for product in Catalog(seed=42, products=count):
        item = product_item(product)
        # Texts of different length make items of one size, as the figures are per item.
        item["description"] += "." * max(0, SIZE_BYTES - len(orjson.dumps(item)))
        yield orjson.loads(
            orjson.dumps(item).replace(orjson.dumps(item["sku"])[1:-1], _SKU.encode())
        )


def _write_side(
    folder: Folder, side: str, templates: Sequence[_Template], numbers: Iterator[int]
) -> None:
    places: list[tuple[str, int]] = []
    at = 0
    with folder.items(side).open("wb") as items, folder.list(side).open("wb") as lines:
        for number in numbers:
            template, sku = templates[number % len(templates)], f"SKU-{number}"
            named = {"sku": sku, "storeViewCode": "default"}
            text = sku.encode().join(template.text)
            content = sku.encode().join(template.content)
            if side == "received" and number % EVERY == CHANGED:
                text, content = (_other_status(one) for one in (text, content))
            key = key_of_values(named.values())
            hashed = sha1(content, usedforsecurity=False).hexdigest()
            items.write(text + b"\n")
            lines.write(LINE[side](at, named, hashed))
            places.append((key, at))
            at += len(text) + 1
    if side == "received":
        _write_places(folder, places)


def _other_status(text: bytes) -> bytes:
    return text.replace(b'"inStock":true', b'"inStock":false')


def _write_places(folder: Folder, places: list[tuple[str, int]]) -> None:
    folder.places.unlink(missing_ok=True)
    with closing(sqlite3.connect(folder.places)) as database, database:
        database.execute("create table places (key text primary key, place integer) without rowid")
        database.executemany("insert into places values (?, ?)", sorted(places))


def _line(named: Mapping[str, str], hashed: str) -> dict[str, Any]:
    return {
        "feed": PRODUCTS.name,
        "key": key_of_values(named.values()),
        "identity": dict(named),
        "hash": hashed,
        "deleted": False,
        "modified_at": SENT_AT,
    }


def _item_at(file: Any, place: int) -> Item:
    file.seek(place)
    item: Item = orjson.loads(file.readline())
    return item
