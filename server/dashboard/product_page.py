"""One product as a view model: what is held of it, how it came, and what belongs to it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from mcs.contract.canonical import key_of_values
from mcs.contract.errors import ContractError
from mcs.contract.feeds import FEEDS
from mcs.server.dashboard.discrepancy_page import Found
from mcs.server.dashboard.json_diff import DiffLine, json_diff, pretty
from mcs.server.dashboard.table import Column, Table
from mcs.server.store.catalog_rows import ALL_GROUPS
from mcs.server.store.history import Held, History, Version
from mcs.server.store.repository import Store

PRODUCTS = "products"
MOST_GROUPS, MOST_RELATED = 12, 25
UNKNOWN = (
    'Data space {name} holds no product "{sku}" in store view "{store_view}", and none was refused.'
)

VERSION_COLUMNS = (
    Column("received_at", "Received"),
    Column("request", "Request", numeric=True),
    Column("index", "Index", numeric=True),
    Column("hash", "Content"),
    Column("deleted", "Deleted"),
)
REFUSAL_COLUMNS = (
    Column("received_at", "Received"),
    Column("request", "Request", numeric=True),
    Column("errors", "Errors"),
)
PRICE_COLUMNS = (
    Column("group", "Customer group"),
    Column("website", "Website"),
    Column("regular", "Regular", numeric=True),
    Column("discounts", "Discounts"),
    Column("received_at", "Received"),
)
OVERRIDE_COLUMNS = (
    Column("group", "Customer group"),
    Column("website", "Website"),
    Column("displayable", "Displayable"),
    Column("price_displayable", "Price shown"),
    Column("add_to_cart", "Add to cart"),
)
RELATED_COLUMNS = (Column("sku", "SKU"), Column("relation", "Is"), Column("state", "Link"))
CATEGORY_COLUMNS = (Column("id", "ID"), Column("name", "Name"), Column("path", "URL path"))
HELD, NOT_HELD, DELETED = "received", "not received", "deleted"
NO_LINK = "none, as it is {product_type}"
LINKING = "configurable"
"""The type of parents that the feed variants tells of (contract/feeds.json, its id)."""


@dataclass(frozen=True, slots=True)
class PriceRow:
    """A price, by customer group. group: a name for people; discounts: JSON."""

    group: str
    website: str
    regular: float | None
    discounts: str
    received_at: str


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """What a customer group may see and do."""

    group: str
    website: str
    displayable: str
    price_displayable: str
    add_to_cart: str


@dataclass(frozen=True, slots=True)
class RelatedRow:
    """A parent or child, and whether the link between them was received."""

    sku: str
    relation: str
    state: str


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A category that the product points to."""

    id: str
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """A refused attempt, its errors as text."""

    received_at: str
    request: int
    request_id: str
    errors: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions side by side, by their names. lines: empty if both say the same."""

    before: str
    after: str
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True, slots=True)
class ProductView:
    """A product in a store view. item: the JSON that is held, None if it is gone or never was."""

    data_space: str
    sku: str
    store_view: str
    key: str
    name: str
    deleted: bool
    received_at: str | None
    count: int
    item: Any
    json: str
    versions: Table
    comparison: Comparison | None
    prices: Table
    overrides: Table
    related: Table
    categories: Table
    refusals: Table
    discrepancies: tuple[Found, ...] = ()


def product_view(
    store: Store, data_space: str, sku: str, store_view: str, query: Mapping[str, str]
) -> ProductView:
    """All that is known of a product. query: `from` and `to` name the versions to compare.

    Raises ContractError 404 if nothing is.
    """
    history = store.history
    key = key_of_values((sku, store_view))
    held = history.held(data_space, PRODUCTS, [key], with_texts=True).get(key)
    versions = history.versions(data_space, PRODUCTS, key)
    refusals = history.refusals(data_space, PRODUCTS, key)
    if held is None and not refusals:
        message = UNKNOWN.format(name=data_space, sku=sku, store_view=store_view)
        raise ContractError(404, "unknown_product", message)
    item = _parsed(held)
    belonging = _Belonging(history, data_space, sku, store_view, item)
    return ProductView(
        data_space=data_space,
        sku=sku,
        store_view=store_view,
        key=key,
        name=str(item.get("name") or sku),
        deleted=held.deleted if held else False,
        received_at=held.received_at if held else None,
        count=held.versions if held else 0,
        item=orjson.Fragment(held.text) if held and held.text else None,
        json=pretty(held.text if held else None),
        versions=Table("Versions, newest first", VERSION_COLUMNS, versions),
        comparison=_comparison(history, versions, query),
        prices=Table("Prices", PRICE_COLUMNS, belonging.prices()),
        overrides=Table("Overrides", OVERRIDE_COLUMNS, belonging.overrides()),
        related=Table("Variants and parents", RELATED_COLUMNS, belonging.related()),
        categories=Table("Categories", CATEGORY_COLUMNS, belonging.categories()),
        refusals=Table(
            "Refused attempts",
            REFUSAL_COLUMNS,
            [
                RefusalRow(r.received_at, r.request, r.request_id, _errors(r.errors))
                for r in refusals
            ],
        ),
    )


def _comparison(
    history: History, versions: Sequence[Version], query: Mapping[str, str]
) -> Comparison | None:
    if len(versions) < 2:
        return None
    by_name = {version.name: version for version in versions}
    after = by_name.get(query.get("to", ""), versions[0])
    before = by_name.get(query.get("from", ""), versions[1])
    texts = history.texts([before, after])
    lines = json_diff(texts.get(before.name, ""), texts.get(after.name, ""))
    return Comparison(before.name, after.name, lines)


@dataclass(frozen=True, slots=True)
class _Belonging:
    """Items of other feeds that name the product. Their keys follow from the names in it."""

    history: History
    data_space: str
    sku: str
    store_view: str
    item: Mapping[str, Any]

    def prices(self) -> list[PriceRow]:
        website = str(self.item.get("websiteCode") or "")
        names = {
            key_of_values((self.sku, code, website)): group
            for code, group in [(ALL_GROUPS, "all"), *self._groups()]
        }
        rows = []
        for key, price in self._held("prices", names).items():
            item = _parsed(price)
            discounts = item.get("discounts")
            rows.append(
                PriceRow(
                    names[key],
                    website,
                    _number(item.get("regular")),
                    orjson.dumps(discounts).decode() if discounts else "",
                    price.received_at,
                )
            )
        return rows

    def overrides(self) -> list[OverrideRow]:
        website = str(self.item.get("websiteCode") or "")
        names = {key_of_values((website, code, self.sku)): group for code, group in self._groups()}
        rows = []
        for key, override in self._held("productOverrides", names).items():
            item = _parsed(override)
            fields = ("displayable", "priceDisplayable", "addToCartAllowed")
            rows.append(OverrideRow(names[key], website, *(_flag(item.get(f)) for f in fields)))
        return rows

    def related(self) -> list[RelatedRow]:
        pairs = [(self.sku, child, child, "variant") for child in _skus(self.item, "variants")]
        pairs += [(parent, self.sku, parent, "parent") for parent in _skus(self.item, "parents")]
        keys = {key_of_values(pair[:2]): pair for pair in pairs[:MOST_RELATED]}
        held = self.history.held(self.data_space, "variants", list(keys))
        unlinked = _parents_without_links(self.item)
        return [
            RelatedRow(other, relation, _link_state(held.get(key), unlinked.get(other)))
            for key, (_, _, other, relation) in keys.items()
        ]

    def categories(self) -> list[CategoryRow]:
        data = self.item.get("categoryData")
        entries = data if isinstance(data, list) else []
        ids = [str(e["categoryId"]) for e in entries if isinstance(e, dict) and "categoryId" in e]
        keys = {key_of_values((number, self.store_view)): number for number in ids[:MOST_RELATED]}
        held = {key: _parsed(entry) for key, entry in self._held("categories", keys).items()}
        return [
            CategoryRow(
                number,
                str(held[key].get("name") or "") if key in held else NOT_HELD,
                str(held.get(key, {}).get("urlPath") or ""),
            )
            for key, number in keys.items()
        ]

    def _held(self, feed: str, names: Mapping[str, str]) -> dict[str, Held]:
        found = self.history.held(self.data_space, feed, list(names), with_texts=True)
        return {key: found[key] for key in names if key in found and not found[key].deleted}

    def _groups(self) -> list[tuple[str, str]]:
        """Code and name for people of the customer groups that were received."""
        feed = FEEDS["scopesCustomerGroup"]
        known = self.history.identities(self.data_space, feed.name, MOST_GROUPS)
        ids = [str(orjson.loads(text)[feed.identity[0]]) for text in known]
        return [(_group_code(number), f"group {number}") for number in sorted(ids)]


def _group_code(number: str) -> str:
    # contract/feeds.md, "Customer group code".
    return hashlib.sha1(number.encode(), usedforsecurity=False).hexdigest()


def _parsed(held: Held | None) -> dict[str, Any]:
    value = orjson.loads(held.text) if held and held.text else {}
    return value if isinstance(value, dict) else {}


def _skus(item: Mapping[str, Any], name: str) -> list[str]:
    entries = item.get(name)
    found = entries if isinstance(entries, list) else []
    return [str(e["sku"]) for e in found if isinstance(e, dict) and e.get("sku")]


def _parents_without_links(item: Mapping[str, Any]) -> dict[str, str]:
    """By SKU the type of the parents that no exporter tells links to."""
    entries = item.get("parents")
    found = [e for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []
    types = {str(e.get("sku")): str(e.get("productType") or LINKING) for e in found}
    return {sku: kind for sku, kind in types.items() if kind != LINKING}


def _link_state(held: Held | None, unlinked: str | None) -> str:
    """unlinked: the other's type, if no link to it is ever sent."""
    if held is None:
        return NO_LINK.format(product_type=unlinked) if unlinked else NOT_HELD
    return DELETED if held.deleted else HELD


def _number(value: Any) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number else None


def _flag(value: Any) -> str:
    return {True: "yes", False: "no"}.get(value, "") if isinstance(value, bool) else ""


def _errors(text: str) -> str:
    return "; ".join(f"{error['pointer']} {error['message']}" for error in orjson.loads(text))
