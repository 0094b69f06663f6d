"""Price books, and the prices in them."""

from mcs.contract.schemas.exact import (
    ExactMany,
    ExactNumber,
    ExactRecord,
    ExactSchema,
    ExactText,
)

# The description says these in its prose alone.
PERCENTAGE = {"minimum": 0.01, "maximum": 99.99}
TIER = {"exclusiveMinimum": 1}
AMOUNT = {"minimum": 0}


class CatalogPriceBookDelete(ExactSchema):
    priceBookId = ExactText(required=True, shortest=1)


class CatalogPriceBook(ExactSchema):
    """A base book has a currency; a child has a parent, and its currency."""

    alternatives = ("currency", "parentId")
    only_one = True

    priceBookId = ExactText(required=True, shortest=1, longest=64)
    name = ExactText(required=True, shortest=1)
    currency = ExactText(shortest=1, longest=5, note="A base book has it, and no parentId.")
    parentId = ExactText(shortest=1, longest=64, note="A child has it, and no currency.")


class CatalogPriceBookUpdate(CatalogPriceBook):
    """An update names all that a creation does; the parent stays what it was."""


class CatalogDiscount(ExactSchema):
    alternatives = ("price", "percentage")

    code = ExactText(required=True)
    price = ExactNumber(advised=AMOUNT)
    percentage = ExactNumber(advised=PERCENTAGE)


class CatalogTierPrice(ExactSchema):
    alternatives = ("price", "percentage")

    qty = ExactNumber(required=True, advised=TIER)
    price = ExactNumber(advised=AMOUNT)
    percentage = ExactNumber(advised=PERCENTAGE)


class CatalogPriceDelete(ExactSchema):
    sku = ExactText(required=True, shortest=1)
    priceBookId = ExactText(required=True, shortest=1)


class CatalogPriceUpdate(CatalogPriceDelete):
    regular = ExactNumber(advised=AMOUNT)
    discounts = ExactMany(ExactRecord(CatalogDiscount))
    tierPrices = ExactMany(ExactRecord(CatalogTierPrice))


class CatalogPrice(CatalogPriceUpdate):
    """One item per product and price book."""

    regular = ExactNumber(required=True, advised=AMOUNT)
