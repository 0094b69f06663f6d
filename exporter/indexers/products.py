"""The products feed: one item per product and store view of the websites where it is sold."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection

from mcs.contract.canonical import Item
from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.tables import ALL_STORE_VIEWS, Product
from mcs.exporter.indexers.availability import Availability
from mcs.exporter.indexers.indexer import Indexer, count_of, ids_of
from mcs.exporter.indexers.product_media import media
from mcs.exporter.indexers.product_options import input_options, options
from mcs.exporter.indexers.product_sources import Sources, Texts, read_sources
from mcs.exporter.indexers.scopes import ViewScope, view_scopes
from mcs.exporter.indexers.wire import moment, text, without_nulls

NOT_VISIBLE = "Not Visible Individually"


def _items(connection: Connection, product_ids: Sequence[int]) -> Iterator[tuple[int, Item]]:
    views = view_scopes(connection)
    sources = read_sources(connection, product_ids)
    for product in sources.products:
        same = _Same(product)
        for view in views:
            available = sources.available.get((product.product_id, view.website_id))
            if available is not None:
                yield product.product_id, _item(product, same, view, available, sources)


class _Same:
    """What is the same of a product in all store views. values: left out where it has none."""

    def __init__(self, product: Any) -> None:
        data = product.data
        downloads, card = data["downloads"], data["gift_card"]
        self.facts: Item = {
            "sku": product.sku,
            "productId": product.product_id,
            "type": "bundle_fixed" if product.fixed_price else product.product_type,
            "visibility": product.visibility,
            "createdAt": moment(product.created_at),
            "updatedAt": moment(product.updated_at),
            "deleted": False,
        }
        self.values = without_nulls(
            {
                "taxClassId": product.tax_class,
                "weight": product.weight,
                "weightType": data["weight_type"],
                "priceView": data["price_view"],
                "linksExist": bool(downloads["links"]) if downloads else None,
                "linksPurchasedSeparately": downloads["sold_separately"] if downloads else None,
                "giftcardType": card["card_type"] if card else None,
            }
        )
        self.system_attributes = _system_attributes(product)


def _item(
    product: Any, same: _Same, view: ViewScope, available: Availability, sources: Sources
) -> Item:
    product_id, data = product.product_id, product.data
    texts = sources.texts_of(product_id, view.store_view_id)
    is_visible = product.visibility != NOT_VISIBLE
    return {
        **same.facts,
        **view.codes,
        "status": "Enabled" if available.enabled else "Disabled",
        **_words(texts),
        **same.values,
        **_samples_title(data["downloads"], view),
        "weightUnit": view.weight_unit,
        "currency": view.currency,
        "displayable": available.enabled and is_visible,
        "buyable": available.enabled and available.in_stock,
        "inStock": available.in_stock,
        "lowStock": available.low_stock,
        "attributes": [
            *sources.attributes.items(data["attributes"], view.code),
            *same.system_attributes,
        ],
        **_places(sources, product_id, view),
        **media(data, view),
        "optionsV2": options(product, sources, view) or None,
        "shopperInputOptions": input_options(data, view) or None,
        "links": sources.links.get(product_id),
        **_family(sources, product_id, view),
        "url": f"{view.base_url}{texts.url_key}.html" if is_visible else None,
        "urlRewrites": [_rewrite(rewrite, view) for rewrite in data["rewrites"]] or None,
    }


_WORDS = (
    "name",
    "description",
    "shortDescription",
    "metaTitle",
    "metaKeyword",
    "metaDescription",
    "urlKey",
)
"""The fields of the texts, in their order."""


def _words(texts: Texts) -> Item:
    return {name: value for name, value in zip(_WORDS, texts, strict=True) if value is not None}


def _samples_title(downloads: Mapping[str, Any] | None, view: ViewScope) -> Item:
    return {"samplesTitle": text(downloads["samples_titles"], view.code)} if downloads else {}


def _places(sources: Sources, product_id: int, view: ViewScope) -> Item:
    """The categories, and the two older fields about them, which are left out without any."""
    places = [
        (str(category_id), position, _path(paths, view))
        for category_id, position, paths in sources.places.get(product_id, ())
    ]
    if not places:
        return {"categoryData": None}
    return {
        "categories": [path for _, _, path in places],
        "categoryIds": [category_id for category_id, _, _ in places],
        "categoryData": [
            {"categoryId": category_id, "categoryPath": path, "productPosition": position}
            for category_id, position, path in places
        ],
    }


def _path(paths: Mapping[int, str | None], view: ViewScope) -> str:
    return paths.get(view.store_view_id) or paths.get(ALL_STORE_VIEWS) or ""


def _family(sources: Sources, product_id: int, view: ViewScope) -> Item:
    variants = [
        {"sku": variant.sku}
        for variant in sources.variants.get(product_id, ())
        if view.website_id in variant.website_ids
    ]
    parents = [
        {
            "sku": parent.sku,
            "productType": "bundle_fixed" if parent.fixed_price else parent.product_type,
        }
        for parent in sources.parents.get(product_id, ())
        if view.website_id in parent.website_ids
    ]
    return {"variants": variants or None, "parents": parents or None}


def _rewrite(rewrite: Mapping[str, Any], view: ViewScope) -> Item:
    item: Item = {"url": f"{view.base_url}{rewrite['path']}"}
    if rewrite["parameters"]:
        item["parameters"] = [
            {"name": name, "value": value} for name, value in rewrite["parameters"]
        ]
    return item


def _system_attributes(product: Any) -> list[Item]:
    """What Commerce adds to the attributes as JSON texts; their names begin with `ac_`."""
    downloads, card = product.data["downloads"], product.data["gift_card"]
    values = [
        ("ac_attribute_set", "Default"),
        ("ac_tax_class", product.tax_class),
        ("ac_inventory", _INVENTORY_RULES),
    ]
    if downloads:
        separately = downloads["sold_separately"]
        values.append(("ac_downloadable", _json({"linksPurchasedSeparately": separately})))
    if card:
        values.append(("ac_giftcard", _json({"allowMessage": card["message_allowed"]})))
    return [{"attributeCode": code, "value": [value]} for code, value in values]


def _json(value: Mapping[str, Any]) -> str:
    return orjson.dumps(value).decode()


_INVENTORY_RULES = _json({"cartMinQty": 1, "cartMaxQty": 10000, "backorders": "no"})

INDEXER = Indexer(
    feed=FEEDS["products"],
    count_sources=count_of(Product.product_id),
    source_ids=ids_of(Product.product_id),
    items=_items,
)
