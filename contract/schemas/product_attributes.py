"""The productAttributes feed. Source: contract/feeds.json."""

from mcs.contract.schemas.fields import Choice, Flag, Many, Moment, Number, RecordSchema, Text


class ProductAttributesItem(RecordSchema):
    """One item per attribute and store view."""

    id = Text()
    storeCode = Text(required=True)
    websiteCode = Text(required=True)
    storeViewCode = Text(demanded=True)
    attributeCode = Text(demanded=True)
    attributeType = Choice("catalog_product", "catalog_category", required=True)
    dataType = Text(known=("varchar", "int", "text", "decimal", "datetime", "static", "OBJECT"))
    multi = Flag()
    label = Text()
    frontendInput = Text(
        known=(
            "text",
            "textarea",
            "texteditor",
            "pagebuilder",
            "date",
            "datetime",
            "boolean",
            "multiselect",
            "select",
            "price",
            "weight",
            "media_image",
            "gallery",
            "multiline",
            "hidden",
            "swatch_visual",
            "swatch_text",
        )
    )
    required = Flag()
    unique = Flag()
    global_ = Flag(data_key="global")
    visible = Flag()
    searchable = Flag()
    filterable = Flag()
    visibleInCompareList = Flag()
    visibleInListing = Flag()
    sortable = Flag()
    visibleInSearch = Flag()
    filterableInSearch = Flag()
    searchWeight = Number()
    usedForRules = Flag()
    boolean = Flag()
    systemAttribute = Flag()
    numeric = Flag()
    modifiedAt = Moment(required=True)
    deleted = Flag(demanded=True)
    attributeOptions = Many(
        Text(),
        nullable=True,
        empty="null",
        note="Only null is seen, and only from small clients.",
    )
    searchTypes = Many(
        Text(known=("AUTOCOMPLETE", "CONTAINS", "STARTS_WITH")),
        nullable=True,
        note="Assumed: the values are those of the newer API.",
    )
