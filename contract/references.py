"""What items of the ingestion API refer to, and whether it is there. Pure.

Nothing of this is checked when items come in: a public sample catalog sends prices for a price
book that it never defines, and is accepted (contract/ingestion-api.md).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mcs.contract.price_books import LEVELS_BELOW_BASE, is_rooted, lineage

Item = Mapping[str, Any]
Items = Callable[[str], Iterable[tuple[str, Item]]]
"""The living items of a feed with their keys; asked more than once."""

NEEDED_METADATA = ("sku", "name", "description", "shortDescription", "price")
"""Attributes that every locale must describe."""


@dataclass(frozen=True, slots=True)
class Dangling:
    """Something that an item refers to and that is not there, or does not fit."""

    feed: str
    key: str
    pointer: str
    code: str
    message: str


@dataclass(slots=True)
class _Known:
    """What can be referred to; by locale where it has one.

    complained_of: locales of which the first product bears what the locale lacks.
    """

    skus: dict[str, set[str]] = field(default_factory=dict)
    locales_of: dict[str, set[str]] = field(default_factory=dict)
    options: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    slugs: set[tuple[str, str]] = field(default_factory=set)
    codes: set[tuple[str, str]] = field(default_factory=set)
    books: dict[str, Item] = field(default_factory=dict)
    complained_of: set[str] = field(default_factory=set)


def dangling(items: Items) -> Iterator[Dangling]:
    """Every reference that leads nowhere, feed by feed in the order of `items`."""
    known = _known(items)
    for feed, judge in _JUDGES.items():
        for key, item in items(feed):
            for pointer, code, message in judge(item, known):
                yield Dangling(feed, key, pointer, code, message)


_Said = Iterator[tuple[str, str, str]]
"""Pointer, code and message."""


def _known(items: Items) -> _Known:
    known = _Known()
    for _, product in items("catalogProducts"):
        sku, locale = product["sku"], product["source"]["locale"]
        known.skus.setdefault(locale, set()).add(sku)
        known.locales_of.setdefault(sku, set()).add(locale)
        if "configurations" in product:
            known.options[sku, locale] = {
                value["variantReferenceId"]
                for configuration in product["configurations"]
                for value in configuration["values"]
            }
    for _, category in items("catalogCategories"):
        known.slugs.add((category["slug"], category["source"]["locale"]))
    for _, metadata in items("catalogProductMetadata"):
        known.codes.add((metadata["code"], metadata["source"]["locale"]))
    for _, book in items("catalogPriceBooks"):
        known.books[book["priceBookId"]] = book
    return known


def _of_product(product: Item, known: _Known) -> _Said:
    locale = product["source"]["locale"]
    yield from _of_other_products(product, locale, known)
    for index, route in enumerate(product.get("routes", ())):
        if (route["path"].strip("/"), locale) not in known.slugs:
            yield _no(f"/routes/{index}/path", "category", route["path"], locale)
    for index, attribute in enumerate(product.get("attributes", ())):
        if (attribute["code"], locale) not in known.codes:
            yield _no(f"/attributes/{index}/code", "metadata", attribute["code"], locale)
    if locale not in known.complained_of:
        known.complained_of.add(locale)
        for code in NEEDED_METADATA:
            if (code, locale) not in known.codes:
                yield _no("/source/locale", "metadata", code, locale)


def _of_other_products(product: Item, locale: str, known: _Known) -> _Said:
    skus = known.skus.get(locale, set())
    for index, link in enumerate(product.get("links", ())):
        if link["sku"] not in skus:
            yield _no(f"/links/{index}/sku", "product", link["sku"], locale)
        elif link["type"].upper() == "VARIANT_OF":
            yield from _of_variant(product, link["sku"], locale, known)
    for at, bundle in enumerate(product.get("bundles", ())):
        for index, part in enumerate(bundle["items"]):
            if part["sku"] not in skus:
                yield _no(f"/bundles/{at}/items/{index}/sku", "product", part["sku"], locale)


def _of_variant(product: Item, parent: str, locale: str, known: _Known) -> _Said:
    options = known.options.get((parent, locale))
    if options is None:
        text = f'product "{parent}" has no configurations, and this is a variant of it'
        yield "/links", "parent_not_configurable", text
        return
    for index, attribute in enumerate(product.get("attributes", ())):
        reference = attribute.get("variantReferenceId")
        if reference is not None and reference not in options:
            pointer = f"/attributes/{index}/variantReferenceId"
            yield pointer, "unknown_option", f'product "{parent}" has no option "{reference}"'


def _of_layer(layer: Item, known: _Known) -> _Said:
    locale, sku = layer["source"].get("locale"), layer["sku"]
    where = known.locales_of.get(sku, set())
    if not where or (locale and locale not in where):
        yield _no("/sku", "product", sku, locale)


def _of_category(category: Item, known: _Known) -> _Said:
    parent, _, _ = category["slug"].rpartition("/")
    locale = category["source"]["locale"]
    if parent and (parent, locale) not in known.slugs:
        yield _no("/slug", "category", parent, locale)


def _of_book(book: Item, known: _Known) -> _Said:
    name = book["priceBookId"]
    parent = book.get("parentId")
    if parent is None or is_rooted(known.books, name):
        return
    line = lineage(known.books, name)
    top = known.books[line[-1]].get("parentId")
    if parent not in known.books:
        yield _no("/parentId", "price_book", parent, None)
    elif top in line:
        yield "/parentId", "price_book_ring", f'price book "{name}" is its own ancestor'
    elif top is None:
        text = f"{len(line) - 1} levels below its base book; {LEVELS_BELOW_BASE} are possible"
        yield "/parentId", "price_book_too_deep", f'price book "{name}" is {text}'


def _of_price(price: Item, known: _Known) -> _Said:
    sku, book = price["sku"], price["priceBookId"]
    locales = known.locales_of.get(sku, set())
    if book not in known.books:
        yield _no("/priceBookId", "price_book", book, None)
    if not locales:
        yield _no("/sku", "product", sku, None)
    if any((sku, locale) in known.options for locale in locales):
        text = f'product "{sku}" is configurable: its price is that of the variant chosen'
        yield "/sku", "price_of_configurable", text
    quantities = [tier["qty"] for tier in price.get("tierPrices", ())]
    if quantities != sorted(set(quantities)):
        yield "/tierPrices", "tiers_out_of_order", "quantities of tier prices do not ascend"
    codes = [discount["code"] for discount in price.get("discounts", ())]
    if len(codes) != len(set(codes)):
        yield "/discounts", "discount_twice", "two discounts have the same code"


def _no(pointer: str, what: str, name: str, locale: str | None) -> tuple[str, str, str]:
    words = what.replace("_", " ")
    where = f" in locale {locale}" if locale else ""
    return pointer, f"unknown_{what}", f'there is no {words} "{name}"{where}'


_JUDGES: Mapping[str, Callable[[Item, _Known], _Said]] = {
    "catalogCategories": _of_category,
    "catalogProducts": _of_product,
    "catalogProductLayers": _of_layer,
    "catalogPriceBooks": _of_book,
    "catalogPrices": _of_price,
}
