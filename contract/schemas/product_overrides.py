"""The productOverrides feed. Source: contract/feeds.json."""

from typing import ClassVar

from mcs.contract.schemas.fields import Flag, Moment, RecordSchema, Text, Whole


class ProductOverridesItem(RecordSchema):
    """One item per product, website and customer group."""

    required_unless_deleted: ClassVar[tuple[str, ...]] = (
        "displayable",
        "priceDisplayable",
        "addToCartAllowed",
    )

    websiteCode = Text(demanded=True)
    customerGroupCode = Text(demanded=True, note="sha1 hex of the customer group id")
    productId = Whole(required=True)
    sku = Text(demanded=True)
    displayable = Flag()
    priceDisplayable = Flag()
    addToCartAllowed = Flag()
    modifiedAt = Moment(required=True)
    deleted = Flag(demanded=True)
