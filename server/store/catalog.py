"""The synced products of a data space: listed in any order, searched, page by page.

A page begins after the last row of the one before, by an index, so the last of a million products
is as near as the first.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, case, func, select, tuple_

from mcs.server.store import projection
from mcs.server.store.catalog_rows import NO_ID, NO_PRICE
from mcs.server.store.catalog_tables import (
    CATALOG_SORTS,
    CatalogProducts,
    CatalogProgress,
    CatalogScopes,
)
from mcs.server.store.catalog_words import matching, matching_before, words
from mcs.server.store.database import Database
from mcs.server.store.projection import Step
from mcs.server.store.tables import Requests

PAGE_ROWS = 50
SORTED_MATCHES = 2_000
"""More products than that are not sorted, but listed as they arrived: see `ProductPage.broad`."""


@dataclass(frozen=True, slots=True)
class StoreView:
    """A store view with its number of products."""

    name: str
    products: int


@dataclass(frozen=True, slots=True)
class ListedProduct:
    """A product as the list shows it. None where the item says nothing."""

    id: int
    product_id: int | None
    name: str
    type: str
    exported_at: str
    modified_at: str
    sku: str
    price: float | None
    currency: str
    visibility: str


@dataclass(frozen=True, slots=True)
class ProductPage:
    """Some products in their order. more_before, more_after: there are others on that side.

    matches: how many were found by a search, as far as they were counted. broad: so many that they
    stand in the order of arrival, whatever order was asked for.
    """

    products: tuple[ListedProduct, ...]
    more_before: bool
    more_after: bool
    matches: int | None = None
    broad: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which products. after, before: the id of the row next to the page; None for the first page.

    sort: one of CATALOG_SORTS. search: beginnings of words, all of which must be found.
    """

    store_view: str
    sort: str = "sku"
    descending: bool = False
    search: str = ""
    after: int | None = None
    before: int | None = None
    limit: int = PAGE_ROWS


class Catalog:
    """The synced products of all data spaces."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def step(self, data_space: str, most_requests: int) -> Step:
        """Lists what the next few requests brought."""
        return projection.step(self._database, data_space, most_requests)

    def requests_behind(self, data_space: str) -> tuple[int, int]:
        """Up to which request the products are listed, and the newest request."""
        newest = select(func.max(Requests.id)).where(Requests.data_space == data_space)
        up_to = select(CatalogProgress.up_to).where(CatalogProgress.data_space == data_space)
        with self._database.reading() as connection:
            return connection.scalar(up_to) or 0, connection.scalar(newest) or 0

    def store_views(self, data_space: str) -> list[StoreView]:
        """The store views that products came for, those with most products first."""
        query = (
            select(CatalogScopes.store_view, CatalogScopes.products)
            .where(CatalogScopes.data_space == data_space)
            .order_by(CatalogScopes.products.desc(), CatalogScopes.store_view)
        )
        with self._database.reading() as connection:
            return [StoreView(*row) for row in connection.execute(query)]

    def products(self, data_space: str, wanted: Wanted) -> ProductPage:
        """One page of the products of a store view; an empty one if nobody knows that."""
        own = select(CatalogScopes.id).where(
            CatalogScopes.data_space == data_space, CatalogScopes.store_view == wanted.store_view
        )
        with self._database.reading() as connection:
            scope = connection.scalar(own)
            if scope is None:
                return ProductPage((), more_before=False, more_after=False)
            if not wanted.search.strip():
                query = _products().where(CatalogProducts.scope == scope)
                return _sorted_page(connection, query, scope, wanted)
            return _found(connection, scope, wanted, words(wanted.search))


def _found(connection: Connection, scope: int, wanted: Wanted, asked: list[str]) -> ProductPage:
    ids = matching(connection, scope, asked, SORTED_MATCHES + 1) if asked else []
    if len(ids) > SORTED_MATCHES:
        return _page_of_arrival(connection, scope, wanted, asked, ids)
    ids = list({*ids, *_of_sku(connection, scope, wanted.search.strip())})
    query = _products().where(CatalogProducts.id.in_(ids))
    return _sorted_page(connection, query, scope, wanted, matches=len(ids))


def _sorted_page(
    connection: Connection,
    query: Select[Any],
    scope: int,
    wanted: Wanted,
    matches: int | None = None,
) -> ProductPage:
    place = _place(wanted)
    near, backwards = _boundary(connection, place, scope, wanted)
    # Going back is going on in the other order.
    descending = wanted.descending != backwards
    if near is not None:
        beyond = tuple_(*place) < near if descending else tuple_(*place) > near
        query = query.where(beyond)
    order = [part.desc() if descending else part.asc() for part in place]
    rows = connection.execute(query.order_by(*order).limit(wanted.limit + 1)).all()
    return _page(rows, wanted.limit, near is not None, backwards, matches)


def _place(wanted: Wanted) -> tuple[Any, ...]:
    """What the products are ordered by, all in the same direction."""
    place = (getattr(CatalogProducts, wanted.sort), CatalogProducts.id)
    if not wanted.search.strip():
        return place
    # Who types a whole SKU means that product, however many begin like it.
    is_meant = CatalogProducts.sku == wanted.search.strip()
    first, rest = (1, 0) if wanted.descending else (0, 1)
    return (case((is_meant, first), else_=rest), *place)


def _boundary(
    connection: Connection, place: tuple[Any, ...], scope: int, wanted: Wanted
) -> tuple[Any | None, bool]:
    """Where the page begins, None for the very beginning, and whether it goes backwards."""
    number = wanted.after if wanted.before is None else wanted.before
    if number is None:
        return None, False
    row = connection.execute(
        select(*place).where(CatalogProducts.id == number, CatalogProducts.scope == scope)
    ).one_or_none()
    # A product that was deleted meanwhile: the page begins at the beginning.
    return (None, False) if row is None else (tuple(row), wanted.before is not None)


def _page_of_arrival(
    connection: Connection, scope: int, wanted: Wanted, asked: list[str], first_ids: list[int]
) -> ProductPage:
    backwards = wanted.before is not None
    if wanted.before is not None:
        ids = matching_before(connection, scope, asked, wanted.limit + 1, wanted.before)
    elif wanted.after is not None:
        ids = matching(connection, scope, asked, wanted.limit + 1, after=wanted.after)
    else:
        exact = _of_sku(connection, scope, wanted.search.strip())
        ids = [*exact, *first_ids[: wanted.limit + 1]]
    found = connection.execute(_products().where(CatalogProducts.id.in_(ids)))
    by_id = {row.id: row for row in found}
    rows = [by_id[number] for number in dict.fromkeys(ids) if number in by_id]
    has_place = backwards or wanted.after is not None
    return _page(rows, wanted.limit, has_place, backwards, SORTED_MATCHES, broad=True)


def _of_sku(connection: Connection, scope: int, sku: str) -> list[int]:
    own = (CatalogProducts.scope == scope, CatalogProducts.sku == sku)
    return list(connection.scalars(select(CatalogProducts.id).where(*own)))


def _page(
    rows: Sequence[Any],
    limit: int,
    has_place: bool,
    backwards: bool,
    matches: int | None,
    *,
    broad: bool = False,
) -> ProductPage:
    more = len(rows) > limit
    products = tuple(_listed(row) for row in rows[:limit])
    if backwards:
        return ProductPage(products[::-1], more, True, matches, broad)
    return ProductPage(products, has_place, more, matches, broad)


def _products() -> Select[Any]:
    return select(*(getattr(CatalogProducts, name) for name in ("id", "currency", *CATALOG_SORTS)))


def _listed(row: Any) -> ListedProduct:
    values = dict(row._mapping)
    price, number = values["price"], values["product_id"]
    values["price"] = None if price == NO_PRICE else price
    values["product_id"] = None if number == NO_ID else number
    return ListedProduct(**values)
