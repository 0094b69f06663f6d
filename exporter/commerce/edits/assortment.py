"""Products that come and go, and what their coming and going does to the others."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, delete, func, insert, select

from mcs.called import MAGENTO
from mcs.contract.errors import UsageError
from mcs.exporter.commerce import find, relations
from mcs.exporter.commerce.database import read_config, write_config
from mcs.exporter.commerce.edits.edited import Edited, record
from mcs.exporter.commerce.load import PROFILE_PATH, SEED_PATH, SIZE_PATH, insert_products
from mcs.exporter.commerce.tables import Category, Product, ProductVariant
from mcs.fixtures import products
from mcs.fixtures.catalog import Catalog
from mcs.fixtures.layout import Layout
from mcs.fixtures.profile_file import parsed_profile

_NO_CATALOG = f"there is no catalog yet. Make one: `{MAGENTO} setup:performance:generate-fixtures`."
_PRODUCTS_PER_CHUNK = 500
_SKUS_SHOWN = 3


def new_products(connection: Connection, count: int = 1) -> Edited:
    """Add the next products of the generated catalog, as it would go on if it were larger.

    What they refer to and is not there (a deleted product, a category of a larger catalog) is
    left out; a new variant joins its configurable. Ids are not given twice.
    """
    if count < 1:
        raise UsageError(f"new products: got a count of {count}, expected at least 1.")
    before = _generated(connection)
    size = before.products
    catalog = replace(before, products=size + count)
    layout = catalog.plan.layout
    skus: list[str] = []
    for start in range(size, size + count, _PRODUCTS_PER_CHUNK):
        indexes = range(start, min(start + _PRODUCTS_PER_CHUNK, size + count))
        made = [catalog.product(index) for index in indexes]
        insert_products(connection, _complete(connection, made, range(size, size + count)))
        _join_configurables(
            connection, [one for one in indexes if layout.family(one) < size], layout
        )
        skus += [product.sku for product in made[: _SKUS_SHOWN - len(skus)]]
    write_config(connection, SIZE_PATH, str(size + count))
    reached = _reached_by_presence(connection, range(size + 1, size + count + 1))
    more = f" and {count - len(skus)} more" if count > len(skus) else ""
    noun = "product" if count == 1 else "products"
    return record(connection, f"{count} new {noun}: {', '.join(skus)}{more}.", reached)


def delete_product(connection: Connection, sku: str) -> Edited:
    """Delete a product with all that is its own; what refers to it loses the reference."""
    product = find.product(connection, sku)
    reached = _reached_by_presence(connection, [product.product_id])
    connection.execute(delete(Product).where(Product.product_id == product.product_id))
    return record(connection, f"{sku}: is deleted.", reached)


def _reached_by_presence(
    connection: Connection, product_ids: Sequence[int]
) -> Mapping[str, set[int]]:
    """Whose items tell whether these products exist, by feed; to be asked while they do.

    Parents show them as variants or choices and are available through them; children name their
    parents, in their prices too; links name SKUs; a variant is the source of its pairs.
    """
    ids, parents, linking, children, variants = (set[int]() for _ in range(5))
    for start in range(0, len(product_ids), _PRODUCTS_PER_CHUNK):
        chunk = product_ids[start : start + _PRODUCTS_PER_CHUNK]
        ids.update(chunk)
        parents |= relations.parents_of(connection, chunk)
        linking |= relations.linking_to(connection, chunk)
        children |= relations.children_of(connection, chunk)
        variants |= relations.variants_of(connection, chunk)
        variants |= relations.variants_among(connection, chunk)
    return {
        "products": ids | parents | linking | children,
        "prices": ids | children,
        "productOverrides": ids,
        "variants": variants,
        "inventoryStockStatus": ids | parents,
    }


def _generated(connection: Connection) -> Catalog:
    """The catalog, with as many products as have ever been made of it."""
    seed, size = read_config(connection, SEED_PATH), read_config(connection, SIZE_PATH)
    if seed is None or size is None:
        raise UsageError(_NO_CATALOG)
    highest_id = connection.scalar(select(func.max(Product.product_id))) or 0
    profile = parsed_profile(read_config(connection, PROFILE_PATH) or "", PROFILE_PATH)
    return Catalog(int(seed), max(int(size), highest_id), profile)


def _complete(
    connection: Connection, made: Sequence[products.Product], new_indexes: range
) -> Iterator[products.Product]:
    """The products without references to what is not there."""
    referred = {other for product in made for other in _references(product)}
    there = {index + 1 for index in new_indexes}
    there |= set(
        connection.scalars(select(Product.product_id).where(Product.product_id.in_(referred)))
    )
    categories = set(connection.scalars(select(Category.category_id)))
    for product in made:
        yield replace(
            product,
            categories=tuple(one for one in product.categories if one.category_id in categories),
            links=tuple(link for link in product.links if link.entity_id in there),
            variant_ids=tuple(one for one in product.variant_ids if one in there),
            bundle_options=tuple(
                replace(option, selections=_kept(option.selections, there))
                for option in product.bundle_options
            ),
        )


def _references(product: products.Product) -> Iterator[int]:
    yield from product.variant_ids
    yield from (link.entity_id for link in product.links)
    for option in product.bundle_options:
        yield from (selection.entity_id for selection in option.selections)


def _kept(
    selections: Sequence[products.BundleSelection], there: Collection[int]
) -> tuple[products.BundleSelection, ...]:
    return tuple(one for one in selections if one.entity_id in there)


def _join_configurables(connection: Connection, indexes: Sequence[int], layout: Layout) -> None:
    """Make new variants those of a configurable that was there before them."""
    parent_ids = {
        index + 1: layout.family(index) + 1 for index in indexes if layout.is_variant(index)
    }
    there = set(
        connection.scalars(
            select(Product.product_id).where(Product.product_id.in_(set(parent_ids.values())))
        )
    )
    rows = [
        {"parent_id": parent_id, "child_id": child_id}
        for child_id, parent_id in parent_ids.items()
        if parent_id in there
    ]
    if rows:
        connection.execute(insert(ProductVariant), rows)
