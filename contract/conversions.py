"""Feed items as payloads of the ingestion API, as Adobe's connector converts them. Pure.

Source: contract/ingestion-api.md, "ACO Connector", and the connector's published field mapping. A
store view's code is the locale of its items. Assumed: the websites and customer groups that price
books are made of come from the two feeds of scopes, where the connector has a feed of its own.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mcs.contract.canonical import Item
from mcs.contract.catalog import CATALOG_FEEDS, SLUG
from mcs.contract.feeds import Feed

Payload = dict[str, Any]
"""An item of the ingestion API."""

ORIGIN = "AdobeCommerce"
STOCK_ATTRIBUTE = "aco_ac_attributes"
ALL_GROUPS = "0"
BUNDLE_GROUP = "Bundle group"
NO_SLUG = (
    "the category was sent without its urlPath being kept, so that it cannot be named now. If the "
    "service holds it, delete it there by its slug; saas:resync --feed categories --cleanup-feed "
    "forgets it here."
)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What feed items refer to and do not carry.

    references: by SKU of a variant and attribute code, the id of the option's value. websites:
    name and currency by code. groups: names by customer group code. former: names to be deleted of
    living items, by feed id. in_use: names that are not to be deleted, since another has them.
    """

    references: Mapping[tuple[str, str], str] = field(default_factory=dict)
    websites: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)
    former: Mapping[str, Sequence[Payload]] = field(default_factory=dict)
    in_use: frozenset[bytes] = frozenset()


class CannotName(Exception):
    """A deleted item lacks what names it in the ingestion API."""


@dataclass(frozen=True, slots=True)
class Conversion:
    """How a feed's items become those of `target`; one may become none, or several."""

    target: Feed
    payloads: Callable[[Item, Surroundings], Iterator[Payload]]
    names: Callable[[Item], Iterator[Payload]]


FORMERLY = "formerly"
"""Where the feed table keeps of an item what it was called and what is not deleted yet."""


def all_names(conversion: Conversion, item: Item) -> Iterator[Payload]:
    """What an item is called, and what it was and is to be no longer. Raises CannotName."""
    yield from item.get(FORMERLY, ())
    yield from conversion.names(item)


def price_book_id(website: str, group: str) -> str:
    """The price book of a website, or of a customer group on it.

    >>> price_book_id("base", "0"), price_book_id("base", "b6589f")
    ('base', 'base::b6589f')
    """
    return website if group == ALL_GROUPS else f"{website}::{group}"


def _source(item: Item) -> Payload:
    return {"locale": item["storeViewCode"]}


def _products(item: Item, around: Surroundings) -> Iterator[Payload]:
    options = [option for option in item.get("optionsV2") or () if option.get("values")]
    configurations = [_configuration(one) for one in options if one["type"] == "configurable"]
    bundles = _bundles(one for one in options if one["type"] == "bundle")
    is_composite = item.get("type") in ("configurable", "bundle", "bundle_fixed")
    is_empty = is_composite and not (configurations or bundles)
    payload = {
        "sku": item["sku"],
        "source": _source(item),
        "name": item.get("name") or "",
        "slug": item.get("urlKey") or "",
        "status": "DISABLED" if is_empty else (item.get("status") or "Disabled").upper(),
        "description": item.get("description") or "",
        "shortDescription": item.get("shortDescription") or "",
        "visibleIn": _visible_in(item.get("visibility") or ""),
        "metaTags": _meta_tags(item, "metaKeyword"),
        "attributes": [_stock(item), *_attributes(item, around)],
        "images": _images(item.get("images") or ()),
        "links": [*_links(item), *_parents(item)],
        "routes": _routes(item.get("categoryData") or ()),
        "externalIds": [{"id": str(item["productId"]), "origin": ORIGIN}],
    }
    if configurations:
        payload["configurations"] = configurations
    if bundles:
        payload["bundles"] = bundles
    yield payload


def _visible_in(visibility: str) -> list[str]:
    known = {"Catalog": "CATALOG", "Search": "SEARCH"}
    parts = [part.strip() for part in visibility.split(",")]
    return [known[part] for part in parts if part in known]


def _meta_tags(item: Item, keywords: str) -> Payload:
    lines = (item.get(keywords) or "").splitlines()
    given = {
        "title": item.get("metaTitle"),
        "description": item.get("metaDescription"),
        "keywords": [line.strip() for line in lines if line.strip()],
    }
    return {name: value for name, value in given.items() if value is not None}


def _stock(item: Item) -> Payload:
    said: dict[str, Any] = {
        name: str(bool(item.get(name))).lower() for name in ("inStock", "lowStock")
    }
    said |= {name: item[name] for name in ("weight", "weightType") if item.get(name) is not None}
    return {"code": STOCK_ATTRIBUTE, "values": [json.dumps(said)]}


_ELSEWHERE = frozenset({"inStock", "lowStock", "categories", "weight", "weightType"})


def _attributes(item: Item, around: Surroundings) -> Iterator[Payload]:
    for attribute in item.get("attributes") or ():
        code = attribute["attributeCode"]
        if code in _ELSEWHERE:
            continue
        entry = {"code": code, "values": [str(one) for one in attribute.get("value") or ()]}
        reference = around.references.get((item["sku"], code))
        yield entry if reference is None else {**entry, "variantReferenceId": reference}


_ROLES = {
    "image": "BASE",
    "small_image": "SMALL",
    "thumbnail": "THUMBNAIL",
    "swatch_image": "SWATCH",
}


def _images(images: Sequence[Item]) -> list[Payload]:
    found = []
    # Only their order says it: the API has no field for it.
    for image in sorted(images, key=lambda image: int(image.get("sortOrder") or 0)):
        resource = image.get("resource") or {}
        if not resource.get("url"):
            continue
        roles = resource.get("roles") or ()
        found.append(
            {
                "url": resource["url"],
                "label": resource.get("label") or "",
                "roles": [_ROLES[role] for role in roles if role in _ROLES],
                "customRoles": [role for role in roles if role not in _ROLES],
            }
        )
    return found


def _routes(places: Sequence[Item]) -> list[Payload]:
    return [
        {"path": place["categoryPath"], "position": place.get("productPosition") or 0}
        for place in places
        if place.get("categoryPath")
    ]


def _links(item: Item) -> Iterator[Payload]:
    for link in item.get("links") or ():
        if link.get("sku"):
            yield {"type": link["type"].upper(), "sku": link["sku"]}


_PARENTS = {"configurable": "VARIANT_OF", "bundle": "IN_BUNDLE", "bundle_fixed": "IN_BUNDLE"}


def _parents(item: Item) -> Iterator[Payload]:
    for parent in item.get("parents") or ():
        if parent.get("sku"):
            kind = parent["productType"]
            yield {"type": _PARENTS.get(kind, kind.upper()), "sku": parent["sku"]}


def _configuration(option: Item) -> Payload:
    default = next((value["id"] for value in option["values"] if value.get("isDefault")), None)
    return {
        "attributeCode": option["id"],
        "label": option.get("label") or "",
        "defaultVariantReferenceId": default,
        "type": "SWATCH" if option.get("swatchType") else "CONFIGURABLE",
        "values": [_option_value(value) for value in option["values"]],
    }


def _option_value(value: Item) -> Payload:
    known = {name: value.get(name) for name in ("label", "colorHex", "imageUrl")}
    said = {name: text for name, text in known.items() if text is not None}
    return {"variantReferenceId": value["id"], **said}


def _bundles(options: Iterator[Item]) -> list[Payload]:
    bundles = []
    for option in options:
        values = [value for value in option["values"] if value.get("sku")]
        if not values:
            continue
        bundles.append(
            {
                "group": option.get("label") or BUNDLE_GROUP,
                "required": bool(option.get("required")),
                "multiSelect": option.get("renderType") in ("checkbox", "multi"),
                "defaultItemSkus": [value["sku"] for value in values if value.get("isDefault")],
                "items": [
                    {
                        "sku": value["sku"],
                        "qty": value.get("qty") or 0,
                        "userDefinedQty": bool(value.get("qtyMutability")),
                    }
                    for value in values
                ],
            }
        )
    return bundles


def _product_names(item: Item) -> Iterator[Payload]:
    yield {"sku": item["sku"], "source": _source(item)}


_VISIBLE = {
    "visible": "PRODUCT_DETAIL",
    "visibleInSearch": "SEARCH_RESULTS",
    "visibleInListing": "PRODUCT_LISTING",
    "visibleInCompareList": "PRODUCT_COMPARE",
}


def _metadata(item: Item, _: Surroundings) -> Iterator[Payload]:
    given = {
        "code": item["attributeCode"],
        "source": _source(item),
        "label": item.get("label") or "",
        "dataType": _data_type(item),
        "visibleIn": [place for name, place in _VISIBLE.items() if item.get(name)],
        "filterable": item.get("filterable"),
        "sortable": item.get("sortable"),
        "searchable": item.get("searchable"),
        "searchWeight": item.get("searchWeight"),
        "searchTypes": item.get("searchTypes"),
    }
    yield {name: value for name, value in given.items() if value is not None}


def _data_type(item: Item) -> str:
    data_type, kind = item.get("dataType"), item.get("frontendInput")
    if data_type == "decimal":
        return "DECIMAL"
    if data_type != "int":
        return "TEXT"
    if kind == "boolean":
        return "BOOLEAN"
    return "TEXT" if kind in ("text", "select") else "INTEGER"


def _metadata_names(item: Item) -> Iterator[Payload]:
    yield {"code": item["attributeCode"], "source": _source(item)}


def _categories(item: Item, _: Surroundings) -> Iterator[Payload]:
    # Roots of trees have no path, and are not sent.
    if not item.get("urlPath"):
        return
    payload = {
        "slug": item["urlPath"],
        "source": _source(item),
        "name": item.get("name") or "",
        "description": item.get("description") or "",
        "metaTags": _meta_tags(item, "metaKeywords"),
        "images": [{"url": item["image"], "roles": ["BASE"]}] if item.get("image") else [],
        "families": ["top_menu"] if item.get("isActive") and item.get("includeInMenu") else [],
    }
    if item.get("position") is not None:
        payload["position"] = item["position"]
    yield payload


def _category_names(item: Item) -> Iterator[Payload]:
    if "urlPath" not in item and "level" not in item:
        raise CannotName(NO_SLUG)
    # A path in letters that no slug has was refused, so that nothing of it is to be deleted.
    if re.fullmatch(SLUG, item.get("urlPath") or ""):
        yield {"slug": item["urlPath"], "source": _source(item)}


def _prices(item: Item, _: Surroundings) -> Iterator[Payload]:
    yield {
        "sku": item["sku"],
        "priceBookId": price_book_id(item["websiteCode"], item["customerGroupCode"]),
        "regular": item["regular"],
        "discounts": [_discount(one) for one in item.get("discounts") or ()],
        "tierPrices": item.get("tierPrices") or [],
    }


def _discount(discount: Item) -> Payload:
    if discount["code"] != "special_price" or "percentage" not in discount:
        return discount
    # Commerce says what is paid of a bundle's price, the API what is taken off.
    paid = discount["percentage"]
    return {**discount, "percentage": 100 - paid if 0 < paid < 100 else 0}


def _price_names(item: Item) -> Iterator[Payload]:
    book = price_book_id(item["websiteCode"], item["customerGroupCode"])
    yield {"sku": item["sku"], "priceBookId": book}


def _base_books(item: Item, around: Surroundings) -> Iterator[Payload]:
    code = item["website"]["websiteCode"]
    name, currency = around.websites[code]
    yield {"priceBookId": code, "name": name, "currency": currency}


def _base_book_names(item: Item) -> Iterator[Payload]:
    yield {"priceBookId": item["website"]["websiteCode"]}


def _child_books(item: Item, around: Surroundings) -> Iterator[Payload]:
    group = item["customerGroup"]
    name = around.groups[group["customerGroupCode"]]
    for website in group.get("websites") or ():
        yield {
            "priceBookId": price_book_id(website, group["customerGroupCode"]),
            "name": f"{name} ({around.websites[website][0]})",
            "parentId": website,
        }


def _child_book_names(item: Item) -> Iterator[Payload]:
    group = item["customerGroup"]
    for website in group.get("websites") or ():
        yield {"priceBookId": price_book_id(website, group["customerGroupCode"])}


def _to(
    target: str,
    payloads: Callable[[Item, Surroundings], Iterator[Payload]],
    names: Callable[[Item], Iterator[Payload]],
) -> Conversion:
    return Conversion(CATALOG_FEEDS[target], payloads, names)


CONVERSIONS: Mapping[str, Conversion] = {
    "productAttributes": _to("catalogProductMetadata", _metadata, _metadata_names),
    "products": _to("catalogProducts", _products, _product_names),
    "scopesWebsite": _to("catalogPriceBooks", _base_books, _base_book_names),
    "scopesCustomerGroup": _to("catalogPriceBooks", _child_books, _child_book_names),
    "prices": _to("catalogPrices", _prices, _price_names),
    "categories": _to("catalogCategories", _categories, _category_names),
}
"""How the items of a feed are converted, by the feed's name; others the connector does not send."""
