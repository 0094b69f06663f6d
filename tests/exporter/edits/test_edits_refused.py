"""Edits of what is not there, or that make no sense, are refused."""

from collections.abc import Callable, Mapping

import pytest
from sqlalchemy import Connection

from mcs.contract.errors import UsageError
from mcs.exporter.commerce import edits
from mcs.exporter.commerce.database import open_commerce
from mcs.exporter.commerce.edits import Edited
from tests.exporter.edits.shop import BUNDLE, GROUPED, SIMPLE
from tests.exporter.shops import (
    logged,
)

UNKNOWN: Mapping[str, tuple[Callable[[Connection], Edited], str]] = {
    "sku": (lambda c: edits.set_price(c, "X", 1), 'no product with the SKU "X".*mcs catalog list'),
    "website": (
        lambda c: edits.set_price(c, SIMPLE, 1, website="x"),
        'no website "x". Take one of: base, b2b',
    ),
    "store view": (
        lambda c: edits.rename_product(c, SIMPLE, "A", store_view="x"),
        'no store view "x". Take one of: default, de, fr',
    ),
    "category": (
        lambda c: edits.assign_category(c, SIMPLE, 999),
        "no category 999.*mcs catalog list categories",
    ),
    "customer group": (
        lambda c: edits.set_tier_price(c, SIMPLE, 1, group=9),
        r"no customer group 9. Take one of: 0 \(NOT LOGGED IN\)",
    ),
    "attribute": (
        lambda c: edits.set_attribute_label(c, "x", "A"),
        'no attribute "x".*mcs catalog list attributes',
    ),
    "stock": (lambda c: edits.set_stock(c, SIMPLE, 1, stock_id=9), "not in stock 9.*: 1, 2"),
    "visibility": (lambda c: edits.set_visibility(c, SIMPLE, "x"), 'visibility "x". Take one of'),
    "category of the product": (
        lambda c: edits.unassign_category(c, SIMPLE, 2),
        "not in category 2. Its categories: ",
    ),
    "tier price": (
        lambda c: edits.remove_tier_price(c, SIMPLE, qty=77),
        "no price for all customer groups from 77 on.*mcs catalog show",
    ),
    "permission": (
        lambda c: edits.set_permission(c, 3, {"x": "ALLOW"}),
        'unknown permission "x". Take one of: displayed',
    ),
    "grant": (
        lambda c: edits.set_default_permission(c, "displayed", "USE_PARENT"),
        'got "USE_PARENT", expected one of: ALLOW, DENY',
    ),
}


@pytest.mark.parametrize("what", UNKNOWN)
def test_what_is_unknown_is_told_with_what_there_is(connection: Connection, what: str) -> None:
    make, message = UNKNOWN[what]

    with pytest.raises(UsageError, match=message):
        make(connection)

    assert not any(logged(connection).values())


REFUSED: Mapping[str, tuple[Callable[[Connection], Edited], str]] = {
    "negative price": (lambda c: edits.set_price(c, SIMPLE, -1), "got -1, expected a number"),
    "price that is none": (lambda c: edits.set_price(c, SIMPLE, float("nan")), "got nan"),
    "price of a composite": (lambda c: edits.set_price(c, GROUPED, 5), "is that of its parts"),
    "quantity that is none": (lambda c: edits.set_stock(c, SIMPLE, float("inf")), "got inf"),
    "tier of nothing": (lambda c: edits.set_tier_price(c, SIMPLE, 1, qty=0), "at least 1"),
    "more than all of a bundle": (lambda c: edits.set_special_price(c, BUNDLE, 101), "at most 100"),
    "empty name": (lambda c: edits.rename_product(c, SIMPLE, " "), "got an empty one"),
    "no products": (lambda c: edits.new_products(c, 0), "got a count of 0"),
    "store view twice": (
        lambda c: edits.new_store_view(c, "de", website="base", locale="de_DE"),
        'a store view "de" already',
    ),
    "code of all store views": (
        lambda c: edits.new_store_view(c, "admin", website="base", locale="de_DE"),
        'got "admin", expected',
    ),
    "locale": (
        lambda c: edits.new_store_view(c, "at", website="base", locale="german"),
        'got "german", expected one like de_DE',
    ),
    "customer group twice": (
        lambda c: edits.new_customer_group(c, "General"),
        'a customer group "General" already',
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_makes_no_sense_is_refused(connection: Connection, what: str) -> None:
    make, message = REFUSED[what]

    with pytest.raises(UsageError, match=message):
        make(connection)


def test_without_a_catalog_there_is_nothing_to_add_to(commerce_url: str) -> None:
    engine = open_commerce(commerce_url)

    with engine.connect() as connection, pytest.raises(UsageError, match="there is no catalog yet"):
        edits.new_products(connection)
    engine.dispose()
