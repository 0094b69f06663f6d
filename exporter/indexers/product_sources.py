"""All that the products feed needs to know of some products, read in bulk."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

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

TEXT_COLUMNS = (
    "name",
    "description",
    "short_description",
    "meta_title",
    "meta_keyword",
    "meta_description",
    "url_key",
)

Texts = Mapping[str, str | None]
"""By column of the texts' table."""


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
        shared, own = by_view.get(ALL_STORE_VIEWS, {}), by_view.get(store_view_id, {})
        return {
            column: shared.get(column) if own.get(column) is None else own[column]
            for column in TEXT_COLUMNS
        }


def read_sources(connection: Connection, product_ids: Sequence[int]) -> Sources:
    """Everything about the products, in a fixed number of queries."""
    found = connection.execute(
        select(Product.__table__)
        .where(Product.product_id.in_(product_ids))
        .order_by(Product.product_id)
    )
    bundle_options = _bundle_options(connection, product_ids)
    selected = {
        selection.product_id
        for options in bundle_options.values()
        for _, selections in options
        for selection in selections
    }
    return Sources(
        products=list(found),
        texts=_texts(connection, sorted(selected.union(product_ids))),
        places=_places(connection, product_ids),
        links=_links(connection, product_ids),
        variants=_variants(connection, product_ids),
        parents=parents(connection, product_ids),
        bundle_options=bundle_options,
        available=availability(connection, product_ids),
        attributes=read_attributes(connection),
    )


def _texts(connection: Connection, product_ids: Sequence[int]) -> Mapping[int, Mapping[int, Texts]]:
    texts: dict[int, dict[int, Texts]] = defaultdict(dict)
    columns = [getattr(ProductText, column) for column in TEXT_COLUMNS]
    for product_id, store_view_id, *values in connection.execute(
        select(ProductText.product_id, ProductText.store_view_id, *columns).where(
            ProductText.product_id.in_(product_ids)
        )
    ):
        texts[product_id][store_view_id] = dict(zip(TEXT_COLUMNS, values, strict=True))
    return texts


def _places(
    connection: Connection, product_ids: Sequence[int]
) -> Mapping[int, list[tuple[int, int, Mapping[int, str | None]]]]:
    in_chunk = ProductCategory.product_id.in_(product_ids)
    paths: dict[int, dict[int, str | None]] = defaultdict(dict)
    for category_id, store_view_id, url_path in connection.execute(
        select(CategoryText.category_id, CategoryText.store_view_id, CategoryText.url_path).where(
            CategoryText.category_id.in_(select(ProductCategory.category_id).where(in_chunk))
        )
    ):
        paths[category_id][store_view_id] = url_path
    places: dict[int, list[tuple[int, int, Mapping[int, str | None]]]] = defaultdict(list)
    for product_id, category_id, position in connection.execute(
        select(ProductCategory.product_id, ProductCategory.category_id, ProductCategory.position)
        .where(in_chunk)
        .order_by(ProductCategory.product_id, ProductCategory.category_id)
    ):
        places[product_id].append((category_id, position, paths[category_id]))
    return places


def _links(
    connection: Connection, product_ids: Sequence[int]
) -> Mapping[int, list[dict[str, str]]]:
    links: dict[int, list[dict[str, str]]] = defaultdict(list)
    for product_id, link_type, sku in connection.execute(
        select(ProductLink.product_id, ProductLink.link_type, Product.sku)
        .join(Product, Product.product_id == ProductLink.linked_product_id)
        .where(ProductLink.product_id.in_(product_ids))
        .order_by(
            ProductLink.product_id,
            ProductLink.link_type,
            ProductLink.position,
            ProductLink.linked_product_id,
        )
    ):
        links[product_id].append({"sku": sku, "type": link_type})
    return links


def _variants(connection: Connection, product_ids: Sequence[int]) -> Mapping[int, list[Variant]]:
    found = list(
        connection.execute(
            select(ProductVariant.parent_id, Product.product_id, Product.sku, Product.data)
            .join(Product, Product.product_id == ProductVariant.child_id)
            .where(ProductVariant.parent_id.in_(product_ids))
            .order_by(ProductVariant.parent_id, Product.product_id)
        )
    )
    sold_on = website_ids(connection, [child_id for _, child_id, _, _ in found])
    variants: dict[int, list[Variant]] = defaultdict(list)
    for parent_id, child_id, sku, data in found:
        child = Variant(sku, sold_on.get(child_id, frozenset()), data["attributes"])
        variants[parent_id].append(child)
    return variants


def _bundle_options(
    connection: Connection, product_ids: Sequence[int]
) -> Mapping[int, list[tuple[Row[Any], list[Row[Any]]]]]:
    in_chunk = BundleOption.product_id.in_(product_ids)
    selections: dict[int, list[Row[Any]]] = defaultdict(list)
    for selection in connection.execute(
        select(BundleSelection.__table__, Product.sku)
        .join(BundleOption, BundleOption.option_id == BundleSelection.option_id)
        .join(Product, Product.product_id == BundleSelection.product_id)
        .where(in_chunk)
        .order_by(BundleSelection.position, BundleSelection.selection_id)
    ):
        selections[selection.option_id].append(selection)
    options: dict[int, list[tuple[Row[Any], list[Row[Any]]]]] = defaultdict(list)
    for option in connection.execute(
        select(BundleOption.__table__)
        .where(in_chunk)
        .order_by(BundleOption.position, BundleOption.option_id)
    ):
        options[option.product_id].append((option, selections[option.option_id]))
    return options
