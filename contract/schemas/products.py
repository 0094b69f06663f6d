"""The products feed. Source: contract/feeds.json."""

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


class ImageDeprecated(RecordSchema):
    url = Text(nullable=True, empty="null")
    label = Text(nullable=True, empty="null")


class Attribute(RecordSchema):
    attributeCode = Text()
    value = Many(Text(), nullable=True)
    valueId = Many(Text(), nullable=True)


class CategoryData(RecordSchema):
    categoryId = Text()
    categoryPath = Text()
    productPosition = Whole()


class InventorySettings(RecordSchema):
    status = Flag(nullable=True, empty="null")
    manageStock = Flag(nullable=True, empty="null")
    threshold = Number(nullable=True, empty="null")
    productAvailable = Flag(nullable=True, empty="null")


class Inventory(RecordSchema):
    qty = Whole(nullable=True, empty="null")
    configuration = Record(InventorySettings, nullable=True, empty="null")


class VideoAttributes(RecordSchema):
    mediaType = Text(nullable=True, empty="null")
    videoProvider = Text(nullable=True, empty="null")
    videoUrl = Text(nullable=True, empty="null")
    videoTitle = Text(nullable=True, empty="null")
    videoDescription = Text(nullable=True, empty="null")
    videoMetadata = Text(nullable=True, empty="null")


class MediaItem(RecordSchema):
    url = Text()
    label = Text()
    types = Many(Text(), nullable=True)
    sort_order = Whole()
    video_attributes = Record(VideoAttributes, nullable=True)


class ProductOptionValue(RecordSchema):
    priceType = Choice("fixed", "percent", nullable=True, empty="null")
    id = Text(nullable=True, empty="null")
    label = Text(nullable=True, empty="null")
    sortOrder = Whole(nullable=True, empty="null")
    isDefault = Flag(nullable=True, empty="null")
    colorHex = Text(nullable=True, empty="null")
    imageUrl = Text(nullable=True, empty="null")
    customSwatchValue = Text(nullable=True, empty="null")
    qtyMutability = Flag(nullable=True, empty="null")
    qty = Number(nullable=True, empty="null")
    infoUrl = Text(nullable=True, empty="null")
    sku = Text(nullable=True, empty="null")
    price = Number(nullable=True, empty="null")


class ProductOption(RecordSchema):
    id = Text()
    label = Text()
    sortOrder = Whole()
    required = Flag()
    renderType = Text()
    type = Text(known=("configurable", "bundle", "downloadable", "grouped", "custom_option"))
    swatchType = Text()
    values = Many(Record(ProductOptionValue), nullable=True)


class ValueRange(RecordSchema):
    from_ = Number(nullable=True, empty="null", data_key="from")
    to = Number(nullable=True, empty="null")


class ProductShopperInputOption(RecordSchema):
    id = Text()
    label = Text()
    sortOrder = Whole()
    required = Flag()
    renderType = Text()
    price = Number()
    fileExtension = Text()
    sku = Text()
    range = Record(ValueRange, nullable=True)
    imageSizeX = Whole()
    imageSizeY = Whole()


class MediaResource(RecordSchema):
    url = Text(nullable=True, empty="null")
    label = Text(nullable=True, empty="null")
    roles = Many(
        Text(known=("image", "small_image", "thumbnail", "swatch_image", "hide_from_pdp")),
        nullable=True,
        empty="null",
    )


class Sample(RecordSchema):
    resource = Record(MediaResource, nullable=True)
    sortOrder = Text()


class Image(RecordSchema):
    resource = Record(MediaResource, nullable=True)
    sortOrder = Text()


class VideoItem(RecordSchema):
    videoProvider = Text(nullable=True, empty="null")
    videoUrl = Text(nullable=True, empty="null")
    videoTitle = Text(nullable=True, empty="null")
    videoDescription = Text(nullable=True, empty="null")
    videoMetadata = Text(nullable=True, empty="null")
    mediaType = Text(nullable=True, empty="null")


class Video(RecordSchema):
    preview = Record(MediaResource, nullable=True)
    video = Record(VideoItem, nullable=True)
    sortOrder = Text()


class Link(RecordSchema):
    sku = Text()
    type = Text(known=("related", "upsell", "crosssell", "associated"))


class UrlRewriteParameter(RecordSchema):
    name = Text(nullable=True, empty="null")
    value = Text(nullable=True, empty="null")


class UrlRewrite(RecordSchema):
    url = Text()
    parameters = Many(Record(UrlRewriteParameter), nullable=True)


class Variant(RecordSchema):
    sku = Text()


class ParentProduct(RecordSchema):
    sku = Text()
    productType = Text()


class ProductsItem(RecordSchema):
    """One item per product and store view."""

    type = Text(
        known=(
            "simple",
            "virtual",
            "downloadable",
            "configurable",
            "grouped",
            "bundle",
            "bundle_fixed",
            "giftcard",
        ),
        nullable=True,
        empty="null",
    )
    sku = Text(demanded=True)
    storeViewCode = Text(demanded=True)
    storeCode = Text(required=True)
    websiteCode = Text(required=True)
    name = Text()
    productId = Whole(required=True)
    productType = Text()
    priceView = Choice("price_range", "as_low_as")
    shortDescription = Text()
    description = Text()
    image = Record(ImageDeprecated, nullable=True)
    linksExist = Flag()
    linksPurchasedSeparately = Flag()
    metaDescription = Text()
    metaKeyword = Text()
    metaTitle = Text()
    samplesTitle = Text()
    smallImage = Record(ImageDeprecated, nullable=True)
    status = Choice("Enabled", "Disabled")
    swatchImage = Record(ImageDeprecated, nullable=True)
    taxClassId = Text()
    thumbnail = Record(ImageDeprecated, nullable=True)
    createdAt = Moment()
    updatedAt = Moment()
    modifiedAt = Moment(required=True)
    urlKey = Text()
    visibility = Choice("Not Visible Individually", "Catalog", "Search", "Catalog, Search")
    weight = Number()
    weightUnit = Text(known=("lbs", "kgs"), nullable=True, empty="null")
    weightType = Text()
    currency = Text(nullable=True, empty="null")
    deletedAt = Text()
    displayable = Flag(nullable=True, empty="null")
    buyable = Flag(nullable=True, empty="null")
    attributes = Many(Record(Attribute), nullable=True, empty="null")
    categories = Many(Text(), nullable=True)
    categoryIds = Many(Text(), nullable=True)
    categoryData = Many(Record(CategoryData), nullable=True, empty="null")
    inventory = Record(Inventory, nullable=True)
    media_gallery = Many(Record(MediaItem), nullable=True, empty="null")
    optionsV2 = Many(Record(ProductOption), nullable=True, empty="null")
    shopperInputOptions = Many(Record(ProductShopperInputOption), nullable=True, empty="null")
    samples = Many(Record(Sample), nullable=True, empty="null")
    images = Many(Record(Image), nullable=True, empty="null")
    videos = Many(Record(Video), nullable=True, empty="null")
    links = Many(Record(Link), nullable=True, empty="null")
    inStock = Flag(nullable=True, empty="null")
    lowStock = Flag(nullable=True, empty="null")
    url = Text(nullable=True, empty="null")
    urlRewrites = Many(Record(UrlRewrite), nullable=True, empty="null")
    variants = Many(Record(Variant), nullable=True, empty="null")
    parents = Many(Record(ParentProduct), nullable=True, empty="null")
    giftcardType = Choice("virtual", "physical", "combined")
    deleted = Flag(demanded=True)
