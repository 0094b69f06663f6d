"""The productAttributes feed: one item per attribute and store view."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, Row, select

from mcs.contract.canonical import Item
from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.tables import Attribute
from mcs.exporter.indexers.indexer import Indexer, count_of, ids_of
from mcs.exporter.indexers.scopes import ViewScope, view_scopes
from mcs.exporter.indexers.wire import text

_NUMERIC_TYPES = frozenset({"int", "decimal"})
_WITH_CHOICES = frozenset(
    {"boolean", "select", "multiselect", "swatch_visual", "swatch_text", "hidden"}
)
_MULTIPLE = frozenset({"multiline", "multiselect"})


def _items(connection: Connection, attribute_ids: Sequence[int]) -> Iterator[tuple[int, Item]]:
    views = view_scopes(connection)
    for attribute in connection.execute(
        select(Attribute.__table__)
        .where(Attribute.attribute_id.in_(attribute_ids))
        .order_by(Attribute.attribute_id)
    ):
        for view in views:
            yield attribute.attribute_id, _item(attribute, view)


def _item(attribute: Row[tuple[object, ...]], view: ViewScope) -> Item:
    item = {
        "id": str(attribute.attribute_id),
        "storeCode": view.store_code,
        "websiteCode": view.website_code,
        "storeViewCode": view.code,
        "attributeCode": attribute.code,
        "attributeType": attribute.attribute_type,
        "dataType": attribute.data_type,
        "multi": attribute.frontend_input in _MULTIPLE,
        "label": text(attribute.labels, view.code),
        "frontendInput": attribute.frontend_input,
        "required": attribute.required,
        "unique": attribute.unique,
        "global": attribute.is_global,
        "visible": attribute.visible,
        "searchable": attribute.searchable,
        "filterable": attribute.filterable,
        "visibleInCompareList": attribute.comparable,
        "visibleInListing": attribute.listed,
        "sortable": attribute.sortable,
        "visibleInSearch": attribute.visible_in_search,
        "filterableInSearch": attribute.filterable_in_search,
        "searchWeight": attribute.search_weight,
        "usedForRules": attribute.for_rules,
        "boolean": attribute.frontend_input == "boolean",
        # The real exporter fills it from is_user_defined (contract/feeds.json).
        "systemAttribute": attribute.user_defined,
        "numeric": attribute.data_type in _NUMERIC_TYPES
        and attribute.frontend_input not in _WITH_CHOICES,
        "deleted": False,
    }
    if attribute.search_types:
        item["searchTypes"] = attribute.search_types
    return item


INDEXER = Indexer(
    feed=FEEDS["productAttributes"],
    count_sources=count_of(Attribute.attribute_id),
    source_ids=ids_of(Attribute.attribute_id),
    items=_items,
)
