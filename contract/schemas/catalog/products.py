"""Products, and the layers that change how they look in a place."""

from collections import Counter
from typing import Any

from marshmallow import validates_schema

from mcs.contract.schemas.catalog.shared import CatalogMetaTags, CatalogSource
from mcs.contract.schemas.exact import (
    ExactChoice,
    ExactFlag,
    ExactMany,
    ExactNumber,
    ExactRecord,
    ExactSchema,
    ExactText,
    ExactWhole,
    refuse_together,
)
from mcs.contract.schemas.fields import Finding

STATUSES = ("ENABLED", "DISABLED")


class CatalogAttribute(ExactSchema):
    code = ExactText(required=True)
    values = ExactMany(ExactText(), required=True)
    variantReferenceId = ExactText(nullable=True)


class CatalogImage(ExactSchema):
    url = ExactText(required=True)
    label = ExactText()
    roles = ExactMany(ExactChoice("BASE", "SMALL", "THUMBNAIL", "SWATCH"))
    customRoles = ExactMany(ExactText())


class CatalogLink(ExactSchema):
    type = ExactText(required=True, known=("VARIANT_OF", "IN_BUNDLE"))
    sku = ExactText(required=True)


class CatalogRoute(ExactSchema):
    path = ExactText(required=True)
    position = ExactWhole()


class CatalogOptionValue(ExactSchema):
    variantReferenceId = ExactText(required=True)
    label = ExactText()
    colorHex = ExactText()
    imageUrl = ExactText()


class CatalogConfiguration(ExactSchema):
    attributeCode = ExactText(required=True)
    label = ExactText()
    defaultVariantReferenceId = ExactText(nullable=True)
    type = ExactChoice("CONFIGURABLE", "SWATCH", required=True)
    values = ExactMany(ExactRecord(CatalogOptionValue), required=True)


class CatalogBundleItem(ExactSchema):
    sku = ExactText(required=True)
    qty = ExactNumber()
    userDefinedQty = ExactFlag()


class CatalogBundle(ExactSchema):
    # "required" is one of its fields, and a word that marshmallow has taken as well.
    group = ExactText(required=True)
    required_ = ExactFlag(data_key="required")
    multiSelect = ExactFlag()
    defaultItemSkus = ExactMany(ExactText())
    items = ExactMany(ExactRecord(CatalogBundleItem), required=True)


class CatalogExternalId(ExactSchema):
    id = ExactText(required=True)
    origin = ExactText(required=True)


class CatalogProductDelete(ExactSchema):
    sku = ExactText(required=True, shortest=1)
    source = ExactRecord(CatalogSource, required=True)


class CatalogProductUpdate(CatalogProductDelete):
    # What JSON Schema cannot say is judged in full: an item may be in a bundle only once.
    judged_in_full = ("bundles",)

    name = ExactText()
    slug = ExactText()
    description = ExactText(nullable=True)
    shortDescription = ExactText(nullable=True)
    status = ExactChoice(*STATUSES)
    visibleIn = ExactMany(ExactChoice("CATALOG", "SEARCH"))
    metaTags = ExactRecord(CatalogMetaTags)
    attributes = ExactMany(ExactRecord(CatalogAttribute))
    images = ExactMany(ExactRecord(CatalogImage))
    links = ExactMany(ExactRecord(CatalogLink))
    routes = ExactMany(ExactRecord(CatalogRoute))
    configurations = ExactMany(ExactRecord(CatalogConfiguration))
    bundles = ExactMany(ExactRecord(CatalogBundle))
    externalIds = ExactMany(ExactRecord(CatalogExternalId))

    @validates_schema(skip_on_field_errors=True)
    def _judge_bundles(self, data: dict[str, Any], **_: Any) -> None:
        skus = Counter(
            item["sku"] for bundle in data.get("bundles", ()) for item in bundle["items"]
        )
        twice = [sku for sku, times in skus.items() if times > 1]
        if twice:
            text = f"Duplicate SKU found in bundle items: {', '.join(twice)}; each goes in once"
            refuse_together({"bundles": Finding(text, "duplicate_bundle_item", tolerated=False)})


class CatalogProduct(CatalogProductUpdate):
    """One item per product and locale."""

    name = ExactText(required=True)
    slug = ExactText(required=True)
    status = ExactChoice(*STATUSES, required=True)


class CatalogLayerSource(ExactSchema):
    """Where a layer is meant: its name and, unless it holds everywhere, a locale."""

    locale = ExactText()
    layer = ExactText(required=True, shortest=1)


class CatalogProductLayerDelete(ExactSchema):
    sku = ExactText(required=True, shortest=1)
    source = ExactRecord(CatalogLayerSource, required=True)


class CatalogProductLayer(CatalogProductLayerDelete):
    """One item per product, layer and locale; without a locale, for all of them."""

    name = ExactText()
    description = ExactText(nullable=True)
    shortDescription = ExactText(nullable=True)
    metaTags = ExactRecord(CatalogMetaTags)
    attributes = ExactMany(ExactRecord(CatalogAttribute))
    images = ExactMany(ExactRecord(CatalogImage))
    links = ExactMany(ExactRecord(CatalogLink))
    externalIds = ExactMany(ExactRecord(CatalogExternalId))
