"""All that the products feed needs to know of some products, read in bulk."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, select

from mcs.exporter.commerce.among import among, these
from mcs.exporter.commerce.tables import (
    ALL_STORE_VIEWS,
    BundleOption,
    BundleSelection,
    CategoryText,
    Product,
    ProductCategory,
    ProductLink,
    ProductText,
    ProductVariant,
)
from mcs.exporter.indexers.attribute_values import AttributeCatalog, read_attributes
from mcs.exporter.indexers.availability import ByWebsite, availability
from mcs.exporter.indexers.families import Parent, parents, website_ids


class Texts(NamedTuple):
    """By column of the texts' table."""

    name: str | None = None
    description: str | None = None
    short_description: str | None = None
    meta_title: str | None = None
    meta_keyword: str | None = None
    meta_description: str | None = None
    url_key: str | None = None


_NO_TEXTS = Texts()


@dataclass(frozen=True, slots=True)
class Variant:
    sku: str
    website_ids: frozenset[int]
    attributes: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Sources:
    """What is known of the products of a chunk, by product id; each list in its feed order.

    places: category id, position and the category's URL paths by store view id.
    bundle_options: the option's row with the rows of its selections.
    """

    products: list[Row[Any]]
    texts: Mapping[int, Mapping[int, Texts]]
    places: Mapping[int, list[tuple[int, int, Mapping[int, str | None]]]]
    links: Mapping[int, list[dict[str, str]]]
    variants: Mapping[int, list[Variant]]
    parents: Mapping[int, list[Parent]]
    bundle_options: Mapping[int, list[tuple[Row[Any], list[Row[Any]]]]]
    available: ByWebsite
    attributes: AttributeCatalog

    def texts_of(self, product_id: int, store_view_id: int) -> Texts:
        """The texts that a store view shows: its own, else those of all store views."""
        by_view = self.texts.get(product_id, {})
        shared = by_view.get(ALL_STORE_VIEWS, _NO_TEXTS)
        own = by_view.get(store_view_id)
        if own is None:
            return shared
        return Texts._make(
            [every if mine is None else mine for every, mine in zip(shared, own, strict=True)]
        )


def read_sources(connection: Connection, product_ids: Sequence[int]) -> Sources:
    """Everything about the products, in a fixed number of queries."""
    bundle_options = _bundle_options(connection, product_ids)
    selected = {
        selection.product_id
        for options in bundle_options.values()
        for _, selections in options
        for selection in selections
    }
    return Sources(
        products=list(connection.execute(_PRODUCTS, these(product_ids))),
        texts=_texts(connection, sorted(selected.union(product_ids))),
        places=_places(connection, product_ids),
        links=_links(connection, product_ids),
        variants=_variants(connection, product_ids),
        parents=parents(connection, product_ids),
        bundle_options=bundle_options,
        available=availability(connection, product_ids),
        attributes=read_attributes(connection),
    )


_PRODUCTS = select(Product.__table__).where(among(Product.product_id)).order_by(Product.product_id)
_TEXTS = select(
    ProductText.product_id,
    ProductText.store_view_id,
    *(getattr(ProductText, column) for column in Texts._fields),
).where(among(ProductText.product_id))


def _texts(connection: Connection, product_ids: Sequence[int]) -> Mapping[int, Mapping[int, Texts]]:
    texts: dict[int, dict[int, Texts]] = defaultdict(dict)
    for product_id, store_view_id, *values in connection.execute(_TEXTS, these(product_ids)):
        texts[product_id][store_view_id] = Texts._make(values)
    return texts


_PATHS = select(CategoryText.category_id, CategoryText.store_view_id, CategoryText.url_path).where(
    CategoryText.category_id.in_(
        select(ProductCategory.category_id).where(among(ProductCategory.product_id))
    )
)
_PLACES = (
    select(ProductCategory.product_id, ProductCategory.category_id, ProductCategory.position)
    .where(among(ProductCategory.product_id))
    .order_by(ProductCategory.product_id, ProductCategory.category_id)
)


def _places(
    connection: Connection, product_ids: Sequence[int]
) -> Mapping[int, list[tuple[int, int, Mapping[int, str | None]]]]:
    paths: dict[int, dict[int, str | None]] = defaultdict(dict)
    for category_id, store_view_id, url_path in connection.execute(_PATHS, these(product_ids)):
        paths[category_id][store_view_id] = url_path
    places: dict[int, list[tuple[int, int, Mapping[int, str | None]]]] = defaultdict(list)
    for product_id, category_id, position in connection.execute(_PLACES, these(product_ids)):
        places[product_id].append((category_id, position, paths[category_id]))
    return places


_LINKS = (
    select(ProductLink.product_id, ProductLink.link_type, Product.sku)
    .join(Product, Product.product_id == ProductLink.linked_product_id)
    .where(among(ProductLink.product_id))
    .order_by(
        ProductLink.product_id,
        ProductLink.link_type,
        ProductLink.position,
        ProductLink.linked_product_id,
    )
)


def _links(
    connection: Connection, product_ids: Sequence[int]
) -> Mapping[int, list[dict[str, str]]]:
    links: dict[int, list[dict[str, str]]] = defaultdict(list)
    for product_id, link_type, sku in connection.execute(_LINKS, these(product_ids)):
        links[product_id].append({"sku": sku, "type": link_type})
    return links


_VARIANTS = (
    select(ProductVariant.parent_id, Product.product_id, Product.sku, Product.data)
    .join(Product, Product.product_id == ProductVariant.child_id)
    .where(among(ProductVariant.parent_id))
    .order_by(ProductVariant.parent_id, Product.product_id)
)


def _variants(connection: Connection, product_ids: Sequence[int]) -> Mapping[int, list[Variant]]:
    found = list(connection.execute(_VARIANTS, these(product_ids)))
    sold_on = website_ids(connection, [child_id for _, child_id, _, _ in found])
    variants: dict[int, list[Variant]] = defaultdict(list)
    for parent_id, child_id, sku, data in found:
        child = Variant(sku, sold_on.get(child_id, frozenset()), data["attributes"])
        variants[parent_id].append(child)
    return variants


_OPTIONS = (
    select(BundleOption.__table__)
    .where(among(BundleOption.product_id))
    .order_by(BundleOption.position, BundleOption.option_id)
)
_SELECTIONS = (
    select(BundleSelection.__table__, Product.sku)
    .join(BundleOption, BundleOption.option_id == BundleSelection.option_id)
    .join(Product, Product.product_id == BundleSelection.product_id)
    .where(among(BundleOption.product_id))
    .order_by(BundleSelection.position, BundleSelection.selection_id)
)


def _bundle_options(
    connection: Connection, product_ids: Sequence[int]
) -> Mapping[int, list[tuple[Row[Any], list[Row[Any]]]]]:
    selections: dict[int, list[Row[Any]]] = defaultdict(list)
    for selection in connection.execute(_SELECTIONS, these(product_ids)):
        selections[selection.option_id].append(selection)
    options: dict[int, list[tuple[Row[Any], list[Row[Any]]]]] = defaultdict(list)
    for option in connection.execute(_OPTIONS, these(product_ids)):
        options[option.product_id].append((option, selections[option.option_id]))
    return options
