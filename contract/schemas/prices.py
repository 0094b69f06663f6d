"""The prices feed. Source: contract/feeds.json."""

from mcs.contract.schemas.fields import (
    Choice,
    Flag,
    Many,
    Moment,
    Number,
    Record,
    RecordSchema,
    Text,
    Whole,
)


class ProductPriceParent(RecordSchema):
    type = Text(known=("CONFIGURABLE", "GROUPED", "BUNDLE"), nullable=True, empty="null")
    sku = Text(nullable=True, empty="null")


class DiscountPrice(RecordSchema):
    code = Text(known=("special_price", "group", "catalog_rule"))
    price = Number()
    percentage = Number()


class TierPrice(RecordSchema):
    qty = Number()
    price = Number()
    percentage = Number()


class PricesItem(RecordSchema):
    """One item per product, website and customer group."""

    websiteId = Whole()
    productId = Whole()
    sku = Text(demanded=True)
    type = Choice(
        "SIMPLE",
        "CONFIGURABLE",
        "DOWNLOADABLE",
        "GROUPED",
        "BUNDLE",
        "BUNDLE_FIXED",
        "BUNDLE_DYNAMIC",
        "GIFTCARD",
        any_case=True,
    )
    customerGroupCode = Text(
        demanded=True, note='sha1 hex of the group id; "0" is the row for all groups.'
    )
    websiteCode = Text(demanded=True)
    parents = Many(Record(ProductPriceParent), nullable=True)
    regular = Number(note="A product without a price has 0.0.")
    discounts = Many(
        Record(DiscountPrice),
        nullable=True,
        note="Each has a code and either a price or a percentage.",
    )
    tierPrices = Many(
        Record(TierPrice),
        nullable=True,
        note="Each has a qty above 1 and either a price or a percentage; since exporter 103.4.8.",
    )
    deleted = Flag(demanded=True)
    updatedAt = Moment(required=True)
