"""Items of every feed out of a generated catalog, and what can happen to them on the way."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import islice
from pathlib import Path
from typing import Any

from mcs.contract.canonical import Item, identity
from mcs.contract.feeds import FEEDS, Feed
from mcs.contract.validation import validate
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.indexers import INDEXERS
from mcs.fixtures.catalog import Catalog
from mcs.harness.misrouted import SCOPES

MOST_PER_FEED = 20
EARLIER = {"Y-m-d H:i:s": "2026-11-20 10:00:00", "RFC 3339": "2026-11-20T10:00:00+00:00"}
# Of closed sets only another member is taken.
OTHER_WORD = {
    "ALLOW": "DENY",
    "DENY": "ALLOW",
    "USE_PARENT": "DENY",
    "GLOBAL": "STANDARD",
    "STANDARD": "GLOBAL",
}

Path_ = tuple[str | int, ...]


def catalog_items(folder: Path) -> dict[str, list[Item]]:
    """Some items of each feed; no two of a feed differ in their scope alone."""
    engine = open_commerce(folder / "commerce.sqlite")
    try:
        load_catalog(engine, Catalog(seed=42, products=60), lambda _: None)
        with engine.connect() as connection:
            return {
                name: _some(FEEDS[name], indexer.items(connection, next(ids)))
                for name, indexer in INDEXERS.items()
                if (ids := indexer.pages(connection, 60))
            }
    finally:
        engine.dispose()


def _some(feed: Feed, sourced: Any) -> list[Item]:
    found: dict[tuple[str, ...], Item] = {}
    for _, item in sourced:
        found.setdefault(scopeless(feed, item), {"deleted": False, **deepcopy(item)})
    return list(found.values())[:MOST_PER_FEED]


def scopeless(feed: Feed, item: Item) -> tuple[str, ...]:
    """The identity without its scopes; all of it, if it has no other part."""
    named = identity(feed, item)
    rest = tuple(value for path, value in named.items() if path.split(".")[-1] not in SCOPES)
    return rest or tuple(named.values())


def has_scope(feed: Feed) -> bool:
    """True if an item of this feed can come under another scope."""
    scopes = [path for path in feed.identity if path.split(".")[-1] in SCOPES]
    return 0 < len(scopes) < len(feed.identity)


def under_another_scope(feed: Feed, item: Item) -> Item:
    """The item, as it comes if the exporter takes one scope for another."""
    path = next(path for path in feed.identity if path.split(".")[-1] in SCOPES)
    return _with(item, tuple(path.split(".")), "elsewhere")


def corrupted(feed: Feed, item: Item, place: int = 0) -> Item:
    """The item with one field changed, so that the service still takes it; place: which field."""
    changes = (
        _with(item, path, _other(value)) for path, value in _leaves(item) if _counts(feed, path)
    )
    return next(islice((c for c in changes if not validate(feed, [c]).errors), place, None))


def earlier(feed: Feed, item: Item) -> Item:
    """The item as of an earlier moment."""
    return {**item, feed.timestamp: EARLIER[feed.timestamp_format]}


def _counts(feed: Feed, path: Path_) -> bool:
    names = ".".join(map(str, path))
    return path[0] not in {*feed.unhashed, "deleted"} and names not in feed.identity


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    return OTHER_WORD.get(value, f"{value or ''}*")


def _leaves(value: Any, path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    inner: Any = ()
    if isinstance(value, Mapping):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    else:
        yield path, value
    for step, below in inner:
        yield from _leaves(below, (*path, step))


def _with(item: Item, path: Path_, value: Any) -> Item:
    changed = deepcopy(item)
    holder: Any = changed
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return changed
