"""The categoryPermissions feed. Source: contract/feeds.json."""

from mcs.contract.schemas.fields import Choice, Flag, Moment, Record, RecordSchema, Text


class CategoryPermissionFeedId(RecordSchema):
    websiteCode = Text(demanded=True, note="FALLBACK_WEBSITE stands for all websites.")
    customerGroupCode = Text(
        demanded=True, note="sha1 hex of the id; FALLBACK_CUSTOMER_GROUP stands for all groups."
    )
    categoryId = Text(
        demanded=True,
        note="The category's id; in a GLOBAL row the permission key that the row is about.",
    )


class CategoryPermissionValue(RecordSchema):
    GLOBAL_ENABLED = Choice("ALLOW", "DENY")
    DISPLAYED = Choice("ALLOW", "DENY", "USE_PARENT")
    DISPLAY_PRODUCT_PRICE = Choice("ALLOW", "DENY", "USE_PARENT")
    ADD_TO_CART = Choice("ALLOW", "DENY", "USE_PARENT")


class CategoryPermissionsItem(RecordSchema):
    """One item per permission row, and the global defaults."""

    id = Record(CategoryPermissionFeedId, demanded=True)
    type = Choice("GLOBAL", "STANDARD", required=True)
    permission = Record(
        CategoryPermissionValue,
        nullable=True,
        note="Holds only the keys that apply; null in a delete.",
    )
    modifiedAt = Moment(required=True)
    deleted = Flag(demanded=True)
