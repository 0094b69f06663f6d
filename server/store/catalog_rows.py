"""How an item of the products or prices feed becomes a row of the synced catalog. Pure."""

import math
from dataclasses import dataclass
from hashlib import sha1
from typing import Any

from mcs.contract.canonical import Item, identity, identity_key, value_at
from mcs.contract.errors import MissingIdentity
from mcs.contract.feeds import FEEDS

ALL_GROUPS = "0"
"""The customer group of the price that holds for all (contract/feeds.md)."""
NO_PRICE = -math.inf
NO_ID = -1
"""Both sort before all others."""
TEXT_LENGTH = 255
LARGEST_ID = 2**62
# Where older exporters wrote the price into the product.
_OWN_PRICES = ("price", "prices.minimumPrice.regularPrice", "prices.minimumPrice.regular")


@dataclass(frozen=True, slots=True)
class ProductChange:
    """A product of a store view as it came last. row: None if it was deleted."""

    store_view: str
    sku: str
    row: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class PriceChange:
    """The price of a product on a website, for all customer groups; None if it was deleted."""

    key: str
    website: str
    sku: str
    price: float | None


def product_change(item: Item, exported_at: str) -> ProductChange | None:
    """What a product's item changes; None if it has no identity, as lenient data spaces allow."""
    try:
        names = identity(FEEDS["products"], item)
    except MissingIdentity:
        return None
    sku, store_view = short(names["sku"]), short(names["storeViewCode"])
    if _is_deleted(item):
        return ProductChange(store_view, sku, None)
    own_price = next(
        (price for path in _OWN_PRICES if (price := _price(value_at(item, path))) is not None),
        NO_PRICE,
    )
    row = {
        "name": _text(item.get("name")),
        "type": _text(item.get("type") or item.get("productType")),
        "product_id": _number(item.get("productId")),
        "own_price": own_price,
        "currency": _text(item.get("currency")),
        "website": _text(item.get("websiteCode")),
        "visibility": _text(item.get("visibility")),
        # modifiedAt is the time of sending; updatedAt that of the catalog.
        "modified_at": _text(item.get("updatedAt") or item.get("modifiedAt")),
        "exported_at": exported_at,
    }
    return ProductChange(store_view, sku, row)


def price_change(item: Item) -> PriceChange | None:
    """What a price's item changes; None if it is not for all customer groups."""
    try:
        names = identity(FEEDS["prices"], item)
    except MissingIdentity:
        return None
    if names["customerGroupCode"] != ALL_GROUPS:
        return None
    price = None if _is_deleted(item) else _price(item.get("regular"))
    website, sku = names["websiteCode"], names["sku"]
    return PriceChange(price_key(website, sku), _text(website), short(sku), price)


def price_key(website: str, sku: str) -> str:
    """The identity key of a product's price for all customer groups on a website."""
    names = {"websiteCode": website, "sku": sku, "customerGroupCode": ALL_GROUPS}
    return identity_key(FEEDS["prices"], names)


def short(name: str) -> str:
    """A name that fits into an index; a very long one keeps its beginning and a hash.

    >>> short("24-MB01"), len(short("x" * 1000))
    ('24-MB01', 255)
    """
    plain = name.replace("\0", "\ufffd")
    if len(plain) <= TEXT_LENGTH:
        return plain
    digest = sha1(name.encode(), usedforsecurity=False).hexdigest()
    return f"{plain[: TEXT_LENGTH - 41]}…{digest}"


def _text(value: Any) -> str:
    return "" if value is None else str(value).replace("\0", "\ufffd")[:TEXT_LENGTH]


def _number(value: Any) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if is_number or (isinstance(value, str) and value.isascii() and value.isdecimal()):
        number = int(value) if len(str(value)) < len(str(LARGEST_ID)) else NO_ID
        return number if 0 <= number < LARGEST_ID else NO_ID
    return NO_ID


def _price(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value)


def _is_deleted(item: Item) -> bool:
    return item.get("deleted") in (True, 1, "1")
