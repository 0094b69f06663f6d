"""Puts a whole catalog into the commerce database, in place of what was there."""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, Engine, delete, insert, select

from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce import rows, tables
from mcs.exporter.commerce.database import write_config
from mcs.exporter.commerce.indexer_state import invalidate
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.products import Product
from mcs.fixtures.profile_file import profile_text

T = TypeVar("T")

PRODUCTS_PER_CHUNK = 1000

SEED_PATH = "mock_commerce/catalog/seed"
SIZE_PATH = "mock_commerce/catalog/products"
PROFILE_PATH = "mock_commerce/catalog/profile"
"""Which generated catalog this is, so that further products can be made that belong to it."""

# In the order of writing: what is referred to comes first.
_SCOPES: tuple[type[tables.Base], ...] = (
    tables.Stock,
    tables.Website,
    tables.Store,
    tables.StoreView,
    tables.CustomerGroup,
)
_STRUCTURE: tuple[type[tables.Base], ...] = (
    tables.Attribute,
    tables.AttributeOption,
    tables.Category,
    tables.CategoryText,
    tables.CategoryPermission,
)
_PRODUCTS: tuple[type[tables.Base], ...] = (
    tables.Product,
    tables.ProductText,
    tables.ProductWebsite,
    tables.ProductCategory,
    tables.ProductPrice,
    tables.TierPrice,
    tables.RulePrice,
    tables.StockItem,
    tables.ProductVariant,
    tables.ProductLink,
    tables.BundleOption,
    tables.BundleSelection,
)
CATALOG_TABLES = (*_SCOPES, *_STRUCTURE, *_PRODUCTS)
"""What makes up a catalog; configuration and feed tables are no part of it."""


def load_catalog(engine: Engine, catalog: Catalog, on_progress: Callable[[int], None]) -> None:
    """Replace the catalog by another one, in one transaction; memory does not grow with its size.

    on_progress is called with the number of products written so far.
    """
    with engine.begin() as connection:
        replace_catalog(connection, catalog, on_progress)


def replace_catalog(
    connection: Connection, catalog: Catalog, on_progress: Callable[[int], None]
) -> None:
    """As load_catalog, as part of the connection's transaction. Every feed is out of date then."""
    invalidate(connection, FEEDS)
    write_config(connection, SEED_PATH, str(catalog.seed))
    write_config(connection, SIZE_PATH, str(catalog.products))
    write_config(connection, PROFILE_PATH, profile_text(catalog.profile))
    for table in reversed(CATALOG_TABLES):
        connection.execute(delete(table))
    _write(connection, rows.of_scopes(catalog))
    _write(connection, rows.of_structure(catalog))
    written = 0
    ids = _view_ids(connection)
    for chunk in _chunks(catalog, PRODUCTS_PER_CHUNK):
        _write(connection, rows.of_products(chunk, ids))
        written += len(chunk)
        on_progress(written)


def insert_products(connection: Connection, products: Iterable[Product]) -> None:
    """Write further products with all their rows, as part of the connection's transaction."""
    ids = _view_ids(connection)
    for chunk in _chunks(products, PRODUCTS_PER_CHUNK):
        _write(connection, rows.of_products(chunk, ids))


def _view_ids(connection: Connection) -> rows.ViewIds:
    found = connection.execute(select(tables.StoreView.code, tables.StoreView.store_view_id))
    return rows.view_ids_of((row.code, row.store_view_id) for row in found)


def _write(connection: Connection, rows_by_table: rows.RowsByTable) -> None:
    for table in CATALOG_TABLES:
        if rows_by_table.get(table):
            connection.execute(insert(table), rows_by_table[table])


def _chunks(things: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(things)
    while chunk := list(islice(iterator, size)):
        yield chunk
