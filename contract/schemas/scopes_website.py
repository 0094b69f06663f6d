"""The scopesWebsite feed. Source: contract/feeds.json."""

from mcs.contract.feeds import TimeFormat
from mcs.contract.schemas.fields import Flag, Many, Moment, Record, RecordSchema, Text


class StoreView(RecordSchema):
    storeViewId = Text()
    storeViewCode = Text()


class StoreGroup(RecordSchema):
    storeId = Text()
    storeCode = Text()
    storeViews = Many(Record(StoreView), nullable=True, empty="null")


class Website(RecordSchema):
    websiteId = Text(demanded=True)
    websiteCode = Text()
    stores = Many(Record(StoreGroup), nullable=True, empty="null")


class ScopesWebsiteItem(RecordSchema):
    """One item per website, with its stores and store views."""

    website = Record(Website, demanded=True)
    updatedAt = Moment(TimeFormat.ATOM, required=True)
    deleted = Flag(demanded=True)
