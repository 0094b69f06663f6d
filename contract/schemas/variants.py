"""The variants feed. Source: contract/feeds.json."""

from mcs.contract.schemas.fields import Flag, Many, Moment, Record, RecordSchema, Text


class VariantOption(RecordSchema):
    attributeCode = Text(nullable=True, empty="null")
    uid = Text(
        nullable=True,
        empty="null",
        note='base64 of "configurable/<attribute_id>/<option_value_id>"',
    )
    label = Text(nullable=True, empty="null")
    valueIndex = Text(nullable=True, empty="null")


class VariantsItem(RecordSchema):
    """One item per child of a configurable product."""

    id = Text(required=True, note='md5 of "configurable/<parentSku>/<childSku>"')
    optionValues = Many(Record(VariantOption), required=True)
    parentId = Text()
    productId = Text(required=True)
    parentSku = Text(demanded=True)
    productSku = Text(demanded=True)
    deleted = Flag(demanded=True)
    modifiedAt = Moment(required=True)
