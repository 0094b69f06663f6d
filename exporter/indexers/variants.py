"""The variants feed: one item per child of a configurable; the child is the source."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from mcs.contract.canonical import Item
from mcs.contract.codes import uid, variant_id
from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.among import among, these
from mcs.exporter.commerce.tables import Product, ProductVariant
from mcs.exporter.indexers.attribute_values import AttributeCatalog, read_attributes
from mcs.exporter.indexers.indexer import Indexer, count_of, ids_of
from mcs.fixtures.scopes import ADMIN

_PARENT = aliased(Product)


_VARIANTS = (
    select(
        Product.product_id,
        Product.sku,
        Product.data,
        _PARENT.product_id,
        _PARENT.sku,
        _PARENT.data,
    )
    .join(ProductVariant, ProductVariant.child_id == Product.product_id)
    .join(_PARENT, _PARENT.product_id == ProductVariant.parent_id)
    .where(among(Product.product_id))
    .order_by(Product.product_id, _PARENT.product_id)
)


def _items(connection: Connection, child_ids: Sequence[int]) -> Iterator[tuple[int, Item]]:
    attributes = read_attributes(connection)
    for child_id, child_sku, child_data, parent_id, parent_sku, parent_data in connection.execute(
        _VARIANTS, these(child_ids)
    ):
        yield (
            child_id,
            {
                "id": variant_id(parent_sku, child_sku),
                "optionValues": _option_values(attributes, parent_data, child_data["attributes"]),
                "parentId": str(parent_id),
                "productId": str(child_id),
                "parentSku": parent_sku,
                "productSku": child_sku,
                "deleted": False,
            },
        )


def _option_values(
    attributes: AttributeCatalog,
    parent_data: Mapping[str, Any],
    values: Mapping[str, Sequence[str]],
) -> list[Item]:
    return [
        {
            "attributeCode": code,
            "uid": uid("configurable", attributes.by_code[code].attribute_id, value),
            "label": attributes.label(code, value, ADMIN),
            "valueIndex": value,
        }
        for code in parent_data["super_attributes"]
        if code in attributes.by_code
        for value in values.get(code, [])
    ]


INDEXER = Indexer(
    feed=FEEDS["variants"],
    count_sources=count_of(ProductVariant.child_id),
    source_ids=ids_of(ProductVariant.child_id),
    items=_items,
)
