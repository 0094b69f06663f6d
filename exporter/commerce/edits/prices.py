"""Edits of prices. Only the prices feed tells them, and a product's price is told by it alone."""

from math import isfinite

from sqlalchemy import ColumnElement, Connection, delete, insert, update

from mcs.contract.errors import UsageError
from mcs.exporter.commerce import find
from mcs.exporter.commerce.edits.edited import Edited, record
from mcs.exporter.commerce.edits.saving import save_product
from mcs.exporter.commerce.find import FoundProduct
from mcs.exporter.commerce.tables import ProductPrice, TierPrice

_PRICED_BY_PARTS = frozenset({"configurable", "grouped"})


def set_price(
    connection: Connection, sku: str, price: float, *, website: str | None = None
) -> Edited:
    """Set the regular price on a website, by default on all where the product is sold."""
    product = find.product(connection, sku)
    if product.product_type == "bundle" and not product.fixed_price:
        raise UsageError(
            f'"{sku}" is a bundle whose price is that of its parts: edit the price of these.'
        )
    return _set(connection, product, website, regular=_checked(price, "price"))


def set_special_price(
    connection: Connection, sku: str, special: float | None, *, website: str | None = None
) -> Edited:
    """Set the special price, of a bundle the percentage left to pay; None takes it away."""
    product = find.product(connection, sku)
    if special is not None:
        _checked(special, "special price")
        if product.product_type == "bundle" and special > 100:
            raise UsageError(
                f'special price of "{sku}": got {special}, expected at most 100. '
                "Of a bundle it is the percentage that is left to pay."
            )
    return _set(connection, product, website, special=special)


def set_tier_price(
    connection: Connection,
    sku: str,
    price: float,
    *,
    qty: float = 1.0,
    group: int | None = None,
    website: str | None = None,
) -> Edited:
    """Set the price from a quantity on, for a customer group or for all; from 1: a group price."""
    product = _priced(find.product(connection, sku))
    _checked(price, "tier price")
    if not isfinite(qty) or qty < 1:
        raise UsageError(f"tier price: got the quantity {qty}, expected at least 1.")
    if group is not None:
        find.customer_group_id(connection, group)
    websites = find.websites_of(connection, product, website)
    rows = []
    for website_id in websites:
        tier = {
            "product_id": product.product_id,
            "website_id": website_id,
            "customer_group_id": group,
            "qty": qty,
        }
        connection.execute(delete(TierPrice).where(_is_tier(product, website_id, group, qty)))
        rows.append(tier | {"price": price, "percentage": None})
    if rows:
        connection.execute(insert(TierPrice), rows)
    save_product(connection, product.product_id)
    tier_text = _tier_text(qty, group)
    text = f"{sku}: the price {tier_text} is {price:.2f} {_on(websites)}."
    return record(connection, text, {"prices": {product.product_id}})


def remove_tier_price(
    connection: Connection,
    sku: str,
    *,
    qty: float = 1.0,
    group: int | None = None,
    website: str | None = None,
) -> Edited:
    """Take away the price from a quantity on, for a customer group or that for all."""
    product = find.product(connection, sku)
    websites = find.websites_of(connection, product, website)
    removed = sum(
        connection.execute(
            delete(TierPrice).where(_is_tier(product, website_id, group, qty))
        ).rowcount
        for website_id in websites
    )
    if not removed:
        raise UsageError(
            f'"{sku}" has no price {_tier_text(qty, group)} {_on(websites)}. '
            f"`mcs catalog show {sku}` shows its prices."
        )
    save_product(connection, product.product_id)
    text = f"{sku}: there is no price {_tier_text(qty, group)} any more {_on(websites)}."
    return record(connection, text, {"prices": {product.product_id}})


def _set(
    connection: Connection, product: FoundProduct, website: str | None, **values: float | None
) -> Edited:
    _priced(product)
    websites = find.websites_of(connection, product, website)
    for website_id in websites:
        key = {"product_id": product.product_id, "website_id": website_id}
        changed = connection.execute(update(ProductPrice).filter_by(**key).values(**values))
        if not changed.rowcount:
            connection.execute(insert(ProductPrice).values(key | {"regular": 0.0} | values))
    save_product(connection, product.product_id)
    [(name, value)] = values.items()
    what = "special price" if name == "special" else "price"
    told = "is taken away" if value is None else f"is {value:.2f}"
    text = f"{product.sku}: the {what} {told} {_on(websites)}."
    return record(connection, text, {"prices": {product.product_id}})


def _priced(product: FoundProduct) -> FoundProduct:
    if product.product_type in _PRICED_BY_PARTS:
        raise UsageError(
            f'"{product.sku}" is {product.product_type}, so its price is that of its parts: '
            "edit the price of these."
        )
    return product


def _checked(value: float, what: str) -> float:
    if not isfinite(value) or value < 0:
        raise UsageError(f"{what}: got {value}, expected a number that is not negative.")
    return value


def _is_tier(
    product: FoundProduct, website_id: int, group: int | None, qty: float
) -> ColumnElement[bool]:
    return (
        (TierPrice.product_id == product.product_id)
        & (TierPrice.website_id == website_id)
        & TierPrice.customer_group_id.is_not_distinct_from(group)
        & (TierPrice.qty == qty)
    )


def _tier_text(qty: float, group: int | None) -> str:
    who = "all customer groups" if group is None else f"customer group {group}"
    return f"for {who} from {qty:g} on"


def _on(websites: dict[int, str]) -> str:
    return f"on {' and '.join(websites.values())}" if websites else "on no website"
