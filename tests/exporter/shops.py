"""What tests of edits need of a shop: a catalog, its feed items, and what an edit did to them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, Engine, delete, select

from mcs.contract.canonical import content_hash, identity_key
from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.export_tables import CHANGE_LOGS
from mcs.exporter.commerce.indexer_state import IndexerStatus, indexer_states, set_status
from mcs.exporter.commerce.load import load_catalog
from mcs.exporter.indexers import INDEXERS
from mcs.fixtures.catalog import Catalog

Contents = Mapping[str, Mapping[int, frozenset[tuple[str, str]]]]
"""By feed and source id: identity and content hash of each item."""


def fill(engine: Engine, products: int = 60, seed: int = 42) -> None:
    """Load a catalog, and hold it for wholly exported."""
    load_catalog(engine, Catalog(seed, products), lambda _: None)
    with engine.begin() as connection:
        for name in FEEDS:
            set_status(connection, name, IndexerStatus.VALID)


def contents(connection: Connection, feeds: Iterable[str] = FEEDS) -> Contents:
    """What these feeds say of the shop now."""
    return {name: _contents_of(connection, name) for name in feeds}


def _contents_of(connection: Connection, name: str) -> Mapping[int, frozenset[tuple[str, str]]]:
    indexer, feed = INDEXERS[name], FEEDS[name]
    found: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for page in indexer.pages(connection, 500):
        for source_id, item in indexer.items(connection, page):
            found[source_id].add((identity_key(feed, item), content_hash(feed, item)))
    return {source_id: frozenset(items) for source_id, items in found.items()}


def changed(before: Contents, after: Contents) -> dict[str, set[int]]:
    """The source ids by feed of `after` whose items are not what they were."""
    return {
        name: {
            source_id
            for source_id in before[name].keys() | now.keys()
            if before[name].get(source_id) != now.get(source_id)
        }
        for name, now in after.items()
    }


def logged(connection: Connection) -> dict[str, set[int]]:
    """The entities in the change logs, by feed."""
    return {
        name: set(connection.scalars(select(log.c.entity_id))) for name, log in CHANGE_LOGS.items()
    }


def forget_log(connection: Connection) -> None:
    """Empty the change logs, as if all of it were exported."""
    for log in CHANGE_LOGS.values():
        connection.execute(delete(log))


def invalid(connection: Connection) -> set[str]:
    """The feeds that have to be collected as a whole."""
    states = indexer_states(connection)
    return {name for name, state in states.items() if state.status is IndexerStatus.INVALID}


def overlooked(connection: Connection, before: Contents) -> dict[str, set[int]]:
    """The sources by feed that changed and of which the export would never hear."""
    known, anew = logged(connection), invalid(connection)
    after = contents(connection, [name for name in FEEDS if name not in anew])
    return {
        name: ids - known[name] for name, ids in changed(before, after).items() if ids - known[name]
    }
