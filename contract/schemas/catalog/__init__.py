"""Items of the ingestion API. Source: contract/ingestion-api.md and its OpenAPI description.

Each resource has up to three payloads: what creates or replaces (every required field), what
updates (its name, and any field), and what deletes (its name).
"""

from collections.abc import Mapping

from mcs.contract.schemas.catalog import categories, metadata, prices, products
from mcs.contract.schemas.fields import RecordSchema

CATALOG_SCHEMAS: Mapping[str, type[RecordSchema]] = {
    "catalogProductMetadata": metadata.CatalogProductMetadata,
    "catalogProductMetadata.update": metadata.CatalogProductMetadataUpdate,
    "catalogProductMetadata.delete": metadata.CatalogProductMetadataDelete,
    "catalogCategoryMetadata": metadata.CatalogCategoryMetadata,
    "catalogCategoryMetadata.update": metadata.CatalogCategoryMetadataUpdate,
    "catalogCategoryMetadata.delete": metadata.CatalogCategoryMetadataDelete,
    "catalogCategories": categories.CatalogCategory,
    "catalogCategories.update": categories.CatalogCategoryUpdate,
    "catalogCategories.delete": categories.CatalogCategoryDelete,
    "catalogProducts": products.CatalogProduct,
    "catalogProducts.update": products.CatalogProductUpdate,
    "catalogProducts.delete": products.CatalogProductDelete,
    "catalogProductLayers": products.CatalogProductLayer,
    "catalogProductLayers.delete": products.CatalogProductLayerDelete,
    "catalogPriceBooks": prices.CatalogPriceBook,
    "catalogPriceBooks.update": prices.CatalogPriceBookUpdate,
    "catalogPriceBooks.delete": prices.CatalogPriceBookDelete,
    "catalogPrices": prices.CatalogPrice,
    "catalogPrices.update": prices.CatalogPriceUpdate,
    "catalogPrices.delete": prices.CatalogPriceDelete,
}
"""The schema of each payload, by `Call.schema`."""
