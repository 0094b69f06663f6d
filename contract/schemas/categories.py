"""The categories feed. Source: contract/feeds.json."""

from mcs.contract.schemas.fields import Flag, Many, Moment, RecordSchema, Text, Whole


class CategoriesItem(RecordSchema):
    """One item per category and store view."""

    categoryId = Text(demanded=True)
    storeViewCode = Text(demanded=True)
    storeCode = Text(required=True)
    websiteCode = Text(required=True)
    name = Text()
    description = Text()
    metaTitle = Text()
    metaKeywords = Text()
    metaDescription = Text()
    displayMode = Text(known=("PRODUCTS", "PAGE", "PRODUCTS_AND_PAGE"))
    urlKey = Text()
    urlPath = Text()
    image = Text(nullable=True, empty="null")
    level = Whole()
    path = Text()
    parentId = Text()
    children = Many(Text(), nullable=True, empty="null")
    position = Whole()
    defaultSortBy = Text(nullable=True, empty="null")
    availableSortBy = Many(Text(), nullable=True, empty="null")
    isAnchor = Whole()
    includeInMenu = Whole()
    isActive = Whole()
    deleted = Flag(demanded=True)
    createdAt = Moment()
    updatedAt = Moment()
    modifiedAt = Moment(
        required=True,
        note="Small clients leave it out and send updatedAt instead.",
    )
