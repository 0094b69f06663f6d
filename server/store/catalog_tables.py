"""The tables of the synced catalog, as the pages list and search it.

All that is in them can be made again from the record.
"""

from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, Text, UniqueConstraint, event, text
from sqlalchemy.orm import Mapped, mapped_column

from mcs.server.store.tables import Sorted, Table

# Pages turn by these; on every database by code point.
SortedText = Text().with_variant(Text(collation="C"), "postgresql")


class CatalogProgress(Table):
    """Up to which request the catalog of a data space has been listed."""

    __tablename__ = "catalog_progress"

    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), primary_key=True)
    up_to: Mapped[int]


class CatalogScopes(Table):
    """The store views of a data space, with how many products each has."""

    __tablename__ = "catalog_scopes"
    __table_args__ = (UniqueConstraint("data_space", "store_view"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"))
    store_view: Mapped[str]
    products: Mapped[int]


CATALOG_SORTS = (
    "product_id",
    "name",
    "type",
    "exported_at",
    "modified_at",
    "sku",
    "price",
    "visibility",
)
"""The columns that the list of products is sorted by; each has an index for it."""


class CatalogProducts(Table):
    """The products of a store view that are not deleted, one row each. No column is null, so that
    each sort has one order: see `store/catalog.py` for what stands for nothing."""

    __tablename__ = "catalog_products"
    __table_args__ = (
        *(Index(f"catalog_products_by_{name}", "scope", name, "id") for name in CATALOG_SORTS),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    scope: Mapped[int] = mapped_column(ForeignKey("catalog_scopes.id"))
    sku: Mapped[str] = mapped_column(SortedText)
    name: Mapped[str] = mapped_column(SortedText)
    type: Mapped[str] = mapped_column(SortedText)
    product_id: Mapped[int]
    price: Mapped[float]
    own_price: Mapped[float]
    currency: Mapped[str]
    website: Mapped[str]
    visibility: Mapped[str] = mapped_column(SortedText)
    modified_at: Mapped[str] = mapped_column(SortedText)
    exported_at: Mapped[str] = mapped_column(SortedText)


class CatalogPrices(Table):
    """The price for all customer groups of a product, by the identity key of the price."""

    __tablename__ = "catalog_prices"
    __table_args__ = ({"sqlite_with_rowid": False},)

    data_space: Mapped[str] = mapped_column(ForeignKey("data_spaces.id"), primary_key=True)
    key: Mapped[str] = mapped_column(Sorted, primary_key=True)
    price: Mapped[float]


_WORDS = {
    # Who types a word begins with a letter, which a tenth of a million products may have: such
    # searches took 33 ms for half a million products, with an index of prefixes 2 ms. The numbers
    # are the first three letters behind the scope's digits.
    "sqlite": (
        (
            "CREATE VIRTUAL TABLE catalog_words USING fts5"
            "(words, tokenize = 'ascii', detail = none, columnsize = 0, prefix = '6 7 8')"
        ),
    ),
    "postgresql": (
        "CREATE TABLE catalog_words (id bigint PRIMARY KEY, words tsvector NOT NULL)",
        "CREATE INDEX catalog_words_by_word ON catalog_words USING gin (words)",
    ),
}


@event.listens_for(CatalogProducts.__table__, "after_create")
def _make_words(_: Any, connection: Connection, **__: Any) -> None:
    """The words of each product: both engines bring a full-text index; a row per product, by id."""
    for statement in _WORDS[connection.dialect.name]:
        connection.execute(text(statement))
