"""The prices feed: one row per product and website, and further ones for some customer groups.

The first row is for all groups. A group has a row of its own where it has terms of its own: a
group price, tiers, or a catalog rule.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from mcs.contract.canonical import Item
from mcs.contract.codes import customer_group_code
from mcs.contract.feeds import FEEDS
from mcs.exporter.commerce.among import among, these
from mcs.exporter.commerce.tables import Product, ProductPrice, ProductWebsite, RulePrice, TierPrice
from mcs.exporter.indexers.families import Parent, parents
from mcs.exporter.indexers.indexer import Indexer, count_of, ids_of
from mcs.exporter.indexers.scopes import website_codes

ALL_GROUPS_CODE = "0"

_TYPES = {
    "configurable": "CONFIGURABLE",
    "downloadable": "DOWNLOADABLE",
    "grouped": "GROUPED",
    "bundle": "BUNDLE_DYNAMIC",
    "giftcard": "GIFTCARD",
}
_PARENT_TYPES = {"configurable": "CONFIGURABLE", "grouped": "GROUPED", "bundle": "BUNDLE"}


@dataclass(frozen=True, slots=True)
class _Tier:
    qty: float
    price: float | None
    percentage: float | None

    def terms(self) -> dict[str, float]:
        """The price, or else the percentage."""
        if self.price is not None:
            return {"price": self.price}
        return {"percentage": self.percentage or 0.0}


@dataclass(slots=True)
class _Terms:
    """The tiers and the rule's price of one group, or (without a rule) of all groups."""

    tiers: dict[float, _Tier] = field(default_factory=dict)
    rule_price: float | None = None


_TermsByGroup = dict[int | None, _Terms]
_Key = tuple[int, int]
"""Product id and website id."""


_PRICES = (
    select(
        Product.product_id,
        Product.sku,
        Product.product_type,
        Product.fixed_price,
        ProductWebsite.website_id,
        ProductPrice.regular,
        ProductPrice.special,
    )
    .join(ProductWebsite, ProductWebsite.product_id == Product.product_id)
    .outerjoin(
        ProductPrice,
        (ProductPrice.product_id == Product.product_id)
        & (ProductPrice.website_id == ProductWebsite.website_id),
    )
    .where(among(Product.product_id))
    .order_by(Product.product_id, ProductWebsite.website_id)
)


def _items(connection: Connection, product_ids: Sequence[int]) -> Iterator[tuple[int, Item]]:
    codes = website_codes(connection)
    terms = _terms(connection, product_ids)
    parents_of = parents(connection, product_ids)
    for (
        product_id,
        sku,
        product_type,
        fixed_price,
        website_id,
        regular,
        special,
    ) in connection.execute(_PRICES, these(product_ids)):
        by_group = terms.get((product_id, website_id), {})
        for_all = by_group.get(None, _Terms())
        same = {
            "productId": product_id,
            "sku": sku,
            "type": "BUNDLE_FIXED" if fixed_price else _TYPES.get(product_type, "SIMPLE"),
            "websiteCode": codes[website_id],
            "regular": regular or 0.0,
            "deleted": False,
            **_parents(parents_of.get(product_id, ()), website_id),
        }
        discount = _special_price(product_type, special)
        yield product_id, _row(same, ALL_GROUPS_CODE, discount, for_all)
        for group_id in sorted(group for group in by_group if group is not None):
            own = by_group[group_id]
            merged = _Terms(for_all.tiers | own.tiers, own.rule_price)
            yield product_id, _row(same, customer_group_code(group_id), discount, merged)


def _row(same: Item, group_code: str, special: list[Item], terms: _Terms) -> Item:
    discounts = [*special]
    if 1.0 in terms.tiers:
        discounts.append({"code": "group", **terms.tiers[1.0].terms()})
    if terms.rule_price is not None:
        discounts.append({"code": "catalog_rule", "price": terms.rule_price})
    item = {**same, "customerGroupCode": group_code, "discounts": discounts or None}
    tiers = [{"qty": qty, **terms.tiers[qty].terms()} for qty in sorted(terms.tiers) if qty > 1.0]
    if tiers:
        item["tierPrices"] = tiers
    return item


def _special_price(product_type: str, special: float | None) -> list[Item]:
    if special is None:
        return []
    # Of a bundle the column holds a percentage, whatever its price type (contract/feeds.json).
    kind = "percentage" if product_type == "bundle" else "price"
    return [{"code": "special_price", kind: special}]


def _parents(found: Sequence[Parent], website_id: int) -> Item:
    listed = [
        {"type": _PARENT_TYPES[parent.product_type], "sku": parent.sku}
        for parent in found
        if website_id in parent.website_ids
    ]
    return {"parents": listed} if listed else {}


_TIERS = (
    select(
        TierPrice.product_id,
        TierPrice.website_id,
        TierPrice.customer_group_id,
        TierPrice.qty,
        TierPrice.price,
        TierPrice.percentage,
    )
    .where(among(TierPrice.product_id))
    .order_by(TierPrice.tier_price_id)
)


_RULES = select(
    RulePrice.product_id,
    RulePrice.website_id,
    RulePrice.customer_group_id,
    RulePrice.price,
).where(among(RulePrice.product_id))


def _terms(connection: Connection, product_ids: Sequence[int]) -> Mapping[_Key, _TermsByGroup]:
    terms: dict[_Key, _TermsByGroup] = defaultdict(dict)
    for product_id, website_id, group_id, qty, price, percentage in connection.execute(
        _TIERS, these(product_ids)
    ):
        of_group = terms[product_id, website_id].setdefault(group_id, _Terms())
        of_group.tiers[qty] = _Tier(qty, price, percentage)
    for product_id, website_id, group_id, price in connection.execute(_RULES, these(product_ids)):
        terms[product_id, website_id].setdefault(group_id, _Terms()).rule_price = price
    return terms


INDEXER = Indexer(
    feed=FEEDS["prices"],
    count_sources=count_of(Product.product_id),
    source_ids=ids_of(Product.product_id),
    items=_items,
)
