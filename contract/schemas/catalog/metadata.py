"""Metadata of the attributes of products and categories."""

from mcs.contract.schemas.catalog.shared import CatalogSource
from mcs.contract.schemas.exact import (
    ExactChoice,
    ExactFlag,
    ExactMany,
    ExactNumber,
    ExactRecord,
    ExactSchema,
    ExactText,
)

DATA_TYPES = ("TEXT", "DECIMAL", "INTEGER", "BOOLEAN")


class CatalogProductMetadataDelete(ExactSchema):
    code = ExactText(required=True, shortest=1)
    source = ExactRecord(CatalogSource, required=True)


class CatalogProductMetadataUpdate(CatalogProductMetadataDelete):
    label = ExactText()
    dataType = ExactChoice(*DATA_TYPES)
    visibleIn = ExactMany(
        ExactChoice("PRODUCT_DETAIL", "PRODUCT_LISTING", "SEARCH_RESULTS", "PRODUCT_COMPARE")
    )
    filterable = ExactFlag()
    sortable = ExactFlag()
    searchable = ExactFlag()
    searchWeight = ExactNumber()
    searchTypes = ExactMany(ExactChoice("AUTOCOMPLETE", "CONTAINS", "STARTS_WITH"))


class CatalogProductMetadata(CatalogProductMetadataUpdate):
    """One item per attribute of products and locale."""

    label = ExactText(required=True)
    dataType = ExactChoice(*DATA_TYPES, required=True)


class CatalogCategoryMetadataDelete(ExactSchema):
    code = ExactText(required=True, shortest=1)
    source = ExactRecord(CatalogSource, required=True)


class CatalogCategoryMetadataUpdate(CatalogCategoryMetadataDelete):
    label = ExactText()
    dataType = ExactChoice(*DATA_TYPES)


class CatalogCategoryMetadata(CatalogCategoryMetadataUpdate):
    """One item per attribute of categories and locale."""

    label = ExactText(required=True)
    dataType = ExactChoice(*DATA_TYPES, required=True)
