"""The categories feed: one item per category and store view of the stores that use its tree."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from mcs.contract.canonical import Item
from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.tables import ALL_STORE_VIEWS, Category, CategoryText
from mcs.exporter.indexers.indexer import Indexer, count_of, ids_of
from mcs.exporter.indexers.scopes import ViewScope, view_scopes
from mcs.exporter.indexers.wire import moment, without_nulls

_TEXT_FIELDS = {
    "name": "name",
    "description": "description",
    "metaTitle": "meta_title",
    "metaKeywords": "meta_keywords",
    "metaDescription": "meta_description",
    "urlKey": "url_key",
    "urlPath": "url_path",
}

_Texts = Mapping[int, Mapping[str, str | None]]
"""By store view id, then by field of the item."""


def _items(connection: Connection, category_ids: Sequence[int]) -> Iterator[tuple[int, Item]]:
    views = view_scopes(connection)
    children = _children(connection, category_ids)
    texts = _texts(connection, category_ids)
    for category in connection.execute(
        select(Category.__table__)
        .where(Category.category_id.in_(category_ids))
        .order_by(Category.category_id)
    ):
        above = category.path.split("/")
        for view in views:
            if str(view.root_category_id) in above:
                category_id = category.category_id
                item = _item(category, view, texts[category_id], children.get(category_id))
                yield category_id, item


def _item(category: Row[Any], view: ViewScope, texts: _Texts, children: list[str] | None) -> Item:
    own, shared = texts.get(view.store_view_id, {}), texts[ALL_STORE_VIEWS]
    words = {
        field: shared[field] if own.get(field) is None else own[field] for field in _TEXT_FIELDS
    }
    parent_id = None if category.parent_id is None else str(category.parent_id)
    return {
        "categoryId": str(category.category_id),
        **view.codes,
        **without_nulls({**words, "displayMode": category.display_mode, "parentId": parent_id}),
        "image": view.media_url(category.image) if category.image else None,
        "level": category.level,
        "path": category.path,
        "children": children,
        "position": category.position,
        "defaultSortBy": category.default_sort_by,
        "availableSortBy": category.available_sort_by or None,
        "isAnchor": int(category.is_anchor),
        "includeInMenu": int(category.include_in_menu),
        "isActive": int(category.is_active),
        "createdAt": moment(category.created_at),
        "updatedAt": moment(category.updated_at),
        "deleted": False,
    }


def _children(connection: Connection, category_ids: Sequence[int]) -> Mapping[int, list[str]]:
    children: dict[int, list[str]] = defaultdict(list)
    for parent_id, category_id in connection.execute(
        select(Category.parent_id, Category.category_id)
        .where(Category.parent_id.in_(category_ids))
        .order_by(Category.position, Category.category_id)
    ):
        if parent_id is not None:
            children[parent_id].append(str(category_id))
    return children


def _texts(connection: Connection, category_ids: Sequence[int]) -> Mapping[int, _Texts]:
    texts: dict[int, dict[int, Mapping[str, str | None]]] = defaultdict(dict)
    for row in connection.execute(
        select(CategoryText.__table__).where(CategoryText.category_id.in_(category_ids))
    ):
        texts[row.category_id][row.store_view_id] = {
            field: getattr(row, column) for field, column in _TEXT_FIELDS.items()
        }
    return texts


INDEXER = Indexer(
    feed=FEEDS["categories"],
    count_sources=count_of(Category.category_id),
    source_ids=ids_of(Category.category_id),
    items=_items,
)
