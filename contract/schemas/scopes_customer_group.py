"""The scopesCustomerGroup feed. Source: contract/feeds.json."""

from mcs.contract.feeds import TimeFormat
from mcs.contract.schemas.fields import Flag, Many, Moment, Record, RecordSchema, Text


class CustomerGroup(RecordSchema):
    customerGroupId = Text(demanded=True)
    customerGroupCode = Text()
    websites = Many(Text(), nullable=True, empty="null")


class ScopesCustomerGroupItem(RecordSchema):
    """One item per customer group."""

    customerGroup = Record(CustomerGroup, demanded=True)
    updatedAt = Moment(TimeFormat.ATOM, required=True)
    deleted = Flag(demanded=True)
