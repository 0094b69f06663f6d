"""Keeps the synced catalog up with the record, request by request, in short steps.

Ingest knows nothing of it: what came since the last step is read out of the record when somebody
looks. A step reads and parses outside of its transaction, so that writers wait only for its rows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from mcs.server.store import inbox
from mcs.server.store.catalog_rows import (
    PriceChange,
    ProductChange,
    price_change,
    price_key,
    product_change,
)
from mcs.server.store.catalog_tables import (
    CatalogPrices,
    CatalogProducts,
    CatalogProgress,
    CatalogScopes,
)
from mcs.server.store.catalog_words import drop_all_words, drop_words, put_words, words
from mcs.server.store.database import Database
from mcs.server.store.reading import item_texts
from mcs.server.store.recording import hold_data_space
from mcs.server.store.tables import Items, Requests

NAMES_PER_QUERY = 500
PRODUCTS, PRICES = "products", "prices"


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did. up_to: the last request that is listed. behind: more is waiting."""

    up_to: int
    behind: bool


@dataclass(slots=True)
class _Changes:
    """The last word of some requests on each product and price."""

    products: dict[tuple[str, str], ProductChange] = field(default_factory=dict)
    prices: dict[str, PriceChange] = field(default_factory=dict)


def step(database: Database, data_space: str, most_requests: int) -> Step:
    """Lists what the next few requests brought."""
    is_sorted_in = database.sort_in(data_space, budget_s=0)
    up_to, newest = _place(database, data_space)
    if newest <= up_to:
        return Step(up_to, behind=not is_sorted_in)
    with database.reading() as connection:
        numbers = _next_requests(connection, data_space, up_to, newest, most_requests)
        changes = _changes(connection, numbers)
    reached = numbers[-1].id if len(numbers) == most_requests else newest
    with database.writing() as connection:
        if not _advance(connection, data_space, up_to, reached):
            # Another process was faster, or all was forgotten meanwhile.
            return Step(up_to, behind=True)
        _apply_prices(connection, data_space, list(changes.prices.values()))
        _apply_products(connection, data_space, changes.products.values())
    return Step(reached, behind=reached < newest or not is_sorted_in)


def forget(connection: Connection, data_space: str) -> None:
    """Empties the catalog of a data space; what came so far is never listed again."""
    own = select(CatalogScopes.id).where(CatalogScopes.data_space == data_space)
    drop_all_words(connection, data_space)
    newest = select(func.coalesce(func.max(Requests.id), 0)).where(
        Requests.data_space == data_space
    )
    connection.execute(
        update(CatalogProgress)
        .where(CatalogProgress.data_space == data_space)
        .values(up_to=newest.scalar_subquery())
    )
    connection.execute(delete(CatalogProducts).where(CatalogProducts.scope.in_(own)))
    for table in (CatalogScopes, CatalogPrices):
        connection.execute(delete(table).where(table.data_space == data_space))


def _place(database: Database, data_space: str) -> tuple[int, int]:
    """Up to which request is listed, and the newest one that may be."""
    sorted_in = Requests.id < inbox.oldest(data_space)
    newest = select(func.max(Requests.id)).where(Requests.data_space == data_space, sorted_in)
    known = select(CatalogProgress.up_to).where(CatalogProgress.data_space == data_space)
    with database.reading() as connection:
        up_to, last = connection.scalar(known), connection.scalar(newest) or 0
    if up_to is None:
        with database.writing() as connection:
            connection.execute(_BEGIN[connection.dialect.name], {"data_space": data_space})
        up_to = 0
    if last > up_to and not database.is_sqlite:
        # Numbers are given before commits: one that is smaller may still be under way. Who holds
        # the data space alone for a moment knows that none is.
        with database.writing() as connection:
            hold_data_space(connection, data_space, exclusively=True)
            last = connection.scalar(newest) or 0
    return up_to, last


def _next_requests(
    connection: Connection, data_space: str, up_to: int, newest: int, limit: int
) -> Sequence[Any]:
    return connection.execute(
        select(Requests.id, Requests.feed, Requests.received_at)
        .where(
            Requests.data_space == data_space,
            Requests.id > up_to,
            Requests.id <= newest,
            Requests.feed.in_((PRODUCTS, PRICES)),
            Requests.accepted > 0,
        )
        .order_by(Requests.id)
        .limit(limit)
    ).all()


def _changes(connection: Connection, requests: Sequence[Any]) -> _Changes:
    changes = _Changes()
    for request in requests:
        for item in _recorded_items(connection, request.id):
            if request.feed == PRODUCTS:
                product = product_change(item, request.received_at)
                if product:
                    changes.products[product.store_view, product.sku] = product
            elif price := price_change(item):
                changes.prices[price.key] = price
    return changes


def _recorded_items(connection: Connection, number: int) -> Iterator[dict[str, Any]]:
    """The items that are current by a request; others are listed with the one that overwrote."""
    indexes = connection.scalars(
        select(Items.item_index).where(Items.request == number).order_by(Items.item_index)
    )
    texts = item_texts(connection, [(number, index) for index in indexes])
    for text in texts.values():
        item = orjson.loads(text)
        if isinstance(item, dict):
            yield item


def _advance(connection: Connection, data_space: str, up_to: int, reached: int) -> bool:
    moved = connection.execute(
        update(CatalogProgress)
        .where(CatalogProgress.data_space == data_space, CatalogProgress.up_to == up_to)
        .values(up_to=reached)
    )
    return bool(moved.rowcount)


def _apply_prices(connection: Connection, data_space: str, changes: Sequence[PriceChange]) -> None:
    kept = [
        {"data_space": data_space, "key": change.key, "price": change.price}
        for change in changes
        if change.price is not None
    ]
    gone = [change.key for change in changes if change.price is None]
    if kept:
        connection.execute(_UPSERT_PRICE[connection.dialect.name], kept)
    for some in _slices(gone):
        connection.execute(
            delete(CatalogPrices).where(
                CatalogPrices.data_space == data_space, CatalogPrices.key.in_(some)
            )
        )
    scopes = _scopes(connection, data_space).values()
    moved = [
        {"of_scope": scope, "of_sku": change.sku, "of_website": change.website, "now": change.price}
        for scope in scopes
        for change in changes
    ]
    if moved:
        connection.execute(_MOVE_PRICE, moved)


def _apply_products(
    connection: Connection, data_space: str, changes: Iterable[ProductChange]
) -> None:
    by_view: dict[str, dict[str, ProductChange]] = {}
    for change in changes:
        by_view.setdefault(change.store_view, {})[change.sku] = change
    scopes = _scopes(connection, data_space)
    for store_view, products in by_view.items():
        scope = scopes.get(store_view)
        if scope is None:
            row = {"data_space": data_space, "store_view": store_view, "products": 0}
            made = insert(CatalogScopes).returning(CatalogScopes.id)
            scope = connection.execute(made, row).scalar_one()
        _apply_view(connection, data_space, scope, products)


def _apply_view(
    connection: Connection, data_space: str, scope: int, products: Mapping[str, ProductChange]
) -> None:
    known = _known(connection, scope, list(products))
    gone = [known[sku].id for sku, change in products.items() if not change.row and sku in known]
    rows = {sku: dict(change.row) for sku, change in products.items() if change.row}
    prices = _prices(connection, data_space, rows)
    for sku, row in rows.items():
        feed_price = prices.get(price_key(row["website"], sku)) if row["website"] else None
        row["price"] = row["own_price"] if feed_price is None else feed_price
    new = [{"scope": scope, "sku": sku, **row} for sku, row in rows.items() if sku not in known]
    old = {sku: row for sku, row in rows.items() if sku in known}
    _delete(connection, gone)
    if old:
        changed = [{"of_id": known[sku].id, **row} for sku, row in old.items()]
        connection.execute(_CHANGE_PRODUCT, changed)
        reworded = [sku for sku, row in old.items() if _is_reworded(known[sku], row)]
        put_words(connection, scope, [(known[sku].id, _words(sku, old[sku])) for sku in reworded])
    if new:
        # Rows that are inserted at once give no numbers back; asking afterwards is far faster.
        connection.execute(insert(CatalogProducts), new)
        added = _known(connection, scope, [row["sku"] for row in new])
        put_words(
            connection, scope, [(row.id, _words(sku, rows[sku])) for sku, row in added.items()]
        )
    if len(new) != len(gone):
        counted = CatalogScopes.products + len(new) - len(gone)
        connection.execute(
            update(CatalogScopes).where(CatalogScopes.id == scope).values(products=counted)
        )


def _known(connection: Connection, scope: int, skus: list[str]) -> dict[str, Any]:
    query = select(
        CatalogProducts.id, CatalogProducts.sku, CatalogProducts.name, CatalogProducts.product_id
    )
    found: dict[str, Any] = {}
    for some in _slices(skus):
        wanted = query.where(CatalogProducts.scope == scope, CatalogProducts.sku.in_(some))
        found |= {row.sku: row for row in connection.execute(wanted)}
    return found


def _prices(
    connection: Connection, data_space: str, rows: Mapping[str, Mapping[str, Any]]
) -> dict[str, float]:
    keys = [price_key(row["website"], sku) for sku, row in rows.items() if row["website"]]
    found: dict[str, float] = {}
    for some in _slices(keys):
        query = select(CatalogPrices.key, CatalogPrices.price).where(
            CatalogPrices.data_space == data_space, CatalogPrices.key.in_(some)
        )
        found |= {row.key: row.price for row in connection.execute(query)}
    return found


def _delete(connection: Connection, ids: list[int]) -> None:
    drop_words(connection, ids)
    for some in _slices(ids):
        connection.execute(delete(CatalogProducts).where(CatalogProducts.id.in_(some)))


def _scopes(connection: Connection, data_space: str) -> dict[str, int]:
    query = select(CatalogScopes.store_view, CatalogScopes.id).where(
        CatalogScopes.data_space == data_space
    )
    return {row.store_view: row.id for row in connection.execute(query)}


def _words(sku: str, row: Mapping[str, Any]) -> list[str]:
    return words(sku, str(row["product_id"]), row["name"])


def _is_reworded(known: Any, row: Mapping[str, Any]) -> bool:
    return bool(known.name != row["name"] or known.product_id != row["product_id"])


def _slices(values: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(values), NAMES_PER_QUERY):
        yield values[start : start + NAMES_PER_QUERY]


def _begin(dialect_insert: Any) -> Any:
    row = {"data_space": bindparam("data_space"), "up_to": 0}
    return dialect_insert(CatalogProgress).values(row).on_conflict_do_nothing()


def _upsert_price(dialect_insert: Any) -> Any:
    statement = dialect_insert(CatalogPrices)
    return statement.on_conflict_do_update(
        index_elements=["data_space", "key"], set_={"price": statement.excluded.price}
    )


_BEGIN: Mapping[str, Any] = {
    "sqlite": _begin(sqlite.insert),
    "postgresql": _begin(postgresql.insert),
}
_UPSERT_PRICE: Mapping[str, Any] = {
    "sqlite": _upsert_price(sqlite.insert),
    "postgresql": _upsert_price(postgresql.insert),
}
_MOVE_PRICE = (
    update(CatalogProducts)
    .where(
        CatalogProducts.scope == bindparam("of_scope"),
        CatalogProducts.sku == bindparam("of_sku"),
        CatalogProducts.website == bindparam("of_website"),
    )
    .values(price=func.coalesce(bindparam("now"), CatalogProducts.own_price))
)
_CHANGE_PRODUCT = update(CatalogProducts).where(CatalogProducts.id == bindparam("of_id"))
