"""Which products are made of which: variants, bundle selections, members of grouped products."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from mcs.exporter.commerce.among import among, these
from mcs.exporter.commerce.tables import (
    BundleOption,
    BundleSelection,
    Product,
    ProductLink,
    ProductVariant,
    ProductWebsite,
)

ASSOCIATED = "associated"


@dataclass(frozen=True, slots=True)
class Parent:
    product_id: int
    sku: str
    product_type: str
    fixed_price: bool
    website_ids: frozenset[int]


_CHILDREN = (
    select(ProductVariant.parent_id, ProductVariant.child_id)
    .where(among(ProductVariant.parent_id))
    .union_all(
        select(ProductLink.product_id, ProductLink.linked_product_id).where(
            among(ProductLink.product_id), ProductLink.link_type == ASSOCIATED
        )
    )
)
_SELECTED = (
    select(
        BundleOption.product_id,
        BundleOption.option_id,
        BundleOption.required,
        BundleSelection.product_id,
    )
    .outerjoin(BundleSelection, BundleSelection.option_id == BundleOption.option_id)
    .where(among(BundleOption.product_id))
)


def needed_children(
    connection: Connection, product_ids: Sequence[int]
) -> Mapping[int, list[list[int]]]:
    """Groups of children by parent: a parent can be sold while each group has one that can be.

    A configurable's variants are one group, so are a grouped product's members, and so are the
    selections of each required option of a bundle; of a bundle that requires nothing, of all.
    """
    groups: dict[int, list[list[int]]] = {}
    for parent_id, child_id in connection.execute(_CHILDREN, these(product_ids)):
        groups.setdefault(parent_id, [[]])[0].append(child_id)
    options: dict[int, dict[int, list[int]]] = defaultdict(dict)
    optional: dict[int, list[int]] = defaultdict(list)
    for parent_id, option_id, required, child_id in connection.execute(
        _SELECTED, these(product_ids)
    ):
        own = [] if child_id is None else [child_id]
        if required:
            options[parent_id].setdefault(option_id, []).extend(own)
        else:
            optional[parent_id].extend(own)
    groups |= {parent_id: [children] for parent_id, children in optional.items()}
    groups |= {parent_id: list(required.values()) for parent_id, required in options.items()}
    return groups


_PARENTS = (
    select(ProductVariant.child_id, ProductVariant.parent_id)
    .where(among(ProductVariant.child_id))
    .union(
        select(ProductLink.linked_product_id, ProductLink.product_id).where(
            among(ProductLink.linked_product_id), ProductLink.link_type == ASSOCIATED
        ),
        select(BundleSelection.product_id, BundleOption.product_id)
        .join(BundleOption, BundleOption.option_id == BundleSelection.option_id)
        .where(among(BundleSelection.product_id)),
    )
)


def parents(connection: Connection, product_ids: Sequence[int]) -> Mapping[int, list[Parent]]:
    """The configurables, bundles and grouped products that each product is part of, by their id."""
    edges = [tuple(edge) for edge in connection.execute(_PARENTS, these(product_ids))]
    known = _parents_by_id(connection, {parent_id for _, parent_id in edges})
    result: dict[int, list[Parent]] = defaultdict(list)
    for child_id, parent_id in sorted(edges):
        result[child_id].append(known[parent_id])
    return result


_WEBSITES = select(ProductWebsite.product_id, ProductWebsite.website_id).where(
    among(ProductWebsite.product_id)
)


def website_ids(connection: Connection, product_ids: Iterable[int]) -> Mapping[int, frozenset[int]]:
    """The websites on which each product is sold."""
    result: dict[int, set[int]] = defaultdict(set)
    for product_id, website_id in connection.execute(_WEBSITES, these(product_ids)):
        result[product_id].add(website_id)
    return {product_id: frozenset(found) for product_id, found in result.items()}


_FACTS = select(Product.product_id, Product.sku, Product.product_type, Product.fixed_price).where(
    among(Product.product_id)
)


def _parents_by_id(connection: Connection, product_ids: set[int]) -> dict[int, Parent]:
    sold_on = website_ids(connection, product_ids)
    found = connection.execute(_FACTS, these(product_ids))
    return {row.product_id: Parent(*row, sold_on.get(row.product_id, frozenset())) for row in found}
