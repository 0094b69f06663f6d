"""The inventoryStockStatus feed. Source: contract/feeds.json."""

from mcs.contract.schemas.fields import Flag, Moment, Number, RecordSchema, Text, Whole


class InventoryStockStatusItem(RecordSchema):
    """One item per stock and SKU."""

    stockId = Text(demanded=True)
    sku = Text(demanded=True)
    productId = Whole()
    qty = Number(required=True)
    qtyForSale = Number(required=True)
    infiniteStock = Flag(required=True)
    lowStock = Flag()
    isSalable = Flag(required=True)
    updatedAt = Moment(required=True)
    deleted = Flag(demanded=True)
